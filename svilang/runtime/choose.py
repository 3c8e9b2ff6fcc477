"""Which point and local Gaussian to start from: the mode where it is any good, else the best on the way to it.

Source: Zhang, Carpenter, Gelman & Vehtari (2022), Pathfinder, for the choice by evidence lower bound along a path;
Giordano, Ingram & Broderick (2024) for bounds over fixed draws; Opper & Archambeau (2009) for the conditions that the
best Gaussian meets.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import islice
from typing import TypeVar

from ..lazy import np
from . import kinks
from .guides.gaussian import LOG_2PI
from .noise import Starting, Stream, generator
from .search import (
    Evaluate,
    Local,
    Point,
    descent,
    evaluate_one,
    hessian_in,
    is_finite,
    lbfgs,
    local_gaussian,
    newton,
    rough_basis,
    spaced,
)
from .whitening import conditional_root, lower_root

DENSE = 500
"""Most coordinates for which a full Hessian is taken."""

MOST_CURVED = 2_000
"""The same where the curvature is the answer, and not only a place to start from."""

_DRAWS = 32
_FIXED = 16
_NARROW = 0.1
_FEW = 15
"""Coordinates up to which a round of refinement costs little."""

_SURELY = 1.0
"""Nats by which a start from farther off must be better than one nearby."""

_BESIDE = 5.0
"""Nats within which a lower mode has a share of the posterior that counts."""

_CANDIDATES = 12
_PROMISING = 3
_PROBES = 32
_MANY = 100
_ROUNDS = 30
_CATCHING_UP = 5
"""Rounds within which what begins far off must reach a mode, at the gain of the last one: it gains slowly at first."""

_PAIRS = 4
_LEVEL = 1e-3
"""Nats within which two paths end at one mode."""

_SAME = 0.02
"""Nats below which a bound is as good as another."""

_GAIN = 0.1
"""The same where a round of refinement is dear: the fit finds the rest sooner."""

_LEAST_CURVATURE = 0.05
_MOST_EVALUATIONS = 200_000
_ROUNDED = 1e-12
"""Spread relative to the centre below which differences between coordinates are mostly rounding."""

_PATHS = 3
_THOROUGH = 600
"""Evaluations for each coordinate that the thorough search takes."""

_MOST_CELLS = 2_000_000_000
"""Numbers up to which that search is worth its time: some seconds."""

_HEATS = ((4, 60), (1, 140))
"""Where it is not: how many paths go on, and for how many steps."""

_CURVATURE = 40
"""Evaluations for each coordinate, ten times as many as the curvature takes there: a part of the time."""


class Aim(Enum):
    """What the Gaussian is for: a start with the best bound, one beside variables that are points, or the answer."""

    BOUND = auto()
    START = auto()
    CURVATURE = auto()
    MODE = auto()

    @property
    def answer(self) -> bool:
        return self in (Aim.CURVATURE, Aim.MODE)


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A Gaussian to start from.

    Args:
        x: its centre.
        root: a root of its covariance, ``[D, D]``, or its standard deviations, ``[D]``.
        potential: minus the log density at the centre.
        elbo: evidence lower bound of the Gaussian, from a few draws.
        mode: whether the centre is a mode with positive curvature.
        flat: directions in which the log density does not fall off, ``[D, k]``.
        kinks: the coordinates along which the mode that was found has a kink.
    """

    x: np.ndarray
    root: np.ndarray
    potential: float
    elbo: float
    mode: bool
    flat: np.ndarray
    kinks: np.ndarray | None = None

    @property
    def shortfall(self) -> float:
        """How far the bound stays below the evidence that a Gaussian peak of this height and width would have."""
        return _peak(self.x, self.root, self.potential) - self.elbo


@dataclass(frozen=True, slots=True, eq=False)
class Chooser:
    """The strategy, for one target.

    Args:
        evaluate: the potential.
        latent: how many of the coordinates are random; those after them are parameters, which have no spread.
        seed: of the draws that estimate bounds.
        aim: what it is for.
        most: coordinates for which a full Hessian is taken.
        centre: a point in the middle of the prior, if there is any; found only where the search needs it.
        cells: numbers that one evaluation goes through, where these are many.
        peaked: whether a mode may be a narrow peak with little mass, so that something wide is tried beside it.
    """

    evaluate: Evaluate
    latent: int
    seed: int
    aim: Aim = Aim.BOUND
    most: int = DENSE
    centre: Callable[[], np.ndarray | None] = lambda: None
    cells: int = 0
    peaked: bool = False

    def at(self, point: Point) -> Candidate:
        """The Gaussian with the modified curvature at a point that stays where it is."""
        if len(point.x) > self.most:
            return self._candidate(point, self._scales(point), mode=False)
        local = local_gaussian(self.evaluate, point)
        return self._candidate(point, rough_basis(point.x) if local is None else local.basis, mode=False)

    def around(self, point: Point, root: np.ndarray) -> Candidate:
        """A Gaussian that was found elsewhere; its centre is where it belongs."""
        return self._candidate(point, root, mode=True)

    def best(self, points: Sequence[Point]) -> tuple[Candidate, Point]:
        """The Gaussian to start from, and where the search for the mode ended; what is not downhill begins at few."""
        refine = self.aim is Aim.BOUND
        if len(points[0].x) <= self.most and refine and _THOROUGH * len(points[0].x) * self.cells > _MOST_CELLS:
            path = self._first_of(points)
            return self._best_at_the_end(path), path[-1]
        paths = sorted((lbfgs(self.evaluate, point) for point in points), key=_end)
        paths, points = paths[:_PATHS], points[:_PATHS]
        if len(points[0].x) > self.most:
            return self._best_of_many(paths[0]), paths[0][-1]
        found: list[Candidate] = []
        visited: list[Local] = []
        for path in _distinct(paths, _end, _LEVEL)[: 1 if len(points[0].x) > _MANY else None]:
            locals_, mode = newton(self.evaluate, path[-1])
            visited += locals_
            if mode:
                last = locals_[-1]
                found.append(self._candidate(last.point, last.basis, mode=True, flat=last.flat))
        standing = [one for one in found if self.aim.answer or one.shortfall < 1 + 0.1 * self.latent]
        end = visited[-1].point if visited else paths[0][-1]
        if standing:
            best = max(standing, key=_bound)
            beside = [candidate for candidate in standing if candidate.elbo > best.elbo - _BESIDE]
            wide = refine and self.latent == len(end.x)
            if wide and len(beside) > 1:
                best = max(best, self._across(beside), key=_bound)
            if wide and self.peaked:
                far = self._far(points, best.elbo)
                best = replace(far, mode=True) if far.elbo > best.elbo + _SURELY else best
            return best, end
        kinked = self._kinked(end) if self.aim.answer else None
        if kinked is not None and self.aim is Aim.MODE:
            return self._candidate(kinked.point, rough_basis(kinked.point.x), mode=True), end
        local = max([*found, *self._on_the_way(paths, visited)], key=_bound)
        local = replace(local, kinks=kinked and kinked.jumps)
        if not refine or self.latent < len(local.x):
            return local, end
        # From farther off, where the neck that a mode runs away through does not count, comes the best of independent
        # normals; what began near the mode is followed only while it may still catch up. The bounds of Gaussians have
        # several tops, so that wide ones are tried as well where a round costs little.
        far = self._far(points)
        few = points if len(points[0].x) <= _FEW else ()
        wide = [self._candidate(point, np.eye(len(point.x)), mode=False) for point in few]
        rival = -math.inf if few else far.elbo - _SURELY
        near = max((self._refined(candidate, rival) for candidate in (local, *wide)), key=_bound)
        return replace(near if near.elbo > far.elbo - _SURELY else far, mode=bool(found)), end

    def _kinked(self, near: Point) -> kinks.Kinked | None:
        return kinks.mode(self.evaluate, near, generator(self.seed, Stream.START, Starting.SCATTER))

    def _first_of(self, points: Sequence[Point]) -> list[Point]:
        """The path that was ahead of the others each time that some of them were left."""
        runs = [(descent(self.evaluate, point), list[Point]()) for point in points]
        for run, path in runs:
            path.append(next(run))
        for keep, steps in _HEATS:
            runs = sorted(runs, key=lambda run: _end(run[1]))[:keep]
            for run, path in runs:
                path += islice(run, steps)
        return runs[0][1]

    def _across(self, modes: Sequence[Candidate]) -> Candidate:
        """The Gaussian with the mean and covariance of several modes together, moved to where its bound is best."""
        weights = np.exp([mode.elbo - max(one.elbo for one in modes) for mode in modes])
        weights = weights / np.sum(weights)
        mean = np.sum([w * mode.x for w, mode in zip(weights, modes, strict=True)], axis=0)
        roots = [np.sqrt(w) * np.column_stack([m.root, m.x - mean]) for w, m in zip(weights, modes, strict=True)]
        point = self._evaluated(mean)
        if point is None:
            return modes[0]
        return replace(self._refined(self._candidate(point, lower_root(np.hstack(roots)), mode=True)), mode=True)

    def _spread_out(self, points: Sequence[Point]) -> list[Candidate]:
        """The best independent normals on from the first starting point, and from the middle of the prior."""
        centre = self.centre()
        middle = None if centre is None else self._evaluated(centre)
        return [self._independent(point) for point in (points[0], *([] if middle is None else [middle]))]

    def _far(self, points: Sequence[Point], rival: float = -math.inf) -> Candidate:
        """The best Gaussian on from these, each followed while it may still reach the bound of a rival."""
        apart = _distinct(self._spread_out(points), _bound, _SAME)
        starts = [replace(one, root=np.diag(one.root)) for one in apart]
        return max((self._refined(start, rival, _CATCHING_UP) for start in starts), key=_bound)

    def _independent(self, point: Point) -> Candidate:
        """The independent normals with the best bound over a few fixed draws."""
        size = len(point.x)
        half = generator(self.seed, Stream.START, Starting.SUGGESTED).standard_normal((_FIXED // 2, size))
        bound = _over_draws(self.evaluate, np.concatenate([half, -half]))
        begin = evaluate_one(bound, np.concatenate([point.x, np.full(size, np.log(_NARROW))]))
        if not is_finite(begin):
            return self._candidate(point, np.ones(size), mode=False)
        centre, log_scale = np.split(lbfgs(bound, begin)[-1].x, 2)
        return self._candidate(evaluate_one(self.evaluate, centre), np.exp(log_scale), mode=False)

    def _refined(self, candidate: Candidate, rival: float = -math.inf, rounds: int = 1) -> Candidate:
        """Newton's method on the bound: where it is highest, the mean gradient is 0 and the precision the mean
        Hessian. It is given up where a few rounds of the same gain would not reach the bound of a rival.
        """
        source = generator(self.seed, Stream.START, Starting.NEWTON)
        size = len(candidate.x)
        affordable = _MOST_EVALUATIONS // (4 * _PAIRS * size)
        for _ in range(min(_ROUNDS, affordable)):
            step = self._averages(candidate, source.standard_normal((_PAIRS, size)))
            moved = None if step is None else self._better(candidate, *step)
            if moved is None:
                break
            gain, candidate = moved.elbo - candidate.elbo, moved
            if gain < (_GAIN if size > _FEW else _SAME) or candidate.elbo + rounds * gain < rival:
                break
        return candidate

    def _averages(self, candidate: Candidate, half: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Mean gradient and mean Hessian over draws of a Gaussian, in its own units."""
        gradients: list[np.ndarray] = []
        hessians: list[np.ndarray] = []
        for noise in np.concatenate([half, -half]):
            x = candidate.x + candidate.root @ noise
            hessian = hessian_in(self.evaluate, x, candidate.root)
            _, gradient = self.evaluate(x[None])
            if hessian is not None and np.all(np.isfinite(gradient)):
                gradients.append(candidate.root.T @ gradient[0])
                hessians.append(hessian)
        if len(gradients) <= _PAIRS:
            return None
        return np.mean(gradients, axis=0), np.mean(hessians, axis=0)

    def _better(self, candidate: Candidate, gradient: np.ndarray, hessian: np.ndarray) -> Candidate | None:
        """The Gaussian after the longest damped step that raises the bound."""
        for rate in (1.0, 0.5, 0.2, 0.05, 0.01):
            precision = (1 - rate) * np.eye(len(gradient)) + rate * hessian
            values, columns = np.linalg.eigh(precision)
            values = np.maximum(values, _LEAST_CURVATURE)
            moved = self._evaluated(candidate.x - rate * candidate.root @ (columns @ (columns.T @ gradient / values)))
            if moved is None:
                continue
            root = candidate.root @ (columns / np.sqrt(values))
            found = self._candidate(moved, root, mode=False, flat=candidate.flat)
            if found.elbo > candidate.elbo:
                return found
        return None

    def _on_the_way(self, paths: list[list[Point]], visited: list[Local]) -> list[Candidate]:
        """Gaussians at points of the paths, of many coordinates those whose scales alone promise most, and wherever the
        curvature is known.
        """
        points = [point for path in paths for point in spaced(path, _CANDIDATES)]
        if len(points[0].x) > _FEW:
            promise = [self._candidate(point, self._scales(point), mode=False).elbo for point in points]
            points = [points[i] for i in np.argsort(promise)[: -_PROMISING - 1 : -1]]
        found = [local_gaussian(self.evaluate, point) for point in points]
        known = [local for local in found if local is not None] + spaced(visited, _CANDIDATES)
        candidates = [one for local in known for one in self._around(local)]
        return candidates or [self.at(paths[0][0])]

    def _around(self, local: Local) -> list[Candidate]:
        """The local Gaussian at its point, and centred where a Newton step would lead."""
        point = local.point
        centre = point.x - local.basis @ (local.basis.T @ point.gradient)
        here = self._candidate(point, local.basis, mode=False, flat=local.flat)
        moved = self._evaluated(centre)
        return [here] if moved is None else [here, self._candidate(moved, local.basis, mode=False, flat=local.flat)]

    def _evaluated(self, x: np.ndarray) -> Point | None:
        potential, gradient = self.evaluate(x[None])
        return Point(x, float(potential[0]), gradient[0]) if np.isfinite(potential[0]) else None

    def _candidate(self, point: Point, root: np.ndarray, mode: bool, flat: np.ndarray | None = None) -> Candidate:
        none = np.zeros((len(point.x), 0))
        elbo = self._elbo(point, root)
        return Candidate(point.x, root, point.potential, elbo, mode, none if flat is None else flat)

    def _elbo(self, point: Point, root: np.ndarray) -> float:
        """Evidence lower bound of the Gaussian, ``-inf`` where draws leave the support or rounding hides the spread."""
        size = self.latent
        if size == 0:
            return -point.potential
        half = generator(self.seed, Stream.START, Starting.BOUND).standard_normal((_DRAWS // 2, size))
        noise = np.concatenate([half, -half])
        spread, log_det = _spread(root, size)
        widths = np.linalg.norm(spread, axis=1) if spread.ndim == 2 else spread
        if np.any(widths < _ROUNDED * np.maximum(1.0, np.abs(point.x[:size]))):
            return -np.inf
        draws = np.repeat(point.x[None], _DRAWS, axis=0)
        draws[:, :size] += noise @ spread.T if spread.ndim == 2 else noise * spread
        potentials, _ = self.evaluate(draws)
        weights = 0.5 * np.sum(noise**2, axis=1) - potentials + 0.5 * size * LOG_2PI + log_det
        return float(np.mean(weights)) if np.all(np.isfinite(weights)) else -np.inf

    def _best_of_many(self, path: list[Point]) -> Candidate:
        last = self._candidate(path[-1], self._scales(path[-1]), mode=True)
        if last.shortfall < 1 + 0.1 * self.latent:
            return last
        some = [self._candidate(point, self._scales(point), mode=False) for point in spaced(path, _CANDIDATES // 2)]
        spread = self._spread_out(path[:1]) if self.aim is Aim.BOUND and self.latent == len(last.x) else []
        return max([last, *some, *spread], key=_bound)

    def _best_at_the_end(self, path: list[Point]) -> Candidate:
        """The mode with its scales or its curvature, where evaluations are dear, or what of its path is better.

        With as much data as that, what is to be gained by further search is gained sooner by the fit.
        """
        last = path[-1]
        some = [self._candidate(last, self._scales(last), mode=True)]
        if _CURVATURE * len(last.x) * self.cells > _MOST_CELLS:
            return some[0]
        local = local_gaussian(self.evaluate, last)
        if local is not None:
            some.append(self._candidate(last, local.basis, mode=True, flat=local.flat))
        if max(some, key=_bound).shortfall >= 1 + 0.1 * self.latent:
            before = spaced(path, _CANDIDATES // 2)[:-1]
            some += [self._candidate(point, self._scales(point), mode=False) for point in before]
        return max(some, key=_bound)

    def _scales(self, point: Point) -> np.ndarray:
        """Conditional standard deviations from random probes of the Hessian's diagonal.

        Source: Bekas, Kokiopoulou & Saad (2007), an estimator of the diagonal of a matrix.
        """
        scale = 0.1 * np.maximum(1.0, np.abs(point.x))
        signs = generator(self.seed, Stream.START, Starting.DIAGONAL).choice([-1.0, 1.0], (_PROBES, len(point.x)))
        for step in (1e-4, 1e-3):
            moves = step * signs * scale
            _, gradients = self.evaluate(np.concatenate([point.x + moves, point.x - moves]))
            products = (gradients[:_PROBES] - gradients[_PROBES:]) * scale * signs / (2 * step)
            curvature = np.mean(products, axis=0)
            usable = np.isfinite(curvature) & (curvature > 1e-12)
            scale = np.where(usable, scale / np.sqrt(np.where(usable, curvature, 1.0)), scale)
        return scale


_Found = TypeVar("_Found")


def _end(path: Sequence[Point]) -> float:
    return path[-1].potential


def _bound(candidate: Candidate) -> float:
    return candidate.elbo


def _over_draws(evaluate: Evaluate, noise: np.ndarray) -> Evaluate:
    """Minus the bound of independent normals, by their means and log scales, over the same draws every time."""

    def bound(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values, slopes = np.empty(len(points)), np.empty(points.shape)
        for i, point in enumerate(points):
            centre, log_scale = np.split(point, 2)
            moves = np.exp(log_scale) * noise
            potentials, gradients = evaluate(centre + moves)
            values[i] = np.mean(potentials) - np.sum(log_scale)
            slopes[i] = np.concatenate([np.mean(gradients, axis=0), np.mean(gradients * moves, axis=0) - 1])
        return values, slopes

    return bound


def _spread(root: np.ndarray, latent: int) -> tuple[np.ndarray, float]:
    """A root of the covariance of the random coordinates given the parameters, and its log determinant."""
    if root.ndim == 1:
        return root[:latent], float(np.sum(np.log(root[:latent])))
    spread = root if latent == len(root) else conditional_root(root, range(latent))
    return spread, float(np.linalg.slogdet(spread)[1])


def _peak(x: np.ndarray, root: np.ndarray, potential: float) -> float:
    latent = len(x)
    return -potential + 0.5 * latent * LOG_2PI + _spread(root, latent)[1]


def _distinct(found: Sequence[_Found], height: Callable[[_Found], float], same: float) -> list[_Found]:
    """Those of different heights, of equal ones the first."""
    kept: list[_Found] = []
    for one in found:
        if not any(abs(height(one) - height(other)) < same for other in kept):
            kept.append(one)
    return kept
