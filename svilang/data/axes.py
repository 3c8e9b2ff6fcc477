"""Sizes and labels of all dimensions, from the text, the settings and the data.

Labels come from the text; else from the first table that describes the members of a dimension (its rows then give
their order) or from named coordinates; else they are the sorted labels of the columns that refer to it. Whole numbers
are codes where something else says the size, and labels where nothing does; codes that count from a declared base are
labels too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..diagnostics import NOWHERE, Diagnostic, Span
from ..ir.nodes import Data, Dimension, Program
from . import errors
from .bound import Labels
from .scalars import evaluate
from .sources import Located
from .table import Array, Column, labels, numbers, shown

MOST_CODES = 10_000_000
"""Members beyond which codes are not kept as labels."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that says how many members a dimension has."""

    size: int
    by: str
    span: Span = NOWHERE


@dataclass(frozen=True, eq=False, slots=True)
class Key:
    """Labels that a table gives to one axis of an item: the label of each position."""

    dim: str
    column: Column
    origin: str
    located: Located


@dataclass(eq=False)
class Axes:
    """What is known so far of the dimensions; aliases share the entry of their root.

    Args:
        roots: dimension → the dimension whose size and labels it shares.
        spans: where each root is declared.
        labels: of roots that have any.
        sources: where those labels come from, in words.
        bases: roots that some item reads as codes counting from a given number.
        sizes: of roots.
        keys: item → axis → the labels its table gives to that axis.
        broken: roots about which something wrong was said already.
        gathered: roots whose labels are the sorted ones of the columns that refer to them.
    """

    roots: dict[str, str]
    spans: dict[str, Span]
    labels: dict[str, Labels] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    bases: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    keys: dict[str, dict[int, Key]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    gathered: set[str] = field(default_factory=set)

    def root(self, name: str) -> str:
        """The dimension whose size and labels ``name`` shares."""
        return self.roots.get(name, name)

    def span(self, name: str) -> Span:
        """Where a dimension, or its root, is declared."""
        return self.spans.get(self.root(name), NOWHERE)

    def set_labels(self, name: str, found: Iterable[str | int], source: str) -> None:
        """Fix the labels of a dimension, unless something has."""
        root = self.root(name)
        if root not in self.labels:
            self.labels[root], self.sources[root] = tuple(found), source


def declared_axes(program: Program, diagnostics: list[Diagnostic]) -> Axes:
    """Aliases, and the labels that the text fixes."""
    by_name = {dimension.name: dimension for dimension in program.dimensions}
    used = [dim.name for item in program.data for dim in item.dims]
    used += [item.kind.member for item in program.data if item.kind.member]
    axes = Axes({name: _root(name, by_name) for name in dict.fromkeys([*by_name, *used])}, {})
    for dimension in program.dimensions:
        axes.spans.setdefault(axes.root(dimension.name), dimension.span)
        if dimension.labels is not None:
            axes.set_labels(dimension.name, dimension.labels, "the labels in the text")
            twice = [label for label in dimension.labels if dimension.labels.count(label) > 1]
            diagnostics.extend(errors.repeated_fixed_label(dimension, shown(label)) for label in dict.fromkeys(twice))
    for item in program.data:
        for name in (*(dim.name for dim in item.dims), item.kind.member):
            if name is not None:
                axes.spans.setdefault(axes.root(name), item.span)
        if item.kind.member is not None and item.base is not None:
            axes.bases.setdefault(axes.root(item.kind.member), item.base)
    return axes


def _root(name: str, by_name: Mapping[str, Dimension]) -> str:
    seen = {name}
    while name in by_name and (alias := by_name[name].alias) is not None and alias not in seen:
        name = alias
        seen.add(name)
    return name


def find_sizes(
    axes: Axes,
    program: Program,
    located: Sequence[Located],
    sets: Mapping[str, Any],
    excused: set[str],
    diagnostics: list[Diagnostic],
) -> None:
    """The size of every dimension; ``excused`` are those whose data could not be found, which is said elsewhere."""
    claims = _claims(axes, program, located, sets, diagnostics)
    declared = {axes.root(d.name): d for d in program.dimensions if d.size is not None}
    open_: list[str] = []

    def size(name: str) -> int | None:
        root = axes.root(name)
        if root in axes.sizes or root in open_:
            return axes.sizes.get(root)
        open_.append(root)
        if root in declared and not any(claim.by.startswith("--set") for claim in claims.get(root, ())):
            found = _declared_size(declared[root], program, located, size, diagnostics)
            if found is None:
                axes.broken.add(root)
            else:
                claims.setdefault(root, []).insert(0, Claim(found, "its declaration", declared[root].span))
        _settle(axes, root, claims.get(root, []), located, root in excused, diagnostics)
        return axes.sizes.get(root)

    for name in axes.roots:
        size(name)


def _settle(
    axes: Axes, root: str, claims: list[Claim], located: Sequence[Located], excused: bool, diagnostics: list[Diagnostic]
) -> None:
    size = claims[0].size if claims else _coded_size(axes, root, located)
    if size is None:
        if root not in axes.broken and not excused:
            diagnostics.append(errors.no_size(root, axes.span(root)))
            axes.broken.add(root)
        return
    axes.sizes[root] = size
    if root in axes.bases and size <= MOST_CODES:
        base = axes.bases[root]
        axes.set_labels(root, range(base, base + size), f"codes from {base}")
    other = next((claim for claim in claims if claim.size != size), None)
    if other is not None and root not in axes.broken:
        span = other.span if other.span != NOWHERE else axes.span(root)
        diagnostics.append(errors.two_sizes(root, (size, claims[0].by), (other.size, other.by), span, claims[0].span))
        axes.broken.add(root)


def _claims(
    axes: Axes, program: Program, located: Sequence[Located], sets: Mapping[str, Any], diagnostics: list[Diagnostic]
) -> dict[str, list[Claim]]:
    claims: dict[str, list[Claim]] = {}
    known = {dim.name for item in program.data for dim in item.dims} | {d.name for d in program.dimensions}
    for name, value in sets.items():
        if name not in known:
            continue
        size = _size_of(value)
        if size is None:
            diagnostics.append(errors.setting_value(name, shown(value), axes.span(name)))
            axes.broken.add(axes.root(name))
        else:
            claims.setdefault(axes.root(name), []).append(Claim(size, f"--set {name}={shown(size)}"))
    for root, found in axes.labels.items():
        claims.setdefault(root, []).append(Claim(len(found), axes.sources[root], axes.span(root)))
    for hit in located:
        shape = hit.column.values.shape
        if len(shape) != len(hit.item.dims):
            # An empty matrix in JSON is `[]`, of which only the first length is known.
            shape = (0,) if shape == (0,) and hit.item.dims else ()
        for dim, length in zip(hit.item.dims, shape, strict=False):
            claims.setdefault(axes.root(dim.name), []).append(Claim(length, hit.subject, hit.item.span))
    return claims


def _size_of(value: Any) -> int | None:
    """A setting as a size; ``None`` where it is none."""
    number = value.item() if isinstance(value, np.generic) else value
    if isinstance(number, bool) or not isinstance(number, (int, float)) or number < 0:
        return None
    return int(number) if isinstance(number, int) or number.is_integer() else None


def _declared_size(
    dimension: Dimension, program: Program, located: Sequence[Located], size: Any, diagnostics: list[Diagnostic]
) -> int | None:
    single = [hit for hit in located if not hit.item.dims and hit.column.values.size == 1]
    arrays = {hit.item.name: numbers(hit.column)[0].reshape(()) for hit in single}
    assert dimension.size is not None
    before = len(diagnostics)
    value = evaluate(program, dimension.size, arrays, size)
    if value is None:
        if len(diagnostics) == before:
            why = "cannot be worked out from numbers and other sizes"
            diagnostics.append(errors.size_expression(dimension.name, why, dimension.span))
        return None
    number = float(value)
    if not number.is_integer() or number < 0:
        why = f"is {shown(number)}; it must be a whole number from 0"
        diagnostics.append(errors.size_expression(dimension.name, why, dimension.span))
        return None
    return int(number)


def _coded_size(axes: Axes, root: str, located: Sequence[Located]) -> int | None:
    """The size of a dimension of which only codes are known: up to the largest, or, without a base, the distinct ones.

    In the second case the codes become its labels.
    """
    members = [hit for hit in located if (name := hit.item.kind.member) is not None and axes.root(name) == root]
    codes = [(item, values) for item, values in map(_whole, members) if values is not None]
    if not codes:
        return None
    if root in axes.bases:
        return max(int(values.max(initial=(item.base or 0) - 1)) - (item.base or 0) + 1 for item, values in codes)
    distinct = np.unique(np.concatenate([values for _, values in codes]))
    axes.set_labels(root, distinct.tolist(), "the codes in the data")
    return len(distinct)


def _whole(hit: Located) -> tuple[Data, Array | None]:
    found, wrong = labels(hit.column)
    usable = found.dtype.kind == "i"
    return hit.item, found[~hit.column.absent & ~wrong] if usable else None


def all_sizes(axes: Axes) -> dict[str, int]:
    """Sizes of every dimension by its own name."""
    return {name: axes.sizes[root] for name, root in axes.roots.items() if root in axes.sizes}


def all_labels(axes: Axes) -> dict[str, Labels | None]:
    """Labels of every dimension by its own name."""
    return {name: axes.labels.get(root) for name, root in axes.roots.items()}
