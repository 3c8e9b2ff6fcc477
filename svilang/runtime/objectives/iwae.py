"""The importance-weighted bound (Burda, Grosse and Salakhutdinov 2016)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...lazy import jnp, special
from ..limit import MOST, Limit
from .objective import ObjectiveRow

if TYPE_CHECKING:
    from jax import Array


def _bound(log_weights: Array, settings: Mapping[str, float]) -> Array:
    draws = int(settings["k"])
    return jnp.mean(special.logsumexp(log_weights.reshape(draws, -1), axis=0)) - math.log(draws)


def shares(log_weights: Array, settings: Mapping[str, float]) -> tuple[Array, int]:
    """The share of each draw in the weight of its group, and how many groups there are."""
    draws = int(settings["k"])
    grouped = log_weights.reshape(draws, -1)
    return jnp.exp(grouped - special.logsumexp(grouped, axis=0)).reshape(-1), grouped.shape[1]


IWAE = ObjectiveRow(
    name="iwae",
    summary="importance-weighted bound: E[log mean_k exp(log p − log q)]",
    bound=_bound,
    settings={"k": 8},
    limits={"k": Limit(1, MOST, whole=True)},
    groups="k",
    particles=lambda settings: int(settings["k"]),
)
