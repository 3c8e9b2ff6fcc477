"""Draws whose gradient comes from their distribution function.

A draw x of a law with distribution function F(x; θ) keeps its level F when θ moves: dx/dθ = -(∂F/∂θ) / f. That is the
gradient of any sampler, rejection and bisection included (Figurnov, Mohamed & Mnih 2018).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax

if TYPE_CHECKING:
    from jax import Array


def with_gradient(draw: Any, level: Callable[[Any], Any], density: Any) -> Array:
    """``draw``, with the gradient that keeps its level.

    Args:
        draw: the values; a gradient that they have of their own is dropped.
        level: the distribution function, or any increasing function of it, differentiable in the parameters.
        density: the slope of ``level`` in the variate at the draw.
    """
    fixed = lax.stop_gradient(draw)
    reached = level(fixed)
    slope = lax.stop_gradient(density)
    possible = slope > 0
    step = (reached - lax.stop_gradient(reached)) / jnp.where(possible, slope, 1)
    return fixed - jnp.where(possible, step, 0)
