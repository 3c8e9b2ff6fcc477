"""Predictions for other rows use the means and spreads of the rows that were fitted."""

import numpy as np
import pytest

import svilang

RNG = np.random.default_rng(8)
X = RNG.normal(10, 2, 12)
DESIGN = np.column_stack([X, RNG.normal(-3, 0.5, 12)])
Y = 1 + X + RNG.normal(0, 0.3, 12)
FIT = "guide = mean_field fit { steps = 20 }"
MODEL = """
  a ~ Normal(0, 10)
  b ~ Normal(0, 10)
  s ~ HalfNormal(1)
"""


def fitted(text, data):
    return svilang.compile(text + FIT).bind(data).fit(progress="none")


@pytest.mark.parametrize(
    ("scaled", "expected"),
    [
        ("standardize(x)", lambda new: (new - X.mean()) / X.std()),
        ("center(x)", lambda new: new - X.mean()),
        ("x - mean(x)", lambda new: new - X.mean()),
        ("(x - min(x)) / (max(x) - min(x))", lambda new: (new - X.min()) / (X.max() - X.min())),
        ("x / size(n)", lambda new: new / 12),
        ("x / sum(x > 8)", lambda new: new / (X > 8).sum()),
        ("x / std(log(x))", lambda new: new / np.log(X).std()),
        ("standardize(x - mean(x))", lambda new: (new - X.mean()) / X.std()),
    ],
)
def test_a_covariate_is_scaled_as_it_was(scaled, expected):
    text = f"""
    data {{ x: positive[n]   y: real[n] }}
    model {{ {MODEL}
      z = {scaled}
      plate n {{
        loc = a + b * z
        observe y ~ Normal(loc, s)
        report loc
      }}
    }}"""
    fit, new = fitted(text, {"x": X, "y": Y}), np.array([14.0, 3.0])
    found = fit.predict({"x": new})
    values = found.values
    wanted = values["a"][:, None] + values["b"][:, None] * expected(new)
    np.testing.assert_allclose(values["loc"], wanted, rtol=1e-4, atol=1e-4)
    assert any("is that of the data of the fit" in note for note in found.notes)


def test_each_column_of_a_design_is_scaled_as_it_was():
    text = """
    data { X: real[n, feature]   y: real[n] }
    model {
      b: real[feature] ~ Normal(0, 10)
      Z = standardize(X, over=n)
      plate n {
        loc = Z @ b
        observe y ~ Normal(loc, 1)
        report loc
      }
    }"""
    fit, new = fitted(text, {"X": DESIGN, "y": Y}), np.array([[9.0, -2.0], [11.0, -4.0], [8.0, -3.0]])
    values = fit.predict({"X": new}).values
    wanted = values["b"] @ ((new - DESIGN.mean(0)) / DESIGN.std(0)).T
    np.testing.assert_allclose(values["loc"], wanted, rtol=1e-4, atol=1e-4)
    with pytest.raises(svilang.SvilangError, match="`feature` has 2 members in the fit and 4"):
        fit.predict({"X": np.ones((3, 4))})


def test_a_row_is_predicted_alike_whatever_is_beside_it():
    text = f"data {{ x: real[n]   y: real[n] }} model {{ {MODEL} m = mean(x) plate n {{ loc = a + b * (x - m)"
    fit = fitted(f"{text} report loc observe y ~ Normal(loc, s) }} }}", {"x": X, "y": Y})
    one, two = (fit.predict({"x": new}).values["loc"][:, 0] for new in ([14.0], [14.0, -100.0]))
    np.testing.assert_allclose(one, two, rtol=1e-6)


def test_new_groups_are_scaled_as_the_groups_of_the_fit():
    text = """
    data { wet: real[g]   g: g[n]   y: real[n] }
    model {
      b ~ Normal(0, 10)
      z = standardize(wet)
      plate g { level ~ Normal(b * z, 0.001) }
      plate n { observe y ~ Normal(level[g], 1) }
    }"""
    wet = np.array([1.0, 2.0, 6.0])
    fit = fitted(text, {"n": {"g": [*"abc"] * 4, "y": Y}, "g": {"g": [*"abc"], "wet": wet}})
    values = fit.predict({"n": {"g": ["d"]}, "g": {"g": ["d"], "wet": [4.0]}}).values
    np.testing.assert_allclose(values["level"][:, 0], values["b"] * (4 - 3) / wet.std(), atol=0.01)


def test_a_prior_from_the_outcomes_needs_none_to_predict():
    """Kruschke's BEST: the prior of the means is that of the pooled outcomes."""
    text = """
    data { g: g[n]   y: real[n] }
    model {
      plate g { m ~ Normal(mean(y), 2 * std(y)) }
      plate n { observe y ~ Normal(m[g], 1) }
    }"""
    fit = fitted(text, {"g": [*"ab"] * 6, "y": Y})
    values = fit.predict({"n": {"g": ["c"] * 3}}, draws=4000).values
    assert values["m"].mean() == pytest.approx(Y.mean(), abs=0.1 * Y.std())
    assert values["m"].std() == pytest.approx(2 * Y.std(), rel=0.1)


def test_what_only_a_report_sums_up_is_that_of_the_new_rows():
    text = f"data {{ w: positive[n]   y: real[n] }} model {{ {MODEL} plate n {{ observe y ~ Normal(a, s) }}"
    fit = fitted(f"{text} report all = a * sum(w) }}", {"w": X, "y": Y})
    found = fit.predict({"w": [1.0, 2.0]})
    np.testing.assert_allclose(found.values["all"], 3 * found.values["a"], rtol=1e-5)
    assert not found.notes


def test_the_mean_of_each_group_is_that_of_its_new_rows():
    """Mundlak's device: a group that was not fitted has only its new rows."""
    text = """
    data { x: real[g, t]   y: real[g, t] }
    model {
      b ~ Normal(0, 10)
      within = mean(x, over=t)
      plate g, t {
        loc = b * within
        observe y ~ Normal(loc, 1)
        report loc
      }
    }"""
    fit = fitted(text, {"x": X.reshape(3, 4), "y": Y.reshape(3, 4)})
    new = np.array([[1.0, 3.0], [5.0, 9.0]])
    values = fit.predict({"x": new}, new=["g", "t"]).values
    np.testing.assert_allclose(values["loc"], np.outer(values["b"], [2, 7]), rtol=1e-4)


def test_a_trend_goes_on_at_the_pace_of_the_fit():
    text = """
    data { y: real[t] }
    model {
      b ~ Normal(0, 10)
      plate t {
        loc = b * position(t) / size(t)
        observe y ~ Normal(loc, 1)
        report loc
      }
    }"""
    values = fitted(text, {"y": Y}).predict(set={"t": 24}).values
    np.testing.assert_allclose(values["loc"], np.outer(values["b"], np.arange(24) / 12), rtol=1e-4, atol=1e-5)


def test_a_change_point_is_still_one_of_the_steps():
    text = """
    data { y: real[t] }
    model {
      m ~ Normal(0, 5)
      change ~ DiscreteUniform(0, size(t) - 1)
      plate t { observe y ~ Normal(m if position(t) < change else -m, 1) }
    }"""
    y = np.repeat([4.0, -4.0], 6)
    values = svilang.compile(text).bind({"y": y}).fit(progress="none").predict(set={"t": 14}).values
    np.testing.assert_allclose(values["y"].mean(0), [4.0] * 6 + [-4.0] * 8, atol=0.6)
