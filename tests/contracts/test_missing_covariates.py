"""Covariates that are missing where the observation is missing too, beside the same data as rows without gaps."""

import jax
import numpy as np
import pytest
from scipy import stats

import svilang
from svilang.diagnostics import SvilangError

T = [[0.0, 1.0, 2.0], [0.5, None, None], [0.0, None, 1.5]]
WORDS = [["a", "b", "a"], ["c", None, None], ["b", None, "a"]]
Y = [[2, 0, 3], [1, None, None], [0, None, 4]]
THERE = np.array([[y is not None for y in row] for row in Y])
MODEL = """
model {
  b ~ Normal(0, 1)
  plate word { e ~ Normal(0, 1) }
  plate subject { a ~ Normal(0, 1) }
"""
WIDE = f"""
data {{ y: count?[subject, visit]   t: real?[subject, visit]   w: word?[subject, visit] }}
{MODEL}
  plate subject, visit {{
    eta = a + b * t + e[w]
    report eta
    observe y ~ Poisson(exp(eta))
  }}
}}"""
LONG = f"""
data {{ y: count[row]   t: real[row]   w: word[row]   s: subject[row] }}
{MODEL}
  plate row {{ observe y ~ Poisson(exp(a[s] + b * t + e[w])) }}
}}"""


def wide(**other):
    return svilang.compile(WIDE).bind({"y": Y, "t": T, "w": WORDS} | other)


def values(seed=0):
    draw = np.random.default_rng(seed).normal
    return {"b": draw(), "e": draw(size=3), "a": draw(size=3)}


def test_the_density_and_its_gradient_are_those_of_the_rows_that_are_there():
    at = np.argwhere(THERE)
    held = {name: [table[i][j] for i, j in at] for name, table in (("y", Y), ("t", T), ("w", WORDS))}
    rows = svilang.compile(LONG).bind(held | {"s": at[:, 0].tolist()})
    with jax.enable_x64(True):
        for seed in range(3):
            point = {name: np.asarray(value) for name, value in values(seed).items()}
            found, wanted = (jax.value_and_grad(one.log_density)(point) for one in (wide(), rows))
            jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-12), found, wanted)


def test_rows_of_a_matrix_may_be_missing_with_their_outcome():
    text = """
    data { y: real?[obs]   X: real?[obs, k] }
    model { b: real[k] ~ MultivariateNormal(0, eye(k))   plate obs { observe y ~ Normal(X @ b, 1) } }"""
    X = [[1.0, 2.0], [None, 1.0], [0.5, -1.0]]
    model = svilang.compile(text).bind({"y": [1.0, None, 2.0], "X": X})
    b = np.array([0.3, -0.2])
    expected = stats.norm.logpdf(b).sum() + stats.norm.logpdf([1, 2], [0.3 - 0.4, 0.15 + 0.2]).sum()
    with jax.enable_x64(True):
        np.testing.assert_allclose(float(model.log_density({"b": b})), expected, rtol=1e-12)


def test_predictions_and_reports_are_no_numbers_where_covariates_are_missing():
    fit = wide().fit(steps=20, progress="none")
    for drawn in (fit.predict(draws=10).values["y"], fit.draws["eta"]):
        np.testing.assert_array_equal(np.isnan(drawn), np.broadcast_to(~THERE, drawn.shape))
    new = fit.predict({"t": [[1.0, 1.0, None]] * 3, "w": [["a", "a", "a"]] * 3}, draws=10)
    gone = np.broadcast_to([False, False, True], (10, 3, 3))
    np.testing.assert_array_equal(np.isnan(new.values["y"]), gone)
    np.testing.assert_array_equal(np.isnan(new.values["eta"]), gone)


def test_a_covariate_is_needed_where_the_outcome_is():
    with pytest.raises(SvilangError) as raised:
        wide(t=[[0.0, None, 2.0], [0.5, None, None], [None, None, 1.5]])
    assert [(d.code, d.message) for d in raised.value.diagnostics] == [
        ("E0529", "`t` is missing where `y` is observed: subject 0, visit 1, subject 2, visit 0")
    ]


def test_a_covariate_with_gaps_stands_beside_nothing_that_is_simulated():
    with pytest.raises(SvilangError, match="E0762"):
        svilang.compile(WIDE).simulate({"word": 3}, {"t": T})


def test_minibatches_of_subjects_have_the_bound_of_all():
    text = f"{WIDE}\nfit {{ steps = 1500 }}"
    data = {"y": Y, "t": T, "w": WORDS}
    whole, part = (svilang.compile(text).bind(data).fit(minibatch=mb, progress="none") for mb in ({}, {"subject": 2}))
    assert abs(whole.elbo.value - part.elbo.value) < 0.15
