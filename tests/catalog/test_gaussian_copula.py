"""GaussianCopula: margins of any continuous law, and the dependence of a Normal vector."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
import scipy.special as sp
import scipy.stats as st
from distribution_measures import compiled
from test_distributions_combinators import bound, call

import svilang
from svilang.catalog.distribution import Bound
from svilang.catalog.distributions import COMBINATORS
from svilang.catalog.distributions.gaussian_copula import normal_quantile

ROW = COMBINATORS["GaussianCopula"]
CORRELATION = np.array([[1, 0.5, 0.2], [0.5, 1, -0.3], [0.2, -0.3, 1]])
ROOT = np.linalg.cholesky(CORRELATION)

MARGINS = {
    "Gamma": (([1.0, 0.4, 8.0], [2.0, 1.0, 0.5]), lambda a, b: st.gamma(a, scale=1 / b)),
    "Beta": (([1.0, 0.5, 8.0], [2.0, 1.5, 3.0]), st.beta),
    "StudentT": (([3.0, 8.0, 1.0], [0.0, 3.0, -1.0], [1.0, 0.5, 2.0]), st.t),
    "LogNormal": (([0.0, 1.0, -1.0], [1.0, 0.3, 2.0]), lambda m, s: st.lognorm(s, scale=np.exp(m))),
    "Weibull": (([1.0, 3.0, 2.0], [1.0, 2.0, 0.8]), lambda s, c: st.weibull_min(c, scale=s)),
}


def child(name):
    return (bound(name, *map(np.array, MARGINS[name][0])),)


def reference(name, x, correlation=CORRELATION):
    """By Sklar: the density of the normal scores over that of independent ones, times the margins'."""
    law = MARGINS[name][1](*map(np.array, MARGINS[name][0]))
    z = np.where(law.cdf(x) < 0.5, st.norm.ppf(law.cdf(x)), st.norm.isf(law.sf(x)))
    together = st.multivariate_normal(np.zeros(3), correlation).logpdf(z) - st.norm.logpdf(z).sum(-1)
    return together + law.logpdf(x).sum(-1)


@pytest.mark.parametrize("name", MARGINS)
def test_a_copula_has_the_density_of_its_formula_far_into_the_tails(name):
    law = MARGINS[name][1](*map(np.array, MARGINS[name][0]))
    levels = np.array(list(itertools.product([1e-9, 0.02, 0.5, 0.97, 1 - 1e-9], repeat=3)))
    x = law.ppf(levels)
    with jax.enable_x64(True):
        ways = ((ROOT, None), (None, CORRELATION))
        found = compiled(lambda x: [ROW.log_prob(x, child(name), *way) for way in ways], x)
    for value in found:
        np.testing.assert_allclose(value, reference(name, x), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", ["Gamma", "LogNormal"])
def test_slopes_are_finite_far_into_the_tails(name):
    law = MARGINS[name][1](*map(np.array, MARGINS[name][0]))
    x = law.ppf(np.array([[1e-12, 0.02, 0.5], [1 - 1e-12, 1e-5, 0.7]]))
    _, slopes = call("GaussianCopula", x, child(name), ROOT, None)
    assert all(np.all(np.isfinite(slope)) for slope in jax.tree.leaves(slopes))


def test_normal_margins_give_a_normal_vector_and_no_correlation_gives_the_margins():
    loc, scale = np.array([0.3, -2.0, 5.0]), np.array([1.0, 0.1, 20.0])
    x = loc + scale * np.array([[0.0, 0.0, 0.0], [-45.0, 3.0, 1.0], [60.0, -60.0, 0.5], [9.0, 9.0, -9.0]])
    value, slopes = call("GaussianCopula", x, (bound("Normal", loc, scale),), ROOT, None)
    normal = st.multivariate_normal(loc, np.outer(scale, scale) * CORRELATION)
    np.testing.assert_allclose(value, normal.logpdf(x), rtol=1e-9)
    assert all(np.all(np.isfinite(slope)) for slope in jax.tree.leaves(slopes))
    alone, _ = call("GaussianCopula", x, (bound("Normal", loc, scale),), np.eye(3), None)
    np.testing.assert_allclose(alone, st.norm(loc, scale).logpdf(x).sum(-1), rtol=1e-9)


def test_beta_margins_are_those_of_numpyro():
    x = np.random.default_rng(3).uniform(0.02, 0.98, (20, 3))
    one, zero = map(np.array, MARGINS["Beta"][0])
    with jax.enable_x64(True):
        value = compiled(lambda x: ROW.log_prob(x, child("Beta"), None, CORRELATION), x)
        peer = dist.GaussianCopulaBeta(one, zero, correlation_matrix=CORRELATION, validate_args=False)
        np.testing.assert_allclose(value, compiled(peer.log_prob, x), rtol=1e-6)


def test_slopes_are_those_of_the_density():
    scale, shape = map(np.array, MARGINS["Weibull"][0])
    x = MARGINS["Weibull"][1](scale, shape).ppf([[0.01, 0.4, 0.9], [0.7, 1e-6, 0.99]])
    row, form = child("Weibull")[0].row, child("Weibull")[0].form

    def density(x, *given):
        return jnp.sum(ROW.log_prob(x, (Bound(row, form, given),), ROOT, None))

    with jax.enable_x64(True):
        total, slopes = jax.jit(density), jax.jit(jax.grad(density, argnums=(0, 1, 2)))(x, scale, shape)
        for index, slope in enumerate(slopes):
            for place in np.ndindex(slope.shape):
                moved = []
                for sign in (1, -1):
                    given = [x.copy(), scale.copy(), shape.copy()]
                    step = 1e-6 * given[index][place]
                    given[index][place] += sign * step
                    moved.append(float(total(*given)))
                assert slope[place] == pytest.approx((moved[0] - moved[1]) / (2 * step), rel=2e-5, abs=1e-5)


def test_the_density_of_two_margins_sums_to_one():
    nodes, weights = np.polynomial.legendre.leggauss(120)
    u = 0.5 * (nodes + 1)
    share = u**3 * (10 - 15 * u + 6 * u**2)
    stretch = 0.5 * weights * 30 * u**2 * (1 - u) ** 2
    x = np.stack(np.meshgrid(share, share, indexing="ij"), -1).reshape(-1, 2)
    law = (bound("Kumaraswamy", np.array([2.0, 1.5]), np.array([1.5, 3.0])),)
    value, _ = call("GaussianCopula", x, law, None, np.array([[1, 0.6], [0.6, 1]]))
    assert (np.exp(value) * np.outer(stretch, stretch).ravel()).sum() == pytest.approx(1, abs=1e-5)


SLOW = [pytest.param(name, marks=pytest.mark.exhaustive) for name in ("Gamma", "StudentT")]
"""Of which the distribution function is no short formula."""


@pytest.mark.parametrize("name", ["LogNormal", *SLOW])
def test_draws_have_the_margins_and_the_correlation_of_their_scores(name):
    with jax.enable_x64(True):
        draws = compiled(lambda key: ROW.sample(key, (4000, 3), child(name), ROOT, None), jax.random.key(1))
    levels = MARGINS[name][1](*map(np.array, MARGINS[name][0])).cdf(draws)
    assert all(st.kstest(levels[:, k], "uniform").pvalue > 1e-4 for k in range(3))
    found = np.corrcoef(st.norm.ppf(levels), rowvar=False)
    assert np.all(np.abs(found - CORRELATION) < 4.5 / np.sqrt(4000))


@pytest.mark.exhaustive
def test_draws_of_a_mixture_of_margins_follow_it():
    parts = (bound("Normal", -2.0, 0.5), bound("Normal", 2.0, 1.0))
    mixed = svilang.catalog.distribution.Compound(COMBINATORS["Mixture"], parts[0].row, parts, (np.array([0.3, 0.7]),))
    with jax.enable_x64(True):
        draws = compiled(lambda key: ROW.sample(key, (4000, 3), (mixed,), ROOT, None), jax.random.key(2))
    cdf = lambda x: 0.3 * st.norm(-2, 0.5).cdf(x) + 0.7 * st.norm(2, 1).cdf(x)  # noqa: E731
    assert all(st.kstest(draws[:, k], cdf).pvalue > 1e-4 for k in range(3))


@pytest.mark.exhaustive
def test_draws_move_with_the_margins_and_the_correlation_as_the_density_does():
    """The pathwise against the score-function estimate of two derivatives."""
    x_row, form = child("Weibull")[0].row, child("Weibull")[0].form
    scale, shape = map(np.array, MARGINS["Weibull"][0])

    def law(way):
        factor = jnp.linalg.cholesky(CORRELATION + way[1] * (np.ones((3, 3)) - np.eye(3)))
        return (Bound(x_row, form, (scale * (1 + way[0]), shape)),), factor

    def everything(key):
        zero = jnp.zeros(2)
        draw = lambda way: ROW.sample(key, (4000, 3), *law(way)[:1], law(way)[1], None)  # noqa: E731
        value = lambda x: jnp.tanh(x[:, 0] * x[:, 1] - 0.1 * x[:, 2])  # noqa: E731
        x = draw(zero)
        ways = jnp.eye(2)
        path = jnp.stack([jax.jvp(lambda w: value(draw(w)), (zero,), (way,))[1] for way in ways], -1)
        density = lambda w: ROW.log_prob(x, law(w)[0], law(w)[1], None)  # noqa: E731
        score = jnp.stack([jax.jvp(density, (zero,), (way,))[1] for way in ways], -1)
        return path, (value(x) - jnp.mean(value(x)))[:, None] * score

    with jax.enable_x64(True):
        path, score = compiled(everything, jax.random.key(9))
    error = np.sqrt((path.var(0) + score.var(0)) / len(path))
    assert np.all(np.abs(path.mean(0) - score.mean(0)) < 4.5 * error)
    assert np.all(np.abs(path.mean(0)) > 3 * error)


def test_normal_quantiles_keep_their_digits_however_small_the_probability():
    logs = -np.concatenate([np.linspace(0.7, 700, 300), np.geomspace(690, 1e8, 200)])
    with jax.enable_x64(True):
        z, slope = compiled(lambda p: (normal_quantile(p), jax.vmap(jax.grad(normal_quantile))(p)), logs)
    np.testing.assert_allclose(sp.log_ndtr(z), logs, rtol=1e-12)
    np.testing.assert_allclose(slope, np.exp(logs - st.norm.logpdf(z)), rtol=1e-5)
    single = compiled(lambda p: normal_quantile(p), logs.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, z, rtol=3e-5)


def test_at_an_end_of_a_margin_there_is_no_density_and_no_slope():
    x = np.array([[0.0, 1.0, 2.0], [-1.0, 1.0, 2.0], [1.0, 1.0, 2.0]])
    value, slopes = call("GaussianCopula", x, (bound("Exponential", np.array([1.0, 2.0, 3.0])),), ROOT, None)
    np.testing.assert_array_equal(np.isfinite(value), [False, False, True])
    assert all(np.all(np.isfinite(slope)) for slope in jax.tree.leaves(slopes))


TEXT = """
data { y: positive?[obs, part] }
model {
  a: positive[part] ~ Exponential(1)
  L ~ LKJCholesky(part, 1)
  plate obs { observe y ~ GaussianCopula(Gamma(a, 2), correlation_cholesky=L) }
}
guide = full_rank
"""


def test_parts_of_observed_vectors_have_the_copula_of_these_parts():
    rng = np.random.default_rng(7)
    y, a = rng.gamma(2, 1, size=(5, 3)), np.array([1.0, 2.0, 3.0])
    y[1, 0] = y[2, 1] = y[2, 2] = np.nan
    y[3] = np.nan
    expected = 0.0
    for row in y:
        some = np.flatnonzero(np.isfinite(row))
        if len(some):
            law = st.gamma(a[some], scale=0.5)
            z = st.norm.ppf(law.cdf(row[some]))
            block = CORRELATION[np.ix_(some, some)]
            expected += st.multivariate_normal(np.zeros(len(some)), block).logpdf(z) - st.norm.logpdf(z).sum()
            expected += law.logpdf(row[some]).sum()
    program = svilang.compile(TEXT)
    with jax.enable_x64(True):
        found, prior = (
            float(program.bind({"y": data}).log_density({"a": a, "L": ROOT})) for data in (y, np.full((5, 3), np.nan))
        )
    assert found - prior == pytest.approx(expected, rel=1e-10)


def test_a_latent_copula_has_margins_with_bounds_of_their_own():
    text = """
    data { R: corr[part, part]   top: positive[part] }
    model { low ~ Normal(0, 1)   x ~ GaussianCopula(Uniform(low, low + top), correlation_matrix=R) }
    """
    top, x = np.array([1.0, 2.0, 5.0]), np.array([0.9, 1.0, 2.0])
    model = svilang.compile(text).bind({"R": CORRELATION, "top": top})
    z = st.norm.ppf((x - 0.4) / top)
    expected = st.multivariate_normal(np.zeros(3), CORRELATION).logpdf(z) - st.norm.logpdf(z).sum() - np.log(top).sum()
    with jax.enable_x64(True):
        found = float(model.log_density({"low": 0.4, "x": x}))
        outside = float(model.log_density({"low": 0.4, "x": np.array([0.3, 1.0, 2.0])}))
    assert found == pytest.approx(expected + st.norm.logpdf(0.4), rel=1e-10)
    assert outside == -np.inf


@pytest.mark.posterior
def test_margins_and_correlations_of_vectors_are_found():
    with jax.enable_x64(True):
        laws = (bound("Gamma", np.array([1.0, 2.0, 4.0]), np.float64(2.0)),)
        y = np.array(compiled(lambda key: ROW.sample(key, (100, 3), laws, ROOT, None), jax.random.key(8)))
    y[:20, 0] = np.nan
    fit = svilang.compile(TEXT + "fit { steps = 1500 }").bind({"y": y}).fit(seed=0, progress="none")
    found = fit.draws["L"] @ fit.draws["L"].swapaxes(-1, -2)
    assert np.all(np.abs(found.mean(0) - CORRELATION) < 4 * found.std(0) + 1e-9)
    shapes = fit.draws["a"]
    assert np.all(np.abs(shapes.mean(0) - [1, 2, 4]) < 4 * shapes.std(0))


@pytest.mark.posterior
def test_a_latent_copula_is_fitted_by_one_in_the_guide():
    """The posterior is the prior where nothing is observed, so that the bound is 0 where the guide is the prior."""
    text = """
    data { R: corr[part, part] }
    model { x ~ GaussianCopula(Gamma(2, 1), correlation_matrix=R) }
    guide {
      param a: positive[part] = 1
      param L: corr_cholesky[part, part]
      x ~ GaussianCopula(Gamma(a, 1), correlation_cholesky=L)
    }
    fit { optimizer = adam(0.02)   steps = 1500   particles = 16 }
    """
    fit = svilang.compile(text).bind({"R": CORRELATION}).fit(seed=0, progress="none")
    assert abs(float(fit.elbo.value)) < 0.01
