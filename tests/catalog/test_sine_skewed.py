"""SineSkewed: the density of the symmetric law, leaned to one side."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
import scipy.stats as st
from distribution_measures import compiled
from scipy.integrate import cumulative_simpson
from test_distributions_combinators import bound, call

import svilang
from svilang.catalog.distribution import Bound
from svilang.catalog.distributions import COMBINATORS

ROW = COMBINATORS["SineSkewed"]
CENTRES, CONCENTRATIONS = np.array([0.0, 3.0, -2.0, 0.5]), np.array([1.0, 0.01, 300.0, 4.0])
SKEWS = np.array([0.4, -0.9, 1.0, 0.0])
ANGLES = np.array([[0.3, -1.0], [2.5, 2.0]]), np.array([[2.0, 3.0], [5.0, 2.0]]), np.array([1.5, -3.0])
PAIRS = np.array([[0.4, -0.6], [-0.1, 0.3]])


def angle(*params):
    return (bound("VonMises", *params),)


def test_a_leaning_angle_has_the_density_of_its_formula_and_slopes_of_differences():
    x = np.linspace(-3.1, 3.1, 41)[:, None] + np.zeros(4)
    value, slopes = call("SineSkewed", x, angle(CENTRES, CONCENTRATIONS), SKEWS)
    expected = st.vonmises(CONCENTRATIONS, CENTRES).logpdf(x) + np.log1p(SKEWS * np.sin(x - CENTRES))
    np.testing.assert_allclose(value, expected, rtol=1e-10, atol=1e-10)

    def density(x, centre, concentration, skew):
        return np.asarray(call("SineSkewed", x, angle(centre, concentration), skew)[0])

    step = 1e-6
    args = (x, CENTRES, CONCENTRATIONS, SKEWS)
    for index, slope in ((0, slopes[0]), (1, slopes[1][0]), (2, slopes[1][1])):
        moved = [density(*(a + sign * step * (i == index) for i, a in enumerate(args))) for sign in (1, -1)]
        difference = (moved[0] - moved[1]) / (2 * step)
        difference = difference if index == 0 else difference.sum(0)
        np.testing.assert_allclose(slope, difference, rtol=1e-5, atol=1e-4)


def test_the_slope_in_the_skew_is_finite_at_both_ends_and_in_the_middle():
    x = np.array([-2.5, -1.57, 0.0, 1.57, 3.0])[:, None]

    def total(skew):
        value = ROW.log_prob(x, angle(0.0, 1.0), skew)
        return jnp.sum(jnp.where(jnp.isfinite(value), value, 0))

    with jax.enable_x64(True):
        for skew in (-1.0, 0.0, 0.3, 1.0):
            away = np.sin(x[:, 0]) / np.maximum(1 + skew * np.sin(x[:, 0]), 1e-300)
            expected = away[1 + skew * np.sin(x[:, 0]) > 0].sum()
            np.testing.assert_allclose(compiled(jax.grad(total), np.float64(skew)), expected, rtol=1e-8)


@pytest.mark.parametrize("skew", [-1.0, -0.4, 0.0, 0.7, 1.0])
def test_a_leaning_angle_has_a_total_mass_of_one_and_draws_that_follow_it(skew):
    child = angle(2.5, 1.7)
    at = np.linspace(-np.pi, np.pi, 4001)
    with jax.enable_x64(True):
        density = np.exp(compiled(lambda x: ROW.log_prob(x, child, skew), at))
        draws = compiled(lambda key: ROW.sample(key, (4000,), child, skew), jax.random.key(3))
    mass = cumulative_simpson(density, x=at, initial=0)
    assert mass[-1] == pytest.approx(1, abs=1e-10)
    assert np.all(np.abs(draws) <= np.pi)
    assert st.kstest(np.interp(draws, at, mass), "uniform").pvalue > 1e-4


@pytest.mark.exhaustive
def test_two_leaning_angles_are_those_of_numpyro_and_draws_have_their_moments():
    loc, concentration, correlation = ANGLES
    child = (bound("SineBivariateVonMises", loc, concentration, correlation),)
    x = np.random.default_rng(2).uniform(-np.pi, np.pi, (50, 2, 2))
    value, _ = call("SineSkewed", x, child, PAIRS)
    with jax.enable_x64(True):
        base = dist.SineBivariateVonMises(
            loc[:, 0], loc[:, 1], concentration[:, 0], concentration[:, 1], correlation, validate_args=False
        )
        expected = np.asarray(base.log_prob(x)) + np.log1p((PAIRS * np.sin(x - loc)).sum(-1))
        draws = compiled(lambda key: ROW.sample(key, (5000, 2, 2), child, PAIRS), jax.random.key(4))
    np.testing.assert_allclose(value, expected, rtol=1e-8)
    nodes = np.linspace(-np.pi, np.pi, 65)[:-1]
    grid = np.stack(np.meshgrid(nodes, nodes, indexing="ij"), -1).reshape(-1, 1, 2)
    weights = np.exp(np.asarray(call("SineSkewed", grid, child, PAIRS)[0])) * (2 * np.pi / 64) ** 2
    np.testing.assert_allclose(weights.sum(0), 1, rtol=1e-10)
    for function in (np.sin, np.cos):
        for pick in (lambda v: v[..., 0], lambda v: v[..., 1], lambda v: v[..., 0] * v[..., 1]):
            exact = (weights * pick(function(grid - loc))).sum(0)
            found = pick(function(draws - loc))
            assert np.all(np.abs(found.mean(0) - exact) < 4.5 * found.std(0) / np.sqrt(len(found)))


def test_skews_that_are_too_large_together_have_no_density_and_rounded_ones_have():
    child = (bound("SineBivariateVonMises", ANGLES[0][0], ANGLES[1][0], ANGLES[2][0]),)
    x = np.array([[0.3, 0.4]])
    for pair, possible in (([0.9, 0.9], False), ([0.7, -0.30000000000000004], True), ([1.0, 0.0], True)):
        value, _ = call("SineSkewed", x, child, np.array(pair))
        assert np.all(np.isfinite(value)) == possible


def test_single_precision_stays_close_to_double():
    x = np.linspace(-3, 3, 9, dtype=np.float32)
    child = (Bound(bound("VonMises", 0, 1).row, bound("VonMises", 0, 1).form, (np.float32(0.3), np.float32(2))),)
    value = ROW.log_prob(x, child, np.float32(0.6))
    expected = st.vonmises(2, 0.3).logpdf(x) + np.log1p(0.6 * np.sin(x - 0.3))
    assert value.dtype == jnp.float32
    np.testing.assert_allclose(value, expected, rtol=2e-6, atol=2e-6)


TEXT = """
data { x: circular?[bird] }
model {
  lean: interval(-1, 1) ~ Uniform(-1, 1)
  home ~ VonMises(0, 0.5)
  k ~ Gamma(2, 1)
  plate bird { observe x ~ SineSkewed(VonMises(home, k), lean) }
}
guide = full_rank
"""


def test_a_spec_with_a_leaning_angle_has_its_density_and_takes_gaps():
    x = np.random.default_rng(5).uniform(-3, 3, 12)
    x[3] = np.nan
    bound_spec = svilang.compile(TEXT).bind({"x": x})
    some = x[np.isfinite(x)]
    expected = np.log(0.5) + st.vonmises(0.5).logpdf(0.3) + st.gamma(2).logpdf(1.5)
    expected += (st.vonmises(1.5, 0.3).logpdf(some) + np.log1p(-0.6 * np.sin(some - 0.3))).sum()
    with jax.enable_x64(True):
        found = float(bound_spec.log_density({"lean": -0.6, "home": 0.3, "k": 1.5}))
    assert found == pytest.approx(expected, rel=1e-10)


@pytest.mark.posterior
def test_the_lean_of_many_angles_is_found():
    with jax.enable_x64(True):
        child = (Bound(bound("VonMises", 0, 1).row, bound("VonMises", 0, 1).form, (0.7, 2.0)),)
        x = np.asarray(ROW.sample(jax.random.key(8), (3000,), child, -0.7))
    fit = svilang.compile(TEXT).bind({"x": x}).fit(seed=0)
    for name, truth in (("lean", -0.7), ("home", 0.7), ("k", 2.0)):
        draws = np.asarray(fit.posterior(draws=2000)["posterior"][name]).ravel()
        assert abs(draws.mean() - truth) < 4 * draws.std(), (name, draws.mean(), draws.std())
