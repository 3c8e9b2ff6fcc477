import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from data_cases import Nodes, bound, csv, errors, item, program

import svilang
from svilang.data import PAGES, bind, load, table
from svilang.diagnostics import Span, SvilangError
from svilang.ir.nodes import Bounds, Dimension, Label

EIGHT = csv("schools.csv", school="A B C", effect="28 8 -3", stderr="15 10 16")


# --- what is found where ---------------------------------------------------------------------------------------------


def test_a_table_gives_values_sizes_and_labels():
    found = bound(item("effect", "real", "school"), item("stderr", "positive", "school"), given=EIGHT)
    assert found.sizes == {"school": 3}
    assert found.labels == {"school": ("A", "B", "C")}
    np.testing.assert_array_equal(found.arrays["effect"], [28.0, 8, -3])
    assert found.arrays["stderr"].dtype == np.float64
    assert found.notes == ()


def test_a_table_of_names_alone_labels_its_dimension():
    program = svilang.compile("data { effect: real[school] } model { plate school { observe effect ~ Normal(0, 1) } }")
    found = program.bind({"school": {"school": ["A", "B"]}, "effect": [1.0, 2.0]})
    assert found.bound.labels == {"school": ("A", "B")}
    assert found.bound.notes == ()
    with pytest.raises(SvilangError, match=r'E0519[\s\S]*repeats "A"'):
        program.bind({"school": {"school": ["A", "A"]}, "effect": [1.0, 2.0]})


def test_a_default_in_the_text_is_bound():
    found = bound(item("x", "real", "a b", default=((1, 2, 3), (4, 5, 6))))
    assert found.sizes == {"a": 2, "b": 3}
    assert found.arrays["x"].tolist() == [[1, 2, 3], [4, 5, 6]]


def test_data_given_by_hand_goes_before_a_default():
    data = item("x", "real", "a", default=(1, 2))
    given = load(program(data), {"x": [7.0, 8.0, 9.0]})
    assert bind(program(data), given).arrays["x"].tolist() == [7, 8, 9]


def test_a_column_is_found_by_its_own_name():
    assert bound(item("y", over="obs", column="weight"), given={"weight": [3, 4]}).arrays["y"].tolist() == [3, 4]


def test_missing_data_is_said_with_the_nearest_column():
    with pytest.raises(SvilangError) as caught:
        bound(item("log_radon", over="obs", span=Span(3, 9)), given=csv("radon.csv", logradon="1 2"))
    (only,) = caught.value.diagnostics
    assert (only.code, only.span) == ("E0505", Span(3, 9))
    assert "radon.csv" in only.message
    assert "`logradon`" in only.help


def test_a_column_in_two_tables_is_taken_from_that_of_its_dimension():
    tables = {"obs": csv("o.csv", x="1 2 3", g="a b a"), "g": csv("g.csv", g="a b", x="5 6", u="7 8")}
    found = bound(item("x", over="obs"), item("g", "g", "obs"), item("u", over="g"), given=tables)
    assert found.arrays["x"].tolist() == [1, 2, 3]
    assert found.arrays["g"].tolist() == [0, 1, 0]
    assert errors(item("x", over="k"), given=tables)["E0506"] == "column `x` is in o.csv and in g.csv"


def test_a_name_that_nothing_declares_is_refused_but_further_columns_are_not():
    data = item("y", over="obs")
    with pytest.raises(SvilangError) as caught:
        bind(program(data), load(program(data), {"y": [1.0], "yy": [2.0]}))
    (only,) = caught.value.diagnostics
    assert (only.code, only.help) == ("E0507", "did you mean `y`?")
    with pytest.raises(SvilangError, match="E0507"):
        bind(program(data), {"obz": table({"y": [1.0]})})
    assert bound(data, given={"y": [1.0], "yy": [2.0]}).notes


def test_settings_give_sizes_and_single_numbers():
    found = bound(item("m", "count"), sets={"component": 5, "m": 3}, dimensions=(Dimension("component"),))
    assert found.sizes == {"component": 5}
    assert found.arrays["m"] == 3
    with pytest.raises(SvilangError) as caught:
        bound(sets={"componnet": 5}, dimensions=(Dimension("component"),))
    assert caught.value.diagnostics[0].code == "E0508"
    assert caught.value.diagnostics[0].help == "did you mean `component`?"
    assert "whole number" in errors(sets={"component": 2.5}, dimensions=(Dimension("component"),))["E0508"]


def test_files_named_by_the_text_are_read_beside_it_and_can_be_replaced(tmp_path):
    (tmp_path / "radon.csv").write_text("y\n1\n2\n")
    one = program(item("y", over="obs", source="radon.csv"))
    assert bind(one, load(one, None, tmp_path)).arrays["y"].tolist() == [1, 2]
    for given in (
        {"obs": {"y": [5, 6, 7]}},
        {"radon.csv": {"y": [5, 6, 7]}},
        {"y": [5, 6, 7]},
        pd.DataFrame({"y": [5, 6, 7]}),
    ):
        assert bind(one, load(one, given, tmp_path / "nowhere")).arrays["y"].tolist() == [5, 6, 7]
    with pytest.raises(SvilangError, match="E0501"):
        load(one, None, tmp_path / "nowhere")


def test_outcomes_may_be_left_out_for_predictions():
    data = item("x", over="obs"), item("y", over="obs")
    found = bind(program(*data), {"": table({"x": [1.0, 2.0]})}, without={"y"})
    assert set(found.arrays) == {"x"}


def test_all_independent_errors_come_at_once():
    data = (
        item("a", "positive", "obs", default=(1, -2), span=Span(40, 41)),
        item("b", over="obs", span=Span(10, 11)),
        item("c", "binary", "obs", default=(0, 3), span=Span(20, 21)),
    )
    with pytest.raises(SvilangError) as caught:
        bound(*data)
    assert [d.code for d in caught.value.diagnostics] == ["E0505", "E0515", "E0515"]
    assert [d.span.start for d in caught.value.diagnostics] == [10, 20, 40]


# --- sizes -----------------------------------------------------------------------------------------------------------


def test_declared_sizes_follow_from_others():
    nodes = Nodes()
    minus = nodes.apply("-", nodes.size("level"), nodes.const(1))
    three = nodes.const(3)
    dimensions = (Dimension("cut", size=minus), Dimension("to", alias="level"), Dimension("k", size=three))
    data = item("y", "level", "obs", default=("low", "high", "mid"))
    found = bound(data, dimensions=dimensions, nodes=tuple(nodes.made))
    assert found.sizes == {"cut": 2, "to": 3, "k": 3, "obs": 3, "level": 3}
    assert found.labels["to"] == found.labels["level"] == ("high", "low", "mid")


def test_a_size_that_cannot_be_is_refused():
    nodes = Nodes()
    minus = nodes.apply("-", nodes.size("level"), nodes.const(9))
    self_reference = nodes.size("loop")
    dimensions = (
        Dimension("level", labels=("a",)),
        Dimension("cut", size=minus),
        Dimension("loop", size=self_reference),
    )
    with pytest.raises(SvilangError) as caught:
        bound(dimensions=dimensions, nodes=tuple(nodes.made))
    assert [d.code for d in caught.value.diagnostics] == ["E0510", "E0510"]


def test_a_dimension_without_a_size_says_how_to_give_one():
    with pytest.raises(SvilangError) as caught:
        bound(dimensions=(Dimension("component"),))
    assert "--set component=3" in caught.value.diagnostics[0].help
    assert set(errors(item("y", over="obs"))) == {"E0505"}, "a missing column is not said twice"


def test_two_sizes_name_both_columns():
    given = {"x": [1.0, 2, 3], "y": [1.0, 2]}
    message = errors(item("x", over="obs"), item("y", over="obs"), given=given)["E0511"]
    assert message == (
        "dimension `obs` has 3 members by `x` of the data given in Python, but 2 by `y` of the data given in Python"
    )
    assert "--set obs=4" in errors(item("x", over="obs"), given=given, sets={"obs": 4})["E0511"]


def test_rank_is_checked_in_words():
    assert errors(item("x", over="obs"), given={"x": [[1.0, 2], [3, 4]]})["E0512"] == (
        "`x` is declared as one value for each `obs`, but `x` of the data given in Python holds 2 × 2 values"
    )
    assert "a single value" in errors(item("x"), given={"x": [1.0, 2]})["E0512"]
    assert bound(item("x"), given={"x": [1.0]}).arrays["x"].shape == ()


def test_an_empty_matrix_in_json_takes_its_declared_shape():
    found = bound(item("X", "real", "obs feature"), item("b", over="feature"), given={"X": [], "b": [1.0, 2]})
    assert found.arrays["X"].shape == (0, 2)


# --- labels and codes ------------------------------------------------------------------------------------------------


def test_text_labels_are_sorted_and_shared_by_all_columns():
    found = bound(item("home", "team", "g"), item("away", "team", "g"), given=csv(home="b c", away="a b"))
    assert found.labels["team"] == ("a", "b", "c")
    assert found.arrays["home"].tolist() == [1, 2]
    assert found.arrays["away"].tolist() == [0, 1]


def test_codes_are_labels_where_nothing_says_the_size():
    found = bound(item("g", "group", "obs"), given={"g": [10, 2, 10]})
    assert found.labels["group"] == (2, 10)
    assert found.arrays["g"].tolist() == [1, 0, 1]
    assert found.position("group", 10) == 1
    assert found.position("group", -1) == 1
    with pytest.raises(SvilangError, match="no member 0"):
        found.position("group", 0)


def test_codes_count_from_0_where_a_size_is_known_and_are_never_clamped():
    nodes = Nodes()
    dimension = Dimension("state", size=nodes.const(2))
    more = {"dimensions": (dimension,), "nodes": tuple(nodes.made)}
    found = bound(item("s", "state", "t"), given={"s": [1, 0]}, **more)
    assert found.arrays["s"].tolist() == [1, 0]
    assert found.labels["state"] is None
    assert errors(item("s", "state", "t"), given=csv(s="0 1 2 -1"), **more)["E0518"] == (
        "`s`: codes of dimension `state` are from 0 to 1, but column `s` of a.csv has 2 codes outside: "
        "2 in row 3 (line 4), -1 in row 4 (line 5)"
    )


def test_codes_from_1_say_so():
    given = {"u": [0.1, 0.2, 0.3], "g": [3, 1, 3]}
    with pytest.raises(SvilangError) as caught:
        bound(item("u", over="group"), item("g", "group", "obs"), given=given)
    assert "base=1" in caught.value.diagnostics[0].help
    found = bound(item("u", over="group"), item("g", "group", "obs", base=1), given=given)
    assert found.arrays["g"].tolist() == [2, 0, 2]
    assert found.labels["group"] == (1, 2, 3)
    assert found.position("group", 3) == 2


def test_with_a_base_the_largest_code_says_the_size():
    assert bound(item("g", "group", "obs", base=1), given={"g": [1, 4]}).sizes["group"] == 4
    assert "E0518" in errors(item("g", "group", "obs", base=1), given={"g": [0, 4]})


def test_codes_that_no_device_can_hold_are_checked_before_they_wrap():
    nodes = Nodes()
    more = {"dimensions": (Dimension("id", size=nodes.const(10)),), "nodes": tuple(nodes.made)}
    assert str(2**32 + 1) in errors(item("i", "id", "obs"), given={"i": [2**32 + 1, 1]}, **more)["E0518"]
    count = bound(item("n", "count", "obs"), given={"n": [3, 5_000_000_000]}).arrays["n"]
    assert count.dtype == np.float64
    assert count[1] == 5_000_000_000
    assert bound(item("n", "count", "obs"), given={"n": [3, 2**31 - 1]}).arrays["n"].dtype == np.int64


def test_an_unknown_label_is_named_with_its_neighbours():
    more = {"dimensions": (Dimension("level", labels=("low", "middle", "high")),)}
    with pytest.raises(SvilangError) as caught:
        bound(item("y", "level", "obs"), given=csv(y="low midle"), **more)
    (only,) = caught.value.diagnostics
    assert only.message == (
        "`y`: column `y` of a.csv has a label that dimension `level` lacks (the labels in the text): "
        '"midle" in row 2 (line 3)'
    )
    assert only.help == "the nearest labels are `middle`"


def test_codes_for_a_labelled_dimension_need_a_base():
    more = {"dimensions": (Dimension("level", labels=("low", "high")),)}
    with pytest.raises(SvilangError) as caught:
        bound(item("y", "level", "obs"), given=csv(y="0 1"), **more)
    assert "level(base=0)" in caught.value.diagnostics[0].help
    assert bound(item("y", "level", "obs", base=1), given=csv(y="1 2"), **more).arrays["y"].tolist() == [0, 1]


def test_an_alias_shares_size_labels_and_members():
    more = {"dimensions": (Dimension("class", labels=("a", "b")), Dimension("to", alias="class"))}
    found = bound(item("y", "to", "obs"), given=csv(y="b a"), **more)
    assert found.sizes["to"] == found.sizes["class"] == 2
    assert found.arrays["y"].tolist() == [1, 0]


def test_dates_are_labels_in_order_of_time():
    days = np.array(["2024-02-01", "2023-12-31"], "datetime64[D]")
    found = bound(item("d", "day", "obs"), given={"d": days})
    assert found.labels["day"] == ("2023-12-31", "2024-02-01")
    assert found.position("day", "2024-02-01") == 1


def test_values_that_are_neither_labels_nor_codes_are_refused():
    assert "1.5 in row 1" in errors(item("g", "group", "obs"), given={"g": [1.5, 2.0]}, sets={"group": 3})["E0518"]


# --- tables that join ------------------------------------------------------------------------------------------------

RADON = csv("radon.csv", county="B A C A", y="1 2 3 4")
COUNTY = csv("county.csv", county="C A B", uranium="0.3 0.1 0.2")
JOINED = item("county", "county", "obs", source="radon.csv"), item("uranium", over="county", source="county.csv")


def test_two_tables_join_by_label():
    found = bound(*JOINED, given={"radon.csv": RADON, "county.csv": COUNTY})
    assert found.labels["county"] == ("C", "A", "B")
    assert found.arrays["uranium"][found.arrays["county"]].tolist() == [0.2, 0.1, 0.3, 0.1]


def test_rows_of_a_second_table_are_put_in_the_order_of_the_first():
    more = csv("more.csv", county="A B C", area="10 20 30")
    area = item("area", "positive", "county", source="more.csv")
    found = bound(*JOINED, area, given={"radon.csv": RADON, "county.csv": COUNTY, "more.csv": more})
    assert found.arrays["area"].tolist() == [30, 10, 20]


def test_places_in_messages_are_those_of_the_file_and_not_of_the_labels():
    more = {"dimensions": (Dimension("county", labels=("A", "B", "C")),)}
    bad = csv("county.csv", county="C A B", uranium="-3 1 2")
    data = item("uranium", "positive", "county")
    assert "-3 in row 1 (line 2)" in errors(data, given=bad, **more)["E0515"]


def test_a_join_without_a_partner_is_refused():
    given = {"radon.csv": csv("radon.csv", county="B D", y="1 2"), "county.csv": COUNTY}
    message = errors(*JOINED, given=given)["E0517"]
    assert '"D" in row 2 (line 3)' in message
    assert "column `county` of county.csv" in message
    more = {"dimensions": (Dimension("county", labels=("A", "B", "Z")),)}
    message = errors(item("uranium", over="county"), given=COUNTY, **more)["E0520"]
    assert 'no row for "Z"' in message
    assert 'rows for "C"' in message


def test_a_table_that_describes_a_member_twice_is_refused():
    given = {"radon.csv": RADON, "county.csv": csv("county.csv", county="A B A", uranium="1 2 3")}
    assert '"A" in row 1 (line 2) and row 3 (line 4)' in errors(*JOINED, given=given)["E0519"]
    given["county.csv"] = csv("county.csv", county="A _ C", uranium="1 2 3")
    assert "row 2 (line 3)" in errors(*JOINED, given=given)["E0519"]


def test_a_broken_key_is_one_mistake():
    data = item("c", "county", "obs"), item("u", over="county")
    given = {"obs": csv(c="A B A"), "county": csv("county.csv", county="A B A", u="1 2 3")}
    assert set(errors(*data, given=given)) == {"E0519"}


def test_rows_without_a_key_are_matched_by_order_only_under_a_warning():
    data = item("c", "county", "obs"), item("u", over="county")
    given = {"obs": csv(c="B A B"), "county": csv("county.csv", u="1 2")}
    (warning,) = bound(*data, given=given).warnings
    assert warning.code == "W0504"
    assert warning.message.startswith("column `u` of county.csv does not say which `county`")
    keyed = {**given, "county": csv("county.csv", county="B A", u="1 2")}
    assert bound(*data, given=keyed).warnings == ()
    coded = {"obs": csv(c="0 1 0"), "county": csv("county.csv", u="1 2")}
    assert bound(*data, given=coded).warnings == ()


def test_keys_are_codes_where_the_references_are():
    rows = csv("rows.csv", g="1 3 2")
    groups = csv("groups.csv", group="3 1 2", u="0.3 0.1 0.2")
    data = item("g", "group", "obs", base=1), item("u", over="group")
    found = bound(*data, given={"obs": rows, "group": groups})
    assert found.arrays["u"].tolist() == [0.1, 0.2, 0.3]
    assert found.arrays["u"][found.arrays["g"]].tolist() == [0.1, 0.3, 0.2]


def test_an_index_column_of_the_same_length_is_not_taken_for_a_key():
    given = {"county": [1, 0, 0], "u": [0.1, 0.2, 0.3]}
    found = bound(item("county", "county", "obs"), item("u", over="county"), given=given)
    assert found.arrays["u"].tolist() == [0.1, 0.2, 0.3]
    assert found.labels["county"] is None


def test_a_matrix_comes_from_columns_side_by_side():
    X = item("X", "real", "obs feature")
    by_label = (Dimension("feature", labels=("b", "a")),)
    for given in (csv(a="1 2", b="3 4"), csv(**{"X.a": "1 2", "X.b": "3 4"})):
        assert bound(X, given=given, dimensions=by_label).arrays["X"].tolist() == [[3, 1], [4, 2]]
    found = bound(X, given=csv(**{"X.a": "1 2", "X.b": "3 4", "y": "0 0"}))
    assert found.labels["feature"] == ("a", "b")
    wide = csv(**{f"X[{i}]": f"{i} {-i}" for i in range(1, 12)})
    assert bound(X, given=wide).arrays["X"][0].tolist() == list(range(1, 12))
    message = errors(item("X", "positive", "obs feature"), given=csv(**{"X.1": "1 2", "X.2": "3 -4"}))["E0515"]
    assert "-4 in row 2 (line 3) of `X.2`" in message


def test_named_axes_are_put_in_the_declared_order_and_aligned_by_coordinate():
    X = xr.DataArray(np.arange(6.0).reshape(2, 3), dims=("feature", "obs"), coords={"feature": ["b", "a"]}, name="X")
    more = {"dimensions": (Dimension("feature", labels=("a", "b")),)}
    found = bound(item("X", "real", "obs feature"), given=X, **more)
    assert found.arrays["X"].tolist() == [[3, 0], [4, 1], [5, 2]]
    assert bound(item("X", "real", "obs feature"), given=X).labels["feature"] == ("b", "a")


# --- literal indexes -------------------------------------------------------------------------------------------------


def test_a_literal_index_is_a_label_or_a_position():
    found = bound(dimensions=(Dimension("effect", labels=("intercept", "slope")),))
    assert [found.position("effect", x) for x in ("slope", 0, -1)] == [1, 0, 1]
    for wrong in ("slop", 2, -3):
        with pytest.raises(SvilangError, match="E0521"):
            found.position("effect", wrong)


def test_a_literal_index_that_is_no_member_is_found_when_data_is_bound():
    nodes = Nodes()
    nodes.add(Label("effect", "slop"))
    with pytest.raises(SvilangError) as caught:
        bound(dimensions=(Dimension("effect", labels=("intercept", "slope")),), nodes=tuple(nodes.made))
    assert caught.value.diagnostics[0].help == "its labels are `slope`"


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("real", [-1.5, 0], [np.inf]),
        ("positive", [1e-300, 3], [0.0, -1]),
        ("nonnegative", [0, 2], [-1e-9]),
        ("negative", [-1], [0]),
        ("unit", [0, 1, 0.5], [1.0001, -0.1]),
        ("circular", [-3.14, 3.14], [3.2]),
        ("integer", [-3, 4.0], [0.5]),
        ("count", [0, 7.0], [-1, 1.5]),
        ("binary", [0, 1, True], [2, 0.5]),
    ],
)
def test_every_value_is_checked_against_its_kind(kind, good, bad):
    np.testing.assert_array_equal(bound(item("y", kind, "obs"), given={"y": good}).arrays["y"], good)
    for value in bad:
        assert set(errors(item("y", kind, "obs"), given={"y": [*good, value]})) == {"E0515"}


def test_a_value_outside_its_kind_is_named_with_file_column_row_and_value():
    given = csv("schools.csv", stderr="15 -3 0")
    assert errors(item("stderr", "positive", "school"), given=given)["E0515"] == (
        "`stderr` must be positive (greater than 0), but column `stderr` of schools.csv has 2 values that are not: "
        "-3 in row 2 (line 3), 0 in row 3 (line 4)"
    )


def test_of_many_wrong_values_the_first_ten_are_shown():
    message = errors(item("y", "positive", "obs"), given={"y": [-1.0] * 33})["E0515"]
    assert message.count("in row") == 10
    assert message.endswith("and 23 more")


def test_text_where_a_number_should_be_is_shown():
    assert '"n.a." in row 2 (line 3)' in errors(item("y", over="obs"), given=csv(y="1 n.a."))["E0514"]
    assert bound(item("y", "binary", "obs"), given=csv(y="true FALSE")).arrays["y"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("text", "advice"),
    {
        "1,5": "decimal point",
        "1,500": "thousands",
        "40%": "shares",
        "2020-01-31": "dates are labels",
        "yes": "0 and 1",
        "abc": None,
    }.items(),
)
def test_numbers_written_in_another_way_say_how(text, advice):
    with pytest.raises(SvilangError) as caught:
        bound(item("y", over="obs"), given=csv(y=f"1 {text}"))
    (only,) = caught.value.diagnostics
    assert only.code == "E0514"
    assert only.help is None if advice is None else advice in only.help


def test_missing_values_need_a_question_mark():
    given = csv(y="1 _ NA 4")
    with pytest.raises(SvilangError) as caught:
        bound(item("y", "positive", "obs"), given=given)
    (only,) = caught.value.diagnostics
    assert only.message == "`y`: column `y` of a.csv has 2 missing values in row 2 (line 3), row 3 (line 4)"
    assert "y: positive?[obs]" in only.help
    found = bound(item("y", "positive", "obs", optional=True), given=given)
    assert found.present["y"].tolist() == [True, False, False, True]
    assert (found.arrays["y"] > 0).all()
    full = bound(item("y", "positive", "obs", optional=True), given={"y": [1.0, 2.0]})
    assert full.present["y"].all()


def test_missing_members_hold_a_position_that_exists():
    found = bound(item("g", "group", "obs", optional=True), given=csv(g="a _ b"))
    assert found.present["g"].tolist() == [True, False, True]
    assert found.arrays["g"].tolist() == [0, 0, 1]


WHY = {
    "simplex": "sum to 1.1",
    "ordered": "entry [2] is 2, after 2",
    "positive_ordered": "entry [2] is 1, after 2",
    "unit_vector": "length is 0.921954",
    "zero_sum": "sum to 0.1",
    "cholesky": "entry [1, 2] above the diagonal is 1",
    "corr_cholesky": "squares of its row 2 sum to 0.72, not 1",
    "cov": "least eigenvalue is -1",
    "corr": "entries [1, 2] and [2, 1] are 0.5 and 0.4",
}


@pytest.mark.parametrize(
    ("kind", "over", "good", "bad"),
    [
        ("simplex", "k", [0.2, 0.8], [0.3, 0.8]),
        ("ordered", "k", [-1.0, 2.0], [2.0, 2.0]),
        ("positive_ordered", "k", [1.0, 2.0], [2.0, 1.0]),
        ("unit_vector", "k", [0.6, 0.8], [0.6, 0.7]),
        ("zero_sum", "k", [1.0, -1.0], [1.0, -0.9]),
        ("cholesky", "k k'", [[2.0, 0], [-5, 1]], [[2.0, 1], [0, 1]]),
        ("corr_cholesky", "k k'", [[1.0, 0], [0.6, 0.8]], [[1.0, 0], [0.6, 0.6]]),
        ("cov", "k k'", [[2.0, 1], [1, 2]], [[1.0, 2], [2, 1]]),
        ("corr", "k k'", [[1.0, 0.5], [0.5, 1]], [[1.0, 0.5], [0.4, 1]]),
    ],
)
def test_structures_are_checked(kind, over, good, bad):
    found = bound(item("v", kind, over), given={"v": good})
    np.testing.assert_array_equal(found.arrays["v"], good)
    (alone,) = errors(item("v", kind, over), given={"v": bad}).items()
    assert alone[0] == "E0516"
    assert WHY[kind] in alone[1]
    batch = errors(item("v", kind, f"obs {over}"), given={"v": [good, bad, good]})
    assert "row 2" in batch["E0516"]
    holes = np.array([good, bad, good], float)
    holes[1] = np.nan
    found = bound(item("v", kind, f"obs {over}", optional=True), given={"v": holes})
    assert not found.present["v"][1].any()
    bound(item("v", kind, f"obs {over}"), given={"v": found.arrays["v"]})


def test_bounds_from_other_data_are_checked_entry_by_entry():
    nodes = Nodes()
    total = item("n", "count", "obs")
    bounds = Bounds(nodes.const(0), nodes.input(total))
    k = item("k", "count", "obs", bounds=bounds)
    more = {"nodes": tuple(nodes.made)}
    assert bound(k, total, given={"k": [0, 5], "n": [3, 5]}, **more).arrays["k"].tolist() == [0, 5]
    assert "4 in row 1" in errors(k, total, given={"k": [4, 5], "n": [3, 5]}, **more)["E0515"]


# --- warnings, digests -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "told"),
    [
        ("Poisson(exp(a + b * year + c * z))", True),
        ("Poisson(exp(a + effect[g] * year + c * z))", True),
        ("Poisson(exp(a + X @ beta))", True),
        ("Poisson(year * exp(a + c * z))", False),
        ("Poisson(exp(a + c * z + log(year)))", False),
    ],
)
def test_badly_scaled_covariates_are_warned_about_and_exposures_are_not(law, told):
    year, z = 1990.0 + np.arange(50) / 10, np.random.default_rng(0).normal(size=50)
    program = svilang.compile(f"""
    data {{ y: count[obs]   year: real[obs]   z: real[obs]   g: g[obs]   X: real[obs, k] }}
    model {{
      a ~ Normal(0, 1)   b ~ Normal(0, 1)   c ~ Normal(0, 1)   beta: real[k] ~ MultivariateNormal(0, eye(k))
      plate g {{ effect ~ Normal(b, 1) }}
      plate obs {{ observe y ~ {law} }}
    }}""")
    X = np.stack([year, z], 1)
    bound = program.bind({"y": np.ones(50, int), "year": year, "z": z, "g": np.arange(50) % 3, "X": X})
    found = {w.message.split("`")[1] for w in bound.warnings if w.code == "W0501"}
    assert found == ({"X" if "X" in law else "year"} if told else set())


def test_the_digest_changes_with_any_value_size_or_label():
    one = bound(item("y", over="obs"), given={"y": [1.0, 2.0]})
    assert one.digest == bound(item("y", over="obs"), given={"y": [1.0, 2.0]}).digest
    others = [
        bound(item("y", over="obs"), given={"y": [1.0, 2.5]}),
        bound(item("y", over="obs"), given={"y": [1.0, 2.0]}, dimensions=(Dimension("obs", labels=("a", "b")),)),
        bound(item("y", over="obs", optional=True), given={"y": [1.0, 2.0]}),
    ]
    assert len({one.digest, *(other.digest for other in others)}) == 4


def test_stan_data_binds_with_its_sizes_left_unused(tmp_path):
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"J": 2, "N": 3, "y": [1.5, 2, 3], "idx": [2, 1, 2], "alpha": [[4, 2], [2, 4]]}))
    data = item("y", over="n"), item("g", "group", "n", column="idx", base=1), item("alpha", "positive", "group to")
    one = program(*data, dimensions=(Dimension("group"), Dimension("to", alias="group")))
    found = bind(one, load(one, path))
    assert found.sizes == {"group": 2, "to": 2, "n": 3}
    assert found.arrays["g"].tolist() == [1, 0, 1]
    assert "`J`, `N`" in found.notes[0]


LONG = {"firm": ["b", "a", "b", "a"], "year": [2001, 2003, 2003, 2001], "y": [1.0, 2.0, 3.0, 4.0]}


def test_a_long_table_is_the_array_that_pandas_unstacks():
    one = program(item("y", over="firm year"))
    found = bind(one, load(one, pd.DataFrame(LONG)))
    wide = pd.DataFrame(LONG).set_index(["firm", "year"])["y"].unstack()
    np.testing.assert_array_equal(found.arrays["y"], wide.to_numpy())
    assert found.labels == {"firm": ("a", "b"), "year": (2001, 2003)}
    assert found.notes == ()


def test_a_long_table_takes_its_order_from_the_text_and_misses_cells_without_a_row(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("year,firm,y,who\n2001,b,1,p\n2003,a,2,q\n2003,b,,p\n")
    data = item("y", over="firm year", optional=True), item("who", "person", "firm year", optional=True)
    one = program(*data, dimensions=(Dimension("firm", labels=("b", "a")),))
    found = bind(one, load(one, path))
    assert found.present["y"].tolist() == [[True, False], [False, True]]
    assert found.arrays["y"][found.present["y"]].tolist() == [1, 2]
    assert found.present["who"].tolist() == [[True, True], [False, True]]
    assert found.arrays["who"][1, 1] == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"year": [2001, 2003, 2001, 2001]}, "more than one row for the same `firm` and `year`: row 1 and row 3"),
        ({"y": [1.0, float("nan"), 3.0, 4.0]}, 'a missing value in firm "a" and year 2003'),
        ({"firm": ["b", "a", "b", "c"]}, 'missing values in firm "a" and year 2001, firm "c" and year 2003'),
        ({"y": [1.0, 2.0, float("inf"), 4.0]}, 'inf in firm "b" and year 2003'),
    ],
)
def test_cells_of_a_long_table_are_told_by_their_members(changed, message):
    one = program(item("y", over="firm year"))
    with pytest.raises(SvilangError) as caught:
        bind(one, load(one, pd.DataFrame({**LONG, **changed})))
    assert message in caught.value.diagnostics[0].message


def test_a_column_that_is_no_long_table_is_told_what_it_lacks():
    one = program(item("y", over="firm year"))
    with pytest.raises(SvilangError) as caught:
        bind(one, load(one, {"row": {"firm": ["a", "b"], "y": [1.0, 2.0]}}))
    told = {d.help for d in caught.value.diagnostics}
    assert "a table with a row for each cell needs the columns `firm` and `year`" in told


def test_every_code_has_a_page():
    import inspect
    import re

    from svilang.data import errors as messages

    codes = set(re.findall(r'"([EW]05\d\d)"', inspect.getsource(messages)))
    assert codes == set(PAGES)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("a: interval(lo, hi) ~ Normal(0, 1)", "the lower bound of `a`, 3, is not below its upper bound, 1"),
        ("a ~ Uniform(lo, hi)", "the lower bound of `a`, 3, is not below its upper bound, 1"),
        ("a ~ Truncated(Normal(0, 1), lo, hi + 1)", "the lower bound of `a`, 3, is not below its upper bound, 2"),
        ("a ~ Normal(0, 1) observe y ~ Uniform(lo, hi)", "the lower bound of `Uniform`, 3, is not below its upper"),
        ("plate k { a ~ Uniform(0, v) }", "the lower bound of `a`, 0, is not below its upper bound, -1"),
    ],
)
def test_bounds_that_the_data_give_must_not_cross(model, message):
    program = svilang.compile(f"data {{ y: real lo: real hi: real v: real[k] }} model {{ {model} }}")
    with pytest.raises(SvilangError) as caught:
        program.bind({"y": 2.0, "lo": 3.0, "hi": 1.0, "v": [1.0, -1.0]})
    (found,) = {d.message for d in caught.value.diagnostics}
    assert message in found
    program.bind({"y": 2.0, "lo": 1.0, "hi": 3.0, "v": [1.0, 2.0]})
