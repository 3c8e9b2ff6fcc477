"""Cauchy and HalfCauchy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ..distribution import Distribution, Form
from .kinds import POSITIVE, SCALE
from .numeric import LOG_2, LOG_PI, off_zero, open_unit, safe_log, spread, uniform_draws, within
from .standard import Standard, location_scale_family

if TYPE_CHECKING:
    from jax import Array


def _log_prob(z: Any) -> Array:
    return -LOG_PI - jnp.log1p(z * z)


def _cdf(z: Any) -> Array:
    return jnp.arctan2(jnp.ones_like(z), -z) / math.pi


def _icdf(q: Any) -> Array:
    return jnp.sign(q - 0.5) / jnp.tan(math.pi * jnp.minimum(q, 1 - q))


CAUCHY = location_scale_family(
    "Cauchy",
    Standard(
        log_prob=_log_prob,
        cdf=_cdf,
        log_cdf=lambda z: jnp.log(_cdf(z)),
        log_sf=lambda z: jnp.log(_cdf(-z)),
        icdf=_icdf,
        noise="uniform",
        from_noise=lambda u: _icdf(open_unit(u)),
        mean=None,
        variance=None,
        entropy=math.log(4 * math.pi),
    ),
    "a quantity with tails so heavy that it has no mean",
    "Johnson, Kotz & Balakrishnan (1994), vol. 1, ch. 16",
)


def _half_log_prob(x: Any, scale: Any) -> Array:
    return within(x >= 0, LOG_2 + _log_prob(x / scale) - jnp.log(scale))


def _half_icdf(q: Any, scale: Any) -> Array:
    return scale * jnp.tan(0.5 * math.pi * q)


def _half_from_noise(noise: Any, scale: Any) -> Array:
    return off_zero(_half_icdf(open_unit(noise), scale))


def _half_sf(x: Any, scale: Any) -> Array:
    return 2 / math.pi * jnp.arctan2(spread(scale, x), jnp.maximum(x, 0))


HALF_CAUCHY = Distribution(
    name="HalfCauchy",
    forms=(Form((SCALE,), _half_log_prob),),
    support=POSITIVE,
    sample=uniform_draws(_half_from_noise),
    reparameterised=True,
    noise="uniform",
    from_noise=_half_from_noise,
    mean=lambda scale: spread(math.inf, scale),
    entropy=lambda scale: math.log(2 * math.pi) + jnp.log(scale),
    cdf=lambda x, scale: 2 / math.pi * jnp.arctan(jnp.maximum(x, 0) / scale),
    icdf=_half_icdf,
    log_sf=lambda x, scale: safe_log(_half_sf(x, scale)),
    summary="a prior for a scale that may be large",
    reference="Gelman (2006), Bayesian Analysis 1(3)",
)
