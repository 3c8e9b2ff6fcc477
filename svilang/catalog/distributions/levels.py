"""Levels of an ordered scale, cut out of the real line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from .numeric import is_count

if TYPE_CHECKING:
    from jax import Array


def level_of(x: Any, cutpoints: Any) -> tuple[Array, Array]:
    """Whether x is one of the levels 0 … k, and the level as an integer (0 where it is none)."""
    x = jnp.asarray(x)
    inside = is_count(x) & (x <= cutpoints.shape[-1])
    return inside, jnp.where(inside, x, 0).astype(int)


def cuts_around(level: Any, cutpoints: Any) -> tuple[Array, Array]:
    """The cut points below and above each level; at the two ends of the scale the nearest one stands in."""
    size = cutpoints.shape[-1]
    cuts = jnp.broadcast_to(cutpoints, (*jnp.broadcast_shapes(level.shape, cutpoints.shape[:-1]), size))
    return cut_at(cuts, jnp.maximum(level - 1, 0)), cut_at(cuts, jnp.minimum(level, size - 1))


def cut_at(cuts: Any, index: Any) -> Array:
    """The cut points at these positions."""
    return jnp.take_along_axis(cuts, jnp.broadcast_to(index, cuts.shape[:-1])[..., None], -1)[..., 0]
