"""ZeroInflated(D, gate): some of the zeros come from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random
from ..distribution import Bound, Combinator, Param
from .kinds import UNIT
from .numeric import float_type, log_sum_exp, safe_log

if TYPE_CHECKING:
    from jax import Array


def inflate(x: Any, log_prob: Any, gate: Any) -> Array:
    """Log of gate [x = 0] + (1 - gate) p(x)."""
    counted = safe_log(1 - gate) + log_prob
    excess = jnp.broadcast_to(safe_log(gate), counted.shape)
    at_zero = log_sum_exp(jnp.stack([excess, counted], -1))
    return jnp.where(x == 0, at_zero, counted)


def _log_prob(x: Any, children: tuple[Bound, ...], gate: Any) -> Array:
    (child,) = children
    if child.row.support.discrete:
        return inflate(x, child.log_prob(x), gate)
    zero = x == 0
    return jnp.where(zero, safe_log(gate), safe_log(1 - gate) + child.log_prob(jnp.where(zero, 1, x)))


def _sample(key: Any, shape: tuple[int, ...], children: tuple[Bound, ...], gate: Any) -> Array:
    (child,) = children
    gate_key, child_key = random.split(key)
    shut = random.uniform(gate_key, shape, float_type(gate)) < gate
    return jnp.where(shut, 0, child.sample(child_key, shape))


ZERO_INFLATED = Combinator(
    name="ZeroInflated",
    params=(Param("gate", UNIT, "the probability of a zero that the distribution knows nothing of"),),
    inner="one",
    inner_first=True,
    log_prob=_log_prob,
    sample=_sample,
    support="same",
    summary="counts with more zeros than a distribution has",
    reference="Lambert (1992), Technometrics 34(1)",
)
