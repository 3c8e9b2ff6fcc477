"""Mixture(weights, D): one of several distributions, drawn anew for each variate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random
from ..distribution import Bound, Combinator, Param
from .kinds import SIMPLEX
from .numeric import log_sum_exp, safe_log

if TYPE_CHECKING:
    from jax import Array


def _event_rank(children: tuple[Bound, ...]) -> int:
    return len(children[0].row.event)


def _log_prob(x: Any, children: tuple[Bound, ...], weights: Any) -> Array:
    if len(children) == 1:
        x = jnp.expand_dims(x, jnp.ndim(x) - _event_rank(children))
        parts = children[0].log_prob(x)
    else:
        parts = jnp.stack(jnp.broadcast_arrays(*(child.log_prob(x) for child in children)), -1)
    return log_sum_exp(safe_log(weights) + parts)


def _sample(key: Any, shape: tuple[int, ...], children: tuple[Bound, ...], weights: Any) -> Array:
    which_key, *keys = random.split(key, len(children) + 1)
    rank = _event_rank(children)
    axis = len(shape) - rank
    batch, event = shape[:axis], shape[axis:]
    if len(children) == 1:
        parts = children[0].sample(keys[0], (*batch, weights.shape[-1], *event))
    else:
        parts = jnp.stack([child.sample(k, shape) for k, child in zip(keys, children, strict=True)], axis)
    which = random.categorical(which_key, safe_log(weights), axis=-1, shape=batch)
    index = which.reshape(*batch, *(1,) * (rank + 1))
    return jnp.squeeze(jnp.take_along_axis(parts, index, axis), axis)


MIXTURE = Combinator(
    name="Mixture",
    params=(Param("weights", SIMPLEX, "the share of each component", ("k",)),),
    inner="one or many",
    inner_first=False,
    log_prob=_log_prob,
    sample=_sample,
    support="hull",
    mixes="weights",
    summary="one of several distributions, which of them unknown and summed out",
    reference="McLachlan & Peel (2000), Finite Mixture Models, ch. 1",
)
