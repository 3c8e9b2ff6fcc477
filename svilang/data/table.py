"""A table as it was given: named columns of numbers, text or dates, before anything is known about their meaning."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..diagnostics import SvilangError
from ..types import composed
from . import errors

Array = np.ndarray[Any, Any]

MISSING_CELLS = frozenset({"", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "null", "NULL"})
"""How a text file writes that nothing is known."""
NEGATIVE_MARKS = (-9, -99, -999, -9999)
"""Numbers that survey files write where nothing is known, and that are hardly ever measured."""

_LARGEST = int(sys.float_info.max)
"""A whole number beyond it is infinite, as a number with a point is."""

_TRUE_FALSE = {"true": 1.0, "false": 0.0}


class Uneven(ValueError):
    """Nested rows of unequal length: no array can hold them."""


@dataclass(frozen=True, eq=False, slots=True)
class Column:
    """One named array of a table.

    Args:
        values: float64, int64, bool, datetime64, or ``object`` holding ``str``.
        missing: where nothing is known; ``None`` where everything is. The values there mean nothing.
        raw: whether the text is a file's, whose type is still open (``"3"`` may be a number, a code or a label).
        dims: the names of the axes, where the source has them.
        parts: what each position of the last axis was called, where several columns were put side by side.
        named: whether these are the labels of that axis.
        coords: the labels along an axis, by its name, where the array itself has them (xarray).
        index: the labels of its rows, where it has some that name no dimension (a series of pandas).
        levels: its categories in their order, where they have one.
    """

    values: Array
    missing: Array | None = None
    raw: bool = False
    dims: tuple[str, ...] | None = None
    parts: tuple[str, ...] | None = None
    named: bool = False
    coords: Mapping[str, Column] = field(default_factory=dict[str, "Column"])
    index: Column | None = None
    levels: Column | None = None

    def __post_init__(self) -> None:
        if self.dims is not None:
            object.__setattr__(self, "dims", tuple(map(composed, self.dims)))
        object.__setattr__(self, "coords", {composed(name): labels for name, labels in self.coords.items()})

    @property
    def absent(self) -> Array:
        """The missing entries as a mask of the shape of the values."""
        return np.zeros(self.values.shape, bool) if self.missing is None else self.missing


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """Columns that came together.

    Args:
        origin: what messages call it: a file name, or "the data given in Python".
        columns: by name.
        labels: coordinates of axes by name, where the source has them (xarray, netCDF).
        lines: the line of the file on which each row ends, for text files.
        by_hand: whether each column was named by the user, so that one that nothing declares is a mistake.
        index: the labels of its rows, where it has some that name no dimension (a frame of pandas).
    """

    origin: str
    columns: Mapping[str, Column]
    labels: Mapping[str, Column] = field(default_factory=dict)
    lines: Array | None = None
    by_hand: bool = False
    index: Column | None = None

    def __post_init__(self) -> None:
        for part in ("columns", "labels"):
            given: Mapping[str, Column] = getattr(self, part)
            names = [composed(name) for name in given]
            if twice := [f"`{names[again]}`" for _, again in repeated(names)]:
                why = f"{errors.listed(twice)} stands there twice, with its accents written in two ways (Unicode)"
                raise SvilangError([errors.malformed(self.origin, why, "leave one of them out")])
            object.__setattr__(self, part, dict(zip(names, given.values(), strict=True)))

    @property
    def tabular(self) -> bool:
        """Whether all columns are vectors of one length, as in a CSV file or a data frame."""
        return len({c.values.shape for c in self.columns.values()}) == 1 and all(
            c.values.ndim == 1 for c in self.columns.values()
        )


def column(values: Any, missing: Array | None = None, dims: tuple[str, ...] | None = None) -> Column:
    """A column from a number, nested lists or any array.

    Raises:
        Uneven: if rows differ in length.

    Example:
        >>> column([1, None, 3]).missing.tolist()
        [False, True, False]
    """
    if isinstance(values, np.ma.MaskedArray):
        missing = _either(np.ma.getmaskarray(values), missing)
        values = values.data
    array = _array(values)
    if array.dtype.kind == "f":
        nan = np.isnan(array)
        return Column(_float64(array), _either(nan, missing), dims=dims)
    if array.dtype.kind in "iub":
        return Column(_integers(array), missing, dims=dims)
    if array.dtype.kind == "M":
        return Column(array, _either(np.isnat(array), missing), dims=dims)
    return _objects(array.astype(object), missing, dims)


def text_column(cells: list[str]) -> Column:
    """A column of a text file, its type still open."""
    values = np.array(cells, dtype=object)
    missing = np.fromiter((cell in MISSING_CELLS for cell in cells), bool, len(cells))
    return Column(values, missing if missing.any() else None, raw=True)


def numbers(col: Column) -> tuple[Array, Array]:
    """The entries as float64 or int64 (0 where missing), and a mask of those that are no numbers."""
    values, absent = col.values, col.absent
    wrong = np.zeros(values.shape, bool)
    if values.dtype.kind in "if":
        return np.where(absent, values.dtype.type(0), values) if absent.any() else values, wrong
    if values.dtype.kind == "b":
        return np.where(absent, False, values).astype(np.int64), wrong
    if values.dtype.kind == "M":
        return np.zeros(values.shape), ~absent
    cells = np.where(absent, "0", values)
    parsed = _parse_all(cells)
    if parsed is None:
        each = [_parse(cell) for cell in cells.ravel()]
        wrong = np.array([value is None for value in each], bool).reshape(values.shape)
        parsed = np.array([0.0 if value is None else value for value in each], float).reshape(values.shape)
    return parsed, wrong & ~absent


def labels(col: Column) -> tuple[Array, Array]:
    """The entries as labels, all ``int`` or all ``str`` (dates in ISO form), and a mask of those that cannot be labels.

    Whole numbers are labels however they were written (``3``, ``3.0``); text is whole numbers only if all of it is.
    """
    values, absent = col.values, col.absent
    wrong = np.zeros(values.shape, bool)
    if values.dtype.kind == "M":
        return _dates(values, absent), wrong
    if values.dtype.kind == "O":
        whole = _whole_text(values, absent) if col.raw else None
        return (np.where(absent, "", values).astype(object) if whole is None else whole), wrong
    if values.dtype.kind == "f":
        wrong = ~absent & ~(np.isfinite(values) & (np.abs(values) < 2.0**53) & (values == np.floor(values)))
        values = np.where(absent | wrong, 0, values)
    return np.where(absent, 0, values).astype(np.int64), wrong


def repeated(values: Iterable[Any]) -> list[tuple[int, int]]:
    """For each value that stood before: where it stood first, and where it stands again.

    Example:
        >>> repeated(["a", "b", "a"])
        [(0, 2)]
    """
    first: dict[Any, int] = {}
    return [(first[value], i) for i, value in enumerate(values) if first.setdefault(value, i) != i]


def shown(value: Any) -> str:
    """A value as a message shows it.

    Example:
        >>> shown(np.float64(-1.0)), shown("low")
        ('-1', '"low"')
    """
    if isinstance(value, str):
        text = "".join(char if char.isprintable() else repr(char)[1:-1] for char in value)
        return f'"{text if len(text) <= 40 else text[:37] + "..."}"'
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, (float, np.floating)) and float(value).is_integer() and abs(value) < 1e16:
        return str(int(value))
    if isinstance(value, np.datetime64):
        return str(value)
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of more than 60 digits"
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _array(values: Any) -> Array:
    if isinstance(values, np.ndarray) or not isinstance(values, (list, tuple)):
        return np.asarray(values)
    try:
        array = np.asarray(values)
    except (ValueError, OverflowError) as error:
        raise Uneven from error
    return array if array.dtype.kind in "fiubM" else _nested(values)


def _nested(values: Any) -> Array:
    shape = _shape(values)
    array = np.empty(shape, dtype=object)
    array.ravel()[:] = list(_leaves(values, len(shape))) if array.size else []
    return array


def _shape(values: Any) -> tuple[int, ...]:
    if not isinstance(values, (list, tuple)):
        return ()
    inner = {_shape(item) for item in values}
    if len(inner) > 1:
        raise Uneven
    return (len(values), *(inner.pop() if inner else ()))


def _leaves(values: Any, depth: int) -> Any:
    if depth == 0:
        yield values
        return
    for item in values:
        yield from _leaves(item, depth - 1)


def _objects(array: Array, missing: Array | None, dims: tuple[str, ...] | None) -> Column:
    flat = [_plain(item) for item in array.ravel().tolist()] if array.ndim else [_plain(array.item())]
    absent = np.fromiter((item is None or item != item for item in flat), bool, len(flat)).reshape(array.shape)
    absent = absent if missing is None else absent | missing
    rest = [item for item, gone in zip(flat, absent.ravel(), strict=True) if not gone]
    gone = absent if absent.any() else None
    if all(isinstance(item, str) for item in rest):
        values = ["" if hole else item for item, hole in zip(flat, absent.ravel(), strict=True)]
        return Column(_texts(values, array.shape), gone, dims=dims)
    if all(isinstance(item, (bool, int, float)) for item in rest):
        kind = bool if all(isinstance(item, bool) for item in rest) else _number_type(rest)
        values = np.array([0 if hole else item for item, hole in zip(flat, absent.ravel(), strict=True)], dtype=kind)
        return Column(values.reshape(array.shape), gone, dims=dims)
    cells = ["" if item is None else str(item) for item in flat]
    holes = absent | np.fromiter((cell in MISSING_CELLS for cell in cells), bool, len(cells)).reshape(array.shape)
    return Column(_texts(cells, array.shape), holes if holes.any() else None, raw=True, dims=dims)


def _plain(item: Any) -> Any:
    if isinstance(item, bytes):
        return item.decode("utf-8", "replace")
    if isinstance(item, np.generic):
        item = item.item()
    if isinstance(item, int) and abs(item) > _LARGEST:
        return math.copysign(math.inf, item > 0 or -1)
    if item is None or isinstance(item, (str, bool, int, float)):
        return item
    if type(item).__name__ in {"NAType", "NaTType"}:
        return None
    return item.isoformat() if hasattr(item, "isoformat") else str(item)


def _number_type(items: list[Any]) -> type:
    whole = all(isinstance(item, int) and abs(item) < 2**63 for item in items)
    return np.int64 if whole else np.float64


def _texts(cells: list[str], shape: tuple[int, ...]) -> Array:
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return array.reshape(shape)


def _float64(array: Array) -> Array:
    return array.astype(np.float64, copy=False)


def _integers(array: Array) -> Array:
    if array.dtype.kind == "u" and array.size and array.max() >= 2**63:
        return _float64(array)
    return array if array.dtype.kind == "b" else array.astype(np.int64, copy=False)


def _either(a: Array, b: Array | None) -> Array | None:
    both = a if b is None else a | b
    return both if both.any() else None


def _parse_all(cells: Array) -> Array | None:
    try:
        joined = cells.astype(str)
        if np.char.find(joined, "_").max(initial=-1) >= 0:
            return None
        parsed = joined.astype(np.float64)
    except ValueError:
        return None
    if parsed.size and np.all(parsed == np.floor(parsed)) and np.abs(parsed).max() < 2.0**53:
        return parsed.astype(np.int64)
    return parsed


def _parse(cell: str) -> float | None:
    word = cell.strip().lower()
    if word in _TRUE_FALSE:
        return _TRUE_FALSE[word]
    try:
        return None if "_" in word else float(word)
    except ValueError:
        return None


def _whole_text(values: Array, absent: Array) -> Array | None:
    """The cells as integers if each is the usual way to write one (``"007"`` is a label, not the number 7)."""
    cells = np.where(absent, "0", values)
    try:
        whole = [int(float(cell)) if cell.endswith(".0") else int(cell) for cell in cells.ravel()]
    except (ValueError, OverflowError):
        return None
    usual = all(cell in (str(n), f"{n}.0") and abs(n) < 2**53 for cell, n in zip(cells.ravel(), whole, strict=True))
    return np.array(whole, np.int64).reshape(values.shape) if usual else None


def _dates(values: Array, absent: Array) -> Array:
    moments = np.where(absent, np.datetime64(0, "us"), values.astype("datetime64[us]"))
    days = moments.astype("datetime64[D]")
    written = np.datetime_as_string(days if np.all(moments == days) else moments.astype("datetime64[s]"))
    return np.asarray(written).astype(object)
