"""YuleSimon where its tail is too heavy for a table of all values."""

from __future__ import annotations

import jax
import numpy as np
import scipy.stats as st
from distribution_measures import compiled

import svilang
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


def test_counts_are_observed_and_a_zero_has_no_density():
    text = "data { n: count[word] }\nmodel { a ~ Gamma(2, 1)   plate word { observe n ~ YuleSimon(a) } }"
    program = svilang.compile(text)
    with jax.enable_x64(True):
        found = float(program.bind({"n": [1, 2, 9]}).log_density({"a": 1.3}))
        beyond = float(program.bind({"n": [0, 2, 9]}).log_density({"a": 1.3}))
    np.testing.assert_allclose(found, st.yulesimon(1.3).logpmf([1, 2, 9]).sum() + st.gamma(2).logpdf(1.3), rtol=1e-10)
    assert beyond == -np.inf
