"""Per-group statistics of outcomes, in NumPy float64.

Groups run along the first axis of every statistic; further axes of the outcomes follow.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...lazy import np

if TYPE_CHECKING:
    from numpy import ndarray


def group_sum(values: ndarray, group: ndarray, groups: int) -> ndarray:
    """Sums of ``values[N, …]`` within each group."""
    values = np.asarray(values, np.float64)
    columns = math.prod(values.shape[1:])
    cell = np.asarray(group, np.int64)[:, None] * columns + np.arange(columns)
    total = np.bincount(cell.ravel(), weights=values.ravel(), minlength=groups * columns)
    return total.reshape(groups, *values.shape[1:])


def group_count(values: ndarray, group: ndarray, groups: int) -> ndarray:
    """How many outcomes each group has, in the shape of the other statistics."""
    return group_sum(np.ones(np.shape(values)), group, groups)


def group_mean(values: ndarray, group: ndarray, groups: int) -> ndarray:
    """Means of ``values[N, …]`` within each group; 0 for a group without members."""
    return group_sum(values, group, groups) / np.maximum(group_count(values, group, groups), 1)


def collapse_moments(y: ndarray, group: ndarray, groups: int) -> tuple[ndarray, ...]:
    """Size, mean and sum of squared deviations from it."""
    y = np.asarray(y, np.float64)
    mean = group_mean(y, group, groups)
    return group_count(y, group, groups), mean, group_sum((y - mean[group]) ** 2, group, groups)


def log_factorial(y: ndarray) -> ndarray:
    """Log y!, computed once for each distinct value."""
    distinct, place = np.unique(np.asarray(y, np.float64), return_inverse=True)
    table = np.array([math.lgamma(value + 1) for value in distinct])
    return table[place].reshape(np.shape(y))


def collapse_levels(y: ndarray, group: ndarray, groups: int) -> tuple[ndarray, ndarray]:
    """The distinct outcomes of each group and how often each occurs, along a new last axis padded with none."""
    y = np.asarray(y, np.float64)
    columns = math.prod(y.shape[1:])
    cell = (np.asarray(group, np.int64)[:, None] * columns + np.arange(columns)).ravel()
    (cells, values), times = np.unique(np.stack([cell, y.ravel()]), axis=1, return_counts=True)
    cells = cells.astype(np.int64)
    slot = np.arange(len(cells)) - np.searchsorted(cells, cells)
    levels = np.zeros((groups * columns, int(slot.max(initial=0)) + 1))
    counts = np.zeros_like(levels)
    levels[cells, slot], counts[cells, slot] = values, times
    shape = (groups, *y.shape[1:], levels.shape[-1])
    return levels.reshape(shape), counts.reshape(shape)
