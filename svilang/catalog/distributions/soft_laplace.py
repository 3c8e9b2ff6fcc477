"""SoftLaplace and Moyal: two more standard laws, moved and stretched."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, special
from .normal import log_ndtr
from .numeric import EULER, LOG_2, LOG_2PI, off_zero, open_unit
from .standard import Standard, location_scale_family

if TYPE_CHECKING:
    from jax import Array

_FAR = 40


def _soft_tail(z: Any) -> Array:
    """P(Z <= z) for z <= 0."""
    return 2 / math.pi * jnp.arctan(jnp.exp(z))


def _soft_cdf(z: Any) -> Array:
    low = z < 0
    tail = _soft_tail(jnp.where(low, z, -z))
    return jnp.where(low, tail, 1 - tail)


def _soft_log_cdf(z: Any) -> Array:
    far = z < -_FAR
    return jnp.where(far, math.log(2 / math.pi) + z, jnp.log(_soft_cdf(jnp.where(far, 0, z))))


def _soft_icdf(q: Any) -> Array:
    low = q < 0.5
    tail = jnp.log(jnp.tan(0.5 * math.pi * jnp.where(low, q, 1 - q)))
    return jnp.where(low, tail, -tail)


SOFT_LAPLACE = location_scale_family(
    "SoftLaplace",
    Standard(
        log_prob=lambda z: math.log(2 / math.pi) - jnp.logaddexp(z, -z),
        cdf=_soft_cdf,
        log_cdf=_soft_log_cdf,
        log_sf=lambda z: _soft_log_cdf(-z),
        icdf=_soft_icdf,
        noise="uniform",
        from_noise=lambda u: _soft_icdf(open_unit(u)),
        mean=0.0,
        variance=math.pi**2 / 4,
        entropy=LOG_2PI,
    ),
    "errors with the tails of a Laplace and a smooth centre: the hyperbolic secant law",
    "Johnson, Kotz & Balakrishnan (1995), vol. 2, sec. 23.11",
)


def _moyal_log_sf(z: Any) -> Array:
    far = z > _FAR
    root = jnp.exp(-0.5 * jnp.where(far, 0, z)) / math.sqrt(2)
    return jnp.where(far, 0.5 * (math.log(2 / math.pi) - z), jnp.log(special.erf(root)))


MOYAL = location_scale_family(
    "Moyal",
    Standard(
        log_prob=lambda z: -0.5 * (z + jnp.exp(-z) + LOG_2PI),
        cdf=lambda z: special.erfc(jnp.exp(-0.5 * z) / math.sqrt(2)),
        log_cdf=lambda z: LOG_2 + log_ndtr(-jnp.exp(-0.5 * z)),
        log_sf=_moyal_log_sf,
        icdf=lambda q: -2 * jnp.log(-special.ndtri(0.5 * q)),
        noise="normal",
        from_noise=lambda noise: -2 * jnp.log(off_zero(jnp.abs(noise))),
        mean=EULER + LOG_2,
        variance=math.pi**2 / 2,
        entropy=0.5 * (EULER + LOG_2 + 1 + LOG_2PI),
    ),
    "the energy that a fast particle loses in matter",
    "Moyal (1955), Philosophical Magazine 46(374)",
)
