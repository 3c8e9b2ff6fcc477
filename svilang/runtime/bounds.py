"""The objective that a fit block asks for: its row, its arguments, and whether these fit the rest of the block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..lazy import np
from . import stopping
from .objectives import OBJECTIVES, ObjectiveRow
from .settings import STEPS, CallSpec, FitSettings

if TYPE_CHECKING:
    import numpy

Problem = tuple[str, str | None]
"""A sentence, and the fix where that is certain."""


@dataclass(frozen=True, slots=True)
class Annealing:
    """The weight of the terms of the latents in the first steps.

    Args:
        steps: after which it is 1.
        start: at the first step.
    """

    steps: int
    start: float

    def weights(self, taken: int, count: int) -> numpy.ndarray:
        """Of the ``count`` steps after those that are ``taken``."""
        share = np.minimum((taken + np.arange(count)) / self.steps, 1.0)
        return self.start + (1 - self.start) * share


def row_of(call: CallSpec) -> tuple[ObjectiveRow, dict[str, float]]:
    """An objective and its arguments, defaults included."""
    row = OBJECTIVES[call.name]
    return row, stopping.arguments(call, dict(row.settings))


def annealing(call: CallSpec) -> Annealing | None:
    """How an objective is annealed, if it is."""
    _, arguments = row_of(call)
    steps = int(arguments.get("anneal", 0))
    return Annealing(steps, arguments["from"]) if steps else None


def problems(call: CallSpec) -> list[Problem]:
    """What is wrong with an objective by itself: its name, or its arguments."""
    found = stopping.problems(call, {name: dict(row.settings) for name, row in OBJECTIVES.items()}, "objective")
    return found or list(_values(call))


def _values(call: CallSpec) -> Iterator[Problem]:
    row, arguments = row_of(call)
    yield from stopping.beyond(call, arguments, row.limits)


def misfits(settings: FitSettings) -> Iterator[Problem]:
    """What is wrong with a known objective beside the other settings of a fit."""
    row, arguments = row_of(settings.objective)
    drawn = settings.particles
    if row.groups and drawn is not None and arguments[row.groups] and drawn % arguments[row.groups]:
        each, fix = f"{arguments[row.groups]:g}", "let `particles` be a multiple of that"
        yield f"{drawn} particles cannot be shared out: each bound of `{row.name}` takes `{row.groups}` = {each}", fix
    if settings.baseline is not None and not row.analytic:
        name = settings.baseline.name
        yield f"`baseline = {name}` is for `elbo`: `{row.name}` has one of its own", "leave `baseline` out"
    found, limit = annealing(settings.objective), settings.steps or STEPS
    if found is not None and found.steps >= limit:
        message = f"the fit has {limit:,} steps in all, and `{row.name}` would take {found.steps:,} of them to `anneal`"
        yield message, "give the fit more `steps`: what comes after it is fitted to the bound itself"
