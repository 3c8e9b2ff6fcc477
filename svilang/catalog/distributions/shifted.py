"""Shifted(D, by): the law of a variate that is moved along the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...types import intervals
from ..distribution import AnyLaw, Combinator, Param
from .kinds import REAL
from .tails import log_above, log_at_most

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, children: tuple[AnyLaw, ...], by: Any) -> Array:
    (child,) = children
    return child.log_prob(x - by)


def _sample(key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...], by: Any) -> Array:
    (child,) = children
    return child.sample(key, shape) + by


def _log_cdf(x: Any, children: tuple[AnyLaw, ...], by: Any) -> Array:
    (child,) = children
    return log_at_most(child, x - by)


def _log_sf(x: Any, children: tuple[AnyLaw, ...], by: Any) -> Array:
    (child,) = children
    return log_above(child, x - by)


SHIFTED = Combinator(
    name="Shifted",
    params=(Param("by", REAL, "what is added to the variate"),),
    inner="one",
    inner_first=True,
    moves="by",
    log_prob=_log_prob,
    sample=_sample,
    support=lambda _: intervals.REAL,
    requires=("number", "continuous"),
    log_cdf=_log_cdf,
    log_sf=_log_sf,
    pathwise="children",
    summary="a variate moved along the line, as a reaction time that has a least duration",
    reference="Billingsley (1995), Probability and Measure, sec. 20",
)
