"""Data of the right shape for a spec, with cells, columns, files and settings broken."""

import datetime
import decimal
import fractions
import io
import json
import math

import numpy as np
import pandas as pd
import polars as pl

from svilang.types.kinds import Structure

CELLS = (
    *(float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 5e-324, -0.0, 10**30, -(10**30), 2**63, 2**31, -1),
    *(
        0,
        1,
        2,
        0.5,
        1e10,
        True,
        False,
        None,
        "",
        "a",
        "NA",
        "nan",
        "1",
        "1e400",
        " 1 ",
        "1,5",
        "é",
        "\0",
        b"a",
        b"\xff",
    ),
    *(1j, complex("nan"), datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1, 1), datetime.timedelta(1)),
    *(decimal.Decimal("1.5"), decimal.Decimal("NaN"), decimal.Decimal("sNaN"), fractions.Fraction(1, 3), pd.NA, pd.NaT),
    *(np.float16(1), np.int8(-1), np.datetime64("NaT", "D"), np.timedelta64(1, "D"), np.str_("b"), np.bytes_(b"c")),
    *(
        [],
        [1],
        [1, 2],
        [[1]],
        (),
        {},
        {"a": 1},
        {1},
        object,
        len,
        ...,
        range(3),
        "x" * 5000,
        10**5000,
        np.array([1, 2]),
    ),
    *(np.zeros((0, 3)), pd.Timestamp("2020"), pd.Interval(0, 1), np.ma.masked, np.float32("nan"), np.uint64(2**63)),
)
DTYPES = (
    "f2",
    "f4",
    "f8",
    "g",
    "i1",
    "i8",
    "u1",
    "u8",
    "?",
    "c8",
    "c16",
    "S3",
    "U3",
    "O",
    "M8[D]",
    "m8[s]",
    ">f8",
    ">i4",
    "V4",
)
PANDAS = (
    *("Int64", "Float64", "boolean", "string", "category", "object", "datetime64[ns]", "Sparse[float]", "int8"),
    *("float32[pyarrow]", "int64[pyarrow]", "string[pyarrow]", "timedelta64[ns]", "complex128", "period[D]"),
)
POLARS = (
    *(
        pl.Int8,
        pl.UInt64,
        pl.Float32,
        pl.Boolean,
        pl.String,
        pl.Categorical,
        pl.Date,
        pl.Datetime,
        pl.Duration,
        pl.Time,
    ),
    *(pl.Object, pl.Binary, pl.Null, pl.Decimal(10, 2), pl.List(pl.Float64), pl.Int128),
)


# --- data of the right shape


def sizes_of(program, rng):
    """A size for each dimension, and its labels where the text fixes them."""
    by_name = {dimension.name: dimension for dimension in program.dimensions}
    sizes, labels = {}, {}

    def size(name):
        row = by_name.get(name)
        if name not in sizes:
            if row is None:
                sizes[name] = rng.randrange(1, 5)
            elif row.alias is not None and row.alias != name:
                sizes[name], labels[name] = size(row.alias), labels.get(row.alias)
            elif row.labels is not None:
                sizes[name], labels[name] = len(row.labels), row.labels
            else:
                known = None if row.size is None else program.nodes[row.size].kind.interval
                fixed = known is not None and known.lower == known.upper and math.isfinite(known.lower)
                sizes[name] = min(int(known.lower), 50) if fixed else rng.randrange(1, 5)
        return sizes[name]

    names = [*by_name, *(dim.name for item in program.data for dim in item.dims)]
    for name in [*names, *(item.kind.member for item in program.data if item.kind.member)]:
        size(name)
    return sizes, labels


def good_data(program, rng):
    """A mapping of names to arrays that the declarations allow, as far as that is easily said."""
    sizes, labels = sizes_of(program, rng)
    noise = np.random.default_rng(rng.randrange(2**32))
    return {
        item.name: _values(item, [sizes[dim.name] for dim in item.dims], sizes, labels, noise)
        for item in program.data
        if item.default is None or rng.random() < 0.5
    }


def _values(item, shape, sizes, labels, noise):
    member = item.kind.member
    if member is not None:
        found = noise.integers(0, max(sizes[member], 1), shape)
        known = labels.get(member)
        if known:
            return np.array([known[i] for i in np.ravel(found)], dtype=object).reshape(shape)
        return found + (item.base or 0)
    match item.kind.structure:
        case Structure.SCALAR:
            low, high = max(item.kind.interval.lower, -5), min(item.kind.interval.upper, 5)
            if item.kind.discrete:
                return noise.integers(math.ceil(low), math.floor(high) + 1, shape)
            return noise.uniform(low, high, shape)
        case Structure.SIMPLEX:
            raw = noise.uniform(0.1, 1, shape)
            return raw / raw.sum(-1, keepdims=True)
        case Structure.ORDERED | Structure.POSITIVE_ORDERED:
            return np.cumsum(noise.uniform(0.1, 1, shape), -1)
        case Structure.UNIT_VECTOR:
            raw = noise.normal(size=shape)
            return raw / np.linalg.norm(raw, axis=-1, keepdims=True)
        case Structure.ZERO_SUM:
            raw = noise.normal(size=shape)
            return raw - raw.mean(-1, keepdims=True)
        case _:
            return np.broadcast_to(np.eye(shape[-1]), shape)


# --- broken


def broken(program, rng):
    """Data for a spec with up to three faults, and settings: what ``bind`` takes."""
    data = dict(good_data(program, rng))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        if data:
            data = _faulty(rng, data)
    return rng.choice((_same,) * 6 + WRAPS)(rng, data), _sets(program, rng)


def _faulty(rng, data):
    """One more fault, unless what stands there already is no array any more."""
    try:
        return rng.choice(FAULTS)(rng, data, rng.choice(list(data)))
    except Exception:
        return data


def _sets(program, rng):
    if rng.random() < 0.85:
        return None
    names = [*(d.name for d in program.dimensions), *(item.name for item in program.data), "nothing"]
    return {rng.choice(names): rng.choice((*CELLS, 1, 2, 3, 3, 2.0))}


def _cell(rng, data, name):
    """One cell."""
    found = np.array(data[name], dtype=object, copy=True)
    if found.size:
        cell = np.empty((), object)
        cell[()] = rng.choice(CELLS)
        found[np.unravel_index(rng.randrange(found.size), found.shape)] = cell[()] if found.ndim else cell
    return {**data, name: found if rng.random() < 0.4 else found.tolist()}


def _whole(rng, data, name):
    return {**data, name: rng.choice(CELLS)}


def _drop(rng, data, name):
    return {key: value for key, value in data.items() if key != name}


def _rename(rng, data, name):
    return {
        rng.choice((f"{key}.0", key.upper(), "", 1, None, ("a", "b"))) if key == name else key: v
        for key, v in data.items()
    }


def _length(rng, data, name):
    found = np.atleast_1d(np.asarray(data[name]))
    wanted = rng.choice(
        (found[:-1], found[:0], np.concatenate([found, found]), found[None], found[..., None], found.ravel())
    )
    return {**data, name: wanted}


def _dtype(rng, data, name):
    try:
        with np.errstate(all="ignore"):
            return {**data, name: np.asarray(data[name]).astype(rng.choice(DTYPES))}
    except (TypeError, ValueError, OverflowError):
        return data


def _masked(rng, data, name):
    found = np.asarray(data[name])
    mask = np.array([rng.random() < 0.3 for _ in range(found.size)], bool).reshape(found.shape)
    return {**data, name: np.ma.masked_array(found, mask)}


def _nested(rng, data, name):
    found = np.asarray(data[name]).tolist()
    if isinstance(found, list) and found:
        found[rng.randrange(len(found))] = rng.choice(([], [1], [[1]], None, {}, "a"))
    return {**data, name: rng.choice((found, [found], (found,), {"a": found}, iter([found]), {0}, {"0": 1, "1": 2}))}


def _series(rng, data, name):
    found = np.asarray(data[name])
    try:
        made = pd.Series(list(found) if found.ndim else [found], dtype=rng.choice((None, *PANDAS)))
        made.index = rng.choice((made.index, list("abcdefghijklmnopqrstuvwxyz" * 3)[: len(made)], [0] * len(made)))
    except Exception:
        return data
    return {**data, name: rng.choice((made, made.index, made.array, made.to_frame()))}


def _polars(rng, data, name):
    try:
        made = pl.Series(name, np.asarray(data[name]).tolist(), strict=False)
        made = made.cast(rng.choice(POLARS), strict=False)
    except BaseException:
        return data
    return {**data, name: made}


FAULTS = (
    _cell,
    _cell,
    _cell,
    _whole,
    _drop,
    _rename,
    _length,
    _length,
    _dtype,
    _dtype,
    _masked,
    _nested,
    _series,
    _polars,
)


# --- how it is handed over


def _same(rng, data):
    return data


def _pandas(rng, data):
    try:
        frame = pd.DataFrame({str(key): np.asarray(value).tolist() for key, value in data.items()})
        if rng.random() < 0.5 and len(frame.columns):
            column = rng.choice(list(frame.columns))
            frame[column] = frame[column].astype(rng.choice(PANDAS), errors="ignore")
        if rng.random() < 0.2:
            frame.columns = [rng.choice(list(frame.columns)) for _ in frame.columns]
        return frame.set_index(frame.columns[0]) if rng.random() < 0.2 else frame
    except Exception:
        return data


def _polars_frame(rng, data):
    try:
        return pl.DataFrame({str(key): np.asarray(value).tolist() for key, value in data.items()}, strict=False)
    except BaseException:
        return data


def _other(rng, data):
    first = next(iter(data.values()), None)
    made = (
        list(data.items()),
        list(data.values()),
        tuple(data),
        set(data),
        first,
        None,
        0,
        "",
        "no.csv",
        b"a.csv",
        len,
        {},
    )
    return rng.choice(
        (*made, {"": data}, {"d0": data}, {key: _pandas(rng, data) for key in data}, [data], "\0.csv", ".")
    )


def _structured(rng, data):
    try:
        return np.rec.fromarrays([np.asarray(v) for v in data.values()], names=[str(key) for key in data])
    except Exception:
        return data


WRAPS = (_pandas, _pandas, _polars_frame, _other, _structured)


# --- files


def broken_file(program, rng, folder):
    """The path of a CSV or JSON file with data for a spec and a fault in its text."""
    data = good_data(program, rng)
    if rng.random() < 0.5 and data:
        data = _cell(rng, data, rng.choice(list(data)))
    try:
        if rng.random() < 0.5:
            text, name = (
                json.dumps({k: np.asarray(v, object).tolist() for k, v in data.items()}, default=str),
                "data.json",
            )
        else:
            text, name = _csv(data), "data.csv"
    except ValueError:
        text, name = "y\n" + "9" * 5000, "data.csv"
    raw = text.encode("utf-8", "replace")
    for _ in range(rng.choice((0, 1, 1, 2))):
        at = rng.randrange(len(raw) + 1)
        piece = rng.choice(
            (
                b"",
                b",",
                b'"',
                b"\n",
                b"\0",
                b"\xff",
                b"NA",
                b"1e999",
                b"[",
                b"}",
                b";",
                b"\r",
                b"\xef\xbb\xbf",
                b"9" * 5000,
            )
        )
        raw = raw[:at] + piece + raw[at + rng.choice((0, 0, 1, 5)) :]
    if rng.random() < 0.03:
        raw = rng.choice(
            (b"", b"\n", b"a", raw.decode("utf-8", "replace").encode("utf-16"), b"[" * 20000, b'{"y1": ' * 5000)
        )
    path = folder / rng.choice(
        (name, name, name, "data.csv", "data.json", "data.txt", "data.parquet", "data.npz", "data.csv.gz")
    )
    path.write_bytes(raw)
    return path


def _csv(data):
    columns = {key: np.ravel(np.asarray(value, object)) for key, value in data.items()}
    rows = max((len(column) for column in columns.values()), default=0)
    out = io.StringIO()
    out.write(",".join(map(str, columns)) + "\n")
    for i in range(rows):
        out.write(",".join(str(column[i % len(column)]) if len(column) else "" for column in columns.values()) + "\n")
    return out.getvalue()
