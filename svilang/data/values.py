"""The values of one data item: numbers or positions, in the order of the labels, each checked against its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..catalog.structures import HARMLESS, TESTS, inside
from ..diagnostics import Diagnostic, nearest
from ..ir.nodes import Data
from ..sema.constants import misfit
from ..types import KINDS, Interval, Kind, Structure
from . import errors
from .axes import Axes
from .sources import Located
from .table import Array, labels, numbers, shown

LARGEST_INT32 = 2**31 - 1


@dataclass(frozen=True, eq=False, slots=True)
class Filled:
    """The checked values of an item: its array, where it is known, and the position in the file of each position."""

    located: Located
    array: Array
    present: Array
    order: tuple[Array | None, ...] = ()

    def places(self, mask: Array, *, values: bool = True) -> list[str]:
        """The first ten entries of a mask in the words of the file."""
        found: list[str] = []
        for index in np.argwhere(mask)[:10]:
            there = tuple(int(i) for i in index)
            where = self.located.place(self.in_file(there))
            value = shown(self.array[there]) if values else ""
            found.append(f"{value} in {where}" if value and where else value or where)
        return found

    def in_file(self, index: tuple[int, ...]) -> tuple[int, ...]:
        """The position in the file of a position here."""
        orders = self.order or (None,) * len(index)
        pairs = zip(index, orders, strict=False)
        return tuple(i if order is None else int(order[i]) for i, order in pairs)


def fill(hit: Located, axes: Axes, diagnostics: list[Diagnostic]) -> Filled | None:
    """The values of an item; ``None`` after an error that leaves nothing to check further."""
    shaped = _shaped(hit, axes, diagnostics)
    return None if shaped is None else _encoded(shaped, axes, diagnostics)


def _encoded(hit: Located, axes: Axes, diagnostics: list[Diagnostic]) -> Filled | None:
    encoded = _members(hit, axes, diagnostics) if hit.item.kind.member is not None else _numbers(hit, diagnostics)
    if encoded is None:
        return None
    present = ~hit.column.absent
    if not present.all() and not hit.item.optional:
        places = [hit.place(tuple(map(int, index))) or "its only entry" for index in np.argwhere(~present)[:10]]
        diagnostics.append(errors.missing_values(hit.item, hit.subject, places, int((~present).sum())))
        return None
    orders = _orders(hit, axes, diagnostics)
    if orders is None:
        return None
    for axis, order in enumerate(orders):
        if order is not None:
            encoded, present = np.take(encoded, order, axis), np.take(present, order, axis)
    return Filled(hit, encoded, present, orders)


def check(filled: Filled, lower: Array | None, upper: Array | None, diagnostics: list[Diagnostic]) -> Filled:
    """Check values against their kind and its bounds, and put harmless ones where they are missing."""
    item = filled.located.item
    if item.kind.member is not None:
        return filled
    before = len(diagnostics)
    _check_elements(filled, lower, upper, diagnostics)
    if len(diagnostics) == before and item.kind.structure is not Structure.SCALAR:
        return _check_structure(filled, diagnostics)
    if filled.present.all():
        return filled
    low, high = -np.inf if lower is None else lower, np.inf if upper is None else upper
    harmless = np.clip(_inside(item.kind.interval), low, high)
    return replace(filled, array=np.where(filled.present, filled.array, harmless))


def stored(array: Array, kind: Kind) -> Array:
    """Whole numbers as int64 and others as float64; whole numbers beyond 32 bits as float64, so that nothing wraps."""
    if not kind.interval.integer and kind.member is None:
        return np.asarray(array, np.float64, order="C")
    small = array.size == 0 or max(abs(float(array.max())), abs(float(array.min()))) <= LARGEST_INT32
    return np.asarray(array, np.int64 if small else np.float64, order="C")


def _shaped(hit: Located, axes: Axes, diagnostics: list[Diagnostic]) -> Located | None:
    col, rank = hit.column, len(hit.item.dims)
    if col.values.ndim == rank:
        return hit
    if col.values.size == 1 and rank == 0:
        missing = None if col.missing is None else col.missing.reshape(())
        return replace(hit, column=replace(col, values=col.values.reshape(()), missing=missing))
    if col.values.size == 0 and col.values.ndim < rank:
        # An empty matrix in JSON is `[]`: its shape is the declared one.
        shape = tuple(axes.sizes.get(axes.root(dim.name), 0) for dim in hit.item.dims)
        if 0 in shape:
            return replace(hit, column=replace(col, values=np.zeros(shape), missing=None))
    diagnostics.append(errors.wrong_rank(hit.item, hit.subject, col.values.shape))
    return None


def _numbers(hit: Located, diagnostics: list[Diagnostic]) -> Array | None:
    found, wrong = numbers(hit.column)
    if not wrong.any():
        return found
    total = int(wrong.sum())
    bad = Filled(hit, hit.column.values, ~hit.column.absent)
    diagnostics.append(errors.not_numbers(hit.item, hit.subject, bad.places(wrong), total))
    return None


def _members(hit: Located, axes: Axes, diagnostics: list[Diagnostic]) -> Array | None:
    item, member = hit.item, hit.item.kind.member
    assert member is not None
    root = axes.root(member)
    if root not in axes.sizes:
        return None
    found, wrong = labels(hit.column)
    raw = Filled(hit, hit.column.values, ~hit.column.absent)
    if wrong.any():
        diagnostics.append(errors.not_codes(item, member, hit.subject, raw.places(wrong), int(wrong.sum())))
        return None
    given = axes.labels.get(root)
    if found.dtype.kind == "O" or (given is not None and item.base is None):
        return _positions(raw, found, axes, diagnostics)
    base, size = item.base or 0, axes.sizes[root]
    codes = found - base
    outside = ((codes < 0) | (codes >= size)) & raw.present
    if outside.any():
        low, high = found[raw.present].min(), found[raw.present].max()
        from_one = item.base is None and low >= 1 and high <= size
        raw = replace(raw, array=found)
        diagnostics.append(
            errors.code_range(item, member, base, size, hit.subject, raw.places(outside), int(outside.sum()), from_one)
        )
        return None
    return np.where(raw.present, codes, 0)


def _positions(raw: Filled, found: Array, axes: Axes, diagnostics: list[Diagnostic]) -> Array | None:
    item, member = raw.located.item, raw.located.item.kind.member
    assert member is not None
    given = axes.labels.get(axes.root(member), ())
    place = {label: index for index, label in enumerate(given)}
    distinct, inverse = _distinct(found)
    at = np.array([place.get(label, -1) for label in distinct], np.int64)[inverse].reshape(found.shape)
    unknown = (at < 0) & raw.present
    if not unknown.any():
        return np.where(raw.present, at, 0)
    first = next(str(label) for label in found[unknown].tolist())
    near = nearest(first, [str(label) for label in given])
    codes = found.dtype.kind == "i" and any(isinstance(label, str) for label in given)
    source = axes.sources.get(axes.root(member), "it has none")
    raw = replace(raw, array=found)
    diagnostics.append(
        errors.unknown_labels(
            item, member, source, raw.located.subject, raw.places(unknown), int(unknown.sum()), near, codes
        )
    )
    return None


def _distinct(found: Array) -> tuple[list[Any], Array]:
    if found.dtype.kind == "i":
        values, inverse = np.unique(found, return_inverse=True)
        return values.tolist(), inverse.ravel()
    numbering: dict[Any, int] = {}
    inverse = np.fromiter((numbering.setdefault(x, len(numbering)) for x in found.ravel()), np.int64, found.size)
    return list(numbering), inverse


def _orders(hit: Located, axes: Axes, diagnostics: list[Diagnostic]) -> tuple[Array | None, ...] | None:
    """For each axis the positions in the file in the order of the labels; ``None`` for an axis that is in order."""
    orders: list[Array | None] = []
    for axis, dim in enumerate(hit.item.dims):
        key = axes.keys.get(hit.item.name, {}).get(axis)
        root = axes.root(dim.name)
        if key is None or root not in axes.sizes:
            orders.append(None)
            continue
        found = labels(key.column)[0].tolist()
        base = axes.bases.get(root)
        wanted = axes.labels.get(root)
        if wanted is None:
            wanted = tuple(range(base or 0, (base or 0) + axes.sizes[root]))
        at = {label: index for index, label in enumerate(found)}
        lacking = [shown(label) for label in wanted if label not in at]
        unknown = [shown(label) for label in found if label not in set(wanted)]
        if lacking or unknown:
            source = axes.sources.get(root, f"codes from {base or 0}")
            diagnostics.append(errors.join(hit.item, dim.name, key.origin, lacking, unknown, source))
            return None
        order = np.array([at[label] for label in wanted], np.int64)
        orders.append(None if np.array_equal(order, np.arange(len(order))) else order)
    return tuple(orders)


def _check_elements(filled: Filled, lower: Array | None, upper: Array | None, diagnostics: list[Diagnostic]) -> None:
    item, x = filled.located.item, np.asarray(filled.array)
    interval = item.kind.interval
    least, most = -np.inf if lower is not None else interval.lower, np.inf if upper is not None else interval.upper
    bad = filled.present & ~inside(replace(interval, lower=least, upper=most), x)
    with np.errstate(invalid="ignore"):
        bad |= filled.present & (x < lower) if lower is not None else False
        bad |= filled.present & (x > upper) if upper is not None else False
    if bad.any():
        meaning = _meaning(item.kind.element if item.kind.structure is not Structure.SCALAR else item.kind, item)
        diagnostics.append(errors.outside(item, meaning, filled.located.subject, filled.places(bad), int(bad.sum())))


def _meaning(kind: Kind, item: Data) -> str:
    name = str(kind)
    if name == "real" and (item.bounds.lower is not None or item.bounds.upper is not None):
        return "finite and within the bounds that its declaration computes"
    if name in KINDS and not KINDS[name].arguments:
        return f"{name} ({KINDS[name].meaning})" if name != "real" else KINDS[name].meaning
    if item.bounds.lower is not None or item.bounds.upper is not None:
        return "finite and within the bounds that its declaration computes"
    return f"finite and in {kind.interval}"


def _check_structure(filled: Filled, diagnostics: list[Diagnostic]) -> Filled:
    kind = filled.located.item.kind
    if not filled.array.size:
        return filled
    structure, hit = kind.structure, filled.located
    rank = structure.rank
    whole = tuple(range(-rank, 0))
    known = filled.present.all(axis=whole)
    torn = filled.present.any(axis=whole) & ~known
    if torn.any():
        places = [hit.place(filled.in_file(tuple(index))) for index in np.argwhere(torn).tolist() if index]
        diagnostics.append(errors.partly_missing(hit.item.name, str(structure), places, hit.item.span))
    shape = filled.array.shape[-rank:]
    harmless = HARMLESS[structure](shape[-1])
    array = np.where(known.reshape(known.shape + (1,) * rank), np.asarray(filled.array, float), harmless)
    test: Callable[[Array], Array] = TESTS[structure]
    with np.errstate(over="ignore"):
        bad = ~test(array)
    if bad.any():
        wrong = [tuple(index) for index in np.argwhere(bad)[:10].tolist()]
        places = [hit.place(filled.in_file(index)) for index in wrong if index]
        meaning = f"{structure} ({KINDS[str(structure)].meaning})"
        why = str(misfit(array[wrong[0]], kind, 1))
        diagnostics.append(errors.structure(hit.item, meaning, hit.subject, places, int(bad.sum()), why))
    present = np.broadcast_to(known.reshape(known.shape + (1,) * rank), array.shape)
    return replace(filled, array=array, present=np.array(present))


def _inside(interval: Interval) -> float:
    low, high = interval.lower, interval.upper
    if np.isinf(low) and np.isinf(high):
        return 0.0
    if np.isinf(high):
        return low if interval.integer else low + 1
    if np.isinf(low):
        return high if interval.integer else high - 1
    return float(np.ceil(low)) if interval.integer else (low + high) / 2
