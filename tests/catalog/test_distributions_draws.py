"""Draws follow the density, and move with the parameters as the density says."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special as sp
import scipy.stats as st
from distribution_cases import CASES, RARE, thorough
from distribution_measures import (
    CONTINUOUS,
    DISCRETE,
    DRAWS,
    SCALARS,
    VECTORS,
    compiled,
    drawn,
    finite_slope,
    law,
    lifted,
    measured,
    points,
    quadrature,
)

from svilang.catalog.distributions import DISTRIBUTIONS
from svilang.types import Structure

UNLIKELY = 1e-4
"""Keys are fixed, so a test passes always or never; a right sampler fails one in ten thousand."""


def assert_follows(draws: np.ndarray, cdf) -> None:
    levels = np.sort(np.clip(cdf(draws), 0, 1), axis=0)
    for g in range(levels.shape[1]):
        assert st.kstest(levels[:, g], "uniform").pvalue > UNLIKELY, g


@pytest.mark.parametrize("name", thorough(CONTINUOUS))
def test_draws_follow_the_distribution_function(name):
    assert_follows(drawn(name)["sample"], law(name).cdf)


@pytest.mark.parametrize("name", thorough([name for name in CONTINUOUS if DISTRIBUTIONS[name].noise]))
def test_draws_made_from_given_noise_follow_the_same_law(name):
    assert_follows(drawn(name)["noise"], law(name).cdf)


@pytest.mark.parametrize("name", thorough(DISCRETE))
def test_counts_are_as_frequent_as_they_are_probable(name):
    nodes, weights = quadrature(name)
    expected = np.exp(measured(name)["nodes"]) * weights
    draws = drawn(name)["sample"]
    assert draws.dtype.kind == "i"
    for g in range(draws.shape[1]):
        observed = np.array([np.sum(draws[:, g] == value) for value in nodes[:, g]])
        assert observed.sum() == len(draws)
        share = len(draws) * expected[:, g]
        cell = np.minimum(np.floor(np.cumsum(share) / 50), np.floor(share.sum() / 50) - 1).astype(int)
        grouped, wanted = (np.bincount(cell, values)[np.unique(cell)] for values in (observed, share))
        assert np.all(grouped[wanted == 0] == 0)
        grouped, wanted = grouped[wanted > 0], wanted[wanted > 0]
        distance = np.sum((grouped - wanted) ** 2 / wanted)
        assert len(wanted) == 1 or st.chi2(len(wanted) - 1).sf(distance) > UNLIKELY, g


@pytest.mark.parametrize("name", thorough([name for name in CONTINUOUS if DISTRIBUTIONS[name].reparameterised]))
def test_draws_move_with_the_parameters_as_the_density_does(name):
    """The mean of f'(x) dx/dp over draws against the integral of f(x) p(x) dlog p/dp."""
    nodes, weights = quadrature(name)
    share = np.exp(measured(name)["nodes"]) * weights
    values = finite_slope(name, nodes)[0]
    slope = finite_slope(name, drawn(name)["sample"])[1]
    bounds = [b is not None for b in DISTRIBUTIONS[name].bounds]
    for index, (move, score) in enumerate(zip(drawn(name)["moves"], measured(name)["scores"], strict=True)):
        per_draw = slope * move
        error = per_draw.std(0) / np.sqrt(len(per_draw))
        if any(bounds):
            exact = moved_by_bounds(name, index)
        else:
            exact = np.sum(values * share * np.where(share > 0, score, 0), 0)
        assert np.all(np.abs(per_draw.mean(0) - exact) < 4.5 * error + 1e-9), (index, per_draw.mean(0), exact, error)


def moved_by_bounds(name: str, index: int) -> np.ndarray:
    """The same derivative where the support moves with the parameter: by differences of integrals over quantiles."""
    case = CASES[name]
    levels = ((np.arange(200_000) + 0.5) / 200_000)[:, None]

    def expectation(step: float) -> np.ndarray:
        moved = [p + step * (i == index) for i, p in enumerate(lifted(case.params))]
        return finite_slope(name, case.law(*moved).ppf(levels))[0].mean(0)

    return (expectation(1e-4) - expectation(-1e-4)) / 2e-4


@pytest.mark.parametrize("name", thorough([name for name, row in DISTRIBUTIONS.items() if row.location_scale]))
def test_standardising_and_back_is_the_identity_and_its_jacobian_is_right(name):
    row, case = DISTRIBUTIONS[name], CASES[name]
    rank = len(row.event)
    z = np.random.default_rng(5).normal(size=(8, *points(name).shape[1:]))
    plain = {"loc": 0, "scale": 1, "scale_tril": np.eye(z.shape[-1])}
    standard = [plain.get(p.name, v) + 0 * v for p, v in zip(row.forms[0].params, case.params, strict=True)]

    def everything(z, params, standard):
        x = row.location_scale.forward(z, *params)
        jacobian = jax.vmap(jax.vmap(jax.jacfwd(row.location_scale.forward)))
        grids = [jnp.broadcast_to(p, (8, *p.shape[1:])) for p in params]
        slope = jacobian(z, *grids)
        slope = slope.reshape(*z.shape[:2], z[0, 0].size, -1) if rank else slope
        log_slope = jnp.linalg.slogdet(slope)[1] if rank else jnp.log(jnp.abs(slope))
        base = row.forms[0].log_prob(row.location_scale.forward(z, *standard), *standard)
        base = base + row.location_scale.log_det(z, *standard)
        moved = row.forms[0].log_prob(x, *params) + row.location_scale.log_det(z, *params)
        back = row.location_scale.inverse(x, *params)
        alone = base if row.location_scale.log_prob is None else row.location_scale.log_prob(z, *params)
        return back, row.location_scale.log_det(z, *params), log_slope, moved, base, alone

    with jax.enable_x64(True):
        back, stated, actual, moved, base, alone = compiled(everything, z, lifted(case.params), lifted(standard))
    np.testing.assert_allclose(back, z, rtol=1e-8, atol=1e-8)
    assert stated.shape == z.shape[:2]
    np.testing.assert_allclose(stated, actual, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(moved, base, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(alone, base, rtol=1e-10, atol=1e-10)


def test_parts_of_a_dirichlet_are_beta_and_sum_to_one():
    draws = drawn("Dirichlet")["sample"]
    (concentration,) = CASES["Dirichlet"].params
    np.testing.assert_allclose(draws.sum(-1), 1, rtol=1e-12)
    for part in range(concentration.shape[1]):
        rest = concentration.sum(-1) - concentration[:, part]
        assert_follows(draws[..., part], st.beta(concentration[:, part], rest).cdf)
    np.testing.assert_allclose(measured("Dirichlet")["mean"], draws.mean(0), atol=0.01)
    np.testing.assert_allclose(measured("Dirichlet")["variance"], draws.var(0), rtol=0.1)
    entropy = [st.dirichlet(row).entropy() for row in concentration]
    np.testing.assert_allclose(measured("Dirichlet")["entropy"], entropy, rtol=1e-10)


def test_directions_around_a_centre_have_its_angles_and_are_even_around_it():
    loc, concentration = CASES["VonMisesFisher"].params
    draws, size = drawn("VonMisesFisher")["sample"], loc.shape[-1]
    np.testing.assert_allclose(np.sum(draws**2, -1), 1, rtol=1e-12)
    ratio = sp.ive(size / 2, concentration) / sp.ive(size / 2 - 1, concentration)
    for g, centre in enumerate(loc):
        along = draws[:, g] @ centre
        assert abs(along.mean() - ratio[g]) < 4.5 * along.std() / np.sqrt(len(along))
        aside = draws[:, g] - along[:, None] * centre
        assert np.all(np.abs(aside.mean(0)) < 4.5 * aside.std(0) / np.sqrt(len(aside)) + 1e-12)


@pytest.mark.parametrize("source", ["sample", "noise"])
def test_whitened_normal_vectors_are_standard_normal(source):
    loc, tril = CASES["MultivariateNormal"].params
    white = np.einsum("gij,ngj->ngi", np.linalg.inv(tril), drawn("MultivariateNormal")[source] - loc)
    assert_follows(white.reshape(len(white), -1), st.norm.cdf)
    correlations = np.corrcoef(white.reshape(len(white), -1), rowvar=False) - np.eye(12)
    assert np.all(np.abs(correlations) < 4.5 / np.sqrt(len(white)))


def test_moments_and_entropy_of_normal_vectors_are_those_of_the_covariance():
    loc, tril = CASES["MultivariateNormal"].params
    covariance = tril @ tril.swapaxes(-1, -2)
    shown = measured("MultivariateNormal")
    np.testing.assert_allclose(shown["mean"], loc)
    np.testing.assert_allclose(shown["variance"], np.diagonal(covariance, axis1=-2, axis2=-1), rtol=1e-12)
    entropy = [st.multivariate_normal(m, s).entropy() for m, s in zip(loc, covariance, strict=True)]
    np.testing.assert_allclose(shown["entropy"], entropy, rtol=1e-10)


def test_correlations_of_an_lkj_draw_are_beta_and_its_factors_are_factors():
    factor = drawn("LKJCholesky")["sample"]
    (concentration,) = CASES["LKJCholesky"].params
    square = factor @ factor.swapaxes(-1, -2)
    np.testing.assert_allclose(np.diagonal(square, axis1=-2, axis2=-1), 1, rtol=1e-12)
    assert np.all(np.triu(factor, 1) == 0)
    assert np.all(np.diagonal(factor, axis1=-2, axis2=-1) > 0)
    shape = concentration + 0.5 * (factor.shape[-1] - 2)
    for matrix in (square, drawn("LKJ")["sample"]):
        for row, column in ((1, 0), (3, 0), (3, 2)):
            assert_follows(0.5 * (1 + matrix[..., row, column]), st.beta(shape, shape).cdf)


@pytest.mark.parametrize("name", ["Multinomial", "DirichletMultinomial"])
def test_counts_over_categories_add_up_and_have_the_stated_moments(name):
    draws, case = drawn(name)["sample"], CASES[name]
    total = case.params[0] if name == "Multinomial" else case.params[1]
    assert np.all(draws.sum(-1) == total)
    mean, variance = measured(name)["mean"], measured(name)["variance"]
    assert np.all(np.abs(draws.mean(0) - mean) <= 4.5 * np.sqrt(variance / len(draws)) + 1e-12)
    np.testing.assert_allclose(draws.var(0), variance, rtol=0.1, atol=2e-3)


@pytest.mark.parametrize("name", thorough(name for name in VECTORS if "Multinomial" not in name))
def test_the_score_of_vector_draws_is_zero_on_average(name):
    """The mean of dlog p(x)/dp over draws of p is 0 for every parameter, whatever the law."""
    row, case = DISTRIBUTIONS[name], CASES[name]
    held = [p.name == "adj_matrix" or p.kind.structure is Structure.UNIT_VECTOR for p in row.forms[0].params]
    free = [i for i, stays in enumerate(held) if not stays]

    def score(x, params):
        def density(*moved):
            given = list(params)
            for i, value in zip(free, moved, strict=True):
                factor = row.forms[0].params[i].kind.structure is Structure.CHOLESKY
                given[i] = jnp.tril(value) if factor else value
            return row.forms[0].log_prob(x, *(p[None] for p in given))[0]

        return jax.grad(density, argnums=tuple(range(len(free))))(*(params[i] for i in free))

    def everything(x, params):
        return jax.vmap(jax.vmap(score, (0, 0)), (0, None))(x[:, :, None], params)

    with jax.enable_x64(True):
        found = compiled(everything, drawn(name)["sample"], case.params)
    for each in found:
        error = each.std(0) / np.sqrt(len(each)) + 1e-12
        assert np.all(np.abs(each.mean(0)) < 5 * error), (name, each.mean(0) / error)


@pytest.mark.parametrize(
    "name",
    [
        *("Dirichlet", "LKJCholesky", "MultivariateNormal"),
        *thorough(["MultivariateStudentT", "MatrixNormal", "Wishart", "InverseWishartCholesky"]),
    ],
)
def test_draws_of_vectors_move_with_the_parameters_as_the_density_does(name):
    """The pathwise against the score-function estimate of one derivative, both from draws."""
    row, case = DISTRIBUTIONS[name], CASES[name]
    params = lifted(case.params)
    shape = (4 * DRAWS, *points(name).shape[1:])
    weights = np.cos(np.arange(np.prod(shape[2:]))).reshape(shape[2:])

    def function(x):
        return jnp.tanh(jnp.sum(x * weights, tuple(range(2, x.ndim))))

    def everything(key):
        last = params[-1]
        direction = jnp.broadcast_to(jnp.tril(jnp.ones(last.shape[-2:])) if last.ndim == 4 else 1.0, last.shape)
        draw = lambda p: row.sample(key, shape, *params[:-1], p)  # noqa: E731
        x = draw(last)
        path = jax.jvp(lambda p: function(draw(p)), (last,), (direction,))[1]
        score = jax.jvp(lambda p: row.forms[0].log_prob(x, *params[:-1], p), (last,), (direction,))[1]
        centred = function(x) - jnp.mean(function(x), 0)
        return path, centred * score

    with jax.enable_x64(True):
        path, score = compiled(everything, jax.random.key(11))
    error = np.sqrt((path.var(0) + score.var(0)) / len(path))
    assert np.all(np.abs(path.mean(0) - score.mean(0)) <= 4.5 * error)
    assert name in RARE or np.any(np.abs(path.mean(0)) > 5 * error)


@pytest.mark.parametrize("name", thorough(SCALARS))
def test_draws_lie_in_the_support(name):
    draws = drawn(name)["sample"]
    interval = DISTRIBUTIONS[name].support.interval
    assert np.all(np.isfinite(draws))
    assert np.all((draws > interval.lower) | ((draws == interval.lower) & (not interval.lower_open)))
    assert np.all((draws < interval.upper) | ((draws == interval.upper) & (not interval.upper_open)))


@pytest.mark.exhaustive
def test_two_angles_have_the_moments_of_their_density():
    """By the trapezoid rule over both, which is exact for a smooth law on circles."""
    loc, concentration, correlation = CASES["SineBivariateVonMises"].params
    angles = np.linspace(-np.pi, np.pi, 257)[:-1]
    grid = np.stack(np.meshgrid(angles, angles, indexing="ij"), -1).reshape(-1, 1, 2)
    row = DISTRIBUTIONS["SineBivariateVonMises"]
    with jax.enable_x64(True):
        log_prob = compiled(row.forms[0].log_prob, grid, *lifted((loc, concentration, correlation)))
    weights = np.exp(log_prob) * (2 * np.pi / 256) ** 2
    np.testing.assert_allclose(weights.sum(0), 1, rtol=1e-12)
    draws = drawn("SineBivariateVonMises")["sample"]
    for function in (np.sin, np.cos):
        for pick in (lambda v: v[..., 0], lambda v: v[..., 1], lambda v: v[..., 0] * v[..., 1]):
            expected = (weights * pick(function(grid - loc))).sum(0)
            found = pick(function(draws - loc))
            assert np.all(np.abs(found.mean(0) - expected) < 4.5 * found.std(0) / np.sqrt(len(found)))
