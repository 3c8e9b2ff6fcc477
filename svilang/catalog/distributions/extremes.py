"""Frechet, GeneralizedExtremeValue and GeneralizedPareto: the largest of many, and what exceeds a threshold.

In the last two the end of the support depends on all arguments, so that they stand for data and not for latents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, special
from ..distribution import Distribution, Form, Param
from .gumbel import GUMBEL
from .kinds import CONCENTRATION, LOC, POSITIVE, REAL, SCALE
from .numeric import EULER, log1mexp, off_zero, open_unit, spread, uniform_draws, within
from .scaled import expm1_ratio, log1p_ratio

if TYPE_CHECKING:
    from jax import Array


def _frechet_time(x: Any, scale: Any, concentration: Any) -> tuple[Array, Array]:
    """Whether x is positive, and concentration log(x / scale), which is Gumbel."""
    inside = x > 0
    return inside, concentration * (jnp.log(jnp.where(inside, x, scale)) - jnp.log(scale))


def _frechet_log_prob(x: Any, scale: Any, concentration: Any) -> Array:
    inside, t = _frechet_time(x, scale, concentration)
    log_x = t / concentration + jnp.log(scale)
    return within(inside, jnp.log(concentration) - log_x - t - jnp.exp(-t))


def _frechet_icdf(q: Any, scale: Any, concentration: Any) -> Array:
    return scale * jnp.exp(-jnp.log(-jnp.log(q)) / concentration)


def _frechet_from_noise(noise: Any, scale: Any, concentration: Any) -> Array:
    return off_zero(_frechet_icdf(open_unit(noise), scale, concentration))


def _frechet_log_cdf(x: Any, scale: Any, concentration: Any) -> Array:
    inside, t = _frechet_time(x, scale, concentration)
    return within(inside, -jnp.exp(-t))


def _frechet_log_sf(x: Any, scale: Any, concentration: Any) -> Array:
    inside, t = _frechet_time(x, scale, concentration)
    assert GUMBEL.log_sf is not None
    return jnp.where(inside, GUMBEL.log_sf(t, 0.0, 1.0), 0)


def _frechet_moment(order: int, scale: Any, concentration: Any) -> Array:
    return scale**order * jnp.exp(special.gammaln(1 - order / concentration))


def _frechet_mean(scale: Any, concentration: Any) -> Array:
    finite = concentration > 1
    return jnp.where(finite, _frechet_moment(1, scale, jnp.where(finite, concentration, 2)), jnp.inf)


def _frechet_variance(scale: Any, concentration: Any) -> Array:
    finite = concentration > 2
    safe = jnp.where(finite, concentration, 3)
    value = _frechet_moment(2, scale, safe) - _frechet_moment(1, scale, safe) ** 2
    return jnp.where(finite, value, jnp.where(concentration > 1, jnp.inf, jnp.nan))


FRECHET = Distribution(
    name="Frechet",
    forms=(Form((Param("scale", POSITIVE, "the 37 % quantile"), CONCENTRATION), _frechet_log_prob),),
    support=POSITIVE,
    sample=uniform_draws(_frechet_from_noise),
    reparameterised=True,
    noise="uniform",
    from_noise=_frechet_from_noise,
    mean=_frechet_mean,
    variance=_frechet_variance,
    entropy=lambda scale, concentration: 1 + EULER * (1 + 1 / concentration) + jnp.log(scale / concentration),
    cdf=lambda x, scale, concentration: jnp.exp(_frechet_log_cdf(x, scale, concentration)),
    icdf=_frechet_icdf,
    log_cdf=_frechet_log_cdf,
    log_sf=_frechet_log_sf,
    summary="the largest of many quantities whose tail is a power law",
    reference="Johnson, Kotz & Balakrishnan (1995), vol. 2, ch. 22",
)

_SHAPE = Param("concentration", REAL, "the shape: positive for a heavy tail, negative for an upper end")


def _time(x: Any, loc: Any, scale: Any, concentration: Any) -> tuple[Array, Array, Array]:
    """Whether the support holds x, whether it lies beyond the upper end, and log(1 + shape z) / shape."""
    z = (x - loc) / scale
    inside = 1 + concentration * z > 0
    return inside, ~inside & (concentration < 0), log1p_ratio(concentration, jnp.where(inside, z, 0))


def _gev_log_prob(x: Any, loc: Any, scale: Any, concentration: Any) -> Array:
    inside, _, t = _time(x, loc, scale, concentration)
    return within(inside, -(1 + concentration) * t - jnp.exp(-t) - jnp.log(scale))


def _gev_icdf(q: Any, loc: Any, scale: Any, concentration: Any) -> Array:
    return loc + scale * expm1_ratio(concentration, -jnp.log(-jnp.log(q)))


def _gev_from_noise(noise: Any, loc: Any, scale: Any, concentration: Any) -> Array:
    return _gev_icdf(open_unit(noise), loc, scale, concentration)


def _gev_log_cdf(x: Any, loc: Any, scale: Any, concentration: Any) -> Array:
    inside, above, t = _time(x, loc, scale, concentration)
    return jnp.where(inside, -jnp.exp(-t), jnp.where(above, 0, -jnp.inf))


def _gev_log_sf(x: Any, loc: Any, scale: Any, concentration: Any) -> Array:
    inside, above, t = _time(x, loc, scale, concentration)
    assert GUMBEL.log_sf is not None
    return jnp.where(inside, GUMBEL.log_sf(t, 0.0, 1.0), jnp.where(above, -jnp.inf, 0))


GENERALIZED_EXTREME_VALUE = Distribution(
    name="GeneralizedExtremeValue",
    forms=(Form((LOC, SCALE, _SHAPE), _gev_log_prob),),
    support=REAL,
    edge_moves=True,
    sample=uniform_draws(_gev_from_noise),
    reparameterised=True,
    noise="uniform",
    from_noise=_gev_from_noise,
    entropy=lambda loc, scale, concentration: spread(jnp.log(scale) + 1 + EULER * (1 + concentration), loc),
    cdf=lambda x, loc, scale, concentration: jnp.exp(_gev_log_cdf(x, loc, scale, concentration)),
    icdf=_gev_icdf,
    log_cdf=_gev_log_cdf,
    log_sf=_gev_log_sf,
    summary="the largest of many: the highest flood of each year",
    reference="Coles (2001), An Introduction to Statistical Modeling of Extreme Values, ch. 3",
)


def _gpd_log_prob(x: Any, loc: Any, scale: Any, concentration: Any) -> Array:
    inside, _, t = _time(x, loc, scale, concentration)
    return within(inside & (x >= loc), -(1 + concentration) * t - jnp.log(scale))


def _gpd_icdf(q: Any, loc: Any, scale: Any, concentration: Any) -> Array:
    return loc + scale * expm1_ratio(concentration, -jnp.log1p(-q))


def _gpd_hazard(x: Any, loc: Any, scale: Any, concentration: Any) -> Array:
    """-log P(X > x)."""
    inside, above, t = _time(jnp.where(x > loc, x, loc), loc, scale, concentration)
    return jnp.where(inside, t, jnp.where(above, jnp.inf, 0))


def _gpd_mean(loc: Any, scale: Any, concentration: Any) -> Array:
    finite = concentration < 1
    return jnp.where(finite, loc + scale / jnp.where(finite, 1 - concentration, 1), jnp.inf)


def _gpd_variance(loc: Any, scale: Any, concentration: Any) -> Array:
    finite = concentration < 0.5
    safe = jnp.where(finite, concentration, 0)
    value = scale**2 / ((1 - safe) ** 2 * (1 - 2 * safe))
    return spread(jnp.where(finite, value, jnp.where(concentration < 1, jnp.inf, jnp.nan)), loc)


GENERALIZED_PARETO = Distribution(
    name="GeneralizedPareto",
    forms=(Form((LOC, SCALE, _SHAPE), _gpd_log_prob),),
    support=REAL,
    bounds=("loc", None),
    edge_moves=True,
    sample=uniform_draws(_gpd_icdf),
    reparameterised=True,
    noise="uniform",
    from_noise=_gpd_icdf,
    mean=_gpd_mean,
    variance=_gpd_variance,
    entropy=lambda loc, scale, concentration: spread(jnp.log(scale) + 1 + concentration, loc),
    cdf=lambda x, loc, scale, concentration: -jnp.expm1(-_gpd_hazard(x, loc, scale, concentration)),
    icdf=_gpd_icdf,
    log_cdf=lambda x, loc, scale, concentration: log1mexp(_gpd_hazard(x, loc, scale, concentration)),
    log_sf=lambda x, loc, scale, concentration: -_gpd_hazard(x, loc, scale, concentration),
    summary="how far a quantity exceeds a high threshold",
    reference="Coles (2001), An Introduction to Statistical Modeling of Extreme Values, ch. 4",
)
