"""Dagum and LogLogistic: laws whose log odds, or a power of them, are linear in the logarithm of the variate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, nn, special
from ..distribution import Distribution, Form, Param
from .kinds import CONCENTRATION, POSITIVE, SCALE
from .numeric import EULER, log1mexp, off_zero, open_unit, uniform_draws, within

if TYPE_CHECKING:
    from jax import Array


def _odds(x: Any, sharpness: Any, scale: Any) -> tuple[Array, Array, Array]:
    """Whether x is positive, log x, and sharpness log(x / scale)."""
    inside = x > 0
    log_x = jnp.log(jnp.where(inside, x, scale))
    return inside, log_x, sharpness * (log_x - jnp.log(scale))


def _log_prob(x: Any, concentration: Any, sharpness: Any, scale: Any) -> Array:
    inside, log_x, odds = _odds(x, sharpness, scale)
    constant = jnp.log(sharpness) + jnp.log(concentration)
    return within(inside, constant - log_x - concentration * nn.softplus(-odds) - nn.softplus(odds))


def _hazard_below(x: Any, concentration: Any, sharpness: Any, scale: Any) -> tuple[Array, Array]:
    """Whether x is positive, and -log P(X <= x)."""
    inside, _, odds = _odds(x, sharpness, scale)
    return inside, concentration * nn.softplus(-odds)


def _log_cdf(x: Any, concentration: Any, sharpness: Any, scale: Any) -> Array:
    inside, hazard = _hazard_below(x, concentration, sharpness, scale)
    return within(inside, -hazard)


def _log_sf(x: Any, concentration: Any, sharpness: Any, scale: Any) -> Array:
    inside, hazard = _hazard_below(x, concentration, sharpness, scale)
    return jnp.where(inside, log1mexp(hazard), 0)


def _icdf(q: Any, concentration: Any, sharpness: Any, scale: Any) -> Array:
    return scale * jnp.exp(-jnp.log(jnp.expm1(-jnp.log(q) / concentration)) / sharpness)


def _from_noise(noise: Any, concentration: Any, sharpness: Any, scale: Any) -> Array:
    return off_zero(_icdf(open_unit(noise), concentration, sharpness, scale))


def _moment(order: int, concentration: Any, sharpness: Any, scale: Any) -> Array:
    share = order / sharpness
    ratio = special.gammaln(1 - share) + special.gammaln(concentration + share) - special.gammaln(concentration)
    return scale**order * jnp.exp(ratio)


def _mean(concentration: Any, sharpness: Any, scale: Any) -> Array:
    finite = sharpness > 1
    return jnp.where(finite, _moment(1, concentration, jnp.where(finite, sharpness, 2), scale), jnp.inf)


def _variance(concentration: Any, sharpness: Any, scale: Any) -> Array:
    finite = sharpness > 2
    safe = jnp.where(finite, sharpness, 3)
    value = _moment(2, concentration, safe, scale) - _moment(1, concentration, safe, scale) ** 2
    return jnp.where(finite, value, jnp.where(sharpness > 1, jnp.inf, jnp.nan))


def _entropy(concentration: Any, sharpness: Any, scale: Any) -> Array:
    slope = special.digamma(concentration) + EULER
    upper = special.digamma(concentration + 1) + EULER
    return jnp.log(scale) - jnp.log(concentration * sharpness) + slope / sharpness + 1 + upper


DAGUM = Distribution(
    name="Dagum",
    forms=(
        Form(
            (
                Param("concentration", POSITIVE, "the shape of the lower tail"),
                Param("sharpness", POSITIVE, "how fast the upper tail falls"),
                Param("scale", POSITIVE, "the spread, in units of the variate"),
            ),
            _log_prob,
        ),
    ),
    support=POSITIVE,
    sample=uniform_draws(_from_noise),
    reparameterised=True,
    noise="uniform",
    from_noise=_from_noise,
    mean=_mean,
    variance=_variance,
    entropy=_entropy,
    cdf=lambda x, concentration, sharpness, scale: jnp.exp(_log_cdf(x, concentration, sharpness, scale)),
    icdf=_icdf,
    log_cdf=_log_cdf,
    log_sf=_log_sf,
    summary="incomes: a power law above, another below",
    reference="Kleiber (2008), in Modeling Income Distributions and Lorenz Curves, ch. 6",
)


def _plain(function: Any) -> Any:
    """A function of Dagum with its lower shape at 1, as one of ``scale`` and ``concentration``."""
    return lambda *args: function(*args[:-2], 1.0, args[-1], args[-2])


LOG_LOGISTIC = Distribution(
    name="LogLogistic",
    forms=(Form((Param("scale", SCALE.kind, "the median"), CONCENTRATION), _plain(_log_prob)),),
    support=POSITIVE,
    sample=uniform_draws(_plain(_from_noise)),
    reparameterised=True,
    noise="uniform",
    from_noise=_plain(_from_noise),
    mean=_plain(_mean),
    variance=_plain(_variance),
    entropy=_plain(_entropy),
    cdf=lambda x, scale, concentration: jnp.exp(_plain(_log_cdf)(x, scale, concentration)),
    icdf=lambda q, scale, concentration: scale * jnp.exp(special.logit(q) / concentration),
    log_cdf=_plain(_log_cdf),
    log_sf=lambda x, scale, concentration: jnp.where(
        x > 0, -nn.softplus(_odds(x, concentration, scale)[2]), 0
    ),
    summary="survival times whose hazard rises and then falls",
    reference="Johnson, Kotz & Balakrishnan (1995), vol. 2, sec. 23.11",
)
