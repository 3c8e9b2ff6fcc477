"""Numbers in the place of vectors, and choices between vectors as a whole."""

import jax
import numpy as np
import pytest
from scipy import stats

import svilang

C = np.array([[2.0, 0.3], [0.3, 1.0]])
X = np.array([0.1, 0.4])


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("x ~ MultivariateNormal(-1, covariance_matrix=C)", stats.multivariate_normal([-1, -1], C).logpdf(X)),
        ("x ~ MultivariateStudentT(4, 2, scale_matrix=C)", stats.multivariate_t([2, 2], C, df=4).logpdf(X)),
        ("x ~ GaussianProcess(0, C, noise=0.5)", stats.multivariate_normal([0, 0], C + np.eye(2) / 4).logpdf(X)),
        ("x: real[k] ~ MultivariateNormal(0, eye(k))", stats.norm.logpdf(X).sum()),
    ],
)
def test_a_number_in_the_place_of_a_vector_stands_for_equal_ones(statement, expected):
    program = svilang.compile(f"data {{ dim k = 2   C: cov[k] = {C.tolist()} }} model {{ {statement} }}")
    with jax.enable_x64(True):
        np.testing.assert_allclose(float(program.bind().log_density({"x": X})), expected, rtol=1e-12)


def test_a_number_that_is_drawn_for_each_row_is_the_mean_of_its_vector():
    text = f"""
    data {{ dim k = 2   C: cov[k] = {C.tolist()}   y: real[row, k] = [[0.1, 0.4], [3, 2]] }}
    model {{ plate row {{ u ~ Normal(0, 1)   observe y ~ MultivariateNormal(u + 1, covariance_matrix=C) }} }}"""
    u = np.array([0.3, -0.2])
    expected = stats.norm.logpdf(u).sum() + sum(
        stats.multivariate_normal([one + 1, one + 1], C).logpdf(y) for one, y in zip(u, [X, [3, 2]], strict=True)
    )
    with jax.enable_x64(True):
        np.testing.assert_allclose(float(svilang.compile(text).bind().log_density({"u": u})), expected, rtol=1e-12)


def test_a_number_before_a_kernel_is_the_mean_of_its_process():
    text = """
    data { x: real[k] = [0, 1] }
    model { m ~ Normal(0, 1)   f ~ GaussianProcess(m, rbf(x, 1, 1), noise=0.5) }"""
    square = np.exp([[0, -0.5], [-0.5, 0]]) + np.eye(2) / 4
    expected = stats.norm.logpdf(0.7) + stats.multivariate_normal([0.7, 0.7], square).logpdf(X)
    with jax.enable_x64(True):
        found = float(svilang.compile(text).bind().log_density({"m": np.array(0.7), "f": X}))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_list_and_a_number_beside_it_agree():
    found = []
    for concentration in ("1", "[1, 1, 1] over k"):
        text = f"data {{ dim k = 3 }} model {{ w: simplex[k] ~ Dirichlet({concentration}) }}"
        with jax.enable_x64(True):
            found.append(float(svilang.compile(text).bind().log_density({"w": np.array([0.2, 0.3, 0.5])})))
    np.testing.assert_allclose(found, np.log(2), rtol=1e-12)


@pytest.mark.parametrize(
    ("choice", "certain"),
    [
        ("p if s == 1 else one_hot(z)", True),
        ("p if s == 1 else q", True),
        ("exp(p) / sum(exp(p))", True),
        ("w / sum(w)", True),
        ("(p - 0.5) / sum(p - 0.5)", False),
        ("p if s == 1 else [0.2, 0.5]", False),
        ("p if position(k) == 1 else q", False),
    ],
)
def test_a_choice_between_simplexes_as_a_whole_is_one(choice, certain):
    program = svilang.compile(f"""
    data {{
      dim k = 2   y: k[item]   z: k = 1   s: binary[item]   q: simplex[k] = [0.5, 0.5]   w: positive[k] = [2, 3]
    }}
    model {{
      p ~ Dirichlet([1, 1] over k)
      plate item {{ observe y ~ Categorical({choice}) }}
    }}""")
    assert [w.code for w in program.warnings if w.code == "W0401"] == ([] if certain else ["W0401"])
