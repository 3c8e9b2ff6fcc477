"""How far the gradient at the end of a fit stands out from its noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ..lazy import np

if TYPE_CHECKING:
    import numpy

_ROUNDING = 1e-12
"""Square of a gradient that is rounding."""

_HIDES = 0.05
"""Nats that the noise of the mean gradient may look like before it is said to hide something."""


class Motion(StrEnum):
    """What the gradient at the end means."""

    REST = "at rest"
    MOVING = "still moving"
    HIDDEN = "hidden by noise"
    UNKNOWN = "unknown"

    @property
    def advice(self) -> str:
        """One sentence; empty where there is nothing to say."""
        return _ADVICE[self]


_ADVICE = {
    Motion.REST: "what is left of the gradient would gain nothing",
    Motion.MOVING: "the gradient stands out from its noise: more `steps` would raise the ELBO",
    Motion.HIDDEN: "the noise of the gradient could hide a gain: more `particles` would show it",
    Motion.UNKNOWN: "",
}


@dataclass(frozen=True, slots=True)
class Signal:
    """The gradient at the end, in coordinates in which the posterior is about one wide.

    Args:
        ratio: length of the mean gradient by the standard deviation of that of one step; not a number where nothing
            was optimised.
        gain: nats that following the gradient could win, as far as it is known: half the square of its length.
        motion: what that means.
    """

    ratio: float = math.nan
    gain: float = math.nan
    motion: Motion = Motion.UNKNOWN


def signal(total: numpy.ndarray, squares: numpy.ndarray, steps: int, matters: float) -> Signal:
    """From the sums of the gradients of independent steps and of their squares, by parameter.

    The square of the mean gradient is taken without the part that noise alone has; it counts as seen where it is three
    standard deviations above that. A gain of fewer nats than ``matters`` counts as none.

    Source: Rainforth et al. (2018), Tighter variational bounds are not necessarily better, for the ratio.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        mean = total / steps
        variance = np.maximum(squares / steps - mean**2, 0) * steps / (steps - 1)
        noise, beyond = float(np.sum(variance)), float(np.sum(mean**2) - np.sum(variance) / steps)
        least = 3 * math.sqrt(2 * float(np.sum(variance**2))) / steps
    if not (math.isfinite(noise) and math.isfinite(beyond)):
        return Signal()
    square = max(beyond, 0.0)
    gain, seen = 0.5 * square, beyond > least
    ratio = 0.0 if square < _ROUNDING else math.sqrt(square / noise) if noise > 0 else math.inf
    if seen and gain >= matters:
        return Signal(ratio, gain, Motion.MOVING)
    hidden = 0.5 * noise / steps >= _HIDES
    return Signal(ratio, gain, Motion.HIDDEN if hidden else Motion.REST)
