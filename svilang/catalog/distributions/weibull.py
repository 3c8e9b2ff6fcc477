"""Weibull."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, special
from ..distribution import Distribution, Form, Param
from .kinds import CONCENTRATION, POSITIVE
from .numeric import EULER, log1mexp, off_zero, uniform_draws, within, xlogy

if TYPE_CHECKING:
    from jax import Array


def _hazard(x: Any, scale: Any, concentration: Any) -> Array:
    """The accumulated hazard (x / scale) ** concentration, with finite slopes at 0."""
    inside = x > 0
    ratio = jnp.where(inside, x, 1) / scale
    return jnp.where(inside, jnp.exp(concentration * jnp.log(ratio)), 0)


def _log_prob(x: Any, scale: Any, concentration: Any) -> Array:
    slope = xlogy(concentration - 1, x / scale)
    value = jnp.log(concentration) - jnp.log(scale) + slope - _hazard(x, scale, concentration)
    return within(x >= 0, value)


def _icdf(q: Any, scale: Any, concentration: Any) -> Array:
    return scale * (-jnp.log1p(-q)) ** (1 / concentration)


def _from_noise(noise: Any, scale: Any, concentration: Any) -> Array:
    hazard = off_zero(-jnp.log1p(-noise))
    return off_zero(scale * jnp.exp(jnp.log(hazard) / concentration))


def _moment(order: int, scale: Any, concentration: Any) -> Array:
    return scale**order * jnp.exp(special.gammaln(1 + order / concentration))


WEIBULL = Distribution(
    name="Weibull",
    forms=(Form((Param("scale", POSITIVE, "the 63 % quantile, in units of the variate"), CONCENTRATION), _log_prob),),
    support=POSITIVE,
    sample=uniform_draws(_from_noise),
    reparameterised=True,
    noise="uniform",
    from_noise=_from_noise,
    mean=lambda scale, concentration: _moment(1, scale, concentration),
    variance=lambda scale, concentration: _moment(2, scale, concentration) - _moment(1, scale, concentration) ** 2,
    entropy=lambda scale, concentration: EULER * (1 - 1 / concentration) + jnp.log(scale / concentration) + 1,
    cdf=lambda x, scale, concentration: -jnp.expm1(-_hazard(x, scale, concentration)),
    icdf=_icdf,
    log_cdf=lambda x, scale, concentration: log1mexp(_hazard(x, scale, concentration)),
    log_sf=lambda x, scale, concentration: -_hazard(x, scale, concentration),
    summary="times to failure whose hazard rises or falls as a power of time",
    reference="Johnson, Kotz & Balakrishnan (1994), vol. 1, ch. 21",
)
