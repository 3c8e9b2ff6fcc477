"""Uniform and DiscreteUniform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random
from ..distribution import Distribution, FiniteSupport, Form, Param
from .kinds import INTEGER, REAL
from .numeric import spread, uniform_draws, within

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, low: Any, high: Any) -> Array:
    return within((x >= low) & (x <= high), -jnp.log(high - low))


def _from_noise(noise: Any, low: Any, high: Any) -> Array:
    return low + (high - low) * noise


def _cdf(x: Any, low: Any, high: Any) -> Array:
    return jnp.clip((x - low) / (high - low), 0, 1)


UNIFORM = Distribution(
    name="Uniform",
    forms=(
        Form(
            (Param("low", REAL, "the lower end", default=0.0), Param("high", REAL, "the upper end", default=1.0)),
            _log_prob,
        ),
    ),
    support=REAL,
    bounds=("low", "high"),
    sample=uniform_draws(_from_noise),
    reparameterised=True,
    noise="uniform",
    from_noise=_from_noise,
    mean=lambda low, high: 0.5 * (low + high),
    variance=lambda low, high: (high - low) ** 2 / 12,
    entropy=lambda low, high: jnp.log(high - low),
    cdf=_cdf,
    icdf=lambda q, low, high: low + (high - low) * q,
    summary="anywhere between two ends, all equally likely",
    reference="Johnson, Kotz & Balakrishnan (1995), vol. 2, ch. 26",
)


def _integer_log_prob(x: Any, low: Any, high: Any) -> Array:
    inside = (x >= low) & (x <= high) & (x == jnp.floor(x))
    return within(inside, spread(-jnp.log(high - low + 1.0), x))


def _integer_cdf(x: Any, low: Any, high: Any) -> Array:
    return jnp.clip((jnp.floor(x) - low + 1.0) / (high - low + 1.0), 0, 1)


def _integer_icdf(q: Any, low: Any, high: Any) -> Array:
    size = high - low + 1.0
    return low + jnp.clip(jnp.ceil(q * size) - 1, 0, size - 1)


def _integer_sample(key: Any, shape: tuple[int, ...], low: Any, high: Any) -> Array:
    ends = (jnp.broadcast_to(jnp.asarray(end).astype(int), shape) for end in (low, high))
    first, last = ends
    return random.randint(key, shape, first, last + 1, dtype=first.dtype)


DISCRETE_UNIFORM = Distribution(
    name="DiscreteUniform",
    forms=(
        Form(
            (
                Param("low", INTEGER, "the least value", default=0.0),
                Param("high", INTEGER, "the greatest value", default=1.0),
            ),
            _integer_log_prob,
        ),
    ),
    support=INTEGER,
    bounds=("low", "high"),
    sample=_integer_sample,
    reparameterised=False,
    mean=lambda low, high: 0.5 * (low + high),
    variance=lambda low, high: ((high - low + 1.0) ** 2 - 1) / 12,
    entropy=lambda low, high: jnp.log(high - low + 1.0),
    cdf=_integer_cdf,
    icdf=_integer_icdf,
    finite_support=FiniteSupport("low", "high"),
    summary="one of the whole numbers between two ends, all equally likely",
    reference="Johnson, Kemp & Kotz (2005), ch. 6",
)
