"""YuleSimon where its tail is too heavy for a table of all values."""

from __future__ import annotations

import jax
import numpy as np
import scipy.stats as st
from distribution_measures import compiled

from svilang.catalog.distributions import DISTRIBUTIONS

ROW = DISTRIBUTIONS["YuleSimon"]


def test_the_mass_and_the_tail_of_a_heavy_one_are_those_of_scipy():
    x, alpha = np.array([1.0, 2, 7, 1e3, 1e8, 1e12])[:, None], np.array([0.2, 1.0, 2.5])
    with jax.enable_x64(True):
        mass, tail = compiled(lambda x: (ROW.forms[0].log_prob(x, alpha), ROW.log_sf(x, alpha)), x)
        outside = compiled(lambda x: ROW.forms[0].log_prob(x, alpha), np.array([0.0, -1.0, 1.5])[:, None])
    np.testing.assert_allclose(mass, st.yulesimon(alpha).logpmf(x), rtol=1e-9)
    np.testing.assert_allclose(tail, mass + np.log(x / alpha), rtol=1e-9)
    assert np.all(outside == -np.inf)


def test_draws_of_a_heavy_one_are_as_often_above_each_level_as_they_should():
    alpha = np.array([0.1, 0.7, 2.0])
    with jax.enable_x64(True):
        draws = compiled(lambda key: ROW.sample(key, (20_000, 3), alpha), jax.random.key(4))
    assert draws.min() >= 1
    for level in (1, 2, 10, 1000):
        share = np.exp(st.yulesimon(alpha).logpmf(level)) * level / alpha
        assert np.all(np.abs((draws > level).mean(0) - share) < 4.5 * np.sqrt(share * (1 - share) / 20_000) + 1e-4)
    single = compiled(lambda key: ROW.sample(key, (20_000,), np.float32(0.1)), jax.random.key(4))
    assert single.min() >= 1
