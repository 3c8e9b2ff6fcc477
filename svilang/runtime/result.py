"""What a fit reports on its way, and what it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..diagnostics import Diagnostic
from .layout import Whitens
from .signal import Signal
from .stand import Stand
from .status import Status
from .structure import FamilyUse

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fit has come.

    Args:
        step: steps taken.
        steps: most steps there can be.
        elbo: mean of the bound over the latest steps, in nats; not a number before the first.
        steps_per_second: of the latest steps.
        seconds: since the fit began.
        phase: ``"start"``, ``"compile"`` or ``"fit"``.
    """

    step: int
    steps: int
    elbo: float
    steps_per_second: float
    seconds: float
    phase: str


@dataclass(frozen=True, slots=True, eq=False)
class RunResult:
    """A fitted guide, complete without the data.

    Args:
        params: the flat parameter vector, in whitened coordinates.
        theta: the model's own parameters, in the target's unconstrained coordinates.
        phi: the explicit part's parameters.
        families: the guide families.
        whitens: their linear maps, in the same order, then that of the model's parameters.
        losses: minus the bound at every step, in nats.
        status: how it ended.
        steps: steps taken.
        seconds: time of the phases ``"start"``, ``"compile"`` and ``"fit"``.
        elbo: the bound at the end and its standard error, in nats, from fresh noise.
        precision: ``"float32"`` or ``"float64"``, of the optimisation.
        seed: of all noise.
        messages: warnings.
        starts: the bounds of all runs, where there were several.
        signal: how far the gradient at the end stands out from its noise.
        stand: where it stood, where another run can go on from there.
    """

    params: np.ndarray
    theta: np.ndarray
    phi: np.ndarray
    families: tuple[FamilyUse, ...]
    whitens: Whitens
    losses: np.ndarray
    status: Status
    steps: int
    seconds: Mapping[str, float]
    elbo: tuple[float, float]
    precision: str
    seed: int
    messages: tuple[Diagnostic, ...] = field(default=())
    starts: tuple[float, ...] = ()
    signal: Signal = field(default_factory=Signal)
    stand: Stand | None = None
