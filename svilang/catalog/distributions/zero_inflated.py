"""ZeroInflated(D, gate) and Hurdle(D, gate): more zeros, or other ones, than a distribution has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, nn, random
from ...types import Interval
from ...types.intervals import NONNEGATIVE, point
from ..distribution import AnyLaw, Combinator, Compound, Param
from .kinds import REAL, UNIT
from .numeric import float_type, log_sum_exp, safe_log, within
from .tails import has_tails, log_above, log_at_most, log_complement
from .truncated import TRUNCATED

if TYPE_CHECKING:
    from jax import Array


def gate_logs(gate: Any, gate_logits: Any = None) -> tuple[Array, Array]:
    """Log probabilities of a shut and of an open gate."""
    if gate is None:
        return nn.log_sigmoid(gate_logits), nn.log_sigmoid(-gate_logits)
    return safe_log(gate), safe_log(1 - gate)


def inflate(x: Any, log_prob: Any, shut: Any, opened: Any) -> Array:
    """Log of gate [x = 0] + (1 - gate) p(x)."""
    counted = opened + log_prob
    excess = jnp.broadcast_to(shut, counted.shape)
    at_zero = log_sum_exp(jnp.stack([excess, counted], -1))
    return jnp.where(x == 0, at_zero, counted)


def _log_prob(x: Any, children: tuple[AnyLaw, ...], gate: Any, gate_logits: Any = None) -> Array:
    (child,) = children
    shut, opened = gate_logs(gate, gate_logits)
    if child.row.support.discrete:
        return inflate(x, child.log_prob(x), shut, opened)
    zero = x == 0
    return jnp.where(zero, shut, opened + child.log_prob(jnp.where(zero, 1, x)))


def _log_cdf(x: Any, children: tuple[AnyLaw, ...], gate: Any, gate_logits: Any = None) -> Array:
    (child,) = children
    shut, opened = gate_logs(gate, gate_logits)
    below = opened + log_at_most(child, x)
    return jnp.where(x >= 0, jnp.logaddexp(jnp.broadcast_to(shut, below.shape), below), below)


def _log_sf(x: Any, children: tuple[AnyLaw, ...], gate: Any, gate_logits: Any = None) -> Array:
    (child,) = children
    shut, opened = gate_logs(gate, gate_logits)
    above = opened + log_above(child, x)
    return jnp.where(x >= 0, above, jnp.logaddexp(jnp.broadcast_to(shut, above.shape), above))


def _shut(key: Any, shape: tuple[int, ...], gate: Any, gate_logits: Any) -> Array:
    if gate is None:
        return random.logistic(key, shape, float_type(gate_logits)) < gate_logits
    return random.uniform(key, shape, float_type(gate)) < gate


def _sample(
    key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...], gate: Any, gate_logits: Any = None
) -> Array:
    (child,) = children
    gate_key, child_key = random.split(key)
    return jnp.where(_shut(gate_key, shape, gate, gate_logits), 0, child.sample(child_key, shape))


def _with_zero(support: Interval) -> Interval:
    return support.hull(point(0))


_GATE_LOGITS = Param("gate_logits", REAL, "the log odds of that")

ZERO_INFLATED = Combinator(
    name="ZeroInflated",
    params=(
        Param("gate", UNIT, "the probability of a zero that the distribution knows nothing of"),
        _GATE_LOGITS,
    ),
    inner="one",
    inner_first=True,
    log_prob=_log_prob,
    sample=_sample,
    support=_with_zero,
    besides=(0,),
    optional=("gate", "gate_logits"),
    one_of=("gate", "gate_logits"),
    requires=("number",),
    log_cdf=_log_cdf,
    log_sf=_log_sf,
    atoms=True,
    summary="counts with more zeros than a distribution has",
    reference="Lambert (1992), Technometrics 34(1)",
)


def _log_positive(child: AnyLaw) -> Array | float:
    """Log P(X > 0)."""
    if not child.row.support.discrete:
        return 0.0
    return log_complement(child.log_prob(jnp.zeros((), int)))


def _hurdle_log_prob(x: Any, children: tuple[AnyLaw, ...], gate: Any, gate_logits: Any = None) -> Array:
    (child,) = children
    shut, opened = gate_logs(gate, gate_logits)
    zero = x == 0
    rest = child.log_prob(jnp.where(zero, 1, x)) - _log_positive(child)
    return jnp.where(zero, shut, opened + rest)


def _hurdle_log_sf(x: Any, children: tuple[AnyLaw, ...], gate: Any, gate_logits: Any = None) -> Array:
    (child,) = children
    _, opened = gate_logs(gate, gate_logits)
    safe = jnp.maximum(x, 0)
    return jnp.where(x >= 0, opened + log_above(child, safe) - _log_positive(child), 0)


def _hurdle_log_cdf(x: Any, children: tuple[AnyLaw, ...], gate: Any, gate_logits: Any = None) -> Array:
    return within(x >= 0, log_complement(_hurdle_log_sf(x, children, gate, gate_logits)))


def _positive_counts(key: Any, shape: tuple[int, ...], child: AnyLaw) -> Array:
    """Draws that are not 0: by the distribution function, or again and again where there is none."""
    if has_tails(child):
        return Compound(TRUNCATED, child.row, (child,), (1, None)).sample(key, shape)

    def again(state: tuple[Any, Array]) -> tuple[Any, Array]:
        key, found = state
        key, fresh = random.split(key)
        return key, jnp.where(found == 0, child.sample(fresh, shape), found)

    return lax.while_loop(lambda state: jnp.any(state[1] == 0), again, (key, jnp.zeros(shape, int)))[1]


def _hurdle_sample(
    key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...], gate: Any, gate_logits: Any = None
) -> Array:
    (child,) = children
    gate_key, child_key = random.split(key)
    draws = _positive_counts(child_key, shape, child) if child.row.support.discrete else child.sample(child_key, shape)
    return jnp.where(_shut(gate_key, shape, gate, gate_logits), 0, draws)


HURDLE = Combinator(
    name="Hurdle",
    params=(Param("gate", UNIT, "the probability of zero"), _GATE_LOGITS),
    inner="one",
    inner_first=True,
    log_prob=_hurdle_log_prob,
    sample=_hurdle_sample,
    support=_with_zero,
    besides=(0,),
    optional=("gate", "gate_logits"),
    one_of=("gate", "gate_logits"),
    requires=("number",),
    domain=NONNEGATIVE,
    log_cdf=_hurdle_log_cdf,
    log_sf=_hurdle_log_sf,
    atoms=True,
    summary="zero or not is one question, how much another: claims, rainfall, counts of visits",
    reference="Mullahy (1986), Journal of Econometrics 33(3)",
)
