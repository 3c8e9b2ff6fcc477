import gzip
import json
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
import xarray as xr

from svilang.data import READERS, read, table
from svilang.data.table import labels, numbers
from svilang.diagnostics import SvilangError


def _fails(path, code):
    with pytest.raises(SvilangError) as caught:
        read(path)
    (only,) = caught.value.diagnostics
    assert only.code == code
    return only.message


def _write(tmp_path, text, name="a.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _same(found, y, g):
    values, wrong = numbers(found.columns["y"])
    assert not wrong.any()
    np.testing.assert_array_equal(np.where(found.columns["y"].absent, np.nan, values), y)
    np.testing.assert_array_equal(labels(found.columns["g"])[0], np.array(g, object))


def test_every_format_gives_the_same_table(tmp_path):
    y, g = np.array([1.5, np.nan, -3e-7]), ["a", "b", "a"]
    frame = pd.DataFrame({"y": y, "g": g})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    frame.to_parquet(tmp_path / "a.parquet")
    pyarrow.feather.write_feather(pa.Table.from_pandas(frame), tmp_path / "a.feather")
    pyarrow.feather.write_feather(pa.Table.from_pandas(frame), tmp_path / "a.arrow", compression="uncompressed")
    np.savez(tmp_path / "a.npz", y=y, g=np.array(g))
    (tmp_path / "a.json").write_text(json.dumps({"y": [1.5, None, -3e-7], "g": g}))
    xr.Dataset({"y": ("obs", y), "g": ("obs", g)}).to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    for path in [tmp_path / f"a.{ending}" for ending in ("csv", "tsv", "json")]:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    seen = set()
    for path in tmp_path.iterdir():
        _same(read(path), y, g)
        seen.add(path.name.removeprefix("a"))
    assert seen == set(READERS) - {".npy"}


@pytest.mark.parametrize("damage", [lambda a: a[:20], lambda a: b"x" + a, lambda a: a[:12] + b"??" + a[14:]])
def test_a_damaged_compressed_file_is_named(damage, tmp_path):
    whole = gzip.compress(b"y\n1.5\n2.25\n-3\n")
    assert "a.csv.gz` cannot be read" in _fails(_write(tmp_path, damage(whole), "a.csv.gz"), "E0502")


def test_every_kind_of_python_table_gives_the_same_table():
    y, g = np.array([1.5, np.nan, -3e-7]), ["a", "b", "a"]
    frame = pd.DataFrame({"y": y, "g": g})
    for given in (
        {"y": y, "g": g},
        {"y": [1.5, None, -3e-7], "g": np.array(g)},
        {"y": frame["y"], "g": pl.Series(g)},
        frame,
        frame.astype({"g": "category"}),
        pl.from_pandas(frame),
        pl.from_pandas(frame).lazy(),
        pa.Table.from_pandas(frame),
        xr.Dataset({"y": ("obs", y), "g": ("obs", g)}),
        {"y": np.ma.masked_array([1.5, 9.0, -3e-7], [False, True, False]), "g": g},
    ):
        _same(table(given), y, g)


def test_a_named_index_of_a_pandas_frame_is_a_column():
    frame = pd.DataFrame({"y": [1.0, 2.0]}, index=pd.Index(["a", "b"], name="school"))
    assert labels(table(frame).columns["school"])[0].tolist() == ["a", "b"]
    assert set(table(frame.reset_index(drop=True)).columns) == {"y"}


def test_a_column_of_integers_with_gaps_keeps_every_digit(tmp_path):
    big = 2**60 + 1
    frame = pl.DataFrame({"n": [big, None]})
    frame.write_parquet(tmp_path / "a.parquet")
    for found in (table(frame), read(tmp_path / "a.parquet")):
        assert numbers(found.columns["n"])[0].tolist() == [big, 0]
        assert found.columns["n"].absent.tolist() == [False, True]


def test_columns_with_the_same_values_are_two_columns(tmp_path):
    frame = pa.table({"x": [1.0, 2.0], "y": [1.0, 2.0]})
    pa.parquet.write_table(frame, tmp_path / "a.parquet")
    for found in (table(frame), read(tmp_path / "a.parquet")):
        assert {name: column.values.tolist() for name, column in found.columns.items()} == frame.to_pydict()
    with pytest.raises(SvilangError, match="more than one column is called `x`"):
        table(pa.table([[1.0], [2.0]], names=["x", "x"]))


def test_dates_become_labels_in_iso_form():
    days = pd.to_datetime(["2024-01-31", "2024-02-01"])
    for given in (pd.DataFrame({"d": days}), pl.DataFrame({"d": days}), {"d": days.to_numpy()}):
        assert labels(table(given).columns["d"])[0].tolist() == ["2024-01-31", "2024-02-01"]
    hours = np.array(["2024-01-31T12:00", "NaT"], "datetime64[ns]")
    found = table({"d": hours}).columns["d"]
    assert labels(found)[0][0] == "2024-01-31T12:00:00"
    assert found.absent.tolist() == [False, True]


def test_named_axes_and_coordinates_come_along(tmp_path):
    data = xr.Dataset({"y": (("obs", "feature"), np.ones((3, 2)))}, coords={"feature": ["a", "b"]})
    data.to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    for found in (table(data), read(tmp_path / "a.nc"), table(data["y"])):
        assert found.columns["y"].dims == ("obs", "feature")
        assert found.labels["feature"].values.tolist() == ["a", "b"]


def test_netcdf_values_are_decoded(tmp_path):
    data = xr.Dataset({"y": ("obs", np.array([0.5, np.nan]))})
    encoding = {"y": {"dtype": "int16", "scale_factor": 0.25, "add_offset": 1.0, "_FillValue": -1}}
    data.to_netcdf(tmp_path / "a.nc", engine="h5netcdf", encoding=encoding)
    found = read(tmp_path / "a.nc").columns["y"]
    assert found.values[0] == 0.5
    assert found.absent.tolist() == [False, True]


def test_csv_takes_what_spreadsheets_write(tmp_path):
    text = '\ufeff"y"; "g"\r\n1.5;"a;b"\r\nNA;"say ""hi"""\r\n\r\n 3 ;\r\n'
    found = read(_write(tmp_path, text))
    assert numbers(found.columns["y"])[0].tolist() == [1.5, 0, 3]
    assert found.columns["y"].absent.tolist() == [False, True, False]
    assert found.columns["g"].values.tolist() == ["a;b", 'say "hi"', ""]
    assert found.lines.tolist() == [2, 3, 5]


def test_an_unnamed_column_of_row_names_is_left_out(tmp_path):
    assert set(read(_write(tmp_path, '"","y"\n"1",2\n')).columns) == {"y"}


def test_a_broken_csv_names_the_file_and_the_row(tmp_path):
    assert _fails(_write(tmp_path, "y,x\n1,2\n3\n4,5,6\n"), "E0503") == (
        "a.csv: the header has 2 cells, but row 2 (line 3) has 1, row 3 (line 4) has 3"
    )
    assert "`y` more than once" in _fails(_write(tmp_path, "y,y\n1,2\n"), "E0503")
    assert "empty" in _fails(_write(tmp_path, ""), "E0503")
    assert "line 3 is not UTF-8" in _fails(_write(tmp_path, "y\n1\n\xe9\n".encode("latin-1")), "E0503")
    assert "line 3" in _fails(_write(tmp_path, 'y\n1\n"2\n'), "E0503")


def test_many_broken_rows_are_counted(tmp_path):
    assert "and 23 more" in _fails(_write(tmp_path, "y,x\n" + "1\n" * 33), "E0503")


def test_a_missing_file_is_compared_with_its_neighbours(tmp_path):
    _write(tmp_path, "y\n1\n", "radon.csv")
    with pytest.raises(SvilangError) as caught:
        read(tmp_path / "raddon.csv")
    (only,) = caught.value.diagnostics
    assert only.code == "E0501"
    assert only.help == "in the same directory there is `radon.csv`"


def test_other_broken_files_have_messages_of_their_own(tmp_path):
    assert "format" in _fails(_write(tmp_path, "", "a.xlsx"), "E0502")
    assert "line 2, column 3" in _fails(_write(tmp_path, '{"y":\n  oops}', "a.json"), "E0503")
    assert "`y` differ in length" in _fails(_write(tmp_path, '{"y": [[1, 2], [3]]}', "a.json"), "E0503")
    assert "nested object" in _fails(_write(tmp_path, '{"y": [{"z": 1}]}', "a.json"), "E0503")
    assert "neither" in _fails(_write(tmp_path, "[1, 2]", "a.json"), "E0503")
    for name in ("a.npz", "a.npy", "a.parquet", "a.arrow", "a.nc"):
        assert re.search(r"no \.\w+ file|is damaged$", _fails(_write(tmp_path, b"no such thing", name), "E0502"))
    np.savez(tmp_path / "o.npz", y=np.array([{}], object))
    assert "Python objects" in _fails(tmp_path / "o.npz", "E0502")
    assert _fails(tmp_path, "E0502")
    (tmp_path / "folder.csv").mkdir()
    assert "directory" in _fails(tmp_path / "folder.csv", "E0502")
    assert "`y` more than once" in _fails(_write(tmp_path, '{"y": [1], "y": [2]}', "a.json"), "E0503")
    assert "UTF-8" in _fails(_write(tmp_path, "y\n1\n".encode("utf-16")), "E0503")


def test_json_takes_stan_layout_and_records(tmp_path):
    text = '{"N": 2, "X": [[1, 2, 3], [4, 5, 6]], "y": ["NaN", 2.5], "z": [], "big": 1152921504606846977}'
    found = read(_write(tmp_path, text, "a.json"))
    assert found.columns["N"].values.shape == ()
    assert found.columns["X"].values.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert found.columns["y"].absent.tolist() == [True, False]
    assert numbers(found.columns["y"])[0][1] == 2.5
    assert found.columns["z"].values.shape == (0,)
    assert int(found.columns["big"].values) == 2**60 + 1
    records = read(_write(tmp_path, '[{"y": 1, "g": "a"}, {"g": "b"}]', "b.json"))
    assert records.columns["y"].absent.tolist() == [False, True]


def test_a_whole_number_too_large_for_any_float_is_infinite(tmp_path):
    large = "9" * 400
    found = read(_write(tmp_path, f'{{"x": [1, -{large}], "y": [1.5, {large}]}}', "a.json"))
    assert found.columns["x"].values.tolist() == [1, -np.inf]
    assert found.columns["y"].values.tolist() == [1.5, np.inf]


def test_whole_numbers_are_labels_however_they_are_written(tmp_path):
    found = read(_write(tmp_path, "a,b,c,d\n1,1.0,007,x\n-2,,8,3\n"))
    assert labels(found.columns["a"])[0].tolist() == [1, -2]
    assert labels(found.columns["b"])[0].tolist() == [1, 0]
    assert labels(found.columns["c"])[0].tolist() == ["007", "8"]
    assert labels(found.columns["d"])[0].tolist() == ["x", "3"]


def test_underscores_are_not_part_of_numbers(tmp_path):
    assert numbers(read(_write(tmp_path, "y\n1_000\n2\n")).columns["y"])[1].tolist() == [True, False]
