"""SkewLogistic: a power of the logistic distribution function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, nn
from ..distribution import Distribution, Form, Param
from .kinds import LOC, POSITIVE, SCALE
from .numeric import log1mexp, open_unit, uniform_draws

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, loc: Any, scale: Any, asymmetry: Any) -> Array:
    z = (x - loc) / scale
    return jnp.log(asymmetry) - jnp.log(scale) - z - (asymmetry + 1) * nn.softplus(-z)


def _log_cdf(x: Any, loc: Any, scale: Any, asymmetry: Any) -> Array:
    return -asymmetry * nn.softplus(-(x - loc) / scale)


def _icdf(q: Any, loc: Any, scale: Any, asymmetry: Any) -> Array:
    """By y = -log(q) / asymmetry, of which the score is -log(exp(y) - 1)."""
    y = -jnp.log(q) / asymmetry
    return loc - scale * (y + log1mexp(y))


def _from_noise(noise: Any, loc: Any, scale: Any, asymmetry: Any) -> Array:
    return _icdf(open_unit(noise), loc, scale, asymmetry)


SKEW_LOGISTIC = Distribution(
    name="SkewLogistic",
    forms=(
        Form(
            (LOC, SCALE, Param("asymmetry", POSITIVE, "above 1 the upper tail is the longer one", default=1.0)),
            _log_prob,
        ),
    ),
    support=LOC.kind,
    sample=uniform_draws(_from_noise),
    reparameterised=True,
    noise="uniform",
    from_noise=_from_noise,
    cdf=lambda x, *params: jnp.exp(_log_cdf(x, *params)),
    icdf=_icdf,
    log_cdf=_log_cdf,
    log_sf=lambda x, *params: log1mexp(-_log_cdf(x, *params)),
    summary="a quantity with tails of different length",
    reference="Johnson, Kotz & Balakrishnan (1995), vol. 2, sec. 23.10",
)
