"""Gumbel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from .numeric import EULER, log1mexp, open_unit
from .standard import Standard, location_scale_family

if TYPE_CHECKING:
    from jax import Array


def _log_sf(z: Any) -> Array:
    far = z > 30
    return jnp.where(far, -z, log1mexp(jnp.exp(-jnp.where(far, 0, z))))


def _icdf(q: Any) -> Array:
    return -jnp.log(-jnp.log(q))


GUMBEL = location_scale_family(
    "Gumbel",
    Standard(
        log_prob=lambda z: -z - jnp.exp(-z),
        cdf=lambda z: jnp.exp(-jnp.exp(-z)),
        log_cdf=lambda z: -jnp.exp(-z),
        log_sf=_log_sf,
        icdf=_icdf,
        noise="uniform",
        from_noise=lambda u: _icdf(open_unit(u)),
        mean=EULER,
        variance=math.pi**2 / 6,
        entropy=1 + EULER,
    ),
    "the largest of many: floods, records, random utilities",
    "Johnson, Kotz & Balakrishnan (1995), vol. 2, ch. 22",
)
