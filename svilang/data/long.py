"""Long tables: one row for each cell, with a column for each dimension that says of which members it is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..diagnostics import Diagnostic
from ..types import MOST_ENTRIES
from . import errors
from .axes import Axes
from .sources import Located
from .table import Array, Column, labels, repeated


def spread(hit: Located, axes: Axes) -> Located | Diagnostic:
    """A column of a long table as the array that it stands for, cells without a row missing; others as they are."""
    keys = _keys(hit, axes)
    if keys is None:
        return hit
    along = [_members(labels(hit.table.columns[key])[0]) for key in keys]
    shape = tuple(len(members) for members, _ in along)
    if math.prod(shape) > MOST_ENTRIES:
        return hit
    cells = np.ravel_multi_index(tuple(at for _, at in along), shape)
    if len(np.unique(cells)) < len(cells):
        return _twice(hit, cells)
    given = hit.column.values
    values = np.full(shape, "", object) if given.dtype.kind == "O" else np.zeros(shape, given.dtype)
    missing = np.ones(shape, bool)
    values.flat[cells], missing.flat[cells] = given, hit.column.absent
    coords = {dim.name: Column(members) for dim, (members, _) in zip(hit.item.dims, along, strict=True)}
    column = replace(hit.column, values=values, missing=missing if missing.any() else None, coords=coords)
    return replace(hit, column=column, keys=keys)


def _keys(hit: Located, axes: Axes) -> tuple[str, ...] | None:
    """The columns that name the members, where the table has one for each dimension of an array."""
    if len(hit.item.dims) < 2 or hit.column.values.ndim != 1 or not hit.table.tabular:
        return None
    columns, found = hit.table.columns, []
    for dim in hit.item.dims:
        names = [name for name in (dim.name, axes.root(dim.name)) if name in columns and name not in (hit.name, *found)]
        if not names or columns[names[0]].absent.any() or labels(columns[names[0]])[1].any():
            return None
        found.append(names[0])
    return tuple(found)


def _members(found: Array) -> tuple[Array, Array]:
    """The labels that occur, sorted, and the position of each row among them."""
    members, at = np.unique(found, return_inverse=True)
    return members, at.ravel()


def _twice(hit: Located, cells: Array) -> Diagnostic:
    places = [f"{hit.place((first,))} and {hit.place((again,))}" for first, again in repeated(cells.tolist())]
    return errors.cell_twice(hit.item, hit.subject, places, len(places))
