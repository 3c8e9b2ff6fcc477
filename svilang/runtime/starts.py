"""Several fits from different starting points, of which the best is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..lazy import np
from .result import Progress, RunResult
from .settings import FitSettings
from .status import Status
from .structure import FamilyUse
from .svi import fit
from .target import Target

SCATTER = 2.0
"""Standard deviation of further starting points on the unconstrained scale: wide enough to leave the first mode."""


def best(
    target: Target,
    families: tuple[FamilyUse, ...],
    settings: FitSettings,
    progress: Callable[[Progress], None] | None = None,
) -> RunResult:
    """The fit with the highest bound among ``settings.starts``, with the bounds of all in ``starts``.

    The first starts where a single one would, the others search from scattered points. A run that does not end in a
    finite bound is out of the question; where none does, the first one's error is raised. An interrupt ends the run
    under way, and no other begins.
    """
    if settings.starts == 1:
        return fit(target, families, settings, progress)
    found: list[RunResult] = []
    for i in range(settings.starts):
        own = replace(settings, seed=settings.seed + i, scatter=SCATTER if i else None)
        found.append(fit(target, families, own, progress))
        if found[-1].status is Status.INTERRUPTED:
            break
    bounds = tuple(float(one.elbo[0]) for one in found)
    place = int(np.argmax([bound if np.isfinite(bound) else -np.inf for bound in bounds]))
    total = {stage: sum(one.seconds[stage] for one in found) for stage in found[0].seconds}
    return replace(found[place], starts=bounds, seconds=total)
