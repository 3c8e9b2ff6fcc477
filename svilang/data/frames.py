"""Tables from what a Python program holds: dicts of arrays, data frames of any library, xarray."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from numbers import Number
from typing import Any

import numpy as np

from ..diagnostics import SvilangError
from . import errors
from .table import Column, Table, Uneven, column

PYTHON = "the data given in Python"


def is_frame(value: Any) -> bool:
    """Whether a value is a data frame or an xarray ``Dataset``, and so a whole table."""
    kind = type(value)
    lazy = hasattr(kind, "collect_schema")
    arrow = hasattr(kind, "column_names") and hasattr(kind, "schema")
    return hasattr(value, "data_vars") or lazy or arrow or (hasattr(kind, "columns") and hasattr(kind, "shape"))


def table(value: Any, origin: str = PYTHON) -> Table:
    """The table that a Python value holds.

    Args:
        value: a mapping of names to arrays, lists or numbers; a pandas, polars or Arrow frame; an xarray ``Dataset`` or
            named ``DataArray``.
        origin: what messages call it.

    Raises:
        SvilangError: where rows differ in length, or it is nothing of the kind.

    Example:
        >>> table({"y": [1.0, 2.0]}).columns["y"].values.tolist()
        [1.0, 2.0]
    """
    if isinstance(value, Table):
        return value
    if hasattr(value, "data_vars"):
        return _of_dataset(value, origin)
    if isinstance(value, Mapping):
        return _of_mapping(value, origin)
    if hasattr(value, "coords") and hasattr(value, "dims"):
        return _of_dataset(value.to_dataset(name=value.name or "value"), origin)
    if is_frame(value):
        return from_native(value, origin)
    fix = 'give a mapping from names to values, as `{"y": [1, 2]}`, a data frame, or the path of a file'
    raise SvilangError([errors.malformed(origin, f"`{type(value).__name__}` is not a table that can be read", fix)])


def array(value: Any, name: str, origin: str = PYTHON) -> Column:
    """The column that one Python value holds: a number, lists, an array, a series or an xarray ``DataArray``."""
    with _converted(f"`{name}`", origin):
        if hasattr(value, "coords") and hasattr(value, "dims"):
            found = column(np.asarray(value.values), dims=tuple(map(str, value.dims)))
            return replace(found, coords=_coordinates(value))
        if hasattr(value, "index") and hasattr(value, "iloc"):
            return replace(column(_series_values(value)), index=_index(value), levels=_levels(value))
        if hasattr(value, "to_numpy") and hasattr(value, "to_list"):
            if not hasattr(value.dtype, "is_temporal"):
                return column(value.to_list())
            found = column(value.to_list() if value.dtype.is_temporal() or _has_nulls(value) else value.to_numpy())
            return replace(found, levels=_levels(value))
        found = column(value)
        if found.values.ndim == 0 and found.values.dtype.kind == "O" and not isinstance(value, _SINGLE):
            what = "nothing" if value is None else f"a {type(value).__name__}"
            raise SvilangError([errors.malformed(origin, f"`{name}` is {what}", "give a number, a list or an array")])
        return found


_SINGLE = (str, bytes, float, Number, date, np.ndarray, np.generic)
"""What holds one value, and is no collection that cannot be read."""


@contextmanager
def _converted(what: str, origin: str) -> Generator[None]:
    """Whatever stops NumPy or a frame's library from making an array of what was given, as one message."""
    try:
        yield
    except SvilangError:
        raise
    except Uneven as error:
        raise SvilangError([errors.malformed(origin, f"the rows of {what} differ in length")]) from error
    except Exception as error:
        why = f"{what} cannot be read as numbers, text or dates"
        raise SvilangError([errors.malformed(origin, why)]) from error


def from_native(frame: Any, origin: str) -> Table:
    """The table in a data frame of any library that narwhals knows.

    Raises:
        SvilangError: if narwhals is not installed, or a column has rows of unequal length.
    """
    try:
        import narwhals.stable.v2 as nw
    except ImportError as error:
        raise SvilangError([errors.needs_package("a data frame", "narwhals")]) from error
    # The columns of an Arrow table are not their names.
    named = () if hasattr(frame, "collect_schema") else getattr(frame, "column_names", getattr(frame, "columns", ()))
    names = [str(name) for name in named]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise SvilangError([errors.malformed(origin, f"more than one column is called {errors.quoted(twice)}")])
    with _converted(f"a {type(frame).__name__}", origin):
        native = nw.from_native(_with_index(frame))
        if isinstance(native, nw.LazyFrame):
            native = native.collect()
    found = zip(native.columns, native.iter_columns(), strict=True)
    columns = {str(name): _of_series(series, str(name), origin) for name, series in found}
    plain = hasattr(frame, "iloc") and all(name is None for name in frame.index.names)
    return Table(origin, columns, index=_index(frame) if plain else None)


def _of_mapping(value: Mapping[Any, Any], origin: str) -> Table:
    return Table(origin, {str(name): array(item, str(name), origin) for name, item in value.items()})


def _of_dataset(value: Any, origin: str) -> Table:
    labels = _coordinates(value)
    extra = {str(n): c for n, c in value.coords.items() if str(n) not in labels}
    columns = {str(n): array(v, str(n), origin) for n, v in (*value.data_vars.items(), *extra.items())}
    return Table(origin, columns, labels)


def _coordinates(value: Any) -> dict[str, Column]:
    return {
        str(name): column(np.asarray(coordinate.values))
        for name, coordinate in value.coords.items()
        if tuple(coordinate.dims) == (name,)
    }


def _with_index(frame: Any) -> Any:
    """A pandas frame with the named levels of its index as columns, since only those carry meaning."""
    names: Iterable[Any] = getattr(getattr(frame, "index", None), "names", None) or ()
    keep = [name for name in names if name is not None and name not in frame.columns]
    return frame.reset_index(level=keep) if keep else frame


def _index(series: Any) -> Column:
    """The labels of the rows of a series or a frame; those of several levels as one text."""
    if series.index.dtype.kind == "i":
        return column(series.index.to_numpy())
    labels = series.index.tolist()
    return column([str(label) if isinstance(label, tuple) else label for label in labels])


def _levels(series: Any) -> Column | None:
    """The categories of a series, where their order has a meaning."""
    kind = series.dtype
    if getattr(kind, "ordered", False):
        return column(list(kind.categories))
    enumerated = type(kind).__name__ == "Enum" and hasattr(kind, "categories")
    return column(list(kind.categories)) if enumerated else None


def _of_series(series: Any, name: str, origin: str) -> Column:
    with _converted(f"`{name}`", origin):
        missing = series.is_null().to_numpy()
        if series.dtype.is_numeric() and not series.dtype.is_decimal():
            known = series.fill_null(0) if missing.any() else series
            return column(known.to_numpy(), missing if missing.any() else None)
        found = column(_dates(series) if str(series.dtype).startswith("Date") else series.to_list())
        return replace(found, levels=_levels(series))


def _dates(series: Any) -> Any:
    items = series.to_list()
    zoned = any(getattr(item, "tzinfo", None) is not None for item in items)
    return items if zoned else np.array(items, dtype="datetime64[us]")


def _series_values(series: Any) -> Any:
    return series.tolist() if series.dtype.kind not in "fiubM" else series.to_numpy()


def _has_nulls(series: Any) -> bool:
    return bool(series.is_null().any())
