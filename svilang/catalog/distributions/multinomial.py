"""Multinomial, by probabilities or by logits, and DirichletMultinomial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, nn, random
from ..distribution import Distribution, Form, Param
from .dirichlet import DIRICHLET
from .kinds import COUNT, POSITIVE, REAL, SIMPLEX, TOTAL_COUNT
from .numeric import float_type, is_count, log_count_beta, real, stirling, within, xlogy

if TYPE_CHECKING:
    from jax import Array


def _inside(x: Any, total_count: Any, like: Any) -> tuple[Array, Array, Array]:
    """Whether the counts are possible, counts that are, and the number of trials."""
    x = real(x, like)
    total = real(total_count, x)
    inside = jnp.all(is_count(x), -1) & (jnp.sum(x, -1) == total)
    return inside, jnp.where(inside[..., None], x, 0), total


def _log_arrangements(x: Any, total: Any) -> Array:
    """Log of the multinomial coefficient, without cancellation."""
    share = x / jnp.where(total > 0, total, 1)[..., None]
    return stirling(total) - jnp.sum(stirling(x) + xlogy(x, share), -1)


def _log_prob(x: Any, total_count: Any, probs: Any) -> Array:
    inside, x, total = _inside(x, total_count, probs)
    return within(inside, _log_arrangements(x, total) + jnp.sum(xlogy(x, probs), -1))


def _log_prob_logits(x: Any, total_count: Any, logits: Any) -> Array:
    inside, x, total = _inside(x, total_count, logits)
    return within(inside, _log_arrangements(x, total) + jnp.sum(x * nn.log_softmax(logits, -1), -1))


def _sample(key: Any, shape: tuple[int, ...], total_count: Any, probs: Any) -> Array:
    dtype = float_type(probs)
    total = jnp.broadcast_to(jnp.asarray(total_count, dtype), shape[:-1])
    return random.multinomial(key, total, jnp.broadcast_to(probs, shape), dtype=dtype).astype(int)


_PROBS = Param("probs", SIMPLEX, "the probability of each category", ("k",))

MULTINOMIAL = Distribution(
    name="Multinomial",
    forms=(
        Form((TOTAL_COUNT, _PROBS), _log_prob),
        Form(
            (TOTAL_COUNT, Param("logits", REAL, "log probabilities up to a constant", ("k",))),
            _log_prob_logits,
            canonical=lambda total_count, logits: (total_count, nn.softmax(logits, -1)),
        ),
    ),
    support=COUNT,
    event=("k",),
    sample=_sample,
    reparameterised=False,
    mean=lambda total_count, probs: real(total_count, probs)[..., None] * probs,
    variance=lambda total_count, probs: real(total_count, probs)[..., None] * probs * (1 - probs),
    summary="how a known number of trials falls into categories",
    reference="Johnson, Kotz & Balakrishnan (1997), Discrete Multivariate Distributions, ch. 35",
)


def _dirichlet_log_prob(x: Any, concentration: Any, total_count: Any) -> Array:
    """The ratio of n B(A, n) to the product of x B(a, x) over the categories that are not empty."""
    inside, x, total = _inside(x, total_count, concentration)
    whole = jnp.sum(real(concentration), -1)
    parts = jnp.sum(log_count_beta(real(concentration), x), -1)
    return within(inside, log_count_beta(whole, total) - parts)


def _dirichlet_sample(key: Any, shape: tuple[int, ...], concentration: Any, total_count: Any) -> Array:
    simplex_key, count_key = random.split(key)
    assert DIRICHLET.sample is not None
    return _sample(count_key, shape, total_count, DIRICHLET.sample(simplex_key, shape, concentration))


def _dirichlet_mean(concentration: Any, total_count: Any) -> Array:
    share = real(concentration) / jnp.sum(concentration, -1, keepdims=True)
    return real(total_count, share)[..., None] * share


def _dirichlet_variance(concentration: Any, total_count: Any) -> Array:
    whole = jnp.sum(real(concentration), -1, keepdims=True)
    share = concentration / whole
    total = real(total_count, share)[..., None]
    return total * share * (1 - share) * (total + whole) / (1 + whole)


DIRICHLET_MULTINOMIAL = Distribution(
    name="DirichletMultinomial",
    forms=(
        Form(
            (Param("concentration", POSITIVE, "weight of each category, as of prior counts", ("k",)), TOTAL_COUNT),
            _dirichlet_log_prob,
        ),
    ),
    support=COUNT,
    event=("k",),
    sample=_dirichlet_sample,
    reparameterised=False,
    mean=_dirichlet_mean,
    variance=_dirichlet_variance,
    summary="how a known number of trials falls into categories whose probabilities vary",
    reference="Johnson, Kotz & Balakrishnan (1997), Discrete Multivariate Distributions, ch. 35",
)
