"""Guides that are the mode, or the curvature there: against closed forms, coordinate descent and linear programs."""

import numpy as np
import pytest
from scipy.optimize import linprog

import svilang


def _fit(text, data=None, **settings):
    return svilang.compile(text).bind(data or {}).fit(seed=0, progress="none", **settings)


def test_a_laplace_guide_stays_at_a_mode_that_is_a_poor_place():
    """The neck of a funnel: the mode has ``v = -3 / 2 * 1.5^2``, and the curvature of ``x`` there is ``exp(-v)``."""
    fit = _fit("data { dim k = 3 } model { v ~ Normal(0, 1.5)  plate k { x ~ Normal(0, exp(v / 2)) } } guide = laplace")
    draws = fit.take(20_000).values
    assert fit.status == "converged"
    assert draws["v"].mean() == pytest.approx(-3.375, abs=0.05)
    assert draws["v"].std() == pytest.approx(1.5, rel=0.03)
    np.testing.assert_allclose(draws["x"].std(0), np.exp(-3.375 / 2), rtol=0.03)


def _said(fit):
    (message,) = [warning.message for warning in fit.warnings if warning.code == "W0703"]
    return message


def _lasso(X, y, weight):
    """Minimum of half the sum of squares and the weighted sum of sizes, by coordinate descent."""
    b, squares = np.zeros(X.shape[1]), np.sum(X**2, axis=0)
    for _ in range(2_000):
        for j in range(len(b)):
            slope = X[:, j] @ (y - X @ b + X[:, j] * b[j])
            b[j] = np.sign(slope) * max(abs(slope) - weight, 0) / squares[j]
    return b


@pytest.mark.parametrize("size", [1, 6, 40])
def test_the_mode_under_laplace_priors_is_the_lasso(size):
    rng = np.random.default_rng(size)
    X = rng.normal(size=(90, size)) * 10 ** rng.uniform(-0.5, 0.5, size)
    y = X @ (rng.normal(size=size) * (rng.random(size) < 0.4)) + rng.normal(size=90)
    fit = _fit(
        """
        data { X: real[row, column]  y: real[row] }
        model { plate column { b ~ Laplace(0, 0.05) }  plate row { observe y ~ Normal(X @ b, 1) } }
        guide = delta""",
        {"X": X, "y": y},
    )
    assert fit.status == "converged"
    np.testing.assert_allclose(fit.draws["b"][0], _lasso(X, y, 20.0), atol=1e-6)
    assert {row.sd for row in fit.summary()} == {0.0}


def test_the_mode_of_a_median_regression_is_that_of_its_linear_program():
    rng = np.random.default_rng(3)
    X = np.column_stack([np.ones(41), rng.normal(size=(41, 3))])
    y = X @ [2, 1, 0, -1] + rng.standard_t(2, size=41)
    fit = _fit(
        """
        data { X: real[row, column]  y: real[row] }
        model { plate column { b ~ Improper(real) }  plate row { observe y ~ Laplace(X @ b, 1) } }
        guide = delta""",
        {"X": X, "y": y},
    )
    eye, ones = np.eye(41), np.ones(41)
    sizes = np.block([[X, -eye], [-X, -eye]])
    best = linprog(np.r_[np.zeros(4), ones], sizes, np.r_[y, -y], bounds=[(None, None)] * 4 + [(0, None)] * 41).x[:4]
    assert fit.status == "converged"
    np.testing.assert_allclose(fit.draws["b"][0], best, atol=1e-6)


def test_a_laplace_guide_says_where_its_mode_has_a_kink():
    fit = _fit("model { a ~ Laplace(0, 1)  b ~ Normal(a, 1) } guide = laplace")
    assert "a kink along `a`:" in _said(fit)
    assert fit.status == "no_mode"


@pytest.mark.parametrize("family", ["laplace", "delta"])
def test_a_mode_that_runs_away_is_no_converged_fit(family):
    fit = _fit(
        f"""
        data {{
          y: real[school] = [28, 8, -3, 7, -1, 1, 18, 12]
          s: positive[school] = [15, 10, 16, 11, 9, 11, 10, 18]
        }}
        model {{
          mu ~ Normal(0, 5)  tau ~ HalfCauchy(5)
          plate school {{ theta ~ Normal(mu, tau)  observe y ~ Normal(theta, s) }}
        }}
        guide = {family}"""
    )
    assert "runs away along `tau`" in _said(fit)
    assert fit.status == "no_mode"
    assert "mode" in fit.verdict.advice
