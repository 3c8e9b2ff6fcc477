"""Rows that are equal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .table import Array

WIDEST_ROW = 256
"""Columns beyond which rows are not compared."""


@dataclass(frozen=True, eq=False, slots=True)
class Groups:
    """Rows sorted into groups: the group of each row, how many groups there are, and one row of each."""

    of: Array
    count: int
    first: Array


def group_rows(columns: Iterable[Array], rows: int, most: int) -> Groups | None:
    """Groups of rows that are equal in every column, or ``None`` if there are more than ``most``.

    Args:
        columns: arrays whose first axis is the row.
        rows: how many rows there are.
        most: the largest number of groups that is of use.

    Example:
        >>> group_rows([np.array([1, 1, 2]), np.array([0.5, 0.5, 0.5])], 3, 2).of.tolist()
        [0, 0, 1]
    """
    of, count = np.zeros(rows, np.int64), min(rows, 1)
    flat = [column.reshape(rows, -1) for column in columns] if rows else []
    if count > most or sum(block.shape[1] for block in flat) > WIDEST_ROW:
        return None
    for block in flat:
        for one in block.T:
            values, codes = np.unique(one, return_inverse=True)
            distinct, of = np.unique(of * len(values) + codes, return_inverse=True)
            count = len(distinct)
            # A further column can only split groups.
            if count > most:
                return None
    first = np.zeros(count, np.int64)
    first[of[::-1]] = np.arange(rows - 1, -1, -1)
    return Groups(of, count, first)
