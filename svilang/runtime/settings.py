"""The settings of a fit, as data."""

from __future__ import annotations

from dataclasses import dataclass, field

REWRITES = ("statistics", "gram", "rows")
"""Exact rewrites of the data by name: sufficient statistics, Gram form, equal rows as one."""

STEPS = 20_000
"""Most steps where the user names no number."""

Value = "float | int | str | bool | CallSpec"


@dataclass(frozen=True, slots=True)
class CallSpec:
    """``name(1, key=2)`` of a fit block: an objective, an optimiser, a schedule, a stopping rule.

    ``args`` are in order, those by position with the name ``None``; a value may be another :class:`CallSpec`.
    """

    name: str
    args: tuple[tuple[str | None, float | int | str | bool | CallSpec], ...] = ()


Numbers = float | tuple["Numbers", ...]
"""One number, or rows of them."""


@dataclass(frozen=True, slots=True)
class FitSettings:
    """Everything that ``fit { … }`` and the command line can say; ``None`` leaves the choice to the runtime.

    Args:
        objective: ``elbo`` by default.
        particles: draws per step; antithetic pairs are counted as two.
        optimizer: any Optax alias, chain or schedule by name.
        steps: an upper bound where a stopping rule is in force, else the number of steps.
        minibatch: how many members of a dimension a step sees, `minibatch[obs] = 256`; all where it is left out.
        seed: of all noise.
        starts: fits from so many starting points at once, of which the best is kept.
        init: where the search for the start begins, `init[mu] = 700`: a number for all elements of a latent or lists.
        precision: ``"float32"``, ``"float64"`` or ``None`` (by data, size and device).
        baseline: what the score function takes from its costs: ``others`` (default), ``average(…)`` or ``none``.
        stop: ``plateau(…)``, ``none``, or ``None`` for the default rule.
        average: whether the parameters are averaged over the tail of the run; ``None`` for the default.
        rewrites: which exact rewrites of the data may be used: `all`, `none` or a list of their names.
        chunk: steps between two looks at the losses.
    """

    objective: CallSpec = CallSpec("elbo")
    particles: int | None = None
    optimizer: CallSpec | None = None
    steps: int | None = None
    minibatch: tuple[tuple[str, int], ...] = field(default=())
    seed: int = 0
    starts: int = 1
    init: tuple[tuple[str, Numbers], ...] = field(default=())
    precision: str | None = None
    baseline: CallSpec | None = None
    stop: CallSpec | None = None
    average: bool | None = None
    rewrites: tuple[str, ...] = REWRITES
    chunk: int = 500
