"""Folded(D): the size of a variate, without its sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ...types import Interval
from ..distribution import AnyLaw, Combinator
from .numeric import within
from .tails import before, log_above, log_at_most, log_mass

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, children: tuple[AnyLaw, ...]) -> Array:
    (child,) = children
    right, left = child.log_prob(x), child.log_prob(-x)
    both = jnp.logaddexp(right, left)
    return within(x >= 0, jnp.where(x == 0, right, both) if child.row.support.discrete else both)


def _sample(key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...]) -> Array:
    (child,) = children
    return jnp.abs(child.sample(key, shape))


def _log_cdf(x: Any, children: tuple[AnyLaw, ...]) -> Array:
    (child,) = children
    safe = jnp.maximum(x, 0)
    return within(x >= 0, log_mass(child, -safe, safe))


def _log_sf(x: Any, children: tuple[AnyLaw, ...]) -> Array:
    (child,) = children
    safe = jnp.maximum(x, 0)
    return jnp.where(x >= 0, jnp.logaddexp(log_above(child, safe), log_at_most(child, before(child, -safe))), 0)


def _size(support: Interval) -> Interval:
    most = max(abs(support.lower), abs(support.upper))
    return Interval(0, most, integer=support.integer)


FOLDED = Combinator(
    name="Folded",
    params=(),
    inner="one",
    inner_first=True,
    log_prob=_log_prob,
    sample=_sample,
    support=_size,
    requires=("number",),
    log_cdf=_log_cdf,
    log_sf=_log_sf,
    pathwise="children",
    summary="a size whose sign was not recorded",
    reference="Johnson, Kotz & Balakrishnan (1994), vol. 1, sec. 13.10",
)
