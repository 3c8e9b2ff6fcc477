"""Modes where the density has a kink, as under Laplace priors: no curvature is there, and the gradient jumps to zero.

Source: Lewis & Overton (2013), Nonsmooth optimization via quasi-Newton methods, for the search and the certificate.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..lazy import np
from .search import Evaluate, Point, evaluate_one, is_finite, line_search

_STEPS = 3_000
_NEAR = 1e-6
"""Distance, in tenths of the size of a coordinate, within which slopes count as those at one place."""

_GAIN = 1e-3
"""Nats that moving a coordinate by that tenth may still promise."""

_JUMP = 1e-2
"""Nats by which slopes on the two sides of a kink differ over the same distance."""


class Kinked(NamedTuple):
    """A mode, and at which coordinates the slopes around it differ."""

    point: Point
    jumps: np.ndarray


def mode(evaluate: Evaluate, near: Point, source: np.random.Generator) -> Kinked | None:
    """The mode near a point, where some mean of the slopes around it is zero; ``None`` where none was reached.

    Args:
        evaluate: the potential.
        near: where another search has ended; at a kink itself no line search could begin.
        source: of the step aside.
    """
    scale = 0.1 * np.maximum(1.0, np.abs(near.x))
    aside = evaluate_one(evaluate, near.x + 0.1 * scale * source.standard_normal(len(scale)))
    if not is_finite(aside):
        return None
    path = list(_descent(evaluate, aside))
    end = min((near, path[-1]), key=lambda point: point.potential)
    close = [one.gradient for one in [near, *path] if np.all(np.abs(one.x - end.x) <= _NEAR * scale)]
    slopes = _around(evaluate, end, scale, np.stack(close) * scale)
    return None if slopes is None else Kinked(end, np.ptp(slopes, axis=0) > _JUMP)


def _around(evaluate: Evaluate, end: Point, scale: np.ndarray, slopes: np.ndarray) -> np.ndarray | None:
    """Slopes around a point some mean of which is zero; ``None`` where one of them leads downhill.

    As in a bundle method each further slope is from where the shortest mean of those so far promises most.
    """
    for _ in range(4 * len(scale) + 20):
        mean = _shortest_mean(slopes)
        length = float(np.linalg.norm(mean))
        if length < _GAIN:
            return slopes
        there = evaluate_one(evaluate, end.x - _NEAR * scale * mean / length)
        if not is_finite(there) or there.gradient * scale @ mean > 0.5 * length**2:
            return None
        slopes = np.vstack([slopes, there.gradient * scale])
    return None


def _descent(evaluate: Evaluate, start: Point) -> Iterator[Point]:
    """The path of BFGS, whose approximate curvature grows without bound across kinks and so learns where they are."""
    here, inverse = start, None
    yield here
    for _ in range(_STEPS):
        direction = _first(here) if inverse is None else -inverse @ here.gradient
        there = line_search(evaluate, here, direction)
        if there is None or there.potential == here.potential:
            return
        move, change = there.x - here.x, there.gradient - here.gradient
        here = there
        yield here
        product = float(move @ change)
        if product <= 1e-14 * np.linalg.norm(move) * np.linalg.norm(change):
            continue
        if inverse is None:
            inverse = np.eye(len(move)) * (product / (change @ change))
        moved = inverse @ change
        inverse = inverse + np.outer(move, move) * (1 + change @ moved / product) / product
        inverse -= (np.outer(move, moved) + np.outer(moved, move)) / product


def _first(here: Point) -> np.ndarray:
    return -here.gradient / max(1.0, float(np.linalg.norm(here.gradient)))


def _shortest_mean(slopes: np.ndarray) -> np.ndarray:
    """The shortest weighted mean of the rows."""
    from scipy.optimize import nnls

    size = max(1.0, float(np.max(np.abs(slopes))))
    weights, _ = nnls(np.vstack([slopes.T / size, np.ones(len(slopes))]), np.append(np.zeros(slopes.shape[1]), 1.0))
    return weights @ slopes / np.sum(weights)
