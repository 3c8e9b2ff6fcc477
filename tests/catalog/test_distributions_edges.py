"""Densities at the ends of the support, at limits of the parameters, and outside: right values and finite slopes."""

from __future__ import annotations

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats as st
from distribution_cases import CASES, thorough
from distribution_measures import CONTINUOUS, compiled, ends, points

from svilang.catalog.distributions import DISTRIBUTIONS

NEVER = -math.inf

EDGES = [
    # row, form, outcome, parameters, log density
    ("Bernoulli", 0, 0, (0.0,), 0),
    ("Bernoulli", 0, 1, (0.0,), NEVER),
    ("Bernoulli", 0, 1, (1.0,), 0),
    ("Bernoulli", 0, 0, (1.0,), NEVER),
    ("Bernoulli", 0, 2, (0.5,), NEVER),
    ("Bernoulli", 0, -1, (0.5,), NEVER),
    ("Bernoulli", 1, 1, (800.0,), 0),
    ("Bernoulli", 1, 0, (800.0,), -800),
    ("Bernoulli", 1, 1, (-800.0,), -800),
    ("Bernoulli", 1, 0.5, (0.0,), NEVER),
    ("Binomial", 0, 0, (5.0, 0.0), 0),
    ("Binomial", 0, 5, (5.0, 1.0), 0),
    ("Binomial", 0, 3, (5.0, 0.0), NEVER),
    ("Binomial", 0, 3, (5.0, 1.0), NEVER),
    ("Binomial", 0, 0, (0.0, 0.3), 0),
    ("Binomial", 0, 6, (5.0, 0.3), NEVER),
    ("Binomial", 1, 5, (5.0, 900.0), 0),
    ("Binomial", 1, 0, (5.0, 900.0), -4500),
    ("Binomial", 1, -1, (5.0, 0.0), NEVER),
    ("BetaBinomial", 0, 0, (2.0, 1.0, 0.0), 0),
    ("BetaBinomial", 0, 4, (2.0, 1.0, 3.0), NEVER),
    ("Poisson", 0, 0, (0.0,), 0),
    ("Poisson", 0, 2, (0.0,), NEVER),
    ("Poisson", 0, -1, (2.0,), NEVER),
    ("Poisson", 0, 1.5, (2.0,), NEVER),
    ("Poisson", 1, 0, (-900.0,), 0),
    ("Poisson", 1, 1, (-900.0,), -900),
    ("ZeroInflatedPoisson", 0, 0, (0.0, 3.0), -3),
    ("ZeroInflatedPoisson", 0, 0, (1.0, 3.0), 0),
    ("ZeroInflatedPoisson", 0, 2, (1.0, 3.0), NEVER),
    ("ZeroInflatedPoisson", 0, 0, (0.5, 0.0), 0),
    ("NegativeBinomial", 0, -1, (2.0, 0.5), NEVER),
    ("NegativeBinomial", 1, 0, (2.0, -900.0), 0),
    ("Geometric", 0, 0, (1.0,), 0),
    ("Geometric", 0, 2, (1.0,), NEVER),
    ("Geometric", 1, 3, (900.0,), -2700),
    ("DiscreteUniform", 0, 4, (1.0, 3.0), NEVER),
    ("DiscreteUniform", 0, 2, (2.0, 2.0), 0),
    ("Categorical", 0, 0, ([0.0, 1.0],), NEVER),
    ("Categorical", 0, 1, ([0.0, 1.0],), 0),
    ("Categorical", 0, 2, ([0.0, 1.0],), NEVER),
    ("Categorical", 1, 0, ([0.0, 900.0],), -900),
    ("OrderedLogistic", 0, 0, (0.0, [-800.0, 800.0]), -800),
    ("OrderedLogistic", 0, 1, (0.0, [-800.0, 800.0]), 0),
    ("OrderedLogistic", 0, 2, (900.0, [-800.0, 800.0]), 0),
    ("OrderedLogistic", 0, 3, (0.0, [-800.0, 800.0]), NEVER),
    ("Multinomial", 0, [2, 0], (2.0, [1.0, 0.0]), 0),
    ("Multinomial", 0, [1, 1], (2.0, [1.0, 0.0]), NEVER),
    ("Multinomial", 0, [1, 0], (2.0, [0.5, 0.5]), NEVER),
    ("Multinomial", 0, [0, 0], (0.0, [0.5, 0.5]), 0),
    ("DirichletMultinomial", 0, [0, 0], ([1.0, 2.0], 0.0), 0),
    ("DirichletMultinomial", 0, [1, 0], ([1.0, 2.0], 2.0), NEVER),
    ("Gamma", 0, 0.0, (1.0, 2.0), math.log(2)),
    ("Gamma", 0, 0.0, (3.0, 2.0), NEVER),
    ("Gamma", 0, 0.0, (0.5, 2.0), math.inf),
    ("Beta", 0, 0.0, (1.0, 1.0), 0),
    ("Beta", 0, 1.0, (2.0, 1.0), math.log(2)),
    ("Beta", 0, 1.0, (1.0, 2.0), NEVER),
    ("Kumaraswamy", 0, 0.0, (1.0, 1.0), 0),
    ("Kumaraswamy", 0, 1.0, (1.0, 1.0), 0),
    ("Kumaraswamy", 0, 1.0, (1.0, 2.0), NEVER),
    ("Dirichlet", 0, [0.0, 0.5, 0.5], ([1.0, 1.0, 1.0],), math.log(2)),
    ("Exponential", 0, 0.0, (2.0,), math.log(2)),
    ("HalfNormal", 0, 0.0, (1.0,), 0.5 * math.log(2 / math.pi)),
    ("HalfCauchy", 0, 0.0, (1.0,), math.log(2 / math.pi)),
    ("Weibull", 0, 0.0, (1.0, 1.0), 0),
    ("Weibull", 0, 0.0, (1.0, 3.0), NEVER),
    ("Pareto", 0, 2.0, (2.0, 3.0), math.log(1.5)),
    ("Uniform", 0, 2.0, (2.0, 4.0), -math.log(2)),
    ("Uniform", 0, 4.0, (2.0, 4.0), -math.log(2)),
    ("Laplace", 0, 1.0, (1.0, 1.0), -math.log(2)),
    ("VonMises", 0, math.pi, (math.pi, 1e8), 0.5 * math.log(1e8 / (2 * math.pi))),
    ("Normal", 0, 1e9, (0.0, 1.0), -5e17 - 0.5 * math.log(2 * math.pi)),
]
GROUPS = [(key, list(rows)) for key, rows in itertools.groupby(EDGES, key=lambda edge: edge[:2])]


def value_and_slopes(function, x, params):
    both = jax.vmap(jax.value_and_grad(function, argnums=tuple(range(1 + len(params)))))
    with jax.enable_x64(True):
        return compiled(both, x, *params)


@pytest.mark.parametrize(("key", "rows"), GROUPS, ids=[f"{name}-{form}" for (name, form), _ in GROUPS])
def test_values_and_slopes_at_the_limits(key, rows):
    name, form = key
    x = np.array([row[2] for row in rows], float)
    params = tuple(np.array(values, float) for values in zip(*(row[3] for row in rows), strict=True))
    values, slopes = value_and_slopes(DISTRIBUTIONS[name].forms[form].log_prob, x, params)
    np.testing.assert_allclose(values, [row[4] for row in rows], rtol=1e-8, atol=1e-10)
    assert all(np.all(np.isfinite(slope)) for slope in slopes), slopes


def _beyond(name):
    """Two points outside the support under the first parameters, if there are any."""
    lower, upper = (end[0] for end in ends(name))
    if not np.isfinite(lower):
        return None
    return np.array([lower - 7.0, upper + 1e3 if np.isfinite(upper) else lower - 1.0])


@pytest.mark.parametrize("name", thorough(name for name in CONTINUOUS if _beyond(name) is not None))
def test_outside_the_support_the_density_is_zero_and_has_no_slope(name):
    row, case = DISTRIBUTIONS[name], CASES[name]
    params = tuple(p[:1].repeat(2) for p in case.params)
    values, slopes = value_and_slopes(row.forms[0].log_prob, _beyond(name), params)
    assert np.all(values == -np.inf)
    assert all(np.all(np.isfinite(slope)) for slope in slopes)


SHAPED = ["Gamma", "InverseGamma", "Beta"]


@pytest.mark.parametrize("name", SHAPED)
def test_huge_shapes_are_normal_laws(name):
    """As of groups whose differences vanish: the textbook formula is off by hundreds of nats at 10^17."""
    a = 1e16
    mean, sd, params = {
        "Gamma": (1, a**-0.5, (a, a)),
        "InverseGamma": (1, a**-0.5, (a, a)),
        "Beta": (0.25, (0.25 * 0.75 / (4 * a)) ** 0.5, (a, 3 * a)),
    }[name]
    at = np.array([-2.0, -0.5, 0, 1, 3])
    x, *params = (np.broadcast_to(value, at.shape) for value in (mean + sd * at, *params))
    with jax.enable_x64(True):
        found, slopes = value_and_slopes(DISTRIBUTIONS[name].forms[0].log_prob, x, tuple(params))
    z = (x - mean) / sd
    np.testing.assert_allclose(found, st.norm.logpdf(z) - np.log(sd), atol=1e-6)
    np.testing.assert_allclose(slopes[0] * sd, -z, atol=1e-6)


def test_huge_concentrations_of_shares_are_normal_laws():
    a = 1e13 * np.array([1.0, 2.0, 3.0])
    mean = a / a.sum()
    cov = (np.diag(mean) - np.outer(mean, mean)) / a.sum()
    steps = 1e-7 * np.array([[0, 0, 0], [1, -2, 1], [-2, 1, 1]])
    with jax.enable_x64(True):
        found = compiled(DISTRIBUTIONS["Dirichlet"].forms[0].log_prob, mean + steps, np.broadcast_to(a, (3, 3)))
    exact = st.multivariate_normal.logpdf(1e7 * steps[:, :2], [0, 0], 1e14 * cov[:2, :2]) + 2 * np.log(1e7)
    np.testing.assert_allclose(found, exact, atol=1e-2)


@pytest.mark.parametrize("name", ["Poisson", "Binomial", "NegativeBinomial2", "BetaBinomial", "StudentT", *SHAPED])
def test_large_counts_and_shapes_keep_their_digits_in_single_precision(name):
    """Where the textbook formula subtracts log gamma functions of a million."""
    x, params = {
        "Poisson": ([1e6, 999_000], ([1e6, 1e6],)),
        "Binomial": ([3e5, 299_500], ([1e6, 1e6], [0.3, 0.3])),
        "NegativeBinomial2": ([1e4, 9_900], ([1e4, 1e4], [1e6, 1e6])),
        "BetaBinomial": ([40, 30], ([4e5, 4e5], [6e5, 6e5], [100, 100])),
        "StudentT": ([1.0, -2.0], ([1e7, 1e7], [0.0, 0.0], [1.0, 1.0])),
        "Gamma": ([1.0, 0.998], ([1e6, 1e6], [1e6, 1e6])),
        "InverseGamma": ([1.0, 0.998], ([1e6, 1e6], [1e6, 1e6])),
        "Beta": ([0.25, 0.2503], ([1e6, 1e6], [3e6, 3e6])),
    }[name]
    density = DISTRIBUTIONS[name].forms[0].log_prob
    with jax.enable_x64(True):
        exact = compiled(density, np.array(x), *(np.array(p) for p in params))
    single = compiled(density, np.array(x, np.float32), *(np.array(p, np.float32) for p in params))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, exact, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize(
    "name", ["Normal", "Laplace", "StudentT", "Logistic", "Cauchy", "Gumbel", "HalfStudentT", "Gamma"]
)
def test_distribution_functions_have_the_density_as_slope_also_at_the_centre(name):
    row, case = DISTRIBUTIONS[name], CASES[name]
    params = tuple(p[:2][None] for p in case.params)
    centre = dict(zip((p.name for p in row.forms[0].params), params, strict=True)).get("loc")
    x = points(name)[2:-2, :2] if centre is None else np.concatenate([points(name)[2:-2, :2], centre])

    def slopes(x):
        total = lambda x: jnp.sum(row.cdf(x, *params))  # noqa: E731
        log_tails = lambda x: jnp.sum(row.log_cdf(x, *params)) if row.log_cdf else total(x)  # noqa: E731
        return jax.grad(total)(x), jax.grad(log_tails)(x), row.forms[0].log_prob(x, *params), row.cdf(x, *params)

    with jax.enable_x64(True):
        slope, log_slope, log_prob, cdf = compiled(slopes, x)
    np.testing.assert_allclose(slope, np.exp(log_prob), rtol=1e-7)
    np.testing.assert_allclose(log_slope, np.exp(log_prob) / (cdf if row.log_cdf else 1), rtol=1e-7)


def test_a_normal_vector_is_solved_for_every_pattern_of_shared_parameters():
    loc, tril = CASES["MultivariateNormal"].params
    rng = np.random.default_rng(2)
    x = rng.normal(size=(3, 5, 4))
    row = DISTRIBUTIONS["MultivariateNormal"]
    with jax.enable_x64(True):
        ways = [
            (x, np.broadcast_to(loc[:, None], x.shape), np.repeat(tril[:, None], 5, 1)),
            (x, loc[:, None], tril[:, None]),
            (x, loc[1], tril[1]),
            (x[1], loc[1], tril[1][None]),
        ]
        full, shared, single, inner = compiled(lambda ways: [row.forms[0].log_prob(*way) for way in ways], ways)
    np.testing.assert_allclose(shared, full, rtol=1e-12)
    np.testing.assert_allclose(single[1], full[1], rtol=1e-12)
    np.testing.assert_allclose(inner, full[1], rtol=1e-12)


def test_a_triangle_with_its_peak_at_an_end_has_the_mass_of_scipy():
    peak = np.array([[1.0], [4.0]])
    row, law = DISTRIBUTIONS["Triangular"], st.triang((peak - 1) / 3, 1, 3)
    x = np.array([0.5, 1.0, 2.0, 3.9, 4.0, 4.5])

    def everything(x, peak):
        slope = jax.grad(lambda x: jnp.sum(row.log_sf(x, 1.0, peak, 4.0)))
        return [function(x, 1.0, peak, 4.0) for function in (row.cdf, row.log_cdf, row.log_sf)], slope(x + 0 * peak)

    with jax.enable_x64(True):
        found, slopes = compiled(everything, x, peak)
    with np.errstate(divide="ignore"):
        for values, expected in zip(found, (law.cdf(x), law.logcdf(x), law.logsf(x)), strict=True):
            np.testing.assert_allclose(values, expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(slopes[:, 2:4], -law.pdf(x[2:4]) / law.sf(x[2:4]), rtol=1e-10)
