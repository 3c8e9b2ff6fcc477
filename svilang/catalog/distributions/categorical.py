"""Categorical, by probabilities or by logits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, nn, np, random
from ..distribution import Distribution, FiniteSupport, Form, Grouped, Param
from .grouping import group_sum
from .kinds import COUNT, REAL, SIMPLEX
from .numeric import is_count, safe_log, within, xlogy

if TYPE_CHECKING:
    from jax import Array
    from numpy import ndarray


def pick(x: Any, values: Any) -> Array:
    """``values[..., x]``, -inf where x is no position along the last axis; batch axes broadcast."""
    size = values.shape[-1]
    inside = is_count(x) & (x < size)
    index = jnp.where(inside, x, 0).astype(int)
    if values.ndim == 1:
        return within(inside, values[index])
    rank = max(index.ndim, values.ndim - 1)
    index = index.reshape((1,) * (rank - index.ndim) + index.shape)[..., None]
    table = values.reshape((1,) * (rank + 1 - values.ndim) + values.shape)
    return within(inside, jnp.take_along_axis(table, index, -1)[..., 0])


def _log_prob(x: Any, probs: Any) -> Array:
    return pick(jnp.asarray(x), safe_log(probs))


def _log_prob_logits(x: Any, logits: Any) -> Array:
    return pick(jnp.asarray(x), nn.log_softmax(logits, -1))


def _sample(key: Any, shape: tuple[int, ...], probs: Any) -> Array:
    return random.categorical(key, safe_log(probs), axis=-1, shape=shape).astype(int)


def _moment(order: int, probs: Any) -> Array:
    code = jnp.arange(probs.shape[-1], dtype=probs.dtype) ** order
    return jnp.sum(probs * code.reshape((1,) * (probs.ndim - 1) + code.shape), -1)


def _collapse(y: ndarray, group: ndarray, groups: int) -> tuple[ndarray, ...]:
    y = np.asarray(y, np.int64)
    codes = np.arange(int(y.max(initial=0)) + 1)
    return (group_sum(y[..., None] == codes, group, groups),)


def _grouped(statistics: tuple[Any, ...], probs: Any) -> Array:
    (counts,) = statistics
    return jnp.sum(xlogy(counts, probs[..., : counts.shape[-1]]), -1)


def _grouped_logits(statistics: tuple[Any, ...], logits: Any) -> Array:
    (counts,) = statistics
    return jnp.sum(counts * nn.log_softmax(logits, -1)[..., : counts.shape[-1]], -1)


CATEGORICAL = Distribution(
    name="Categorical",
    forms=(
        Form(
            (Param("probs", SIMPLEX, "the probability of each category", ("k",)),),
            _log_prob,
            grouped=Grouped(_collapse, _grouped),
        ),
        Form(
            (Param("logits", REAL, "log probabilities up to a constant", ("k",)),),
            _log_prob_logits,
            canonical=lambda logits: (nn.softmax(logits, -1),),
            grouped=Grouped(_collapse, _grouped_logits),
        ),
    ),
    support=COUNT,
    sample=_sample,
    reparameterised=False,
    mean=lambda probs: _moment(1, probs),
    variance=lambda probs: _moment(2, probs) - _moment(1, probs) ** 2,
    entropy=lambda probs: -jnp.sum(xlogy(probs, probs), -1),
    finite_support=FiniteSupport(0, ("axis", "k", -1)),
    summary="one of several categories",
    reference="Johnson, Kotz & Balakrishnan (1997), Discrete Multivariate Distributions, ch. 35",
)
