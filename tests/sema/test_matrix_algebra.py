"""Products, transposes and inverses of named squares are those of matrices on paper."""

import jax
import numpy as np
import pytest
from scipy import stats

import svilang

A = np.array([[1.0, 0.0], [3.0, 4.0]])
B = np.array([[1.0, 2.0], [3.0, 4.0]])
R = np.array([[1.0, 2.0, 5.0], [3.0, 4.0, 6.0]])
V = np.array([1.0, 10.0])

CASES = {
    "transpose(A)": A.T,
    "A @ transpose(A)": A @ A.T,
    "transpose(A) @ A": A.T @ A,
    "A @ A": A @ A,
    "A @ v": A @ V,
    "transpose(A) @ v": A.T @ V,
    "v @ A": V @ A,
    "v @ B": V @ B,
    "transpose(B)": B.T,
    "inverse(A)": np.linalg.inv(A),
    "inverse(A) @ v": np.linalg.inv(A) @ V,
    "inverse(B) @ v": np.linalg.inv(B) @ V,
    "cholesky(A @ transpose(A))": A,
    "cholesky(A @ transpose(A)) @ v": A @ V,
    "solve(A, v)": np.linalg.solve(A, V),
    "quad_form(A, v)": V @ A @ V,
    "outer(v, v)": np.outer(V, V),
    "diag(v) @ A": np.diag(V) @ A,
    "tcrossprod(A)": A @ A.T,
    "A + transpose(A)": A + A.T,
    "transpose(R)": R.T,
    "v @ R": V @ R,
    "B - A": B - A,
    "B @ B": B @ B,
    "transpose(B) @ B": B.T @ B,
    "B @ transpose(B) @ (v over j)": B @ B.T @ V,
    "A @ B": A @ B,
    "B @ A": B @ A,
    "diag(v) - 0.5 * B": np.diag(V) - 0.5 * B,
    "inverse(eye(k) - 0.1 * B) @ v": np.linalg.inv(np.eye(2) - 0.1 * B) @ V,
    "solve(eye(k) + B + A, v)": np.linalg.solve(np.eye(2) + B + A, V),
    'A["b", "a"]': A[1, 0],
    "A[second]": A[1],
    "(v - (v over j))^2": (V[:, None] - V) ** 2,
}


@pytest.mark.parametrize("expression", CASES)
def test_an_expression_of_squares_means_what_it_means_on_paper(expression):
    text = f"""
    data {{
      dim k = ["a", "b"]   dim j = k
      A: cholesky[k, k] = [[1, 0], [3, 4]]
      B: real[k, j] = [[1, 2], [3, 4]]
      R: real[k, o] = [[1, 2, 5], [3, 4, 6]]
      v: real[k] = [1, 10]
      second: k = "b"
    }}
    model {{ x ~ Normal(0, 1)   report value = {expression} }}
    """
    lowered = svilang.compile(text).bind()._lowered
    with jax.enable_x64(True):
        prepared = lowered.target.prepare(lowered.target.data)
        found = lowered.target.draws(prepared, np.zeros(1), np.zeros(0), {})[0]["value"]
    np.testing.assert_allclose(found, CASES[expression], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("average", "fits"),
    [("th @ phi", True), ("phi @ th", True), ("v @ phi", False), ("th @ loose", False), ("phi @ v", False)],
)
def test_an_average_of_simplexes_by_a_simplex_is_one(average, fits):
    text = f"""
    data {{
      dim topic = 2   dim word = 3   n: count[doc, word] = [[3, 0, 1], [1, 2, 2]]
      v: unit[topic] = [0.2, 0.8]   loose: unit[topic, word] = [[0.2, 0.3, 0.5], [1, 0, 0]]
    }}
    model {{
      plate topic {{ phi ~ Dirichlet([1, 2, 3] over word) }}
      plate doc {{ th ~ Dirichlet([2, 3] over topic)   observe n ~ Multinomial(sum(n, over=word), {average}) }}
    }}"""
    program = svilang.compile(text)
    assert ("W0401" in {w.code for w in program.warnings}) is not fits
    if fits:
        th, phi = np.array([[0.3, 0.7], [0.9, 0.1]]), np.array([[0.2, 0.3, 0.5], [0.6, 0.1, 0.3]])
        n = np.array([[3, 0, 1], [1, 2, 2]])
        with jax.enable_x64(True):
            found = float(program.bind().log_density({"th": th, "phi": phi}))
        rows = sum(stats.multinomial(k.sum(), p).logpmf(k) for k, p in zip(n, th @ phi, strict=True))
        priors = [stats.dirichlet([2, 3]).logpdf(t) for t in th] + [stats.dirichlet([1, 2, 3]).logpdf(p) for p in phi]
        np.testing.assert_allclose(found, rows + sum(priors), rtol=1e-12)


def test_a_probability_averaged_by_a_simplex_is_one():
    program = svilang.compile("""
    data { dim k = 3   y: binary[i] }
    model {
      w ~ Dirichlet(ones(k))
      plate k { p ~ Beta(1, 1) }
      plate i { observe y ~ Bernoulli(p @ w) }
    }""")
    assert not program.warnings
