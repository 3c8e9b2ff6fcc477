"""The tail-adaptive divergence: draws count by the rank of their weight (Wang, Liu and Liu 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...lazy import jnp
from .objective import ObjectiveRow, Slopes
from .stl import STL

if TYPE_CHECKING:
    from jax import Array


def _slopes(log_weights: Array, settings: Mapping[str, float]) -> Slopes:
    # Each draw counts itself, also where a compiler rounds the two sides of the comparison differently.
    itself = jnp.eye(len(log_weights), dtype=bool)
    tail = jnp.mean((log_weights[None, :] >= log_weights[:, None]) | itself, axis=1, dtype=log_weights.dtype)
    share = 1 / tail / jnp.sum(1 / tail)
    return Slopes(share, share, jnp.zeros_like(share))


TAIL_ADAPTIVE = ObjectiveRow(
    name="tail_adaptive",
    summary="a divergence between KL(q ‖ p) and KL(p ‖ q): draws count by the rank of their weight",
    bound=STL.bound,
    slopes=_slopes,
    particles=lambda settings: 16,
)
