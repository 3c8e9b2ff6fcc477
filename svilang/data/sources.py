"""Which table each data item comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..diagnostics import Diagnostic, SvilangError, nearest
from ..ir.nodes import Data, Program
from ..types import composed
from . import errors
from .frames import PYTHON, array, is_frame, table
from .read import is_file, read
from .table import Column, Table, Uneven, column, shown

ALL = ""
"""The key of a table that was given without a name."""
BY_HAND = "="
"""The key of the items that were given one by one in Python."""
SETTINGS = "--set"
"""The key of the items given by ``--set``, and what messages call it."""
TEXT = "the text"
"""What messages call the place of a default."""


@dataclass(frozen=True, eq=False, slots=True)
class Located:
    """A data item with the column it was found in.

    Of a long table, ``keys`` are the columns that say of which members each row is.
    """

    item: Data
    column: Column
    table: Table
    name: str
    keys: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """What a message calls the column."""
        origin = self.table.origin
        if origin == TEXT:
            return "its default"
        if self.column.parts:
            return f"columns {errors.quoted(self.column.parts)} of {origin}"
        return f"column `{self.name}` of {origin}" if self.table.tabular else f"`{self.name}` of {origin}"

    def place(self, index: Sequence[int]) -> str:
        """Where in the column an entry stands, counted from 1 (``""`` for a single value)."""
        if not index or self.column.values.ndim == 0:
            return ""
        if len(index) > 1 and self.keys:
            coords = [self.column.coords[dim.name].values for dim in self.item.dims]
            there = zip(self.keys, coords, index, strict=True)
            return " and ".join(f"{key} {shown(members[i])}" for key, members, i in there)
        if len(index) > 1 and not self.column.parts:
            return f"entry [{', '.join(str(i + 1) for i in index)}]"
        lines = self.table.lines
        line = "" if lines is None else f" (line {lines[index[0]]})"
        part = f" of `{self.column.parts[index[1]]}`" if self.column.parts and len(index) > 1 else ""
        return f"row {index[0] + 1}{line}{part}"


def load(program: Program, given: Any = None, directory: str | Path = ".") -> dict[str, Table]:
    """The tables that a program is to be bound to.

    Args:
        program: whose data blocks may name files.
        given: ``None``, a path, a data frame, or a mapping whose values are paths, tables, or arrays of single items.
        directory: of the spec; files named in it are relative to this.

    Returns:
        Tables by key: a file name of the spec, a name given by the user, :data:`ALL`, :data:`BY_HAND`.

    Raises:
        SvilangError: with everything that cannot be read.
    """
    diagnostics: list[Diagnostic] = []
    tables = _given(given, diagnostics)
    for source in dict.fromkeys(item.source for item in program.data if item.source):
        items = [item for item in program.data if item.source == source]
        if source in tables or Path(source).stem in tables or all(_overridden(i, program, tables) for i in items):
            continue
        try:
            tables[source] = read(Path(directory) / source)
        except SvilangError as error:
            diagnostics.extend(replace(d, span=items[0].span) for d in error.diagnostics)
    if diagnostics:
        raise SvilangError(diagnostics)
    return tables


def _given(given: Any, diagnostics: list[Diagnostic]) -> dict[str, Table]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        given = {ALL: given}
    tables: dict[str, Table] = {}
    single: dict[str, Any] = {}
    for key, value in given.items():
        name = composed(str(key))
        try:
            if name in tables:
                diagnostics.append(errors.malformed(PYTHON, f"`{name}` is given twice", "leave one of them out"))
            elif isinstance(value, (str, Path)):
                tables[name] = read(value)
            elif isinstance(value, (Table, Mapping)) or is_frame(value) or key == ALL:
                tables[name] = table(value, PYTHON if key == ALL else f"the table `{key}` given in Python")
            else:
                array(value, str(key))
                single[str(key)] = value
        except SvilangError as error:
            diagnostics.extend(error.diagnostics)
    if single:
        tables[BY_HAND] = replace(table(single), by_hand=True)
    return tables


def _overridden(item: Data, program: Program, tables: Mapping[str, Table]) -> bool:
    return _instead_of_file(item, program, tables, None) is not None


def locate(
    item: Data, program: Program, tables: Mapping[str, Table], labels: tuple[str | int, ...] | None
) -> Located | Diagnostic:
    """The column of an item, or what to say where there is none.

    ``labels`` are those of its last dimension, where the text fixes them.
    """
    name = item.column or item.name
    found = _instead_of_file(item, program, tables, labels)
    if found is not None:
        return found
    if item.source is not None:
        searched = {key: tables[key] for key in (item.source, Path(item.source).stem) if key in tables}
    else:
        searched = dict(tables)
    hits = {key: hit for key, source in searched.items() if (hit := _find(item, name, source, labels)) is not None}
    if len(hits) > 1:
        own = [key for dim in item.dims for key in hits if _is_key(key, dim.name)]
        hits = {own[0]: hits[own[0]]} if own else hits
    if len(hits) > 1:
        return errors.ambiguous(item, name, [hit.table.origin for hit in hits.values()])
    if hits:
        return next(iter(hits.values()))
    if item.default is not None:
        return _default(item)
    origins = list(dict.fromkeys(source.origin for source in searched.values() if source.columns))
    columns = list(dict.fromkeys(known for source in searched.values() for known in source.columns))
    if is_file(name):
        return errors.file_as_column(item, name)
    return errors.not_supplied(item, name, origins, columns)


def undeclared(program: Program, tables: Mapping[str, Table], sets: Mapping[str, Any]) -> list[Diagnostic]:
    """What the user named and nothing declares."""
    items = {item.name for item in program.data} | {item.column for item in program.data if item.column}
    dimensions = {d.name for d in program.dimensions} | {dim.name for item in program.data for dim in item.dims}
    files = {source for item in program.data if (source := item.source)}
    keys = items | dimensions | files | {Path(file).stem for file in files} | {ALL, BY_HAND, SETTINGS}
    names = [key for key in tables if key not in keys]
    names += [name for source in tables.values() if source.by_hand for name in source.columns if name not in items]
    found = [errors.undeclared(name, sorted(keys - {ALL, BY_HAND, SETTINGS})) for name in names]
    settable = dimensions | {item.name for item in program.data if not item.dims}
    return found + [errors.unknown_setting(name, sorted(settable)) for name in sets if name not in settable]


def misspelt(program: Program, tables: Mapping[str, Table]) -> set[str]:
    """Items whose name a name that was given by hand, and is told of, only just misses."""
    items = [item.name for item in program.data]
    names = [name for source in tables.values() if source.by_hand for name in source.columns if name not in items]
    return {near[0] for name in names if (near := nearest(name, items))}


def settings_table(program: Program, sets: Mapping[str, Any]) -> Table:
    """The single numbers given by ``--set`` as a table."""
    single = {item.name for item in program.data if not item.dims}
    return Table(SETTINGS, {name: array(value, name, SETTINGS) for name, value in sets.items() if name in single})


def unused(tables: Mapping[str, Table], located: Sequence[Located], keys: Sequence[Column]) -> tuple[str, ...]:
    """A note for each table with columns that nothing declares and that are no ``keys``, the labels of its rows."""
    notes: list[str] = []
    for source in tables.values():
        used = {name for name, col in source.columns.items() if any(key is col for key in keys)}
        own = [hit for hit in located if hit.table is source]
        used |= {name for hit in own for name in (hit.name, *hit.keys, *(hit.column.parts or ()))}
        rest = [name for name in source.columns if name not in used]
        if rest:
            notes.append(f"{source.origin} has further columns, which are not used: {errors.quoted(rest)}")
    return tuple(notes)


def _instead_of_file(
    item: Data, program: Program, tables: Mapping[str, Table], labels: tuple[str | int, ...] | None
) -> Located | Diagnostic | None:
    """What was given by hand goes before the file that the text names."""
    for key in (SETTINGS, BY_HAND):
        if key in tables and item.name in tables[key].columns:
            return _find(item, item.name, tables[key], labels)
    dimensions = {d.name for d in program.dimensions}
    if item.name in tables and item.name not in dimensions:
        own = tables[item.name]
        column_name = next(iter(own.columns)) if len(own.columns) == 1 else item.column or item.name
        hit = _find(item, column_name, own, labels)
        if len(item.dims) == 2 and own.tabular and column_name not in own.columns:
            hit = hit or _whole(item, own, program, labels)
            return hit if isinstance(hit, Diagnostic) else replace(hit, column=replace(hit.column, index=own.index))
        return hit
    if item.source is None:
        return None
    keys = [dim.name for dim in item.dims if dim.name != Path(item.source).stem]
    keys += [ALL] if len({other.source for other in program.data if other.source}) == 1 else []
    for key in keys:
        if key in tables and (hit := _find(item, item.column or item.name, tables[key], labels)) is not None:
            return hit
    return None


def _is_key(key: str, dim: str) -> bool:
    return key == dim or Path(key).stem == dim


def _find(item: Data, name: str, source: Table, labels: tuple[str | int, ...] | None) -> Located | None:
    found = source.columns.get(name) or source.labels.get(name)
    if found is not None:
        return Located(item, _by_name(found, item), source, name)
    if len(item.dims) == 2 and source.tabular:
        parts = _side_by_side(name, source, labels)
        if parts:
            return Located(item, _stack([source.columns[part] for part in parts], tuple(parts)), source, name)
    return None


def _whole(
    item: Data, source: Table, program: Program, labels: tuple[str | int, ...] | None
) -> Located | Diagnostic:
    """A matrix from a table of its own: each column is one, and its name the label of a member."""
    others = {one.name for one in program.data} | {dim.name for dim in item.dims}
    names = tuple(name for name in source.columns if name not in others)
    if labels is not None or not names:
        return errors.other_columns(item, source.origin, names, [str(label) for label in labels or ()])
    stacked = _stack([source.columns[name] for name in names], names)
    return Located(item, replace(stacked, named=True), source, item.name)


def _by_name(found: Column, item: Data) -> Column:
    """The axes of a labelled array in the declared order, where their names are the declared ones."""
    wanted = tuple(dim.name for dim in item.dims)
    if found.dims is None or found.dims == wanted or sorted(found.dims) != sorted(set(wanted)):
        return found
    order = [found.dims.index(dim) for dim in wanted]
    missing = None if found.missing is None else found.missing.transpose(order)
    return replace(found, values=found.values.transpose(order), missing=missing, dims=wanted)


def _side_by_side(name: str, source: Table, labels: tuple[str | int, ...] | None) -> list[str]:
    if labels is not None:
        for form in (f"{name}.{{}}", f"{name}[{{}}]", "{}"):
            parts = [form.format(label) for label in labels]
            if all(part in source.columns for part in parts):
                return parts
    pattern = re.compile(rf"{re.escape(name)}(?:\.(\d+)|\[(\d+)\])")
    matches = {part: m for part in source.columns if (m := pattern.fullmatch(part))}
    if matches:
        return sorted(matches, key=lambda part: int(matches[part][1] or matches[part][2]))
    return [part for part in source.columns if part.startswith(f"{name}.")] if labels is None else []


def part_labels(located: Located) -> list[str] | None:
    """The labels that the names of columns side by side give to the second dimension: ``X.a``, ``X.b``."""
    prefix = "" if located.column.named else f"{located.name}."
    if not located.column.parts or not all(part.startswith(prefix) for part in located.column.parts):
        return None
    suffixes = [part[len(prefix) :] for part in located.column.parts]
    return None if all(suffix.isdigit() for suffix in suffixes) else suffixes


def _stack(columns: list[Column], parts: tuple[str, ...]) -> Column:
    if not all(col.raw for col in columns) and len({col.values.dtype.kind for col in columns} - set("iufb")) > 0:
        texts = [np.array([str(value) for value in col.values], dtype=object) for col in columns]
    else:
        texts = [col.values for col in columns]
    missing = np.stack([col.absent for col in columns], axis=1)
    raw = any(col.raw for col in columns)
    return Column(np.stack(texts, axis=1), missing if missing.any() else None, raw, parts=parts)


def _default(item: Data) -> Located | Diagnostic:
    try:
        found = column(_lists(item.default))
    except Uneven:
        return replace(errors.malformed(f"the default of `{item.name}`", "its rows differ in length"), span=item.span)
    return Located(item, found, Table(TEXT, {item.name: found}), item.name)


def _lists(value: Any) -> Any:
    return [_lists(part) for part in value] if isinstance(value, tuple) else value
