"""Which arrays are simplexes, ordered vectors, correlation matrices …, along their last axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..lazy import np
from ..types import Interval, Structure

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

TOLERANCE = 1e-6
"""How far sums, lengths and symmetric entries may be off: what a file written with seven digits keeps."""


def inside(interval: Interval, x: Array) -> Array:
    """Which entries are members of an interval; infinities never are."""
    with np.errstate(invalid="ignore"):
        good = np.isfinite(x)
        good &= x > interval.lower if interval.lower_open else x >= interval.lower
        good &= x < interval.upper if interval.upper_open else x <= interval.upper
        return good & (x == np.floor(x)) if interval.integer else good


def _sums_to_one(x: Array) -> Array:
    return np.abs(x.sum(-1) - 1) <= TOLERANCE


def _increases(x: Array) -> Array:
    return np.asarray((np.diff(x, axis=-1) > 0).all(-1))


def _positive_increases(x: Array) -> Array:
    return np.asarray(_increases(x) & (x > 0).all(-1))


def _has_length_one(x: Array) -> Array:
    return np.abs(np.square(x).sum(-1) - 1) <= TOLERANCE


def _sums_to_zero(x: Array) -> Array:
    return np.abs(x.sum(-1)) <= TOLERANCE * np.maximum(1, np.abs(x).max(-1, initial=0))


def _is_cholesky(x: Array) -> Array:
    lower = (np.triu(x, 1) == 0).all((-1, -2))
    return lower & (np.diagonal(x, axis1=-2, axis2=-1) > 0).all(-1)


def _is_corr_cholesky(x: Array) -> Array:
    return _is_cholesky(x) & (np.abs(np.square(x).sum(-1) - 1) <= TOLERANCE).all(-1)


def _is_cov(x: Array) -> Array:
    scale = np.maximum(np.abs(x).max((-1, -2), initial=0), np.finfo(float).tiny)
    symmetric = np.abs(x - np.swapaxes(x, -1, -2)).max((-1, -2), initial=0) <= TOLERANCE * scale
    return symmetric & (np.linalg.eigvalsh((x + np.swapaxes(x, -1, -2)) / 2) > 0).all(-1)


def _is_corr(x: Array) -> Array:
    return _is_cov(x) & (np.abs(np.diagonal(x, axis1=-2, axis2=-1) - 1) <= TOLERANCE).all(-1)


TESTS: dict[Structure, Callable[[Array], Array]] = {
    Structure.SIMPLEX: _sums_to_one,
    Structure.ORDERED: _increases,
    Structure.POSITIVE_ORDERED: _positive_increases,
    Structure.UNIT_VECTOR: _has_length_one,
    Structure.ZERO_SUM: _sums_to_zero,
    Structure.CHOLESKY: _is_cholesky,
    Structure.CORR_CHOLESKY: _is_corr_cholesky,
    Structure.COV: _is_cov,
    Structure.CORR: _is_corr,
}
"""For each structure, whether each of a batch of finite arrays has it."""


def _first_unit(n: int) -> Array:
    return np.eye(n)[0] if n else np.zeros(0)


HARMLESS: dict[Structure, Callable[[int], Array]] = {
    Structure.SIMPLEX: lambda n: np.full(n, 1 / max(n, 1)),
    Structure.ORDERED: lambda n: np.arange(n, dtype=float),
    Structure.POSITIVE_ORDERED: lambda n: np.arange(n, dtype=float) + 1,
    Structure.UNIT_VECTOR: _first_unit,
    Structure.ZERO_SUM: lambda n: np.zeros(n),
    **dict.fromkeys(
        (Structure.CHOLESKY, Structure.CORR_CHOLESKY, Structure.COV, Structure.CORR), lambda n: np.eye(n)
    ),
}
"""For each structure, a value of ``n`` elements (or ``n`` by ``n``) that has it, to stand where nothing is known."""
