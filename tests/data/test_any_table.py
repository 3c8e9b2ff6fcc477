"""Whatever a table holds, binding ends in a result that keeps its promises or in a message."""

import numpy as np
from data_cases import csv, item, kind, program
from hypothesis import given, settings
from hypothesis import strategies as st

from svilang.data import bind, read, table
from svilang.data.table import Uneven, column
from svilang.diagnostics import SvilangError
from svilang.types import KINDS

CELLS = st.one_of(
    st.sampled_from(
        ["", "NA", "nan", "inf", "-Inf", "1e400", "0", "1", "-1", "2.0", "007", "1_0", "é", "true", "a", "b"]
    ),
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(repr),
    st.text(max_size=5),
)
SCALARS = [name for name, row in KINDS.items() if not row.arguments and row.kind.structure.rank == 0]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.dates(),
    st.binary(max_size=2),
    st.complex_numbers(),
)
NESTED = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3), max_leaves=8)


@settings(max_examples=300, deadline=None)
@given(st.lists(CELLS, max_size=6), st.sampled_from(SCALARS), st.booleans())
def test_any_cells_of_a_csv_file_are_taken_or_refused(cells, name, optional):
    cells = [cell.strip().replace(" ", "") for cell in cells]
    data = item("y", name, "obs", optional=optional)
    given_table = csv(y=" ".join(cell or "_" for cell in cells)) if cells else table({"y": []})
    _check(data, given_table, name)


@settings(max_examples=200, deadline=None)
@given(st.lists(CELLS, max_size=6), st.booleans(), st.sampled_from([None, 0, 1]), st.booleans())
def test_any_cells_are_members_or_refused(cells, optional, base, sized):
    data = item("g", "group", "obs", optional=optional, base=base)
    try:
        found = bind(program(data), {"": table({"g": cells})}, {"group": 2} if sized else None)
    except SvilangError as error:
        _only_data_errors(error)
        return
    positions = found.arrays["g"]
    assert positions.dtype == np.int64
    assert ((positions >= 0) & (positions < max(found.sizes["group"], 1))).all()
    labels = found.labels["group"]
    if labels is not None:
        known = found.present["g"] if optional else np.ones(len(cells), bool)
        assert [str(labels[p]) for p in positions[known]] == [c for c, k in zip(cells, known, strict=True) if k]


@settings(max_examples=300, deadline=None)
@given(
    NESTED,
    st.sampled_from([*SCALARS, "group", "simplex", "cov"]),
    st.sampled_from(["", "obs", "obs k", "k k'"]),
    st.booleans(),
)
def test_any_python_value_is_taken_or_refused(value, name, over, optional):
    if name in KINDS and len(over.split()) < KINDS[name].kind.structure.rank:
        over = "k k'"
    data = item("y", name, over, optional=optional)
    try:
        found = table({"y": value})
    except SvilangError as error:
        _only_data_errors(error)
        return
    _check(data, found, name)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([".csv", ".json", ".tsv", ".npz", ".npy"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content, ending):
    path = tmp_path_factory.mktemp("any") / f"a{ending}"
    path.write_bytes(content)
    try:
        read(path)
    except SvilangError as error:
        _only_data_errors(error)


@settings(max_examples=200, deadline=None)
@given(NESTED)
def test_a_column_is_never_silently_reshaped(value):
    try:
        found = column(value)
    except Uneven:
        return
    assert found.values.dtype.kind in "fibMO"

    def shape(v):
        return (len(v), *(shape(v[0]) if v else ())) if isinstance(v, list) else ()

    assert found.values.shape == shape(value)


def _only_data_errors(error):
    assert error.diagnostics
    assert all(d.code.startswith("E05") and d.message for d in error.diagnostics)


def _check(data, given_table, name):
    try:
        found = bind(program(data), {"": given_table})
    except SvilangError as error:
        _only_data_errors(error)
        return
    array = found.arrays["y"]
    assert array.flags.c_contiguous
    assert array.dtype in (np.float64, np.int64)
    assert array.ndim == len(data.dims)
    if name in KINDS:
        interval = kind(name).interval
        assert all(float(value) in interval for value in array.ravel())
