"""Kumaraswamy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, special
from ..distribution import Distribution, Form
from .kinds import CONCENTRATION0, CONCENTRATION1, OPEN_UNIT
from .numeric import EULER, betaln, log1mexp, open_unit, uniform_draws, within, xlogy

if TYPE_CHECKING:
    from jax import Array


def _log_rest(x: Any, a: Any) -> Array:
    """log(1 - x ** a), exact near both ends."""
    inside = (x > 0) & (x < 1)
    value = log1mexp(-a * jnp.log(jnp.where(inside, x, 0.5)))
    return jnp.where(inside, value, jnp.where(x <= 0, 0, -jnp.inf))


def _log_prob(x: Any, a: Any, b: Any) -> Array:
    inner = (x > 0) & (x < 1)
    power = (b - 1) * _log_rest(jnp.where(inner, x, 0.5), a)
    edge = jnp.where((x <= 0) | (b == 1), 0, jnp.where(b > 1, -jnp.inf, jnp.inf))
    value = jnp.log(a) + jnp.log(b) + xlogy(a - 1, x) + jnp.where(inner, power, edge)
    return within((x >= 0) & (x <= 1), value)


def _icdf(q: Any, a: Any, b: Any) -> Array:
    return jnp.exp(log1mexp(-jnp.log1p(-q) / b) / a)


def _from_noise(noise: Any, a: Any, b: Any) -> Array:
    return open_unit(_icdf(open_unit(noise), a, b))


def _moment(order: int, a: Any, b: Any) -> Array:
    return b * jnp.exp(betaln(1 + order / a, b))


def _entropy(a: Any, b: Any) -> Array:
    harmonic = special.digamma(b + 1) + EULER
    return 1 - 1 / b + (1 - 1 / a) * harmonic - jnp.log(a) - jnp.log(b)


KUMARASWAMY = Distribution(
    name="Kumaraswamy",
    forms=(Form((CONCENTRATION1, CONCENTRATION0), _log_prob),),
    support=OPEN_UNIT,
    sample=uniform_draws(_from_noise),
    reparameterised=True,
    noise="uniform",
    from_noise=_from_noise,
    mean=lambda a, b: _moment(1, a, b),
    variance=lambda a, b: _moment(2, a, b) - _moment(1, a, b) ** 2,
    entropy=_entropy,
    cdf=lambda x, a, b: -jnp.expm1(b * _log_rest(x, a)),
    icdf=_icdf,
    log_sf=lambda x, a, b: b * _log_rest(x, a),
    summary="a proportion much like Beta, whose quantiles have a closed form",
    reference="Jones (2009), Statistical Methodology 6(1)",
)
