"""Labels that the data gives to dimensions: tables that describe members, coordinates, columns that refer to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..diagnostics import Diagnostic
from . import errors
from .axes import Axes, Key
from .sources import Located, part_labels
from .table import Array, Column, Table, labels, repeated, shown


def find_keys(axes: Axes, located: Sequence[Located], diagnostics: list[Diagnostic]) -> None:
    """Note which tables describe members of a dimension, and take its labels from the first that does."""
    indexed = _by_index(axes, located)
    for hit in located:
        for axis, dim in enumerate(hit.item.dims):
            known = axis < hit.column.values.ndim and not _names_itself(hit, dim.name)
            key = _key(axes, hit, axis, located, indexed) if known else None
            if key is None:
                continue
            found, wrong = labels(key.column)
            if wrong.any():
                continue
            problem = _key_problem(axes, key, found)
            if problem is not None:
                diagnostics.append(problem)
                axes.broken.add(axes.root(dim.name))
                continue
            axes.keys.setdefault(hit.item.name, {})[axis] = key
            if axes.root(dim.name) not in axes.bases or found.dtype.kind == "O":
                axes.set_labels(dim.name, found.tolist(), key.origin)


def name_members(
    axes: Axes, tables: Mapping[str, Table], located: Sequence[Located], diagnostics: list[Diagnostic]
) -> list[Column]:
    """Take the labels of a dimension from the table of its name that holds them and nothing else that is read.

    Returns:
        The columns that hold labels.
    """
    named: list[Column] = []
    read = {(id(hit.table), hit.name) for hit in located}
    for name in axes.roots:
        if name not in tables or name not in tables[name].columns or (id(tables[name]), name) in read:
            continue
        column, root = tables[name].columns[name], axes.root(name)
        found, wrong = labels(column)
        if root in axes.labels or root in axes.bases or found.ndim != 1 or wrong.any() or column.absent.any():
            continue
        origin, values = f"column `{name}` of {tables[name].origin}", found.tolist()
        twice = list(dict.fromkeys(shown(values[again]) for _, again in repeated(values)))
        if twice:
            diagnostics.append(errors.repeated_label(name, origin, twice, len(twice), axes.span(name)))
            axes.broken.add(root)
        axes.set_labels(name, values, origin)
        named.append(column)
    return named


def paired_by_order(axes: Axes, located: Sequence[Located]) -> list[Diagnostic]:
    """Items with a row for each member of a dimension, where only others say which members there are."""
    return [
        errors.paired_by_order(hit.item, dim.name, hit.subject)
        for hit in located
        for axis, dim in enumerate(hit.item.dims)
        if axes.root(dim.name) in axes.gathered and axis not in axes.keys.get(hit.item.name, {})
    ]


def misnamed(hit: Located, axes: Axes) -> tuple[str, ...] | None:
    """The names of the axes of an array, where one of them is a dimension of the spec in another one's place."""
    given, wanted = hit.column.dims or (), [dim.name for dim in hit.item.dims]
    if len(given) != len(wanted):
        return None
    there = zip(given, wanted, strict=True)
    moved = any(one in axes.roots and axes.root(one) != axes.root(other) for one, other in there)
    return given if moved else None


def _names_itself(hit: Located, dim: str) -> bool:
    return hit.item.kind.member == dim and hit.name == dim


def _by_index(axes: Axes, located: Sequence[Located]) -> set[str]:
    """Dimensions whose rows are matched by the index of their columns: columns differ in it, it names members, or the
    columns of a square have its names in another order.
    """
    found: dict[str, list[Array]] = {}
    for hit in located:
        if hit.column.index is not None and hit.item.dims:
            roots, index = [axes.root(dim.name) for dim in hit.item.dims], labels(hit.column.index)[0]
            found.setdefault(roots[0], []).append(index)
            across = part_labels(hit) if roots == [roots[0]] * 2 else None
            if across is not None and sorted(across) == sorted(map(str, index)):
                found[roots[0]].append(np.array(across, dtype=object))
    members = {axes.root(hit.item.kind.member) for hit in located if hit.item.kind.member is not None}
    named = {dim for dim, all_ in found.items() if dim in members and all_[0].dtype.kind == "O"}
    return named | {dim for dim, all_ in found.items() if any(not np.array_equal(all_[0], one) for one in all_[1:])}


def _key(axes: Axes, hit: Located, axis: int, located: Sequence[Located], indexed: set[str]) -> Key | None:
    dim, col = hit.item.dims[axis].name, hit.column
    length = col.values.shape[axis]
    named = col.dims[axis] if col.dims is not None and axis < len(col.dims) else dim
    coordinate = col.coords.get(named) or hit.table.labels.get(named)
    if coordinate is not None and coordinate.values.shape == (length,):
        whose = f"`{hit.name}`" if named in col.coords else hit.table.origin
        return Key(dim, coordinate, f"the coordinates of {whose}", hit)
    if axis == 0 and col.index is not None and axes.root(dim) in indexed:
        return Key(dim, col.index, f"the index of `{hit.name}`", hit)
    parts = part_labels(hit) if axis == 1 else None
    if parts is not None:
        return Key(dim, Column(np.array(parts, dtype=object)), hit.subject, hit)
    if axis > 0 or not hit.table.tabular:
        return None
    others = {h.name for h in located if h.table is hit.table and h.item != hit.item and not _describes(h, dim)}
    for name in (dim, axes.root(dim)):
        found = hit.table.columns.get(name)
        if found is not None and name not in others and name != hit.name and found.values.shape == (length,):
            return Key(dim, found, f"column `{name}` of {hit.table.origin}", hit)
    return None


def _describes(hit: Located, dim: str) -> bool:
    """Whether an item is itself the names of the members of a dimension, so that its column may still be the key."""
    return len(hit.item.dims) == 1 and hit.item.dims[0].name == dim


def _key_problem(axes: Axes, key: Key, found: Array) -> Diagnostic | None:
    span = axes.span(key.dim)
    absent = key.column.absent
    whole = Located(key.located.item, key.column, key.located.table, "")
    if absent.any():
        places = [whole.place((int(i),)) for i in np.flatnonzero(absent)[:10]]
        return errors.missing_key(key.dim, key.origin, places, int(absent.sum()), span)
    labelled = found.tolist()
    twice = [
        f"{shown(labelled[again])} in {whole.place((first,))} and {whole.place((again,))}"
        for first, again in repeated(labelled)
    ]
    return errors.repeated_label(key.dim, key.origin, twice, len(twice), span) if twice else None


def collect_text_labels(axes: Axes, located: Sequence[Located]) -> None:
    """Labels of dimensions that are only referred to: categories in their order, or else the sorted texts of all
    columns that refer to them.
    """
    for hit in located:
        if hit.item.kind.member is not None and hit.column.levels is not None:
            axes.set_labels(
                hit.item.kind.member, labels(hit.column.levels)[0].tolist(), f"the categories of {hit.subject}"
            )
    gathered: dict[str, set[str]] = {}
    origins: dict[str, list[str]] = {}
    for hit in located:
        member = hit.item.kind.member
        if member is None or axes.root(member) in axes.labels:
            continue
        found, _ = labels(hit.column)
        if found.dtype.kind == "O" and found.size:
            root = axes.root(member)
            gathered.setdefault(root, set()).update(found[~hit.column.absent].tolist())
            origins.setdefault(root, []).append(hit.subject)
    axes.gathered |= gathered.keys()
    for root, texts in gathered.items():
        axes.set_labels(root, sorted(texts), " and ".join(dict.fromkeys(origins[root])))
