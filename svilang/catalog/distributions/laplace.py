"""Laplace."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from .numeric import LOG_2, open_unit
from .standard import Standard, location_scale_family

if TYPE_CHECKING:
    from jax import Array


def _cdf(z: Any) -> Array:
    low = z < 0
    tail = 0.5 * jnp.exp(jnp.where(low, z, -z))
    return jnp.where(low, tail, 1 - tail)


def _log_cdf(z: Any) -> Array:
    low = z < 0
    return jnp.where(low, z - LOG_2, jnp.log1p(-0.5 * jnp.exp(jnp.where(low, 0, -z))))


def _icdf(q: Any) -> Array:
    return jnp.sign(0.5 - q) * jnp.log(2 * jnp.minimum(q, 1 - q))


LAPLACE = location_scale_family(
    "Laplace",
    Standard(
        log_prob=lambda z: -jnp.abs(z) - LOG_2,
        cdf=_cdf,
        log_cdf=_log_cdf,
        log_sf=lambda z: _log_cdf(-z),
        icdf=_icdf,
        noise="uniform",
        from_noise=lambda u: _icdf(open_unit(u)),
        mean=0.0,
        variance=2.0,
        entropy=1 + math.log(2),
    ),
    "errors whose median is fitted; a prior that draws coefficients to zero",
    "Johnson, Kotz & Balakrishnan (1995), vol. 2, ch. 24",
)
