"""The row that holds one objective."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jax import Array


@dataclass(frozen=True, slots=True)
class ObjectiveRow:
    """A lower bound of the log evidence, from the weights of a few draws.

    Args:
        name: as the language spells it.
        summary: one line, with the formula.
        bound: ``(log_weights[particles], settings) -> nats``. Weights are ``log p(z, x) - log q(z)``; with ``analytic``
            the families' part of ``log q`` is left out and their entropy is added afterwards.
        analytic: whether the bound is linear in the log weights, so that an entropy may stand for its sample.
        settings: arguments of the call and their defaults.
        particles: draws per step where the user names no number, from the settings.
    """

    name: str
    summary: str
    bound: Callable[[Array, Mapping[str, float]], Array]
    analytic: bool = False
    settings: Mapping[str, float] = field(default_factory=dict)
    particles: Callable[[Mapping[str, float]], int] = lambda settings: 4
