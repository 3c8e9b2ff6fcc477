import numpy as np

from svilang.results import param_rows, rows
from svilang.results.tree import Variable


def test_rows_carry_the_users_names_and_labels():
    draws = {"tau": Variable((), np.arange(5.0)), "b": Variable(("county", "effect"), np.zeros((5, 2, 2)))}
    names = [row.name for row in rows(draws, {"effect": ("intercept", "floor")})]
    assert names == ["tau", "b[0, intercept]", "b[0, floor]", "b[1, intercept]", "b[1, floor]"]


def test_figures_of_a_row_are_those_of_the_draws():
    row = rows({"x": Variable((), np.arange(101.0))}, {})[0]
    assert (row.mean, row.q05, row.q50, row.q95) == (50.0, 5.0, 50.0, 95.0)
    assert np.isclose(row.sd, np.sqrt(101 * 102 / 12))


def test_infinite_draws_have_quantiles_and_no_spread():
    """Without a warning of NumPy's."""
    row = rows({"x": Variable((), np.append(np.arange(99.0), [np.inf, np.inf]))}, {})[0]
    assert (row.mean, row.q05, row.q50, row.q95) == (np.inf, 5.0, 50.0, 95.0)
    assert np.isnan(row.sd)


def test_draws_in_single_precision_are_summed_in_double():
    draws = np.full(50_000, 16_777.217, np.float32)
    row = rows({"x": Variable((), draws)}, {})[0]
    assert np.isclose(row.mean, float(draws[0]), rtol=1e-12)


def test_parameters_have_one_row_for_each_scalar():
    params = {"a": Variable(("k",), np.array([1.0, 2.0])), "s": Variable((), np.array(3.0))}
    assert [(row.name, row.value) for row in param_rows(params, {"k": ("x", "y")})] == [
        ("a[x]", 1.0),
        ("a[y]", 2.0),
        ("s", 3.0),
    ]


def test_a_square_shows_both_labels():
    draws = {"m": Variable(("s", "s'"), np.zeros((4, 2, 2)))}
    labels = {"s": ("a", "b"), "s'": ("a", "b")}
    assert [row.name for row in rows(draws, labels)] == ["m[a, a]", "m[a, b]", "m[b, a]", "m[b, b]"]
