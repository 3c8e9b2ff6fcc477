"""Where a Cholesky factor stands, a computed matrix passes in silence only where it is a lower triangle."""

import numpy as np
import pytest

from svilang import pipeline
from svilang.diagnostics import Source, SvilangError

RNG = np.random.default_rng(4)
FACTOR = np.tril(RNG.uniform(0.5, 1, (2, 2)))
GIVEN = {
    "s": np.array([0.7, 1.3]),
    "x": np.array([0.2, 1.1]),
    "a": 0.6,
    "r": 0.4,
    "L": FACTOR,
    "R": np.array([[1, 0.3], [0.3, 1]]),
    "M": RNG.normal(size=(2, 2)),
}
HEAD = """
data {{ y: real[n, k]   x: real[k]   dim k = 2   dim j = k   dim m = 4   M: real[k, j]   g: m[n] }}
model {{
  s: positive[k] ~ HalfNormal(1)
  a ~ HalfNormal(1)
  r ~ Uniform(-1, 1)
  L ~ LKJCholesky(k, 1)
  R ~ LKJ(k, 1)
  plate m {{ each ~ LKJCholesky(k, 1) }}
  scaled = diag(s) @ L
  plate n {{ observe y ~ MultivariateNormal(zeros(k), {}) }}
}}
"""
FUNCTIONS = {
    "diag": np.diag,
    "outer": np.outer,
    "transpose": np.transpose,
    "inverse": np.linalg.inv,
    "cholesky": np.linalg.cholesky,
    "tcrossprod": lambda a: a @ a.T,
    "tril": np.tril,
    "eye": lambda k: np.eye(2),
    "exp": np.exp,
    "rbf": lambda x, reach, scale: scale**2 * np.exp(-0.5 * ((x[:, None] - x) / reach) ** 2),
}


def said(matrix, codes=("E0401", "W0401")):
    try:
        found = pipeline.check(Source("spec.svi", HEAD.format(matrix))).warnings
    except SvilangError as error:
        found = error.diagnostics
    return [(one.code, one.help) for one in found if one.code in codes]


@pytest.mark.parametrize(
    "matrix",
    [
        "scaled",
        "a * scaled",
        "diag(s)",
        "eye(k)",
        "a * eye(k) + L",
        "inverse(L)",
        "L @ L",
        "cholesky(R) / a",
        "tril(M)",
        "cholesky(diag(s) @ R @ diag(s))",
        "[[a, 0], [r * a, a]]",
        "[[a, 0], [0, a]]",
        "diag(s) @ R @ diag(s)",
        "diag(s) @ (R @ diag(s))",
        "scaled @ transpose(scaled)",
        "diag(s) @ L @ transpose(L) @ diag(s)",
        "transpose(scaled) @ scaled",
        "tcrossprod(scaled)",
        "outer(s, s) * R",
        "outer(s, s) + diag(s)",
        "rbf(x, a, a) + a * eye(k)",
        "exp(R)",
        "inverse(R)",
        "transpose(R)",
        "R @ R",
        "M @ R @ transpose(M)",
        "[[a, r], [r, a]]",
        "transpose(L)",
        "L @ transpose(L) @ L",
        "outer(s, x)",
        "M + eye(k)",
        "L @ R",
    ],
)
def test_the_formula_says_what_the_numbers_say(matrix):
    scaled = np.diag(GIVEN["s"]) @ GIVEN["L"]
    value = np.asarray(eval(matrix, {}, {**GIVEN, **FUNCTIONS, "scaled": scaled, "k": "k"}))
    if np.allclose(value, np.tril(value), atol=1e-12):
        assert said(matrix) == []
        return
    [(code, fix)] = said(matrix)
    if np.allclose(value, value.T):
        assert code == "E0401"
        assert fix == "give a covariance matrix as `covariance_matrix=…`"


def test_a_factor_of_each_row_is_one():
    assert said("each[g]") == said("diag(s) @ each[g]") == []


def test_a_matrix_of_another_kind_is_sent_to_its_own_argument():
    assert said("R") == [("E0401", "give a correlation matrix as `covariance_matrix=…`")]


@pytest.mark.parametrize("matrix", ["diag(s)", "a * eye(k)", "2 * eye(k)", "[[4, 0], [0, 4]]"])
def test_a_diagonal_by_its_place_is_named(matrix):
    """NumPyro and Pyro, Stan and PyMC take the covariance matrix in this place."""
    assert said(matrix, ["W0407"]) == [("W0407", "say which it is: `scale_tril=…` or `covariance_matrix=…`")]
    assert said(f"scale_tril={matrix}", ["W0407"]) == said(f"covariance_matrix={matrix}", ["W0407"]) == []


def test_an_identity_is_its_own_factor():
    assert said("eye(k)", ["W0407"]) == []
