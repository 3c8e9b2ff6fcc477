"""Adam, which a fit uses unless the spec names another optimiser: the same steps as Optax's, without importing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..lazy import jnp

if TYPE_CHECKING:
    from jax import Array


class Method(NamedTuple):
    """An optimiser: ``init(params) -> memory``, ``update(gradient, memory, params) -> (step, memory)``."""

    init: Callable[[Any], Any]
    update: Callable[..., tuple[Any, Any]]


class Memory(NamedTuple):
    """Means of the gradient and of its square, and how much of both is still the zero they began with."""

    first: Array
    second: Array
    rest: Array


def adam(learning_rate: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8, eps_root: float = 0.0) -> Method:
    """Steps ``-learning_rate * m / (√(v + eps_root) + eps)``, m and v moving means of the gradient and its square.

    Source: Kingma & Ba (2015), Adam, algorithm 1.
    """

    def init(params: Any) -> Memory:
        return Memory(jnp.zeros_like(params), jnp.zeros_like(params), jnp.ones(2, params.dtype))

    def update(gradient: Any, memory: Memory, params: Any = None) -> tuple[Any, Memory]:
        first = b1 * memory.first + (1 - b1) * gradient
        second = b2 * memory.second + (1 - b2) * gradient * gradient
        rest = memory.rest * jnp.array([b1, b2], first.dtype)
        scale = jnp.sqrt(second / (1 - rest[1]) + eps_root) + eps
        return -learning_rate * (first / (1 - rest[0])) / scale, Memory(first, second, rest)

    return Method(init, update)
