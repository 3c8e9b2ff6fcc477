"""One reader per file format; each makes a table."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..diagnostics import SvilangError, nearest
from . import errors
from .frames import from_native
from .table import Column, Table, Uneven, column, text_column


def read(path: str | Path) -> Table:
    r"""The table in a file; the ending of its name says the format, and ``.gz`` behind it that it is compressed.

    Raises:
        SvilangError: naming the file, and the line where there is one.

    Example:
        >>> import tempfile, pathlib
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "a.csv"
        >>> _ = file.write_text("y,group\n1.5,a\n2,b\n")
        >>> sorted(read(file).columns)
        ['group', 'y']
    """
    if path == "":
        raise SvilangError([errors.not_found("", [])])
    path = Path(path)
    reader = READERS.get(_ending(path))
    if path.is_dir():
        raise SvilangError([errors.unreadable(str(path), "it is a directory")])
    if reader is None:
        raise SvilangError([errors.unknown_format(str(path), sorted(READERS))])
    if not path.is_file():
        raise SvilangError([errors.not_found(str(path), _similar(path))])
    try:
        return reader(path)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise SvilangError([errors.unreadable(str(path), _reason(path, error))]) from error


def is_file(name: str) -> bool:
    """Whether a name is that of a file that can be read, by its ending."""
    return _ending(Path(name)) in READERS


def _ending(path: Path) -> str:
    """The ending that says the format, with that of the compression."""
    return "".join(path.suffixes[-2 if path.suffix.lower() == ".gz" else -1 :]).lower()


def _similar(path: Path) -> list[str]:
    if not path.parent.is_dir():
        return []
    return nearest(path.name, [other.name for other in path.parent.iterdir() if other.is_file()])


def _reason(path: Path, error: Exception) -> str:
    """Why a file cannot be read: what the system says, or that its bytes are not what its name says."""
    if isinstance(error, gzip.BadGzipFile):
        return "it is not compressed, although its name ends in .gz"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"it is damaged, cut short or no {path.suffix} file"


def _bad(path: Path, why: str, hint: str | None = None) -> SvilangError:
    return SvilangError([errors.malformed(path.name, why, hint)])


# --- text ------------------------------------------------------------------------------------------------------------


def _text(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix.lower() == ".gz":
        data = gzip.decompress(data)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _bad(path, f"line {line} is not UTF-8 text", "save the file with the encoding UTF-8") from error


def _read_csv(path: Path) -> Table:
    text = _text(path)
    header, rows, lines = _cells(path, text, _separator(text, "\t" if ".tsv" in _ending(path) else ","))
    if header[0].startswith("sep="):
        raise _bad(path, "the first line says what separates the cells", "remove it: the first line names the columns")
    _check_rows(path, header, rows, lines)
    named = [(name, index) for index, name in enumerate(header) if name]
    columns = {name: text_column([row[index].strip() for row in rows]) for name, index in named}
    return Table(path.name, columns, lines=np.array(lines, np.int64))


SEPARATORS = ",;\t|"


def _separator(text: str, usual: str) -> str:
    """The sign between the cells of the first line: the usual one where that occurs outside of quotation marks."""
    header = re.sub(r'"[^"]*"', "", next(iter(text.splitlines()), ""))
    others = sorted(SEPARATORS, key=header.count, reverse=True)
    return usual if usual in header or others[0] not in header else others[0]


def _cells(path: Path, text: str, delimiter: str) -> tuple[list[str], list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise _bad(path, f"line {reader.line_num}: {error}") from error
    if not rows:
        raise _bad(path, "the file is empty", "the first line names the columns")
    return [name.strip() for name in rows[0]], rows[1:], lines[1:]


def _check_rows(path: Path, header: list[str], rows: list[list[str]], lines: list[int]) -> None:
    twice = list(dict.fromkeys(name for name in header if header.count(name) > 1))
    if twice:
        named = [f"`{name}`" if name else "an unnamed column" for name in twice]
        raise _bad(path, f"the header has {errors.listed(named)} more than once")
    uneven = [
        f"row {index + 1} (line {line}) has {len(row)}"
        for index, (row, line) in enumerate(zip(rows, lines, strict=True))
        if len(row) != len(header)
    ]
    if uneven:
        few = "1 cell" if len(header) == 1 else f"{len(header)} cells"
        alone = len(header) == 1 or header[0].startswith("#")
        hint = "the first line names the columns: remove what stands before it" if alone else None
        raise _bad(path, f"the header has {few}, but {errors.listed(uneven)}", hint)


def _read_json(path: Path) -> Table:
    try:
        value = json.loads(_text(path), object_pairs_hook=lambda pairs: _object(path, pairs))
    except json.JSONDecodeError as error:
        raise _bad(path, f"line {error.lineno}, column {error.colno}: {error.msg.lower()}") from error
    except (RecursionError, ValueError) as error:
        raise _bad(path, "the lists are nested too deeply or a number is too long") from error
    if isinstance(value, list) and value and all(isinstance(record, dict) for record in value):
        value = _records(value)
    if not isinstance(value, dict):
        hint = "write {name: number or nested list, …}, or a list of records"
        raise _bad(path, "the file holds neither named values nor a list of records", hint)
    return Table(path.name, {str(name): _json_column(path, name, item) for name, item in value.items()})


def _object(path: Path, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, in which a name must not stand twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = [f"`{name}`" for name in found if names.count(name) > 1]
        raise _bad(path, f"an object has {errors.listed(twice)} more than once")
    return found


def _records(records: list[dict[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for record in records for name in record)
    return {name: [record.get(name) for record in records] for name in names}


def _json_column(path: Path, name: str, value: Any) -> Column:
    try:
        if not _plain_json(value):
            raise _bad(path, f"`{name}` holds a nested object where numbers or labels should be")
        return column(value)
    except Uneven as error:
        raise _bad(path, f"the rows of `{name}` differ in length") from error
    except RecursionError as error:
        raise _bad(path, f"the lists of `{name}` are nested too deeply") from error


def _plain_json(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_plain_json, value))
    return not isinstance(value, dict)


# --- arrays ----------------------------------------------------------------------------------------------------------


def _read_npz(path: Path) -> Table:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return Table(path.name, {name: column(archive[name]) for name in archive.files})
    except ValueError as error:
        raise SvilangError([errors.unreadable(str(path), "it holds Python objects or is damaged")]) from error


def _read_npy(path: Path) -> Table:
    try:
        return Table(path.name, {path.stem: column(np.load(path, mmap_mode="r", allow_pickle=False))})
    except ValueError as error:
        raise SvilangError([errors.unreadable(str(path), "it holds Python objects or is damaged")]) from error


def _read_netcdf(path: Path) -> Table:
    import h5netcdf

    with h5netcdf.File(path, "r") as file:
        groups: list[Any] = [file, *(file.groups[g] for g in ("constant_data", "observed_data") if g in file.groups)]
        variables = {name: variable for group in groups for name, variable in group.variables.items()}
        columns = {name: _netcdf_column(variable) for name, variable in variables.items()}
    labels = {name: col for name, col in columns.items() if col.dims == (name,)}
    return Table(path.name, {n: c for n, c in columns.items() if n not in labels}, labels)


def _netcdf_column(variable: Any) -> Column:
    values = np.asarray(variable[...])
    attributes: Mapping[str, Any] = variable.attrs
    missing = None
    for mark in ("_FillValue", "missing_value"):
        if mark in attributes:
            missing = values == np.asarray(attributes[mark]).ravel()[0]
    if "scale_factor" in attributes or "add_offset" in attributes:
        values = values * np.float64(attributes.get("scale_factor", 1)) + np.float64(attributes.get("add_offset", 0))
    return column(values, missing, dims=tuple(variable.dimensions))


# --- columnar --------------------------------------------------------------------------------------------------------


def _read_parquet(path: Path) -> Table:
    parquet = _arrow("pyarrow.parquet", path)
    # Without pre_buffer=False the reader keeps the whole file in memory beside the table.
    return _arrow_table(path, lambda: parquet.read_table(path, pre_buffer=False))


def _read_feather(path: Path) -> Table:
    feather = _arrow("pyarrow.feather", path)
    return _arrow_table(path, lambda: feather.read_table(path))


def _arrow(module: str, path: Path) -> Any:
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise SvilangError([errors.needs_package(f"`{path.name}`", "pyarrow")]) from error


def _arrow_table(path: Path, load: Callable[[], Any]) -> Table:
    import pyarrow

    try:
        return from_native(load(), path.name)
    except (pyarrow.ArrowException, OSError) as error:
        raise SvilangError([errors.unreadable(str(path), _reason(path, error))]) from error


_TEXTS: dict[str, Callable[[Path], Table]] = {".csv": _read_csv, ".tsv": _read_csv, ".json": _read_json}

READERS: dict[str, Callable[[Path], Table]] = {
    **_TEXTS,
    **{f"{ending}.gz": reader for ending, reader in _TEXTS.items()},
    ".npz": _read_npz,
    ".npy": _read_npy,
    ".parquet": _read_parquet,
    ".feather": _read_feather,
    ".arrow": _read_feather,
    ".nc": _read_netcdf,
}
"""The reader of each file name ending."""
