"""Every family against its own claims, by brute force and against SciPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from svilang.runtime.guides import FAMILIES
from svilang.runtime.whitening import conditional_root, dense, diagonal, lower_root

SIZE = 3
ROOT = np.array([[2.0, 0.3, 0.0], [0.5, 1.5, -0.4], [0.1, 0.2, 0.7]])
LOC = np.array([1.0, -2.0, 0.5])


@pytest.fixture(autouse=True)
def _double():
    with jax.enable_x64(True):
        yield


def _case(name, whiten, seed=0):
    row = FAMILIES[name]
    settings = {**row.settings, **({"rank": 2} if name == "low_rank" else {})}
    params, normals = row.sizes(SIZE, settings)
    start = row.init(whiten, settings)
    assert start.shape == (params,)
    moved = start + 0.3 * np.random.default_rng(seed).standard_normal(params)
    return row, moved, normals


def _gaussian_families():
    return [name for name, row in FAMILIES.items() if not row.point]


def _whitens():
    block = dense(np.zeros(4), np.eye(4) + 0.4 * np.random.default_rng(3).standard_normal((4, 4)), (0, 2, 3))
    return {
        "whole": dense(LOC, ROOT, range(SIZE)),
        "block": block,
        "diagonal": diagonal(LOC, np.ones(3) * 0.7, range(3)),
    }


def _moments_by_map(row, params, normals, whiten):
    """Mean and covariance of an affine map of the noise, exactly."""
    sample = jax.jit(lambda e: row.sample(jnp.asarray(params), e, whiten))
    mean = np.asarray(sample(np.zeros(normals)))
    matrix = np.stack([np.asarray(sample(e)) - mean for e in np.eye(normals)], axis=1)
    return mean, matrix @ matrix.T


@pytest.mark.parametrize("place", ["whole", "block", "diagonal"])
@pytest.mark.parametrize("name", _gaussian_families())
def test_density_entropy_and_moments_are_those_of_the_samplers_gaussian(name, place):
    whiten = _whitens()[place]
    row, params, normals = _case(name, whiten)
    mean, covariance = _moments_by_map(row, params, normals, whiten)
    exact = stats.multivariate_normal(mean, covariance)
    point = mean + np.array([0.3, -0.2, 0.4])
    log_prob, entropy = jax.jit(lambda p, z: (row.log_prob(p, z, whiten), row.entropy(p, whiten)))(params, point)
    np.testing.assert_allclose(log_prob, exact.logpdf(point), rtol=1e-10)
    np.testing.assert_allclose(entropy, exact.entropy(), rtol=1e-10)
    np.testing.assert_allclose(row.moments(params, whiten), (mean, np.sqrt(np.diag(covariance))), rtol=1e-10)


@pytest.mark.parametrize("place", ["whole", "block", "diagonal"])
@pytest.mark.parametrize("name", _gaussian_families())
def test_control_variates_have_mean_zero(name, place):
    whiten = _whitens()[place]
    row, params, normals = _case(name, whiten)
    # Degree-2 polynomials are integrated exactly by the 2n points ± sqrt(n) e_i.
    points = np.sqrt(normals) * np.concatenate([np.eye(normals), -np.eye(normals)])
    values = jax.jit(jax.vmap(lambda e: row.control(jnp.asarray(params), e, whiten)))(points)
    assert abs(row.control(jnp.asarray(params), jnp.full(normals, 2.0), whiten)) > 0.01
    np.testing.assert_allclose(np.mean(values), 0, atol=1e-10)


def test_a_full_rank_guide_starts_as_the_gaussian_of_the_start():
    whiten = dense(LOC, ROOT, range(SIZE))
    row = FAMILIES["full_rank"]
    mean, covariance = _moments_by_map(row, row.init(whiten, {}), SIZE, whiten)
    np.testing.assert_allclose(mean, LOC)
    np.testing.assert_allclose(covariance, ROOT @ ROOT.T, rtol=1e-12)


def test_a_mean_field_starts_with_the_conditional_standard_deviations():
    whiten = dense(LOC, ROOT, range(SIZE))
    row = FAMILIES["mean_field"]
    _, covariance = _moments_by_map(row, row.init(whiten, {}), SIZE, whiten)
    precision = np.linalg.inv(ROOT @ ROOT.T)
    np.testing.assert_allclose(covariance, np.diag(1 / np.diag(precision)), atol=1e-12)


def test_a_low_rank_guide_of_full_rank_can_start_close_to_the_covariance():
    whiten = dense(LOC, ROOT, range(SIZE))
    row = FAMILIES["low_rank"]
    _, covariance = _moments_by_map(row, row.init(whiten, {"rank": 3}), 6, whiten)
    assert np.max(np.abs(np.sqrt(np.diag(covariance)) / np.sqrt(np.diag(ROOT @ ROOT.T)) - 1)) < 0.1


def test_roots_are_roots_even_when_ill_conditioned():
    root = ROOT * np.array([1e-4, 1.0, 1e4])
    triangle = lower_root(root)
    np.testing.assert_allclose(triangle @ triangle.T, root @ root.T, rtol=1e-12)
    assert np.all(np.triu(triangle, 1) == 0)
    block = conditional_root(ROOT, [0, 2])
    precision = np.linalg.inv(ROOT @ ROOT.T)[np.ix_([0, 2], [0, 2])]
    np.testing.assert_allclose(block @ block.T, np.linalg.inv(precision), rtol=1e-10)


def test_a_point_has_no_entropy_and_no_spread():
    row = FAMILIES["delta"]
    whiten = dense(LOC, ROOT, range(SIZE))
    mean, sd = row.moments(np.zeros(SIZE), whiten)
    np.testing.assert_array_equal(mean, LOC)
    np.testing.assert_array_equal(sd, 0)
