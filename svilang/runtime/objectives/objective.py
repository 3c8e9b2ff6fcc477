"""The row that holds one objective."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from ..limit import Limit

if TYPE_CHECKING:
    from jax import Array


class Slopes(NamedTuple):
    """How much each draw counts in the gradient of a bound, ``[particles]`` each.

    Args:
        draws: its log weight, through the draw.
        model: its log weight, through the model's own parameters.
        guide: the log density of the guide there, at a fixed draw.
    """

    draws: Array
    model: Array
    guide: Array


@dataclass(frozen=True, slots=True)
class ObjectiveRow:
    """A lower bound of the log evidence, from the weights of a few draws.

    Args:
        name: as the language spells it.
        summary: one line, with the formula.
        bound: ``(log_weights[particles], settings) -> nats``. Weights are ``log p(z, x) - log q(z)``; with ``analytic``
            the families' part of ``log q`` is left out and their entropy is added afterwards.
        analytic: whether an entropy may stand for its sample, and an expectation for a draw.
        linear: whether the bound is linear in the log weights: then an unbiased estimate of these is one of the bound.
        settings: arguments of the call and their defaults.
        limits: which numbers they may be, where not any.
        groups: the argument of which the number of draws per step must be a multiple, where there is one.
        particles: draws per step where the user names no number, from the settings.
        slopes: ``(log_weights[particles], settings) -> Slopes``; ``None`` where the gradient is the bound's own. The
            entry ``progress`` of the settings says how much of the run lies behind the step.
        fixed: whether draws are fixed numbers for the gradient, so that a guide needs no pathwise one.
    """

    name: str
    summary: str
    bound: Callable[[Array, Mapping[str, float]], Array]
    analytic: bool = False
    linear: bool = False
    settings: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, Limit] = field(default_factory=dict)
    groups: str | None = None
    particles: Callable[[Mapping[str, float]], int] = lambda settings: 4
    slopes: Callable[[Array, Mapping[str, float]], Slopes] | None = None
    fixed: bool = False

    def of_shares(self, count: int) -> ObjectiveRow:
        """``count`` times the bound of log weights of which each is ``count`` times its own."""
        own, slopes = self.bound, self.slopes

        def bound(log_weights: Array, settings: Mapping[str, float]) -> Array:
            return count * own(log_weights / count, settings)

        def own_slopes(log_weights: Array, settings: Mapping[str, float]) -> Slopes:
            assert slopes is not None
            return slopes(log_weights / count, settings)

        return replace(self, bound=bound, slopes=None if slopes is None else own_slopes)
