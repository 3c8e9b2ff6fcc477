"""The data of a program that is bound already, as tables to bind again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..diagnostics import SvilangError
from ..ir.nodes import Data, Program
from . import errors
from .bound import Labels
from .gaps import plain
from .sources import BY_HAND, Located, load, locate
from .table import Array, Column, Table

ORIGIN = "the data of the fit"
"""What messages call it."""


def held(
    items: Sequence[Data],
    arrays: Mapping[str, Array],
    present: Mapping[str, Array],
    labels: Mapping[str, Labels | None],
) -> Table:
    """The values of some items as they would be given by hand, members by their labels."""
    columns = {item.name: _column(item, arrays[item.name], present.get(item.name), labels) for item in items}
    named = {dim.name for item in items for dim in item.dims}
    coordinates = {name: _labels(found) for name in named if (found := labels.get(name)) is not None}
    return Table(ORIGIN, columns, coordinates, by_hand=True)


@dataclass(frozen=True, eq=False)
class Again:
    """What a program is bound to, when some of its data are new.

    Args:
        program: with the data items that are there.
        tables: given ones, and what is kept of the old data.
        sets: sizes that nothing else says.
    """

    program: Program
    tables: Mapping[str, Table]
    sets: Mapping[str, Any]


def again(
    program: Program,
    needed: Collection[str],
    given: Mapping[str, Table],
    sets: Mapping[str, Any],
    old: Table,
    old_sizes: Mapping[str, int],
) -> Again:
    """New data, and from the old what they do not speak of.

    An item is kept where nothing that was given has it or runs along one of its dimensions, or names its members; so is
    the size of a dimension.

    Args:
        program: with all items.
        needed: items that must be there; others are used where they were given.
        given: new tables, and those of files that the text names.
        sets: new sizes and single numbers.
        old: the data of the fit.
        old_sizes: the sizes that it had.

    Raises:
        SvilangError: an item is needed that runs along a dimension of those given.
    """
    made = tuple(item for item in program.data if item.gaps is not None and item.name in needed)
    whole, program = program, plain(program)
    new = [item for item in program.data if isinstance(locate(_bare(item), program, given, None), Located)]
    names = {item.name for item in new} | set(sets)
    described = {dim.name for dim in program.dimensions if dim.name in given and dim.name in given[dim.name].columns}
    spoken = {dim.name for item in new for dim in item.dims} | set(sets) | described
    kept = {
        item.name: old.columns[item.name]
        for item in program.data
        if item.name in needed and item.name in old.columns and item.name not in names
        if not spoken & {dim.name for dim in item.dims}
    }
    lost = [item for item in program.data if item.name in needed and item.name not in {*names, *kept}]
    if absent := [item for item in lost if item.default is None]:
        columns = list(dict.fromkeys(name for source in given.values() for name in source.columns))
        origins = list(dict.fromkeys(source.origin for source in given.values() if source.columns))
        raise SvilangError([errors.not_supplied(item, item.column or item.name, origins, columns) for item in absent])
    there = [item for item in program.data if item.name in needed or item in new]
    axes = {dim.name for item in there if item.name in kept for dim in item.dims}
    own = given.get(BY_HAND, Table(old.origin, {}, by_hand=True))
    labels = {name: found for name, found in old.labels.items() if name in axes}
    merged = replace(own, columns={**kept, **own.columns}, labels={**labels, **own.labels})
    told = {dim.name for item in there for dim in item.dims} | {item.kind.member for item in there} | described
    told |= {d.name for d in program.dimensions if d.size is not None or d.labels is not None or d.alias is not None}
    sizes = {name: size for name, size in old_sizes.items() if name not in told}
    return Again(replace(whole, data=(*there, *made)), {**given, BY_HAND: merged}, {**sizes, **sets})


def present(
    program: Program, given: Any, directory: Path, sizes: Mapping[str, Any]
) -> tuple[dict[str, Table], tuple[Data, ...]]:
    """The tables that are there before there is data, and the items that they or the text hold.

    A file that the text names may be missing. A default in the text counts unless its dimension was given a size.
    """
    files = {item.source for item in program.data if item.source and not (directory / item.source).is_file()}
    asked = replace(program, data=tuple(item for item in program.data if item.source not in files))
    tables = load(asked, given, directory)
    there: list[Data] = []
    for item in program.data:
        alone = not item.dims and item.name in sizes
        supplied = alone or isinstance(locate(_bare(item), program, tables, None), Located)
        written = item.default is not None and not any(dim.name in sizes for dim in item.dims)
        if supplied or written:
            there.append(item)
    return tables, tuple(there)


def _bare(item: Data) -> Data:
    """The item without what the text says of it, so that it is found only where it was given."""
    return replace(item, default=None)


def _column(item: Data, array: Array, present: Array | None, labels: Mapping[str, Labels | None]) -> Column:
    values: Array = array
    known = None if item.kind.member is None else labels.get(item.kind.member)
    if known is not None:
        values = _labels(known).values[np.asarray(array, np.int64)]
    missing = None if present is None or present.all() else ~present
    return Column(values, missing, dims=tuple(dim.name for dim in item.dims))


def _labels(labels: Labels) -> Column:
    if all(isinstance(label, int) for label in labels):
        return Column(np.asarray(labels, np.int64))
    values: Any = np.empty(len(labels), dtype=object)
    values[:] = [str(label) for label in labels]
    return Column(values)
