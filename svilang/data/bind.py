"""Bind a program to its data: find every item, fix sizes and labels, check every value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..catalog.distribution import Distribution
from ..diagnostics import Diagnostic, SvilangError
from ..ir.nodes import Id, Label, Program, Stack
from ..ir.walk import laws
from . import errors, warnings
from .axes import Axes, all_labels, all_sizes, declared_axes, find_sizes
from .bound import Bound
from .ends import crossed
from .extent import too_large
from .gaps import plain, with_gaps
from .keys import collect_text_labels, find_keys, misnamed, name_members, paired_by_order
from .long import spread
from .members import of_labels
from .partial import partial
from .scalars import align, evaluate
from .sources import SETTINGS, Located, locate, misspelt, settings_table, undeclared, unused
from .table import Array, Table
from .values import Filled, check, fill, stored


def bind(
    program: Program,
    sources: Mapping[str, Table] | None = None,
    sets: Mapping[str, int | float] | None = None,
    *,
    without: Collection[str] = (),
) -> Bound:
    """A program with its data.

    Args:
        program: the model, checked.
        sources: tables by the file name that the spec gives them, by the name that the user gave them (a dimension, a
            data item), or by ``""`` for one that holds everything; :func:`~svilang.data.sources.load` makes them.
        sets: sizes of dimensions and values of data items that are single numbers.
        without: data items that need not be there (outcomes, when only predictions are wanted).

    Returns:
        Sizes, labels and checked arrays.

    Raises:
        SvilangError: with everything that is wrong with the data.

    Example:
        >>> from svilang.ir.nodes import Data, Dimension, Program
        >>> from svilang.types import Dim, Kind
        >>> data = Data("y", Kind(), (Dim("obs"),), default=(1.0, 2.0))
        >>> bind(Program("model", (Dimension("obs"),), (data,))).sizes
        {'obs': 2}
    """
    sets, whole, program = dict(sets or {}), program, plain(program)
    tables = dict(sources or {})
    diagnostics = undeclared(program, tables, sets)
    tables[SETTINGS] = settings_table(program, sets)
    axes = declared_axes(program, diagnostics)
    located, lost = _locate_all(program, tables, axes, without, diagnostics)
    find_keys(axes, located, diagnostics)
    names = name_members(axes, tables, located, diagnostics)
    collect_text_labels(axes, located)
    find_sizes(axes, program, located, sets, lost, diagnostics)
    filled = _values(program, axes, located, diagnostics)
    if not diagnostics:
        keys = [key.column for keys in axes.keys.values() for key in keys.values()]
        notes = unused(tables, located, [*keys, *names])
        bound = with_gaps(replace(_bound(program, axes, filled, notes), program=whole))
        suspicious = (*paired_by_order(axes, located), *of_labels(program, axes, located))
        bound = replace(bound, warnings=(*bound.warnings, *suspicious))
        diagnostics.extend([*_label_problems(bound), *_list_problems(bound), *_law_problems(bound), *too_large(bound)])
        diagnostics.extend([*crossed(bound), *partial(bound)])
        if not diagnostics:
            return bound
    raise SvilangError({(d.code, d.message, d.span): d for d in diagnostics}.values())


def _list_problems(bound: Bound) -> list[Diagnostic]:
    """List literals whose length is not the size of their dimension."""
    return [
        errors.list_length(node.op.dim.name, len(node.args), bound.sizes[node.op.dim.name], node.span)
        for node in bound.program.nodes
        if isinstance(node.op, Stack) and bound.sizes[node.op.dim.name] != len(node.args)
    ]


def _law_problems(bound: Bound) -> list[Diagnostic]:
    """Laws of a set number of values over a dimension of another size."""
    program = bound.program
    written = [*program.sites, *program.observations, *program.reports]
    return [
        errors.other_size(law.row.name, dim.name, wanted, bound.sizes[dim.name], law.span)
        for one in written
        if one.law is not None
        for law in laws(one.law)
        if isinstance(law.row, Distribution)
        for axis, wanted in law.row.sizes
        for dim in [law.event[law.row.event.index(axis)]]
        if bound.sizes[dim.name] != wanted
    ]


def _locate_all(
    program: Program, tables: Mapping[str, Table], axes: Axes, without: Collection[str], diagnostics: list[Diagnostic]
) -> tuple[list[Located], set[str]]:
    located: list[Located] = []
    lost: set[str] = set()
    slips = misspelt(program, tables)
    for item in program.data:
        labels = axes.labels.get(axes.root(item.dims[-1].name)) if item.dims else None
        found = locate(item, program, tables, labels)
        found = spread(found, axes) if isinstance(found, Located) else found
        if isinstance(found, Located) and (wrong := misnamed(found, axes)) is not None:
            diagnostics.append(errors.other_axes(item, found.subject, wrong))
            lost |= {axes.root(dim.name) for dim in item.dims}
        elif isinstance(found, Located):
            located.append(found)
        elif item.name not in without or found.code != "E0505":
            diagnostics.extend([] if item.name in slips and found.code == "E0505" else [found])
            lost |= {axes.root(dim.name) for dim in item.dims}
            lost |= {axes.root(item.kind.member)} if item.kind.member else set()
    return located, lost


def _values(
    program: Program, axes: Axes, located: Sequence[Located], diagnostics: list[Diagnostic]
) -> dict[str, Filled]:
    filled: dict[str, Filled] = {}
    for hit in located:
        found = None if _broken(hit, axes) else fill(hit, axes, diagnostics)
        if found is not None:
            filled[hit.item.name] = found
    arrays = {name: found.array for name, found in filled.items()}
    for name, found in filled.items():
        bounds = found.located.item.bounds
        low, high = (_limit(program, end, found, arrays, axes) for end in (bounds.lower, bounds.upper))
        filled[name] = check(found, low, high, diagnostics)
    return filled


def _broken(hit: Located, axes: Axes) -> bool:
    """Whether a dimension of the item is already known to be wrong, so that its values would only repeat that."""
    return len(hit.column.values.shape) == len(hit.item.dims) and any(
        axes.root(dim.name) in axes.broken for dim in hit.item.dims
    )


def _limit(program: Program, end: Id | None, found: Filled, arrays: Mapping[str, Array], axes: Axes) -> Array | None:
    """A bound that is an expression of data, in the axes of the item; ``None`` where it cannot be known here."""
    if end is None:
        return None
    item, dims = found.located.item, program.nodes[end].dims
    value = evaluate(program, end, arrays, lambda name: axes.sizes.get(axes.root(name)))
    if value is None or not set(dims) <= set(item.dims):
        return None
    limit = align(np.asarray(value, float), dims, item.dims)
    sizes = zip(limit.shape, found.array.shape, strict=True)
    return limit if all(given in (1, size) for given, size in sizes) else None


def _bound(program: Program, axes: Axes, filled: Mapping[str, Filled], notes: tuple[str, ...]) -> Bound:
    arrays = {name: stored(found.array, found.located.item.kind) for name, found in filled.items()}
    optional = {name: found for name, found in filled.items() if found.located.item.optional}
    present: dict[str, Any] = {name: np.asarray(found.present, order="C") for name, found in optional.items()}
    suspicious = warnings.of_columns(program, arrays, present)
    sizes = all_sizes(axes)
    suspicious += warnings.of_observations(program, arrays, present, sizes)
    return Bound(program, sizes, all_labels(axes), arrays, present, notes, suspicious)


def _label_problems(bound: Bound) -> list[Diagnostic]:
    problems: list[Diagnostic] = []
    for node in bound.program.nodes:
        if isinstance(node.op, Label):
            try:
                bound.position(node.op.dim, node.op.label, node.span)
            except SvilangError as error:
                problems.extend(error.diagnostics)
    return problems
