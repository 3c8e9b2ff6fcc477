"""The fit: start, compile, optimise in chunks, stop, and say how it went."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..lazy import jax, np
from . import baselines, bounds, cache, effort, errors, layout, noise, optimizers, stopping, threads
from .adam import adam
from .bounds import Annealing
from .draws import Draws, draw
from .guides import FAMILIES
from .layout import Layout
from .noise import Plan, Stream
from .program import Recipe, Runner
from .result import Progress, RunResult
from .settings import STEPS, CallSpec, FitSettings
from .start import Start, find
from .status import Status
from .structure import FamilyUse
from .target import Target
from .view import View, sample

__all__ = ["Draws", "Progress", "RunResult", "draw", "fit", "problems"]

RATE = 0.05
"""First step size of the default optimiser, in whitened coordinates."""

_FIRST_ROUND = 1000
_FEWEST = 100
_REACH = 0.6
_SMALL = 10_000
"""Numbers in data and guide up to which float64 is the default: measured on a logistic regression, a step takes 16 µs
instead of 10 at 1,000 numbers and 64 instead of 31 at 5,000, but 305 instead of 72 at 20,000."""

_LOOKS = 500
_FEWEST_LOOKS = 20
"""Draws from which the bound at the end is told."""

_OPENING = 500_000
"""Numbers from which the start is found, where minibatches allow to look at some of the rows."""

_WORK = 200_000_000
"""Numbers that the draws at the end may read all together: a few seconds."""

_FAR = 1e4
"""Conditional standard deviations from the origin beyond which float32 has too few digits left."""


def problems(families: tuple[FamilyUse, ...], settings: FitSettings) -> list[tuple[str, str | None]]:
    """What is wrong with the names of a guide and a fit block, each with its fix where that is certain."""
    rows = {name: dict(row.settings) for name, row in FAMILIES.items()}
    found: list[tuple[str, str | None]] = []
    for use in families:
        numbers = tuple((name, value) for name, value in use.settings if not isinstance(value, str))
        found += stopping.problems(CallSpec(use.name, numbers), rows, "guide family")
    found += bounds.problems(settings.objective) or bounds.misfits(settings)
    if settings.baseline is not None:
        found += baselines.problems(settings.baseline)
    if settings.stop is not None:
        found += stopping.problems(settings.stop, stopping.STOPS, "stopping rule")
    if settings.optimizer is not None:
        found += optimizers.problems(settings.optimizer)
    if settings.precision not in (None, "float32", "float64"):
        found.append((f"there is no precision `{settings.precision}`", "write `float32` or `float64`"))
    return found


def fit(
    target: Target,
    families: tuple[FamilyUse, ...],
    settings: FitSettings,
    progress: Callable[[Progress], None] | None = None,
    initial: np.ndarray | None = None,
) -> RunResult:
    """Fits a guide to a target.

    Args:
        target: the log density.
        families: which family covers which coordinates; together all of them, none twice.
        settings: of the fit block and the command line.
        progress: called at the beginning of each phase and about twice a second.
        initial: where to start instead of searching for the mode: ``z``, or ``z`` and the model's own parameters.

    Returns:
        The fitted guide. An interrupt from the keyboard during the optimisation ends it early with that status.

    Raises:
        SvilangError: when a setting names something unknown.
        NotFinite: when the log density or its gradient is not finite; says where.

    Example:
        >>> fit(target, (FamilyUse("mean_field", (0, 1)),), FitSettings()).status  # doctest: +SKIP
        <Status.CONVERGED: 'converged'>

    Source: Kucukelbir et al. (2017) for the Gaussian guides on unconstrained coordinates; Kingma & Ba (2015) for Adam.
    """
    if found := problems(families, settings):
        raise errors.bad_settings(found)
    cache.enable()
    with cache.quiet(), threads.one(target.size + len(target.theta)):
        return _Fit(target, families, settings, progress or (lambda _: None)).run(initial)


@dataclass(slots=True, eq=False)
class _Fit:
    """One fit under way."""

    target: Target
    families: tuple[FamilyUse, ...]
    settings: FitSettings
    progress: Callable[[Progress], None]
    began: float = field(default_factory=time.perf_counter)
    losses: list[np.ndarray] = field(default_factory=list)
    taken: int = 0
    limit: int = 0

    @property
    def annealing(self) -> Annealing | None:
        return bounds.annealing(self.settings.objective)

    def run(self, initial: np.ndarray | None) -> RunResult:
        self.limit = self.settings.steps or STEPS
        self.tell("start")
        opening = sample(self.target, _OPENING, self.settings.seed)
        start = find(opening, self.families, self.settings.seed, initial, self.settings.scatter)
        plan = layout.make(self.target, self.families)
        found = time.perf_counter() - self.began
        if opening is self.target and self.settled(plan, start):
            status = Status.CONVERGED if start.mode or plan.size == 0 else Status.DIVERGED
            seconds = {"start": found, "compile": 0.0, "fit": 0.0}
            return self.result(plan, start, plan.init(start.whitens), status, seconds, (start.log_density, 0.0))
        self.tell("compile")
        runner = Runner(self.recipe(plan, start), start.whitens, plan.init(start.whitens), self.settings.seed)
        if plan.size == 0:
            status = Status.CONVERGED if start.mode else Status.DIVERGED
        else:
            status = self.by_rounds(runner) if self.settings.optimizer is None else self.by_user(runner)
        elbo = self.bound(runner, plan, start)
        seconds = {"start": found, "compile": runner.compile_seconds}
        seconds["fit"] = time.perf_counter() - self.began - sum(seconds.values())
        return self.result(plan, start, runner.params, status, seconds, elbo)

    def bound(self, runner: Runner, plan: Layout, start: Start) -> tuple[float, float]:
        """The bound at the end: from all data, or where those are too many for that, from an epoch of steps."""
        batch = self.target.batch
        if batch is None:
            return _mean(-runner.evaluate(Stream.EVALUATE, _LOOKS, self.taken))
        looks = min(_LOOKS, _WORK // max(1, effort.count(self.target.data) + plan.size))
        if looks < _FEWEST_LOOKS:
            epoch = max(-(-axis.size // axis.rows) for axis in batch.axes)
            return _mean(-runner.evaluate(Stream.EVALUATE, max(_LOOKS, epoch), self.taken))
        whole = Runner(self.recipe(plan.of_all(), start), start.whitens, runner.params, self.settings.seed)
        whole.calibrate(Stream.COMPARE, looks)
        return _mean(-whole.evaluate(Stream.EVALUATE, looks, self.taken))

    def settled(self, plan: Layout, start: Start) -> bool:
        """Whether the start is the answer already: only points, at their mode."""
        at_mode = self.target.explicit is None and not self.target.neural
        points = at_mode and all(part.row.point for part in plan.parts)
        return points and self.settings.optimizer is None and (start.mode or plan.size == 0 or bool(plan.parts))

    def recipe(self, plan: Layout, start: Start) -> Recipe:
        row, arguments = bounds.row_of(self.settings.objective)
        particles = self.settings.particles or row.particles(arguments)
        if self.settings.optimizer is None:
            optimizer = adam(-1.0)
        else:
            optimizer = optimizers.build(self.settings.optimizer, self.limit)
        chunk = max(1, min(self.settings.chunk, self.limit))
        shape = Plan(chunk, particles, View(plan).layout.noise)
        precision, host = self.precision(plan, start), noise.is_host()
        taken = baselines.of(self.settings.baseline)
        return Recipe(
            plan, row, arguments, optimizer, shape, precision, host, annealing=self.annealing, baseline=taken
        )

    def precision(self, plan: Layout, start: Start) -> str:
        """Float64 where it costs little or is needed for its digits; float32 otherwise."""
        if self.settings.precision is not None:
            return self.settings.precision
        numbers = sum(np.size(array) for array in jax.tree.leaves(self.target.data)) + plan.size
        far = any(np.any(np.abs(whiten.loc) > _FAR * whiten.scale) for whiten in start.whitens)
        return "float64" if far or numbers <= _SMALL else "float32"

    @property
    def flows(self) -> bool:
        """Whether parameters follow a flow of their own, which may lower what the others raise."""
        return any(FAMILIES[use.name].flow for use in self.families)

    def by_rounds(self, runner: Runner) -> Status:
        """The default: Adam in rounds, each with a step size that falls to zero along a cosine.

        After each round the parameters are compared with the best so far under the same noise; the run ends when a
        round gains nothing, and the rounds grow so that slow progress is given time.
        """
        rule = stopping.rule(self.settings.stop)
        best, best_losses = runner.params, runner.calibrate(Stream.COMPARE)
        # Adam moves every parameter by its rate, whatever the noise; many of them together must stay within a nat or
        # so.
        rate = min(RATE, _REACH / np.sqrt(len(best)))
        length, flows = min(_FIRST_ROUND, -(-self.limit // 2)), self.flows
        calm, status = 0, Status.NOT_CONVERGED
        try:
            if self.annealing is not None:
                # What another bound has led to is no worse for a lower value of the one that is wanted.
                self.round(runner, rate, self.annealing.steps)
                best, best_losses = runner.params, runner.calibrate(Stream.COMPARE)
            while self.taken < self.limit:
                left = self.limit - self.taken
                length = left if left < 1.5 * length else length
                runner.place(best)
                self.round(runner, rate, length)
                losses = runner.evaluate(Stream.COMPARE)
                won, error = stopping.gain(best_losses, losses)
                if flows or won > -2 * error:
                    best, best_losses = runner.params, runner.calibrate(Stream.COMPARE)
                if self.taken >= _FEWEST and abs(won) <= max(rule.tolerance, 2 * error):
                    # One precise comparison is enough; where noise hides the gain, the next round must agree.
                    calm += rule.patience if error <= rule.tolerance else 1
                    status = Status.CONVERGED
                    if rule.active and calm >= rule.patience:
                        break
                else:
                    calm, status = 0, Status.NOT_CONVERGED
                    rate = rate / 4 if won < 0 and not flows else rate
                length *= 2
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
            if stopping.gain(best_losses, runner.evaluate(Stream.COMPARE))[0] > 0:
                best = runner.params
        runner.place(best)
        return status

    def round(self, runner: Runner, rate: float, length: int) -> None:
        """Steps of a size that falls to zero."""
        rates = -0.5 * rate * (1 + np.cos(np.pi * np.arange(length) / length))
        chunk = runner.capacity
        for first in range(0, length, chunk):
            some = rates[first : first + chunk]
            self.advance(runner, some, (first + np.arange(len(some))) / length)

    def by_user(self, runner: Runner) -> Status:
        """The user's optimiser, with the parameters averaged over the last quarter unless its step size decays."""
        assert self.settings.optimizer is not None
        rule = stopping.rule(self.settings.stop, active=self.settings.steps is None)
        decays = optimizers.decays(self.settings.optimizer)
        first = runner.calibrate(Stream.COMPARE)
        totals: list[tuple[int, np.ndarray]] = []
        calm, status = 0, Status.NOT_CONVERGED
        other = 0 if self.annealing is None else self.annealing.steps
        try:
            while self.taken < self.limit:
                count = min(runner.capacity, self.limit - self.taken)
                runner.forget_total()
                self.advance(runner, np.ones(count), (self.taken + np.arange(count)) / self.limit)
                if self.taken > other:
                    totals.append((count, runner.total))
                del totals[: -max(1, -(-self.limit // (4 * runner.capacity)))]
                calm = 0 if stopping.still_falling(np.concatenate(self.losses)[other:], rule.tolerance) else calm + 1
                if rule.active and not decays and calm >= rule.patience:
                    break
            status = Status.CONVERGED if calm else Status.NOT_CONVERGED
        except KeyboardInterrupt:
            status = Status.INTERRUPTED
        if totals and not self.flows and (not decays if self.settings.average is None else self.settings.average):
            self.average(runner, totals)
        lost, error = stopping.gain(runner.evaluate(Stream.COMPARE), first)
        worse = lost > max(rule.tolerance, 3 * error) and not self.flows
        return Status.DIVERGED if worse and status is not Status.INTERRUPTED else status

    def average(self, runner: Runner, totals: list[tuple[int, np.ndarray]]) -> None:
        """Puts the mean of the latest iterates in place of the last one, if it is better under the same noise."""
        last, losses = runner.params, runner.evaluate(Stream.COMPARE)
        recent = max(1, min(len(totals), -(-self.taken // (4 * runner.capacity))))
        steps = sum(count for count, _ in totals[-recent:])
        runner.place(np.sum([total for _, total in totals[-recent:]], axis=0) / steps)
        if stopping.gain(losses, runner.evaluate(Stream.COMPARE))[0] < 0:
            runner.place(last)

    def advance(self, runner: Runner, rates: np.ndarray, progress: np.ndarray) -> None:
        before, began = self.taken, time.perf_counter()

        def look(done: int, losses: np.ndarray) -> None:
            self.taken = before + done
            self.losses.append(losses)
            speed = done / max(time.perf_counter() - began, 1e-9)
            self.tell("fit", -float(np.mean(losses)), speed)

        runner.advance(rates, progress, before, look)

    def tell(self, phase: str, elbo: float = float("nan"), speed: float = 0.0) -> None:
        self.progress(Progress(self.taken, self.limit, elbo, speed, time.perf_counter() - self.began, phase))

    def result(
        self,
        plan: Layout,
        start: Start,
        params: np.ndarray,
        status: Status,
        seconds: dict[str, float],
        elbo: tuple[float, float],
    ) -> RunResult:
        losses = np.concatenate(self.losses) if self.losses else np.zeros(0)
        theta = plan.model_parameters(params, start.whitens)
        precision = self.precision(plan, start)
        return RunResult(
            params,
            theta,
            params[plan.phi],
            self.families,
            start.whitens,
            losses,
            status,
            self.taken,
            seconds,
            elbo,
            precision,
            self.settings.seed,
            start.messages,
        )


def _mean(values: np.ndarray) -> tuple[float, float]:
    """A mean and its standard error."""
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(len(values)))
