"""Minimisation on the host: L-BFGS with a weak Wolfe line search, and Newton's method in a basis that it whitens.

All functions see the target through an :data:`Evaluate`, one compiled program that takes a batch of points, so that a
Hessian by central differences costs no compilation. Everything is float64 NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from ..lazy import np

Evaluate = Callable[["np.ndarray"], tuple["np.ndarray", "np.ndarray"]]
"""``points[n, D] -> (potential[n], gradient[n, D])``; the potential is minus the log density."""

_STEP = 1e-3
"""Step of central differences, in local standard deviations: truncation and rounding are both about 1e-7 there."""

_FLOOR = 1e-8
"""Least relative curvature that one Newton step believes; the next one sees the direction stretched and looks again."""

_LONGEST = 1e8
"""Standard deviations beyond which a direction counts as flat."""


_ABSURD = 1e100
"""Curvature beyond which arithmetic overflows: no place for a Gaussian."""


_Found = TypeVar("_Found")


class Point(NamedTuple):
    """A place with its potential and gradient."""

    x: np.ndarray
    potential: float
    gradient: np.ndarray


@dataclass(frozen=True, slots=True)
class Local:
    """The Gaussian that the curvature at a point suggests.

    Args:
        point: where.
        basis: a root of its covariance, ``[D, D]``: ``basis @ basis.T``.
        convex: whether the curvature was positive in all directions.
        settled: whether the basis had been refined until the curvature in it was the identity.
        flat: directions (columns of ``[D, k]``) in which the potential does not rise; bounded arbitrarily.
    """

    point: Point
    basis: np.ndarray
    convex: bool
    settled: bool
    flat: np.ndarray


def evaluate_one(evaluate: Evaluate, x: np.ndarray) -> Point:
    """The potential and its gradient at one point."""
    potential, gradient = evaluate(x[None])
    return Point(x, float(potential[0]), gradient[0])


def is_finite(point: Point) -> bool:
    """Whether the potential and all of its gradient are finite there."""
    return bool(np.isfinite(point.potential) and np.all(np.isfinite(point.gradient)))


def lbfgs(evaluate: Evaluate, start: Point, steps: int = 200, memory: int = 20) -> list[Point]:
    """The path of L-BFGS from a start to a stationary point, or as far as it gets."""
    return list(descent(evaluate, start, steps, memory))


def descent(evaluate: Evaluate, start: Point, steps: int = 200, memory: int = 20) -> Iterator[Point]:
    """The same path point by point, so that one which falls behind others can be left.

    Source: Nocedal & Wright (2006), algorithm 7.5; line search of Lewis & Overton (2013).
    """
    here = start
    yield here
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    for _ in range(steps):
        direction = -_two_loop(here.gradient, pairs)
        if not pairs:
            direction /= max(1.0, float(np.linalg.norm(here.gradient)))
        there = line_search(evaluate, here, direction)
        if there is None:
            if not pairs:
                break
            pairs.clear()
            continue
        move, change = there.x - here.x, there.gradient - here.gradient
        if move @ change > 1e-12 * np.linalg.norm(move) * np.linalg.norm(change):
            pairs.append((move, change))
            del pairs[:-memory]
        gain, here = here.potential - there.potential, there
        yield here
        if np.max(np.abs(here.gradient)) < 1e-7 * max(1.0, abs(here.potential)):
            break
        if gain < 1e-10 * max(1.0, abs(here.potential + gain)):
            break


def spaced(path: Sequence[_Found], most: int) -> list[_Found]:
    """At most ``most`` members of a path, evenly spaced and with both ends; of one, the last."""
    if not path or most < 1:
        return []
    picks = np.unique(np.linspace(0, len(path) - 1, most).round().astype(int)) if most > 1 else [-1]
    return [path[pick] for pick in picks]


def _two_loop(gradient: np.ndarray, pairs: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    direction = gradient.copy()
    weights: list[float] = []
    for move, change in reversed(pairs):
        weights.append(float(move @ direction / (move @ change)))
        direction = direction - weights[-1] * change
    if pairs:
        move, change = pairs[-1]
        direction = direction * (move @ change) / (change @ change)
    for (move, change), weight in zip(pairs, reversed(weights), strict=True):
        direction = direction + (weight - change @ direction / (move @ change)) * move
    return direction


def line_search(evaluate: Evaluate, here: Point, direction: np.ndarray) -> Point | None:
    """A point of sufficient decrease and flattened slope; ``None`` when the direction yields nothing."""
    slope = float(here.gradient @ direction)
    if not slope < 0:
        return None
    low, high, step = 0.0, np.inf, 1.0
    best: Point | None = None
    for _ in range(40):
        there = evaluate_one(evaluate, here.x + step * direction)
        if not is_finite(there) or there.potential > here.potential + 1e-4 * step * slope:
            high = step
        else:
            best = there
            if there.gradient @ direction >= 0.9 * slope:
                return there
            low = step
        step = 2 * low if np.isinf(high) else 0.5 * (low + high)
        if high - low < 1e-12 * high:
            break
    return best


def hessian_in(evaluate: Evaluate, x: np.ndarray, basis: np.ndarray) -> np.ndarray | None:
    """``basis.T @ H @ basis`` by central differences of the gradient along the columns; ``None`` where not finite."""
    for step in (_STEP, 0.05 * _STEP):
        moves = step * basis.T
        _, gradients = evaluate(np.concatenate([x + moves, x - moves]))
        size = len(x)
        curvature = (gradients[:size] - gradients[size:]) @ basis / (2 * step)
        if np.all(np.abs(curvature) < _ABSURD):
            return 0.5 * (curvature + curvature.T)
    return None


class _Spectrum(NamedTuple):
    values: np.ndarray
    columns: np.ndarray


def _spectrum(curvature: np.ndarray, rough: bool) -> _Spectrum | None:
    """Eigenvalues of the curvature scaled to a unit diagonal, and the columns in which it is diagonal with these.

    ``None`` where its entries span more orders of magnitude than a decomposition can resolve.

    In a rough basis the diagonal may differ by many orders of magnitude because of units; in a refined one what is tiny
    is rounding, and must not be scaled up to count as curvature.
    """
    least = (1e-30 if rough else 1e-10) * max(float(np.abs(curvature).max()), 1e-300)
    scale = np.sqrt(np.maximum(np.abs(np.diagonal(curvature)), least))
    try:
        values, vectors = np.linalg.eigh(curvature / np.outer(scale, scale))
    except np.linalg.LinAlgError:
        return None
    return _Spectrum(values, vectors / scale[:, None])


def rough_basis(x: np.ndarray) -> np.ndarray:
    """A first guess of the local scale of each coordinate, from its size alone."""
    return np.diag(0.1 * np.maximum(1.0, np.abs(x)))


def local_gaussian(evaluate: Evaluate, point: Point, basis: np.ndarray | None = None) -> Local | None:
    """The Gaussian with the (modified) curvature at a point, without moving."""
    start = rough_basis(point.x) if basis is None else basis
    local: Local | None = None
    for again in range(2):
        curvature = hessian_in(evaluate, point.x, start)
        spectrum = None if curvature is None else _spectrum(curvature, rough=not again)
        if spectrum is None:
            return local
        local = _modified(point, start, spectrum, settled=False)
        start = local.basis
    return local


def newton(evaluate: Evaluate, start: Point, steps: int = 40) -> tuple[list[Local], bool]:
    """Newton's method with modified curvature; the locals of all iterates, and whether the last one is a mode.

    The basis in which the Hessian is taken is replaced by one in which it is the identity, so that each iteration
    resolves eight further orders of magnitude of ill-conditioning.

    Source: Nocedal & Wright (2006), section 3.4 (eigenvalue modification); whitening as in Zhang et al. (2022).
    """
    point, basis = start, rough_basis(start.x)
    locals_: list[Local] = []
    previous = np.inf
    for _ in range(steps):
        curvature = hessian_in(evaluate, point.x, basis)
        spectrum = None if curvature is None else _spectrum(curvature, rough=not locals_)
        if curvature is None or spectrum is None:
            return locals_, False
        near_identity = bool(np.max(np.abs(curvature - np.eye(len(curvature)))) < 0.02)
        local = _modified(point, basis, spectrum, settled=near_identity)
        locals_.append(local)
        basis = local.basis
        toward = basis.T @ point.gradient
        decrement = float(toward @ toward)
        if decrement < 1e-8 and near_identity:
            return locals_, True
        if decrement < 1e-8 and local.flat.shape[1]:
            return locals_, local.convex
        there = _backtrack(evaluate, point, -basis @ toward, -decrement)
        if there is None:
            # Rounding of the potential hides the last of the descent.
            done = decrement < 1e-4 * max(1.0, 1e-9 * abs(point.potential)) and previous < 1e-2
            if done and near_identity:
                return locals_, True
            if not done:
                return locals_, False
            previous = decrement
            continue
        previous = decrement
        point = there
    return locals_, False


def _modified(point: Point, basis: np.ndarray, spectrum: _Spectrum, settled: bool) -> Local:
    size = np.maximum(np.abs(spectrum.values), _FLOOR * max(float(np.abs(spectrum.values).max()), 1e-300))
    columns = basis @ (spectrum.columns / np.sqrt(size))
    lengths = np.max(np.abs(columns), axis=0)
    flat = lengths > _LONGEST * np.maximum(1.0, np.max(np.abs(point.x)))
    columns[:, flat] *= 10.0 / lengths[flat]
    convex = bool(np.all(spectrum.values[~flat] > 0))
    return Local(point, columns, convex, settled, columns[:, flat])


def _backtrack(evaluate: Evaluate, here: Point, direction: np.ndarray, slope: float) -> Point | None:
    step = 1.0
    for _ in range(40):
        there = evaluate_one(evaluate, here.x + step * direction)
        if is_finite(there) and there.potential <= here.potential + 1e-4 * step * slope:
            return there
        step *= 0.3
    return None
