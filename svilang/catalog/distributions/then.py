"""``A then B``: the distributions of a chain, step by step, the last one for all further steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random
from ..distribution import AnyLaw, Combinator, Param
from .kinds import COUNT

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, children: tuple[AnyLaw, ...], position: Any) -> Array:
    found = children[-1].log_prob(x)
    for step in reversed(range(len(children) - 1)):
        found = jnp.where(position == step, children[step].log_prob(x), found)
    return found


def _sample(key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...], position: Any) -> Array:
    """All steps from their own distributions, given values of the steps before."""
    keys = random.split(key, len(children))
    steps = jnp.expand_dims(position, tuple(range(jnp.ndim(position), len(shape))))
    found = children[-1].sample(keys[-1], shape)
    for step in reversed(range(len(children) - 1)):
        found = jnp.where(steps == step, children[step].sample(keys[step], shape), found)
    return found


THEN = Combinator(
    name="then",
    params=(Param("position", COUNT, "the step of the chain, from 0"),),
    inner="many",
    inner_first=False,
    log_prob=_log_prob,
    sample=_sample,
    support="hull",
    summary="written `A then B` in a `markov`: A at the first step, B at all others, where it may read `prev(x)`",
    reference="Durbin & Koopman (2012), Time Series Analysis by State Space Methods, ch. 2",
)
