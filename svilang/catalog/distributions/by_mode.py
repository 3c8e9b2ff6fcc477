"""Draws of counts by inversion from the mode outwards: any mass function that can be evaluated."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, random
from .numeric import float_type

if TYPE_CHECKING:
    from jax import Array


def draw_by_mode(key: Any, shape: tuple[int, ...], mode: Any, log_prob: Callable[[Any], Any], like: Any) -> Array:
    """Draws of integers whose log mass is ``log_prob``, which falls on both sides of ``mode``.

    The masses are taken off a uniform number in the order mode, mode + 1, mode - 1, mode + 2, …, so that the expected
    number of steps is a few standard deviations. ``log_prob`` is -inf outside the support.
    """
    dtype = float_type(like)
    start = jnp.broadcast_to(jnp.asarray(mode, dtype), shape)
    level = random.uniform(key, shape, dtype)
    last = 20 * (10 + jnp.sqrt(jnp.max(jnp.abs(start)) + 1))

    def open_ended(state: tuple[Array, Array, Array]) -> Array:
        step, left, _ = state
        return jnp.any(left > 0) & (step < last)

    def take(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        step, left, found = state
        half = jnp.floor((step + 1) / 2)
        value = start + jnp.where(step % 2 == 1, half, -half)
        rest = left - jnp.exp(log_prob(value))
        return step + 1, rest, jnp.where((left > 0) & (rest <= 0), value, found)

    state = (jnp.zeros((), dtype), jnp.maximum(level, jnp.finfo(dtype).tiny), start)
    return lax.while_loop(open_ended, take, state)[2].astype(int)
