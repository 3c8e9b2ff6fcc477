"""ZeroOneInflated(D, gate, one): shares of which some are exactly 0 and some exactly 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random
from ...types.intervals import UNIT as SHARES
from ..distribution import AnyLaw, Combinator, Param
from .kinds import UNIT
from .numeric import float_type, log_sum_exp, safe_log
from .tails import log_above, log_at_most

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, children: tuple[AnyLaw, ...], gate: Any, one: Any) -> Array:
    (child,) = children
    at_zero, at_one = x == 0, x == 1
    between = safe_log(1 - gate) + child.log_prob(jnp.where(at_zero | at_one, 0.5, x))
    ends = safe_log(gate) + jnp.where(at_one, safe_log(one), safe_log(1 - one))
    return jnp.where(at_zero | at_one, ends, between)


def _sum(a: Any, b: Any) -> Array:
    return log_sum_exp(jnp.stack(jnp.broadcast_arrays(a, b), -1))


def _log_cdf(x: Any, children: tuple[AnyLaw, ...], gate: Any, one: Any) -> Array:
    (child,) = children
    between = (x > 0) & (x < 1)
    below = jnp.where(between, log_at_most(child, jnp.where(between, x, 0.5)), -jnp.inf)
    inside = _sum(safe_log(1 - gate) + below, safe_log(gate * (1 - one)))
    return jnp.where(x < 0, -jnp.inf, jnp.where(x >= 1, 0, inside))


def _log_sf(x: Any, children: tuple[AnyLaw, ...], gate: Any, one: Any) -> Array:
    (child,) = children
    above = jnp.where(x > 0, log_above(child, jnp.where((x > 0) & (x < 1), x, 0.5)), 0)
    inside = _sum(safe_log(1 - gate) + above, safe_log(gate * one))
    return jnp.where(x < 0, 0, jnp.where(x >= 1, -jnp.inf, inside))


def _sample(key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...], gate: Any, one: Any) -> Array:
    (child,) = children
    gate_key, end_key, child_key = random.split(key, 3)
    ends = random.uniform(end_key, shape, float_type(one)) < one
    shut = random.uniform(gate_key, shape, float_type(gate)) < gate
    return jnp.where(shut, ends, child.sample(child_key, shape))


ZERO_ONE_INFLATED = Combinator(
    name="ZeroOneInflated",
    params=(
        Param("gate", UNIT, "the probability of an end, 0 or 1"),
        Param("one", UNIT, "the probability that an end is 1"),
    ),
    inner="one",
    inner_first=True,
    log_prob=_log_prob,
    sample=_sample,
    support=lambda shares: SHARES,
    requires=("continuous", "number"),
    domain=SHARES,
    log_cdf=_log_cdf,
    log_sf=_log_sf,
    atoms=True,
    summary="shares of which some are none and some all",
    reference="Ospina & Ferrari (2010), Statistical Papers 51(1)",
)
