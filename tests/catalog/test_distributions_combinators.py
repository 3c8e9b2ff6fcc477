"""Truncated, Censored, ZeroInflated and Mixture: total mass, tails, draws and slopes."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats as st
from distribution_cases import CASES, thorough
from distribution_measures import CONTINUOUS, DISCRETE, LEVELS, compiled, law, lifted, points

from svilang.catalog.distribution import Bound
from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS
from svilang.catalog.distributions.tails import log_above, log_at_most


def bound(name, *params, form=0):
    row = DISTRIBUTIONS[name]
    return Bound(row, row.forms[form], tuple(np.asarray(p, np.float64) for p in params))


def call(name, x, children, *params):
    """Log density in float64, with the slope in x and in the arguments of the first child."""
    combinator = COMBINATORS[name]

    def density(x, args):
        first = Bound(children[0].row, children[0].form, args)
        return combinator.log_prob(x, (first, *children[1:]), *params)

    def everything(x, args):
        value, back = jax.vjp(density, x, args)
        return value, back(jnp.ones_like(value))

    with jax.enable_x64(True):
        return compiled(everything, x, tuple(np.asarray(a, np.float64) for a in children[0].args))


def assert_finite(slopes):
    assert all(np.all(np.isfinite(slope)) for slope in jax.tree.leaves(slopes)), slopes


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        (np.array([[-1.0], [8.0], [-30.0], [30.0]]), np.array([[2.0], [9.0], [-20.0], [30.5]])),
        (None, -9.0),
        (40.0, None),
    ],
    ids=["between", "below", "above"],
)
def test_a_truncated_normal_agrees_with_scipy_in_both_tails(lower, upper):
    reference = st.truncnorm(-np.inf if lower is None else lower, np.inf if upper is None else upper)
    x = reference.ppf([0.01, 0.3, 0.7, 0.99])
    value, slopes = call("Truncated", x, (bound("Normal", 0.0, 1.0),), lower, upper)
    np.testing.assert_allclose(value, reference.logpdf(x), rtol=1e-8)
    assert_finite(slopes)


CUT = [name for name in CONTINUOUS if DISTRIBUTIONS[name].cdf is not None and name != "VonMises"]
"""Those with a distribution function; the quantiles of a law on the circle pass its ends, and are no bounds."""


@pytest.mark.parametrize("name", thorough(CUT))
def test_a_truncated_density_is_scaled_by_the_mass_between_its_bounds(name):
    row, case = DISTRIBUTIONS[name], CASES[name]
    params = lifted(case.params)
    quantiles = points(name)
    lower, upper = quantiles[2], quantiles[7]
    x = points(name)[3:7]

    def everything(x):
        child = Bound(row, row.forms[0], params)
        return COMBINATORS["Truncated"].log_prob(x, (child,), lower[None], upper[None])

    with jax.enable_x64(True):
        log_prob = compiled(everything, x)
    np.testing.assert_allclose(log_prob, law(name).logpdf(x) - np.log(LEVELS[7] - LEVELS[2]), rtol=1e-7, atol=1e-8)


def test_a_bound_at_the_centre_has_the_slope_of_the_half_distribution():
    """Truncated at its own location a symmetric law is its half: the density doubles, and moves with the location."""
    x = np.array([0.1, 0.5, 2.0])
    for name, params in {
        "Normal": (0.0, 1.5),
        "StudentT": (3.0, 0.0, 1.5),
        "Laplace": (0.0, 1.5),
        "Cauchy": (0.0, 1.5),
    }.items():
        child = bound(name, *params)

        def density(loc, child=child):
            args = (*child.args[:-2], loc, child.args[-1])
            return COMBINATORS["Truncated"].log_prob(x, (Bound(child.row, child.form, args),), 0.0, None)

        with jax.enable_x64(True):
            value, slope = compiled(lambda loc, f=density: (f(loc), jax.jacfwd(f)(loc)), np.float64(0))
            plain = np.asarray(child.log_prob(x)) + np.log(2)
            near = [compiled(density, np.float64(step)) for step in (1e-6, -1e-6)]
        np.testing.assert_allclose(value, plain, rtol=1e-6)
        np.testing.assert_allclose(slope, (near[0] - near[1]) / 2e-6, rtol=1e-4, atol=1e-6)


def test_truncated_counts_are_renormalised_and_need_not_reach_zero():
    x = np.arange(0, 30.0)
    value, slopes = call("Truncated", x, (bound("Poisson", 3.0),), 1, None)
    np.testing.assert_allclose(value[1:], st.poisson(3).logpmf(x[1:]) - np.log1p(-np.exp(-3)), rtol=1e-10)
    assert value[0] == -np.inf
    assert_finite(slopes)
    value, slopes = call("Truncated", x, (bound("Binomial", 20, 0.3),), 2, 7)
    np.testing.assert_allclose(np.exp(value).sum(), 1, rtol=1e-10)
    small, _ = call("Truncated", x[1:3], (bound("Poisson", 1e-12),), 1, None)
    np.testing.assert_allclose(small, [0, np.log(0.5e-12)], atol=1e-9)


def _log_none(name, *params):
    """Log probability of 0."""
    match name, params:
        case "NegativeBinomial", (mean, size):
            return -size * np.log1p(mean / size)
        case "Poisson", (rate,):
            return -rate
        case "Binomial", (n, p):
            return n * np.log1p(-p)
        case _:
            return np.log(params[0])


@pytest.mark.parametrize(
    ("name", "form", "params"),
    [
        ("NegativeBinomial", 2, (1e-7, 0.7)),
        ("NegativeBinomial", 2, (1e-5, 1e6)),
        ("NegativeBinomial", 2, (40.0, 0.3)),
        ("Poisson", 0, (1e-9,)),
        ("Poisson", 0, (30.0,)),
        ("Binomial", 0, (7.0, 1e-6)),
        ("Geometric", 0, (0.25,)),
    ],
)
def test_the_mass_above_zero_and_its_slopes_have_all_digits(name, form, params):
    child = bound(name, *params, form=form)

    def above(args):
        return log_above(Bound(child.row, child.form, args), 0)

    with jax.enable_x64(True):
        value, slopes = jax.value_and_grad(above)(tuple(map(jnp.asarray, child.args)))
        none = _log_none(name, *params)
        assert float(value) == pytest.approx(np.log(-np.expm1(none)), rel=1e-12)
        for i, slope in enumerate(slopes):
            up, down = ((*params[:i], params[i] * (1 + d), *params[i + 1 :]) for d in (1e-5, -1e-5))
            change = (_log_none(name, *up) - _log_none(name, *down)) / (2e-5 * params[i])
            assert float(slope) == pytest.approx(change * np.exp(none) / np.expm1(none), rel=1e-6)


def test_the_slopes_of_counts_without_zero_need_no_loop():
    row = DISTRIBUTIONS["NegativeBinomial"]

    def slope(lower):
        def density(size):
            return COMBINATORS["Truncated"].log_prob(2, (Bound(row, row.forms[2], (3.0, size)),), lower, None)

        return str(jax.make_jaxpr(jax.grad(density))(0.7))

    assert "scan" in slope(2) or "while" in slope(2)
    assert "scan" not in slope(1)
    assert "while" not in slope(1)


def test_outside_its_bounds_a_truncated_law_has_no_density_and_no_slope():
    value, slopes = call("Truncated", np.array([-1.0, 3.0]), (bound("Gamma", 0.5, 2.0),), 0.0, 2.0)
    assert np.all(value == -np.inf)
    assert_finite(slopes)


DRAWS = [
    ("Normal", (0.0, 1.0), 6.0, 7.0, st.truncnorm(6, 7)),
    ("Normal", (0.0, 1.0), None, -8.0, st.truncnorm(-np.inf, -8)),
    ("Normal", (0.0, 1.0), -0.5, None, st.truncnorm(-0.5, np.inf)),
    ("Exponential", (2.0,), None, 0.3, st.truncexpon(0.6, scale=0.5)),
]


@pytest.mark.parametrize(("name", "params", "lower", "upper", "reference"), DRAWS)
def test_draws_between_bounds_follow_the_truncated_law(name, params, lower, upper, reference):
    child = bound(name, *params)
    with jax.enable_x64(True):
        draws = compiled(
            lambda key: COMBINATORS["Truncated"].sample(key, (4000,), (child,), lower, upper), jax.random.key(2)
        )
    assert st.kstest(draws, reference.cdf).pvalue > 1e-4


def test_draws_of_truncated_counts_follow_the_truncated_law():
    child = bound("Poisson", 2.0)
    with jax.enable_x64(True):
        draws = compiled(lambda key: COMBINATORS["Truncated"].sample(key, (6000,), (child,), 1, 5), jax.random.key(2))
    probs = st.poisson(2).pmf(np.arange(1, 6))
    observed = np.bincount(draws, minlength=6)
    assert observed[0] == 0
    assert len(observed) == 6
    assert st.chisquare(observed[1:], 6000 * probs / probs.sum()).pvalue > 1e-4


def test_a_censored_law_has_mass_at_its_bounds_and_one_in_total():
    child = bound("Normal", 0.3, 1.2)
    nodes, weights = np.polynomial.legendre.leggauss(80)
    inside = 0.5 + 1.5 * nodes
    x = np.concatenate([[-1.0], inside, [2.0]])
    value, slopes = call("Censored", x, (child,), -1.0, 2.0)
    np.testing.assert_allclose(value[0], st.norm(0.3, 1.2).logcdf(-1), rtol=1e-10)
    np.testing.assert_allclose(value[-1], st.norm(0.3, 1.2).logsf(2), rtol=1e-10)
    total = np.exp(value[0]) + np.exp(value[-1]) + np.sum(1.5 * weights * np.exp(value[1:-1]))
    np.testing.assert_allclose(total, 1, rtol=1e-10)
    assert_finite(slopes)
    beyond, slopes = call("Censored", np.array([-1.5, 2.5]), (child,), -1.0, 2.0)
    assert np.all(beyond == -np.inf)
    assert_finite(slopes)


COUNTED = [name for name in DISCRETE if DISTRIBUTIONS[name].cdf is not None]
COMMON = ("Normal", "Weibull", "Poisson")


@pytest.mark.parametrize(
    "name", [n if n in COMMON else pytest.param(n, marks=pytest.mark.exhaustive) for n in (*CUT, *COUNTED)]
)
def test_beyond_an_infinite_bound_lies_nothing_and_its_slopes_are_zero(name):
    row, params = DISTRIBUTIONS[name], lifted(CASES[name].params)

    def tails(params):
        child = Bound(row, row.forms[0], params)
        ends = [jnp.full((1, 1), end) for end in (-jnp.inf, jnp.inf)]
        return [jnp.ravel(tail(child, end)) for tail in (log_at_most, log_above) for end in ends]

    def everything(params):
        value, back = jax.vjp(tails, params)
        return value, back([jnp.ones_like(each) for each in value])

    with jax.enable_x64(True):
        value, slopes = compiled(everything, tuple(np.asarray(each, np.float64) for each in params))
    for found, expected in zip(value, (-np.inf, 0, 0, -np.inf), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert all(np.all(slope == 0) for slope in jax.tree.leaves(slopes)), slopes


def test_an_interval_without_an_end_has_the_slopes_of_a_survival_function():
    time, end = np.array([1.0, 2.0, 3.0]), np.array([1.5, np.inf, np.inf])
    value, slopes = call("IntervalCensored", time, (bound("Weibull", 2.0, 1.5),), end)
    law = st.weibull_min(1.5, scale=2)
    np.testing.assert_allclose(value, [np.log(law.cdf(1.5) - law.cdf(1)), law.logsf(2), law.logsf(3)], rtol=1e-10)
    assert_finite(slopes)


@pytest.mark.parametrize("beyond", [5.0, np.inf])
def test_censored_survival_times_use_one_bound_a_row(beyond):
    """Klein & Moeschberger (2003), ch. 3: density for an event, survival for a censored time."""
    time, limit = np.array([1.0, 2.0, 3.0]), np.array([beyond, 2.0, 3.0])
    value, slopes = call("Censored", time, (bound("Weibull", 2.0, 1.5),), None, limit)
    law = st.weibull_min(1.5, scale=2)
    np.testing.assert_allclose(value, [law.logpdf(1), law.logsf(2), law.logsf(3)], rtol=1e-10)
    assert_finite(slopes)


def test_censored_counts_put_the_whole_tail_at_the_bound():
    x = np.arange(2, 7.0)
    value, slopes = call("Censored", x, (bound("Poisson", 3.0),), 2, 6)
    np.testing.assert_allclose(value[[0, -1]], [st.poisson(3).logcdf(2), st.poisson(3).logsf(5)], rtol=1e-10)
    np.testing.assert_allclose(np.exp(value).sum(), 1, rtol=1e-10)
    assert_finite(slopes)


def test_censored_draws_pile_up_at_the_bounds():
    child = bound("Normal", 0.0, 1.0)
    draws = compiled(lambda key: COMBINATORS["Censored"].sample(key, (4000,), (child,), -1.0, None), jax.random.key(0))
    assert abs(np.mean(np.asarray(draws) == -1.0) - st.norm.cdf(-1)) < 4.5 * np.sqrt(0.16 * 0.84 / 4000)


def test_zero_inflation_adds_zeros_and_keeps_total_mass_one():
    x, gate = np.arange(0, 200.0), np.array([[0.0], [0.3], [1.0]])
    value, slopes = call("ZeroInflated", x, (bound("NegativeBinomial2", 4.0, 2.0),), gate)
    plain = st.nbinom(2, 2 / 6).pmf(x)
    np.testing.assert_allclose(np.exp(value), gate * (x == 0) + (1 - gate) * plain, rtol=1e-9)
    assert_finite(slopes)
    row = DISTRIBUTIONS["ZeroInflatedPoisson"].forms[0]
    value, _ = call("ZeroInflated", x[:9], (bound("Poisson", 2.0),), gate)
    with jax.enable_x64(True):
        np.testing.assert_allclose(value, compiled(row.log_prob, x[:9], gate, np.float64(2)), rtol=1e-12)


def test_zero_inflated_draws_have_the_right_share_of_zeros():
    child = bound("Poisson", 2.0)
    draws = compiled(lambda key: COMBINATORS["ZeroInflated"].sample(key, (4000,), (child,), 0.25), jax.random.key(1))
    share = 0.25 + 0.75 * np.exp(-2)
    assert abs(np.mean(np.asarray(draws) == 0) - share) < 4.5 * np.sqrt(share * (1 - share) / 4000)


def test_a_mixture_of_one_family_is_the_weighted_sum_of_its_components():
    weights = np.array([0.2, 0.5, 0.3])
    loc, scale = np.array([-50.0, 0.0, 1.0]), np.array([1.0, 0.1, 5.0])
    x = np.array([-60.0, 0.0, 0.5, 400.0])
    value, slopes = call("Mixture", x, (bound("Normal", loc[None], scale[None]),), weights[None])
    parts = np.log(weights) + st.norm(loc, scale).logpdf(x[:, None])
    np.testing.assert_allclose(value, np.logaddexp.reduce(parts, -1), rtol=1e-10)
    assert_finite(slopes)


def test_a_mixture_of_vectors_mixes_the_last_batch_axis():
    loc, tril = CASES["MultivariateNormal"].params
    weights = np.array([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1]])
    x = np.random.default_rng(3).normal(size=(2, 4))
    value, slopes = call("Mixture", x, (bound("MultivariateNormal", loc[None], tril[None]),), weights)
    parts = [st.multivariate_normal(m, s @ s.T).logpdf(x) for m, s in zip(loc, tril, strict=True)]
    np.testing.assert_allclose(value, np.logaddexp.reduce(np.log(weights) + np.array(parts).T, -1), rtol=1e-6)
    assert_finite(slopes)


def test_a_mixture_of_several_families_and_a_weight_of_zero():
    children = (bound("Exponential", 2.0), bound("Gamma", 3.0, 1.0), bound("HalfNormal", 1.0))
    x = np.array([0.1, 1.0, -1.0])
    value, slopes = call("Mixture", x, children, np.array([[0.4, 0.0, 0.6]]))
    expected = np.log(0.4 * st.expon(scale=0.5).pdf(x[:2]) + 0.6 * st.halfnorm.pdf(x[:2]))
    np.testing.assert_allclose(value[:2], expected, rtol=1e-6)
    assert value[2] == -np.inf
    assert_finite(slopes)


def test_draws_of_a_mixture_follow_it():
    weights = jnp.array([[0.3, 0.7], [0.9, 0.1]])
    same = (bound("Normal", [[[-2.0, 2.0]]], [[[0.5, 1.0]]]),)
    listed = (bound("Normal", -2.0, 0.5), bound("Normal", 2.0, 1.0))
    for children in (same, listed):
        sample = lambda key, c=children: COMBINATORS["Mixture"].sample(key, (3000, 2), c, weights[None])  # noqa: E731
        draws = compiled(sample, jax.random.key(5))
        for column, (first, second) in enumerate([(0.3, 0.7), (0.9, 0.1)]):
            cdf = lambda x: first * st.norm(-2, 0.5).cdf(x) + second * st.norm(2, 1).cdf(x)  # noqa: E731
            assert st.kstest(draws[:, column], cdf).pvalue > 1e-4
    vectors = (bound("Dirichlet", np.array([[50.0, 1.0, 1.0], [1.0, 1.0, 50.0]])),)
    sample = lambda key: COMBINATORS["Mixture"].sample(key, (500, 3), vectors, jnp.array([0.5, 0.5]))  # noqa: E731
    draws = compiled(sample, jax.random.key(6))
    np.testing.assert_allclose(draws.sum(-1), 1, rtol=1e-5)
    assert 0.4 < np.mean(draws[:, 0] > 0.5) < 0.6
