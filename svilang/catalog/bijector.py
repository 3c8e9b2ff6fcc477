"""The row that holds one bijection between a kind and the unconstrained reals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jax import Array

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bijector:
    """A smooth one-to-one map from unconstrained to constrained values.

    Event axes come last on both sides; everything before them is batch. ``args`` are the bounds (``lower``, ``upper``)
    where the kind has any, broadcastable against the constrained value.

    Args:
        name: for messages and dumps.
        rank: event axes of a constrained value (0, 1 or 2).
        free_rank: event axes of an unconstrained value.
        free_shape: event shape of the unconstrained value for that of the constrained one.
        forward: ``(z, *args) -> x``.
        inverse: ``(x, *args) -> z``.
        log_det: ``(z, x, *args) -> [batch]``, the log absolute determinant of the Jacobian of ``forward`` at ``z``.
        elementwise_monotone: whether quantiles of elements map through.
    """

    name: str
    rank: int
    free_rank: int
    free_shape: Callable[[Shape], Shape]
    forward: Callable[..., Array]
    inverse: Callable[..., Array]
    log_det: Callable[..., Array]
    elementwise_monotone: bool = False
    arguments: tuple[str, ...] = ()
