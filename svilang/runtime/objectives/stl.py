"""The evidence lower bound with the gradient through the draws alone (Roeder, Wu and Duvenaud 2017).

Its noise vanishes where the guide is the posterior, and is large far from it. With ``after`` the steps before that
share of the run (of each round of the default optimiser) take the whole gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...lazy import jnp
from ..limit import Limit
from .objective import ObjectiveRow, Slopes

if TYPE_CHECKING:
    from jax import Array


def _bound(log_weights: Array, settings: Mapping[str, float]) -> Array:
    return jnp.mean(log_weights)


def _slopes(log_weights: Array, settings: Mapping[str, float]) -> Slopes:
    share = jnp.full_like(log_weights, 1 / len(log_weights))
    early = settings.get("progress", 1.0) < settings.get("after", 0.0)
    return Slopes(share, share, jnp.where(early, -share, 0))


STL = ObjectiveRow(
    name="stl",
    summary="evidence lower bound, its gradient through the draws alone: no noise where the guide is exact",
    bound=_bound,
    slopes=_slopes,
    linear=True,
    settings={"after": 0.0},
    limits={"after": Limit(0, 1)},
)
