"""Data as it comes: orders that nothing says, labels typed in several ways, marks for what is missing, odd files."""

import numpy as np
import pandas as pd
import polars
import pytest
import xarray as xr

import svilang
from svilang.diagnostics import SvilangError

LINE = "data { y: real[n] x: real[n] } model { b ~ Normal(0, 1) plate n { observe y ~ Normal(b * x, 1) } }"
GROUPS = (
    "data { y: real[n] g: g[n] } model { plate g { a ~ Normal(0, 1) } plate n { observe y ~ Normal(a[g], 1) } }"
)
ORDINAL = (
    "data { y: level[n] dim cut = size(level) - 1 } "
    "model { c: ordered[cut] ~ Normal(0, 5) plate n { observe y ~ OrderedLogistic(0, c) } }"
)
CHAIN = (
    "data { y: real[step] } "
    "model { markov step { h ~ Normal(0, 1) then Normal(prev(h), 1) observe y ~ Normal(h, 1) } }"
)
REFERRED = (
    "data { y: real[n] step: step[n] } "
    "model { markov step { h ~ Normal(0, 1) then Normal(prev(h), 1) } plate n { observe y ~ Normal(h[step], 1) } }"
)
MATRIX = (
    "data { X: real[n, k] y: real[n] } model { b: real[k] ~ Normal(0, 1) plate n { observe y ~ Normal(X @ b, 1) } }"
)


def said(spec, data):
    """Code and message of what binding says."""
    try:
        return [(one.code, one.message) for one in svilang.compile(spec).bind(data).warnings]
    except SvilangError as error:
        return [(one.code, one.message) for one in error.diagnostics]


def codes(spec, data):
    return [code for code, _ in said(spec, data)]


def file(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


# --- order -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "data", "piece"),
    [
        (ORDINAL, {"y": ["low", "mid", "high"]}, "taken by the alphabet, `high`, `low`, `mid`"),
        (ORDINAL, {"y": ["1", "2", "10"]}, "taken by the alphabet, `1`, `10`, `2`"),
        (REFERRED, {"y": [1, 2], "step": ["Jan", "Feb"]}, "matters to `markov`"),
        (REFERRED, {"y": [1, 2, 3], "step": [2000, 2001, 2005]}, "go from 2001 to 2005"),
        (CHAIN, {"step": {"step": [2003, 2001, 2002], "y": [1, 2, 3]}}, "go back from 2003 to 2001"),
        (CHAIN, {"step": {"step": ["2020-03", "2020-01"], "y": [1, 2]}}, 'go back from "2020-03" to "2020-01"'),
    ],
)
def test_an_order_that_nothing_says_is_told_of(spec, data, piece):
    ((code, message),) = said(spec, data)
    assert code == "W0505"
    assert piece in message


@pytest.mark.parametrize(
    ("spec", "data"),
    [
        (ORDINAL, {"y": ["A", "B", "C"]}),
        (ORDINAL, {"y": [1, 2, 5]}),
        (ORDINAL, {"y": ["0-9", "10-19", "20-29"]}),
        (ORDINAL.replace("dim cut", 'dim level = ["low", "mid", "high"] dim cut'), {"y": ["low", "high"]}),
        (REFERRED, {"y": [1, 2], "step": ["2020-01", "2020-02"]}),
        (CHAIN, {"step": {"step": ["Jan", "Feb", "Mar"], "y": [1, 2, 3]}}),
        (GROUPS, {"y": [1, 2, 3], "g": ["low", "mid", "high"]}),
    ],
)
def test_an_order_that_is_clear_or_without_meaning_is_not(spec, data):
    assert said(spec, data) == []


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(pd.Categorical(["low", "high"], ["low", "mid", "high"], ordered=True)),
        polars.Series(["low", "high"], dtype=polars.Enum(["low", "mid", "high"])),
    ],
    ids=["pandas", "polars"],
)
def test_ordered_categories_bring_their_order_and_those_that_do_not_occur(column):
    frame = pd.DataFrame({"y": column}) if isinstance(column, pd.Series) else polars.DataFrame({"y": column})
    for data in ({"y": column}, frame):
        model = svilang.compile(ORDINAL).bind(data)
        assert model.labels["level"] == ("low", "mid", "high")
        assert model.bound.arrays["y"].tolist() == [0, 2]
        assert model.warnings == ()


# --- rows that belong together ---------------------------------------------------------------------------------------


def test_series_and_labelled_arrays_meet_by_their_labels():
    y, x = [1.0, 2, 3], [10.0, 20, 30]
    shuffled = {
        "pandas": (pd.Series(y), pd.Series(x, index=[2, 0, 1])),
        "xarray": (xr.DataArray(y, {"n": [0, 1, 2]}, "n"), xr.DataArray(x, {"n": [2, 0, 1]}, "n")),
    }
    for first, second in shuffled.values():
        found = svilang.compile(LINE).bind({"y": first, "x": second})
        assert found.bound.arrays["y"].tolist() == y
        assert found.bound.arrays["x"].tolist() == [20, 30, 10]


def test_series_of_other_rows_are_refused_and_equal_indexes_mean_nothing():
    rows, others = [4, 7], [5, 6]
    ((code, message),) = said(LINE, {"y": pd.Series([1.0, 2], index=rows), "x": pd.Series([1.0, 2], index=others)})
    assert code == "E0520"
    assert "the index of `x` has no row for 4, 7" in message
    model = svilang.compile(LINE).bind({"y": pd.Series([1.0, 2], index=rows), "x": pd.Series([1.0, 2], index=rows)})
    assert model.labels["n"] is None


def test_an_index_of_names_says_whose_values_they_are():
    spec = GROUPS.replace("g: g[n] }", "g: g[n] u: real[g] }").replace("a[g]", "a[g] * u[g]")
    u = pd.Series([1.0, 2.0], index=["b", "a"])
    model = svilang.compile(spec).bind({"y": [0.1, 0.2, 0.3], "g": ["a", "b", "a"], "u": u})
    assert model.labels["g"] == ("b", "a")
    assert model.bound.arrays["g"].tolist() == [1, 0, 1]
    assert model.warnings == ()


@pytest.mark.parametrize("dims", [("k", "row"), ("n", "n2")])
def test_the_axes_of_a_labelled_array_are_those_of_the_spec(dims):
    X = xr.DataArray([[1.0, 5.0], [2.0, 3.0]], dims=dims)
    found = said(MATRIX, {"X": X, "y": [1.0, 2.0]})
    assert [code for code, _ in found] == (["E0512"] if "k" in dims else [])


# --- labels, codes and marks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "alike", [["North", "north"], ["North", "North "], ["caf\u00e9", "cafe\u0301"], ["07", "7"]]
)
def test_labels_that_look_alike_are_told_of(alike):
    assert codes(GROUPS, {"y": [1, 2, 3], "g": [*alike, "other"]}) == ["W0506"]


@pytest.mark.parametrize("mark", [".", "-", "?", "None", "-999"])
def test_labels_that_stand_for_a_missing_entry_are_told_of(mark, tmp_path):
    assert codes(GROUPS, file(tmp_path, f"y,g\n1,a\n2,b\n3,{mark}\n")) == ["W0507"]


@pytest.mark.parametrize("mark", ["", "NA", "n/a", "#N/A", "<NA>", "NULL", "null"])
def test_entries_that_files_leave_empty_are_missing(mark, tmp_path):
    assert codes(GROUPS, file(tmp_path, f"y,g\n1,a\n2,b\n3,{mark}\n")) == ["E0513"]


@pytest.mark.parametrize(("last", "told"), [(-999, True), (9999, True), (-9.5, False), (9, False)])
def test_numbers_that_stand_for_a_missing_entry_are_told_of(last, told):
    y = [1.0, 2.5, 3.0, last]
    assert ("W0507" in codes(LINE, {"y": y, "x": [1, 2, 3, 4]})) == told


def test_codes_without_a_first_member_are_told_of():
    spec = GROUPS.replace("g: g[n]", "g: g[n] dim g = 4")
    assert codes(spec, {"y": [1, 2, 3], "g": [1, 2, 3]}) == ["W0508"]
    assert codes(spec, {"y": [1, 2, 3], "g": [0, 2, 3]}) == []
    assert codes(spec.replace("g: g[n]", "g: g(base=1)[n]"), {"y": [1, 2, 3], "g": [1, 2, 3]}) == []


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_cells_are_told_apart_by_what_the_first_line_holds(sign, tmp_path):
    text = f'y{sign}x{sign}"a,b;c"\n1{sign}2{sign}3\n'
    model = svilang.compile(LINE).bind(file(tmp_path, text))
    assert model.bound.arrays["x"].tolist() == [2]


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("sep=,\ny,x\n1,2\n", "remove it"),
        ("# weights\ny,x\n1,2\n", "remove what stands before it"),
        ("1,2\n3,4\n", "the first line of a file names its columns"),
        ("y x\n1 2\n", "with commas between them"),
    ],
)
def test_a_first_line_that_names_no_columns_is_told_of(text, fix, tmp_path):
    with pytest.raises(SvilangError) as error:
        svilang.compile(LINE).bind(file(tmp_path, text))
    assert all(fix in one.help for one in error.value.diagnostics)


@pytest.mark.parametrize(
    ("cell", "fix"),
    [
        ("1 200", "thousands"), ("−2", "minus"), ("31.12.2020", "dates"), ("12:30", "times"), ("T", "0 and 1"),
        ("<0.5", "Censored"), ("12 kg", "unit"), ("$12", "unit"), (".", "empty"), ("#DIV/0!", "empty"),
    ],
)  # fmt: skip
def test_numbers_that_are_written_in_another_way_are_told_how(cell, fix, tmp_path):
    with pytest.raises(SvilangError) as error:
        svilang.compile(LINE).bind(file(tmp_path, f"y,x\n{cell},1\n"))
    (one,) = error.value.diagnostics
    assert one.code == "E0514"
    assert fix in one.help


def test_signs_that_cannot_be_seen_are_shown(tmp_path):
    ((code, message),) = said(LINE, file(tmp_path, "y,x\n1\u200b,2\n"))
    assert code == "E0514"
    assert '"1\\u200b"' in message


@pytest.mark.parametrize(
    ("law", "time", "told"),
    [
        ("Censored(Exponential(r), upper=end)", [12, None, 30], "1 value is missing"),
        ("Censored(Exponential(r), upper=end)", [None, None, 30], "2 values are missing"),
        ("Censored(Exponential(r), upper=end)", [12, 40, 30], None),
        ("Exponential(r)", [12, None, 30], None),
    ],
)
def test_missing_values_of_a_censored_outcome_are_told_of(law, time, told):
    spec = "data { time: positive?[n]   end: positive[n] } model { r ~ HalfNormal(1)   report mean_end = mean(end) "
    found = said(spec + f"plate n {{ observe time ~ {law} }} }}", {"time": time, "end": [40, 40, 40]})
    assert [code for code, _ in found] == (["W0509"] if told else [])
    assert all(told in message for _, message in found)


SINGLE = LINE + " fit { precision = float32 }"
WAVE = np.sin(np.arange(200.0))


@pytest.mark.parametrize("ratio", [10.0, 3e3, 3e4, 1e6, -3e7])
def test_digits_that_single_precision_drops_are_told_of_where_numpy_drops_them(ratio):
    y = (ratio + WAVE / WAVE.std()) * 7
    lost = np.abs(y.astype(np.float32) - y).max() / y.std()
    found = [message for code, message in said(SINGLE, {"y": y, "x": WAVE}) if code == "W0510"]
    assert len(found) == (lost > 1e-3)
    left = max(0, int(-np.log10(2 * lost)))
    assert all(f"leaves {left or 'no'} digit{'' if left == 1 else 's'} of how `y` varies" in one for one in found)
    assert "W0510" not in [code for code, _ in said(LINE, {"y": y, "x": WAVE})]


def test_a_fit_of_many_values_far_from_zero_keeps_their_digits():
    y = np.tile(WAVE, 100) + 2e7
    spec = "data { y: real[n] } model { m ~ Normal(0, 5) plate n { observe y ~ StudentT(1000, 20_000_000 + m, 1) } }"
    fit = svilang.compile(spec).bind({"y": y}).fit(seed=0, progress="none")
    assert fit.settings["precision"] == "float64"
    # A law near the normal one: the sum over the data of (y - 2e7), shrunk by the prior.
    assert abs(fit.summary()[0].mean - WAVE.sum() * 100 / (len(y) + 1 / 25)) < 1e-3


SQUARE = pd.DataFrame([[1, 0.5, 0], [0.2, 2, 0.1], [0, 0.7, 3]], index=list("abc"), columns=list("abc"))
OTHERWISE = list("bca")


@pytest.mark.parametrize("rows", [list("abc"), OTHERWISE])
@pytest.mark.parametrize("columns", [list("abc"), OTHERWISE])
@pytest.mark.parametrize("values", [list("abc"), OTHERWISE])
def test_rows_and_columns_of_a_square_meet_by_their_names(rows, columns, values):
    spec = (
        "data { dim k   dim j = k   d: real[k, j]   y: real[k] } "
        "model { b ~ Normal(0, 1) plate k { observe y ~ Normal(b, 1) } report s = sum(d) }"
    )
    y = pd.Series([10.0, 20.0, 30.0], index=list("abc"))
    found = svilang.compile(spec).bind({"d": SQUARE.loc[rows, columns], "y": y[values]})
    order = list(found.labels["k"])
    np.testing.assert_array_equal(found.bound.arrays["d"], SQUARE.loc[order, order])
    np.testing.assert_array_equal(found.bound.arrays["y"], y[order])


# --- from Python -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "what"), [(None, "nothing"), ({1, 2}, "a set"), (len, "a "), ((i for i in (1, 2)), "a generator")]
)
def test_what_holds_no_values_is_named(value, what):
    ((code, message),) = said(LINE, {"y": value, "x": [1.0, 2.0]})
    assert code == "E0503"
    assert f"`y` is {what}" in message


def test_a_misspelt_key_is_one_error():
    assert codes(LINE, {"Y": [1.0, 2.0], "x": [1.0, 2.0]}) == ["E0507"]
    assert codes(LINE, {"y": np.ones(2), "x": np.ones(2), "z": 1}) == ["E0507"]


def test_nothing_observed_is_told_of_once(tmp_path):
    assert codes(LINE, file(tmp_path, "y,x\n")) == ["W0503"]


# --- a table for one matrix ------------------------------------------------------------------------------------------

FRAME = pd.DataFrame({"b": [4.0, 5.0, 6.0], "a": [1.0, 2.0, 3.0]})
LABELLED = MATRIX.replace("data {", 'data { dim k = ["a", "b"] ')


@pytest.mark.parametrize("made", [lambda one: one, polars.from_pandas, lambda one: polars.from_pandas(one).to_arrow()])
def test_a_frame_for_a_matrix_is_the_matrix(made):
    bound = svilang.compile(MATRIX).bind({"X": made(FRAME), "y": [1, 2, 3]})
    assert bound.labels["k"] == ("b", "a")
    np.testing.assert_array_equal(bound.bound.arrays["X"], FRAME.to_numpy())
    bound = svilang.compile(LABELLED).bind({"X": made(FRAME), "y": [1, 2, 3]})
    np.testing.assert_array_equal(bound.bound.arrays["X"], FRAME[["a", "b"]].to_numpy())


def test_a_frame_for_a_matrix_meets_a_series_by_its_index():
    rows, outcome = FRAME.set_axis(["p", "q", "r"]), pd.Series([1.0, 2, 3], index=["r", "q", "p"])
    bound = svilang.compile(MATRIX).bind({"X": rows, "y": outcome})
    joined = rows.assign(y=outcome)
    at = list(bound.labels["n"])
    np.testing.assert_array_equal(bound.bound.arrays["X"], joined.loc[at, ["b", "a"]].to_numpy())
    np.testing.assert_array_equal(bound.bound.arrays["y"], joined.loc[at, "y"].to_numpy())


def test_a_frame_with_other_columns_than_the_members_is_told_of():
    ((code, message),) = said(LABELLED, {"X": FRAME.rename(columns={"a": "c"}), "y": [1, 2, 3]})
    assert code == "E0505"
    assert "the table `X` given in Python has the columns `b`, `c`, which are not the members of `k`" in message


@pytest.mark.parametrize("given", [5, [1.0], np.ones(2), b"y", pd.Series([1.0])])
def test_what_is_no_table_is_told_of_with_what_is_one(given):
    with pytest.raises(SvilangError, match=r"E0503[\s\S]*is not a table[\s\S]*give a mapping"):
        svilang.compile(LINE).bind(given)


def test_a_file_in_the_place_of_a_column_is_told_of_as_one():
    with pytest.raises(svilang.SvilangError, match=r'`from` names a column, and "rt\.csv\.gz" is a file') as caught:
        svilang.compile('data { y: real[n] from "rt.csv.gz" } model { plate n { observe y ~ Normal(0, 1) } }').bind()
    assert 'data "rt.csv.gz" {' in (caught.value.diagnostics[0].help or "")
