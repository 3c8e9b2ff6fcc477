"""Slopes of the incomplete beta function in its shapes, and the laws whose distribution function is made of it."""

import itertools

import jax
import numpy as np
import pytest
from scipy import special
from scipy import stats as st

import svilang
from svilang.catalog.beta_function import betainc

GRID = np.array(
    [
        (a, b, x)
        for a, b in itertools.product((0.3, 1.0, 2.5, 20.0, 300.0, 5e3), repeat=2)
        for x in (1e-4, 0.02, 0.2, 0.5, a / (a + b), 0.9, 0.999)
    ]
).T


def by_differences(function, at, scale=1e-3):
    """The slope at a point of a smooth function, from eight of its values around there."""
    step = scale * at
    weights = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
    return sum(w * (function(at + k * step) - function(at - k * step)) for k, w in enumerate(weights, 1)) / step


def test_slopes_in_the_shapes_are_those_of_scipys_values():
    a, b, x = GRID
    with jax.enable_x64(True):
        in_a, in_b, in_x = map(np.asarray, jax.jit(jax.vmap(jax.grad(betainc, argnums=(0, 1, 2))))(a, b, x))
    of_a, of_b = (lambda a: special.betainc(a, b, x)), (lambda b: special.betainc(a, b, x))
    np.testing.assert_allclose(a * in_a, a * by_differences(of_a, a), rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(b * in_b, b * by_differences(of_b, b), rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(in_x, st.beta(a, b).pdf(x), rtol=1e-8)


def test_second_slopes_are_the_same_forward_and_backward():
    with jax.enable_x64(True):
        point = np.array([2.0, 3.0, 0.4])
        forward = jax.hessian(lambda v: betainc(*v))(point)
        backward = jax.jacrev(jax.grad(lambda v: betainc(*v)))(point)
    np.testing.assert_allclose(forward, backward, rtol=1e-10)
    np.testing.assert_allclose(forward[2, 2], st.beta(2, 3).pdf(0.4) * (1 / 0.4 - 2 / 0.6), rtol=1e-10)


@pytest.mark.parametrize("x", [0.0, 1.0])
def test_at_its_ends_it_does_not_move_with_the_shapes(x):
    assert jax.grad(betainc, argnums=(0, 1))(2.0, 3.0, x) == (0, 0)


COUNTS = np.array([1.0, 2.0, 5.0])
SHARES = np.array([0.2, 0.5, 0.7])


def _negative_binomial(s):
    return st.nbinom(s, s / (3 + s))


def _copula(s):
    law = st.beta(s, 2)
    scores = st.norm.ppf(law.cdf(SHARES[:2]))
    joint = st.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]])
    return law.logpdf(SHARES[:2]).sum() + joint.logpdf(scores) - st.norm.logpdf(scores).sum()


LAWS = {
    "Truncated(NegativeBinomial2(3, s), lower=1)": (
        COUNTS,
        lambda s: (_negative_binomial(s).logpmf(COUNTS) - _negative_binomial(s).logsf(0)).sum(),
    ),
    "Truncated(StudentT(s, 0, 1), lower=0.5, upper=6)": (
        COUNTS,
        lambda s: (st.t(s).logpdf(COUNTS) - np.log(st.t(s).cdf(6) - st.t(s).cdf(0.5))).sum(),
    ),
    "IntervalCensored(Beta(s, 2), upper=0.8)": (
        SHARES,
        lambda s: np.log(st.beta(s, 2).cdf(0.8) - st.beta(s, 2).cdf(SHARES)).sum(),
    ),
    "Truncated(GammaPoisson(s, 0.5), lower=1, upper=9)": (
        COUNTS,
        lambda s: (st.nbinom(s, 1 / 3).logpmf(COUNTS) - np.log(np.diff(st.nbinom(s, 1 / 3).cdf([0, 9])))).sum(),
    ),
}


@pytest.mark.parametrize("law", LAWS)
def test_a_shape_may_be_latent_where_the_distribution_function_is_needed(law):
    y, exact = LAWS[law]
    kind = "unit" if "Beta" in law else "real" if "Student" in law else "count"
    text = f"data {{ y: {kind}[obs] }} model {{ s ~ Uniform(0, 100)  plate obs {{ observe y ~ {law} }} }}"
    model = svilang.compile(text).bind({"y": y})
    with jax.enable_x64(True):
        value, slope = jax.value_and_grad(lambda s: model.log_density({"s": s}))(1.7)
    assert value == pytest.approx(exact(1.7) - np.log(100), abs=1e-9)
    assert slope == pytest.approx(by_differences(exact, 1.7), rel=1e-6)


def test_margins_of_a_copula_may_have_latent_shapes():
    text = """
    data { dim k = 2   y: unit[k] = [0.2, 0.5] }
    model {
      s ~ Uniform(0, 100)
      observe y ~ GaussianCopula(Beta(full(k, s), 2), correlation_matrix=[[1, 0.5], [0.5, 1]] over k over k)
    }
    """
    with jax.enable_x64(True):
        model = svilang.compile(text).bind()
        value, slope = jax.value_and_grad(lambda s: model.log_density({"s": s}))(1.7)
    assert value == pytest.approx(_copula(1.7) - np.log(100), abs=1e-9)
    assert slope == pytest.approx(by_differences(_copula, 1.7), rel=1e-6)
