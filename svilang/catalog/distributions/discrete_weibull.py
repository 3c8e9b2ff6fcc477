"""DiscreteWeibull."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random
from ..distribution import Distribution, Form, Param
from .kinds import COUNT, OPEN_UNIT, POSITIVE
from .numeric import float_type, is_count, log1mexp, open_unit, real, within

if TYPE_CHECKING:
    from jax import Array


def _hazard(x: Any, q: Any, beta: Any) -> Array:
    """-log P(X >= x) for counts x."""
    some = x > 0
    return jnp.where(some, -jnp.log(q) * jnp.exp(beta * jnp.log(jnp.where(some, x, 1))), 0)


def _log_prob(x: Any, q: Any, beta: Any) -> Array:
    x = real(x, q, beta)
    inside = is_count(x)
    safe = jnp.where(inside, x, 0)
    start = _hazard(safe, q, beta)
    return within(inside, log1mexp(_hazard(safe + 1, q, beta) - start) - start)


def _sample(key: Any, shape: tuple[int, ...], q: Any, beta: Any) -> Array:
    hazard = -jnp.log(open_unit(random.uniform(key, shape, float_type(q, beta)))) / -jnp.log(q)
    return jnp.floor(jnp.exp(jnp.log(hazard) / beta)).astype(int)


def _past(x: Any, q: Any, beta: Any) -> Array:
    """-log P(X > x)."""
    return _hazard(jnp.maximum(jnp.floor(real(x, q, beta)) + 1, 0), q, beta)


DISCRETE_WEIBULL = Distribution(
    name="DiscreteWeibull",
    forms=(
        Form(
            (
                Param("q", OPEN_UNIT, "the probability of more than 0"),
                Param("beta", POSITIVE, "1 for Geometric, smaller for a longer tail"),
            ),
            _log_prob,
        ),
    ),
    support=COUNT,
    sample=_sample,
    reparameterised=False,
    cdf=lambda x, q, beta: -jnp.expm1(-_past(x, q, beta)),
    log_cdf=lambda x, q, beta: log1mexp(_past(x, q, beta)),
    log_sf=lambda x, q, beta: -_past(x, q, beta),
    summary="periods until a failure whose hazard rises or falls",
    reference="Nakagawa & Osaki (1975), IEEE Transactions on Reliability R-24(5)",
)
