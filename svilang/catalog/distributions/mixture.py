"""Mixture(weights, D): one of several distributions, drawn anew for each variate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random
from ..distribution import AnyLaw, Combinator, Param
from .implicit import with_gradient
from .kinds import SIMPLEX
from .numeric import log_sum_exp, safe_log
from .tails import has_tails, log_above, log_at_most

if TYPE_CHECKING:
    from jax import Array


def _event_rank(children: tuple[AnyLaw, ...]) -> int:
    return len(children[0].row.event)


def _mixed(function: Callable[[AnyLaw, Any], Any]) -> Callable[..., Array]:
    """The log of the weighted sum of the exponentials of ``function`` over the parts."""

    def mixed(x: Any, children: tuple[AnyLaw, ...], weights: Any) -> Array:
        if len(children) == 1:
            x = jnp.expand_dims(x, jnp.ndim(x) - _event_rank(children))
            parts = function(children[0], x)
        else:
            parts = jnp.stack(jnp.broadcast_arrays(*(function(child, x) for child in children)), -1)
        return log_sum_exp(safe_log(weights) + parts)

    return mixed


_log_prob = _mixed(lambda law, x: law.log_prob(x))
_log_cdf = _mixed(log_at_most)
_log_sf = _mixed(log_above)


def _sample(key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...], weights: Any) -> Array:
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
    draws = jnp.squeeze(jnp.take_along_axis(parts, index, axis), axis)
    if rank or children[0].row.support.discrete or not all(map(has_tails, children)):
        return draws
    density = jnp.exp(_log_prob(draws, children, weights))
    return with_gradient(draws, lambda x: jnp.exp(_log_cdf(x, children, weights)), density)


MIXTURE = Combinator(
    name="Mixture",
    params=(Param("weights", SIMPLEX, "the share of each component", ("k",)),),
    inner="one or many",
    inner_first=False,
    log_prob=_log_prob,
    sample=_sample,
    support="hull",
    besides=(),
    mixes="weights",
    log_cdf=_log_cdf,
    log_sf=_log_sf,
    pathwise="tails",
    summary="one of several distributions, which of them unknown and summed out",
    reference="McLachlan & Peel (2000), Finite Mixture Models, ch. 1",
)
