"""The fit: start, compile, optimise in chunks, stop, and say how it went."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ..lazy import np
from . import baselines, bounds, cache, effort, errors, layout, noise, optimizers, stopping, threads
from .adam import adam
from .bounds import Annealing
from .draws import Draws, draw
from .guides import FAMILIES
from .layout import Layout
from .limit import OUT_OF_DIGITS
from .noise import Plan, Stream
from .program import Recipe
from .result import Progress, RunResult
from .runner import Runner
from .settings import STEPS, CallSpec, FitSettings
from .signal import Signal, signal
from .stand import Stand
from .start import Start
from .starts import find_all
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
"""Numbers in data, sums over discrete sites and guide up to which float64 is the default: measured on a logistic
regression, a step takes 16 µs instead of 10 at 1,000 numbers and 64 instead of 31 at 5,000, but 305 instead of 72 at
20,000; on topics of 3,208 tokens, whose sums take 12,832, three times as long as in float32."""

_LOOKS = 500
_FEWEST_LOOKS = 20
"""Draws from which the bound at the end is told."""

_OPENING = 500_000
"""Numbers from which the start is found, where minibatches allow to look at some of the rows."""

_WORK = 200_000_000
"""Numbers that the draws at the end may read all together: a few seconds."""

_WITHIN = 2000
"""Draws by which the share of a guide within moving supports is told."""

_EQUAL = 0.03
"""Standard deviation of log weights that count as equal, in nats: the divergence is about half the square of that."""


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
    resume: Stand | None = None,
    begin: np.ndarray | None = None,
) -> RunResult:
    """Fits a guide to a target.

    Args:
        target: the log density.
        families: which family covers which coordinates; together all of them, none twice.
        settings: of the fit block and the command line.
        progress: called at the beginning of each phase and about twice a second.
        initial: where to start instead of searching for the mode: ``z``, or ``z`` and the model's own parameters.
        resume: where a run of the same fit stood, to go on from; the steps are further ones.
        begin: ``z`` where the search for the mode begins.

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
    with cache.quiet(), threads.one(target.size + len(target.theta), target.squares):
        result = _Fit(target, families, settings, progress or (lambda _: None), resume).run(initial, begin)
        return _within(result, target) if target.edges else result


def _within(result: RunResult, target: Target) -> RunResult:
    """The result of the guide within the supports that latents move."""
    share = draw(result, target, _WITHIN, result.seed).share
    if share == 1:
        return result
    told = errors.beyond_edges(target.edges, 1 - share)
    value, error = result.elbo
    return replace(result, elbo=(value + float(np.log(share)), error), messages=(*result.messages, told))


@dataclass(slots=True, eq=False)
class _Fit:
    """One fit under way."""

    target: Target
    families: tuple[FamilyUse, ...]
    settings: FitSettings
    progress: Callable[[Progress], None]
    resume: Stand | None = None
    stand: Stand | None = None
    began: float = field(default_factory=time.perf_counter)
    losses: list[np.ndarray] = field(default_factory=list)
    taken: int = 0
    limit: int = 0

    @property
    def annealing(self) -> Annealing | None:
        return bounds.annealing(self.settings.objective)

    def run(self, initial: np.ndarray | None, begin: np.ndarray | None) -> RunResult:
        self.limit = self.settings.steps or STEPS
        if self.resume is not None:
            self.taken, self.losses = self.resume.steps, [self.resume.losses[None]]
            self.limit += self.taken
        self.tell("start")
        opening = self.target if begin is not None else sample(self.target, _OPENING, self.settings.seed)
        starts = find_all(opening, self.families, self.settings, initial, begin)
        if self.resume is not None:
            starts = [replace(starts[0], whitens=self.resume.tree("whiten", starts[0].whitens))]
        plan = layout.make(self.target, self.families)
        found = time.perf_counter() - self.began
        if opening is self.target and all(self.settled(plan, start) for start in starts):
            ends = [Status.CONVERGED if start.mode or plan.size == 0 else Status.NO_MODE for start in starts]
            seconds = {"start": found, "compile": 0.0, "fit": 0.0}
            params = np.stack([plan.init(start.whitens) for start in starts])
            bounds = np.array([start.log_density for start in starts])
            return self.result(plan, starts, params, ends, seconds, (bounds, np.zeros(len(starts))))
        self.tell("compile")
        params = np.stack([plan.init(start.whitens) for start in starts])
        runner = Runner(self.recipe(plan, starts), [s.whitens for s in starts], params, self.settings.seed)
        if self.resume is not None:
            runner.restore(self.resume)
        if plan.size == 0:
            ends = [Status.CONVERGED if start.mode else Status.NO_MODE for start in starts]
        else:
            ends = self.by_rounds(runner, plan, starts) if self.settings.optimizer is None else self.by_user(runner)
        elbo = self.bound(runner, plan, starts)
        signals = self.signals(runner, elbo[1])
        ends = [end.with_gradient(one.motion) for end, one in zip(ends, signals, strict=True)]
        seconds = {"start": found, "compile": runner.compile_seconds}
        seconds["fit"] = time.perf_counter() - self.began - sum(seconds.values())
        return self.result(plan, starts, runner.params, ends, seconds, elbo, signals)

    def signals(self, runner: Runner, errors: np.ndarray) -> list[Signal]:
        """The gradient of each start at the end; of steps that see some members, where there are such.

        A gain matters where it is neither below the tolerance of the stopping rule nor hidden by the ``errors`` of the
        bounds. A fit that took no step began where all log weights are equal, and has nothing to gain.
        """
        if self.target.partial:
            runner.evaluate(Stream.EVALUATE, _LOOKS, self.taken)
        if self.flows:
            return [Signal()] * len(errors)
        tolerance = stopping.rule(self.settings.stop).tolerance if self.taken else np.inf
        matters = np.maximum(tolerance, 2 * np.nan_to_num(errors))
        found = zip(*runner.slopes, matters, strict=True)
        return [signal(total, squares, _LOOKS, float(least)) for total, squares, least in found]

    def bound(self, runner: Runner, plan: Layout, starts: list[Start]) -> tuple[np.ndarray, np.ndarray]:
        """The bound at the end: from all data, or where those are too many for that, from an epoch of steps."""
        batch = self.target.batch
        if batch is None or batch.whole:
            return _mean(-runner.evaluate(Stream.EVALUATE, _LOOKS, self.taken))
        recipe, whitens = self.recipe(plan.of_all(), starts), [start.whitens for start in starts]
        numbers = recipe.plan.particles * (effort.count(self.target.data) + plan.size)
        looks = min(_LOOKS, _WORK // max(1, numbers))
        if looks < _FEWEST_LOOKS:
            epoch = max(-(-axis.size // axis.rows) for axis in batch.axes)
            return _mean(-runner.evaluate(Stream.EVALUATE, max(_LOOKS, epoch), self.taken))
        whole = Runner(recipe, whitens, runner.params, self.settings.seed)
        whole.calibrate(Stream.COMPARE, looks)
        return _mean(-whole.evaluate(Stream.EVALUATE, looks, self.taken))

    def settled(self, plan: Layout, start: Start) -> bool:
        """Whether the start is the answer already: only points, at their mode."""
        at_mode = self.target.explicit is None and not self.target.neural
        points = at_mode and all(part.row.point for part in plan.parts)
        return points and self.settings.optimizer is None and (start.mode or plan.size == 0 or bool(plan.parts))

    def recipe(self, plan: Layout, starts: list[Start]) -> Recipe:
        row, arguments = bounds.row_of(self.settings.objective)
        particles = self.settings.particles or row.particles(arguments)
        if self.settings.optimizer is None:
            optimizer = adam(-1.0)
        else:
            optimizer = optimizers.build(self.settings.optimizer, self.limit)
        chunk = max(1, min(self.settings.chunk, self.limit))
        shape = Plan(chunk, particles, View(plan).noise)
        return Recipe(
            plan,
            row,
            arguments,
            optimizer,
            shape,
            self.precision(plan, starts),
            noise.is_host(),
            mapped=particles > effort.alone(self.target.squares),
            annealing=self.annealing,
            baseline=baselines.of(self.settings.baseline),
            many=len(starts) > 1,
        )

    def precision(self, plan: Layout, starts: list[Start]) -> str:
        """Float64 where it costs little or is needed for its digits; float32 otherwise."""
        if self.settings.precision is not None:
            return self.settings.precision
        numbers = effort.count(self.target.data) + self.target.cells + plan.size
        whitens = (whiten for start in starts for whiten in start.whitens)
        far = any(np.any(np.abs(whiten.loc) > OUT_OF_DIGITS * whiten.scale) for whiten in whitens)
        return "float64" if far or numbers <= _SMALL else "float32"

    @property
    def flows(self) -> bool:
        """Whether parameters follow a flow of their own, which may lower what the others raise."""
        return any(FAMILIES[use.name].flow for use in self.families)

    def exact(self, plan: Layout, starts: list[Start], params: np.ndarray, losses: np.ndarray) -> bool:
        """Whether the guide that the start proposes is the posterior: where all log weights are equal, nothing is left
        to gain, and steps would only add their noise.

        Of draws in pairs, mirror images of each other, whatever is odd cancels; so that they are only asked first.
        """
        sampled = all(part.family.entropy is None and part.family.branches == 1 for part in plan.parts)
        alone = self.target.explicit is None and len(self.target.theta) == 0
        if not (plan.parts and sampled and alone and np.all(np.std(losses, axis=1) < _EQUAL)):
            return False
        recipe = self.recipe(plan, starts)
        recipe = replace(recipe, plan=replace(recipe.plan, antithetic=False))
        by_itself = Runner(recipe, [start.whitens for start in starts], params, self.settings.seed)
        spread = np.std(by_itself.evaluate(Stream.COMPARE), axis=1) * np.sqrt(recipe.plan.particles)
        return bool(np.all(spread < _EQUAL))

    def by_rounds(self, runner: Runner, plan: Layout, starts: list[Start]) -> list[Status]:
        """The default: Adam in rounds, each with a step size that falls to zero along a cosine.

        After each round the parameters are compared with the best so far under the same noise; the run ends when a
        round gains nothing, and the rounds grow so that slow progress is given time. Several starts go on together
        until none of them gains anything.
        """
        rule = stopping.rule(self.settings.stop)
        best, best_losses = runner.params, runner.calibrate(Stream.COMPARE)
        if self.exact(plan, starts, best, best_losses):
            return [Status.CONVERGED] * len(best)
        # Adam moves every parameter by its rate, whatever the noise; many of them together must stay within a nat or
        # so.
        rate = np.full(len(best), min(RATE, _REACH / np.sqrt(best.shape[1])))
        length, flows = min(_FIRST_ROUND, -(-(self.limit - self.taken) // 2)), self.flows
        if self.resume is not None and "rate" in self.resume.arrays:
            rate, length = self.resume.arrays["rate"], int(self.resume.arrays["length"])
        calm, still = np.zeros(len(best), int), np.zeros(len(best), bool)
        try:
            if self.annealing is not None and self.taken < self.annealing.steps:
                # What another bound has led to is no worse for a lower value of the one that is wanted.
                self.round(runner, rate, self.annealing.steps - self.taken)
                best, best_losses = runner.params, runner.calibrate(Stream.COMPARE)
            while self.taken < self.limit:
                left = self.limit - self.taken
                length = left if left < 1.5 * length else length
                runner.place(best)
                self.round(runner, rate, length)
                losses = runner.evaluate(Stream.COMPARE)
                won, error = stopping.gain(best_losses, losses)
                wild = stopping.wild(best_losses, losses)
                if np.any(better := ((won > -2 * error) & ~wild) | (flows & np.isfinite(won))):
                    best = np.where(better[:, None], runner.params, best)
                    runner.place(best)
                    best_losses = np.where(better[:, None], runner.calibrate(Stream.COMPARE), best_losses)
                still = (self.taken >= _FEWEST) & ~wild & (np.abs(won) <= np.maximum(rule.tolerance, 2 * error))
                # One precise comparison is enough; where noise hides the gain, the next round must agree.
                calm = np.where(still, calm + np.where(error <= rule.tolerance, rule.patience, 1), 0)
                if rule.active and np.all(calm >= rule.patience):
                    break
                rate = np.where(~still & (won < 0) & (not flows), rate / 4, rate)
                length *= 2
        except KeyboardInterrupt:
            won, _ = stopping.gain(best_losses, runner.evaluate(Stream.COMPARE))
            runner.place(np.where((won > 0)[:, None], runner.params, best))
            return [Status.INTERRUPTED] * len(best)
        runner.place(best)
        self.remember(runner, rate=rate, length=np.asarray(length))
        return [Status.CONVERGED if one else Status.NOT_CONVERGED for one in still]

    def remember(self, runner: Runner, **more: np.ndarray) -> None:
        """Keeps where the run stands, for another that goes on; several starts are not gone on with."""
        arrays = runner.stand()
        if len(arrays["strength"]) == 1 and self.losses:
            self.stand = Stand({**arrays, **more}, np.concatenate(self.losses, axis=1)[0])

    def round(self, runner: Runner, rate: np.ndarray, length: int) -> None:
        """Steps of a size that falls to zero."""
        rates = -0.5 * rate[:, None] * (1 + np.cos(np.pi * np.arange(length) / length))
        chunk = runner.capacity
        for first in range(0, length, chunk):
            some = rates[:, first : first + chunk]
            self.advance(runner, some, (first + np.arange(some.shape[1])) / length)

    def by_user(self, runner: Runner) -> list[Status]:
        """The user's optimiser, with the parameters averaged over the last quarter unless its step size decays."""
        assert self.settings.optimizer is not None
        rule = stopping.rule(self.settings.stop, active=self.settings.steps is None)
        decays = optimizers.decays(self.settings.optimizer)
        first = runner.evaluate(Stream.COMPARE) if self.resume is not None else runner.calibrate(Stream.COMPARE)
        totals: list[tuple[int, np.ndarray]] = []
        calm, interrupted = np.zeros(len(first), int), False
        other = 0 if self.annealing is None else self.annealing.steps
        try:
            while self.taken < self.limit:
                count = min(runner.capacity, self.limit - self.taken)
                runner.forget_total()
                self.advance(runner, np.ones((len(first), count)), (self.taken + np.arange(count)) / self.limit)
                if self.taken > other:
                    totals.append((count, runner.total))
                del totals[: -max(1, -(-self.limit // (4 * runner.capacity)))]
                losses = np.concatenate(self.losses, axis=1)[:, other:]
                falling = np.array([stopping.still_falling(one, rule.tolerance) for one in losses])
                calm = np.where(falling, 0, calm + 1)
                if rule.active and not decays and np.all(calm >= rule.patience):
                    break
        except KeyboardInterrupt:
            interrupted = True
        self.remember(runner)
        if totals and not self.flows and (not decays if self.settings.average is None else self.settings.average):
            self.average(runner, totals)
        lost, error = stopping.gain(runner.evaluate(Stream.COMPARE), first)
        if interrupted:
            return [Status.INTERRUPTED] * len(first)
        ends = [Status.CONVERGED if one else Status.NOT_CONVERGED for one in calm]
        worse = (lost > np.maximum(rule.tolerance, 3 * error)) & (not self.flows)
        return [Status.DIVERGED if bad else end for bad, end in zip(worse, ends, strict=True)]

    def average(self, runner: Runner, totals: list[tuple[int, np.ndarray]]) -> None:
        """Puts the mean of the latest iterates in place of the last one, if it is better under the same noise."""
        last, losses = runner.params, runner.evaluate(Stream.COMPARE)
        recent = max(1, min(len(totals), -(-self.taken // (4 * runner.capacity))))
        steps = sum(count for count, _ in totals[-recent:])
        mean = np.sum([total for _, total in totals[-recent:]], axis=0) / steps
        runner.place(mean)
        worse = stopping.gain(losses, runner.evaluate(Stream.COMPARE))[0] < 0
        if np.any(worse):
            runner.place(np.where(worse[:, None], last, mean))

    def advance(self, runner: Runner, rates: np.ndarray, progress: np.ndarray) -> None:
        before, began = self.taken, time.perf_counter()

        def look(done: int, losses: np.ndarray) -> None:
            self.taken = before + done
            self.losses.append(losses)
            speed = done / max(time.perf_counter() - began, 1e-9)
            reached = np.mean(losses, axis=1)
            self.tell("fit", float(np.max(-reached[np.isfinite(reached)], initial=-np.inf)), speed)

        runner.advance(rates, progress, before, look)

    def tell(self, phase: str, elbo: float = float("nan"), speed: float = 0.0) -> None:
        self.progress(Progress(self.taken, self.limit, elbo, speed, time.perf_counter() - self.began, phase))

    def result(
        self,
        plan: Layout,
        starts: list[Start],
        params: np.ndarray,
        ends: list[Status],
        seconds: dict[str, float],
        elbo: tuple[np.ndarray, np.ndarray],
        signals: Sequence[Signal] = (),
    ) -> RunResult:
        """The fit from the start that led to the highest bound."""
        values, errors = elbo
        best = int(np.argmax(np.where(np.isfinite(values), values, -np.inf)))
        losses = np.concatenate(self.losses, axis=1)[best] if self.losses else np.zeros(0)
        start, chosen = starts[best], params[best]
        return RunResult(
            chosen,
            plan.model_parameters(chosen, start.whitens),
            chosen[plan.phi],
            self.families,
            start.whitens,
            losses,
            ends[best],
            self.taken,
            seconds,
            (float(values[best]), float(errors[best])),
            self.precision(plan, starts),
            self.settings.seed,
            start.messages,
            tuple(map(float, values)) if len(starts) > 1 else (),
            signals[best] if signals else Signal(),
            self.stand,
        )


def _mean(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means along the last axis, and their standard errors."""
    return np.mean(values, axis=1), np.std(values, axis=1, ddof=1) / np.sqrt(values.shape[1])
