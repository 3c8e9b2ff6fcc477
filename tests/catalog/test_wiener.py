"""Times of first passage against their Laplace transform, which has a closed form at either side."""

import jax
import numpy as np
import pytest
import scipy.stats as st

from svilang.catalog.distributions import DISTRIBUTIONS

ROW = DISTRIBUTIONS["Wiener"]
SETTINGS = [(1.0, 0.0, 0.5, 0.0), (2.0, 0.3, 0.3, 1.2), (1.5, 0.2, 0.8, -2.0), (3.0, 0.1, 0.05, 4.0)]


def transform(side, s, separation, bias, drift):
    """E[exp(-s T); the side is reached] for a diffusion between 0 and ``separation``."""
    way = separation * (1 - bias if side > 0 else bias)
    root = np.sqrt(drift**2 + 2 * s)
    return np.exp(side * drift * way) * np.sinh(root * (separation - way)) / np.sinh(root * separation)


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_density_of_either_side_has_the_laplace_transform_of_a_first_passage(setting):
    separation, delay, bias, drift = setting
    nodes, weights = np.polynomial.legendre.leggauss(400)
    logs = np.log(1e-4) + (nodes + 1) / 2 * (np.log(80) - np.log(1e-4))
    times, weights = np.exp(logs), weights * np.exp(logs) * (np.log(80) - np.log(1e-4)) / 2
    with jax.enable_x64(True):
        logs = np.asarray(ROW.forms[0].log_prob(np.array([[-1.0], [1.0]]) * (times + delay), *setting))
    for side, log_density in zip((-1, 1), logs, strict=True):
        for s in (1e-9, 0.5, 3.0):
            found = np.sum(weights * np.exp(log_density - s * times))
            np.testing.assert_allclose(found, transform(side, s, separation, bias, drift), rtol=1e-10)


def test_sides_are_drawn_as_often_as_they_are_reached_also_with_a_strong_drift():
    setting = (3.0, 0.5, 0.4, 30.0)
    draws = np.asarray(ROW.sample(jax.random.key(0), (4_000,), *setting))
    assert np.all(np.abs(draws) > 0.5)
    upper = transform(1, 0, 3.0, 0.4, 30.0)
    assert st.binomtest(int(np.sum(draws > 0)), 4_000, upper).pvalue > 1e-4
    time = 3.0 * 0.6 / 30
    assert abs(np.mean(draws) - 0.5 - time) < 5 * np.sqrt(1.8 / 30**3 / 4_000)
