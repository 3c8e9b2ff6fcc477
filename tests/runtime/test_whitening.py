import numpy as np
import pytest

from svilang.runtime.guides import Thin
from svilang.runtime.whitening import dense, thinned

SIZE = 60


def hierarchical(shared):
    """A root of the covariance where only ``shared`` coordinates are tied to others, and the precision itself."""
    source = np.random.default_rng(4)
    precision = np.diag(source.uniform(10, 20, SIZE))
    for i in shared:
        row = source.uniform(-1, 1, SIZE)
        precision[i] += row
        precision[:, i] += row
        precision[i, i] += 50
    scale = np.exp(source.standard_normal(SIZE))
    precision = precision / np.outer(scale, scale)
    return np.linalg.cholesky(np.linalg.inv(precision)), precision


@pytest.mark.parametrize("shared", [[0, 1, 2], [0, 30, 59], [59], [17, 18]])
def test_products_of_a_hierarchical_posterior_are_exact(shared):
    root, precision = hierarchical(shared)
    whole = dense(np.zeros(SIZE), root, range(SIZE))
    found = thinned(whole, root, range(SIZE))
    assert isinstance(found.tril, Thin)
    assert found.tril.left.shape == (SIZE, len(shared))
    factor = np.stack([found.tril @ unit for unit in np.eye(SIZE)], axis=1)
    ties = np.stack([found.precision @ unit for unit in np.eye(SIZE)], axis=1)
    covariance = np.linalg.inv(precision)
    deviations = np.sqrt(np.diagonal(covariance))
    np.testing.assert_allclose(
        factor @ factor.T / np.outer(deviations, deviations), covariance / np.outer(deviations, deviations), atol=1e-10
    )
    np.testing.assert_allclose(ties, whole.precision, atol=1e-10)


def test_groups_whose_members_are_tied_stay_dense():
    root, _ = hierarchical(range(0, SIZE, 2))
    whole = dense(np.zeros(SIZE), root, range(SIZE))
    assert thinned(whole, root, range(SIZE)) is whole


def test_few_coordinates_stay_dense():
    root, _ = hierarchical([0])
    whole = dense(np.zeros(SIZE), root, range(20))
    assert thinned(whole, root, range(20)) is whole
