"""The variational Rényi bound (Li and Turner 2016)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...lazy import special
from ..limit import Limit
from .objective import ObjectiveRow

if TYPE_CHECKING:
    from jax import Array


def _bound(log_weights: Array, settings: Mapping[str, float]) -> Array:
    order = 1 - settings["alpha"]
    return (special.logsumexp(order * log_weights) - math.log(log_weights.shape[0])) / order


RENYI = ObjectiveRow(
    name="renyi",
    summary="Rényi bound of order α ≠ 1: log mean exp((1 − α)(log p − log q)) / (1 − α)",
    bound=_bound,
    settings={"alpha": 0.5},
    limits={"alpha": Limit(-1000, 1000, but=1)},
    particles=lambda settings: 8,
)
