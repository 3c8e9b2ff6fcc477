"""Ordinal(D, cutpoints): the level of an ordered scale that a variate falls into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ...types.intervals import COUNT
from ..distribution import AnyLaw, Combinator, Param
from .kinds import ORDERED
from .levels import cuts_around, level_of
from .numeric import within
from .tails import log_above, log_at_most, log_mass

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, children: tuple[AnyLaw, ...], cutpoints: Any) -> Array:
    (child,) = children
    inside, level = level_of(x, cutpoints)
    below, above = cuts_around(level, cutpoints)
    first, last = level == 0, level == cutpoints.shape[-1]
    outer = jnp.where(first, log_at_most(child, above), log_above(child, below))
    return within(inside, jnp.where(first | last, outer, log_mass(child, below, above)))


def _sample(key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...], cutpoints: Any) -> Array:
    (child,) = children
    return jnp.sum(child.sample(key, shape)[..., None] > cutpoints, -1)


ORDINAL = Combinator(
    name="Ordinal",
    params=(Param("cutpoints", ORDERED, "where one level passes into the next", ("k",)),),
    inner="one",
    inner_first=True,
    log_prob=_log_prob,
    sample=_sample,
    support=lambda support: COUNT,
    requires=("cdf", "continuous"),
    summary="a rating on an ordered scale, as a judgement with any error falls between cut points",
    reference="McCullagh (1980), Journal of the Royal Statistical Society B 42(2)",
)
