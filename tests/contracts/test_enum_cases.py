"""Discrete sites in plates, chains, trees and behind indexes: densities, bounds, gradients and probabilities are those
of the sum over all assignments."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from enum_cases import CASES, GUIDED
from estimating import estimates, lowered
from spread import every

from svilang.lower.density import prepare
from svilang.lower.posterior import probabilities


def some(cases):
    return every(16, cases, first=3)


@pytest.mark.parametrize("name", some(CASES))
def test_a_case_has_the_density_the_gradient_and_the_probabilities_of_all_assignments(name):
    case = CASES[name]
    tables = case.values()[0]
    with jax.enable_x64(True):
        low = lowered(case.text())
        value, slopes = jax.jit(jax.value_and_grad(low.log_density))(tables)
        wanted, gradient = jax.jit(jax.value_and_grad(case.evidence()))(tables)
        assert float(value) == pytest.approx(float(wanted), abs=1e-10)
        for table, slope in gradient.items():
            np.testing.assert_allclose(slopes[table], slope, rtol=1e-10, atol=1e-10, err_msg=table)
        exact = np.asarray(jax.jit(lambda tables: jax.nn.softmax(case.log_joints(tables)))(tables))
        found = jax.jit(lambda data, tables: shares(low, data, tables))(low.target.data, tables)
    assignments = case.assignments()
    for site, marginal in found.items():
        size = case.size(case.sites[site].split()[0])
        one_hot = assignments[site][..., None] == np.arange(size)
        np.testing.assert_allclose(marginal, np.tensordot(exact, one_hot, 1), atol=1e-10, err_msg=site)


def shares(low, data, tables):
    return probabilities(low.full, prepare(low.full, data, np.dtype(float)), {}, tables, np.dtype(float))


@pytest.mark.parametrize("name", some(GUIDED))
def test_a_case_with_a_guide_has_the_bound_and_the_gradient_of_all_assignments(name):
    case = GUIDED[name]
    given = case.values()[2]
    with jax.enable_x64(True):
        found = estimates(case.text(), steps=2)
        value, gradient = jax.jit(jax.value_and_grad(case.bound()))({n: jnp.asarray(v) for n, v in given.items()})
    assert found.recipe.expects
    np.testing.assert_allclose(found.bounds, float(value), rtol=1e-10, atol=1e-10)
    wanted = np.concatenate([np.ravel(gradient[name]) for name in given])
    for slopes in found.gradients:
        np.testing.assert_allclose(slopes, wanted, rtol=1e-10, atol=1e-10)
