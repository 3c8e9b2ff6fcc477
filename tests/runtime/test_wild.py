"""Steps that throw a few draws far beyond the posterior are taken back."""

import numpy as np
import pytest

import svilang
from svilang.runtime import stopping

SCHOOLS = """
    data {
      y: real[school] = [28, 8, -3, 7, -1, 1, 18, 12]
      sigma: positive[school] = [15, 10, 16, 11, 9, 11, 10, 18]
    }
    model {
      mu ~ Normal(0, 5)
      tau ~ HalfCauchy(5)
      plate school {
        theta ~ Normal(0, 1)
        observe y ~ Normal(mu + tau * theta, sigma)
      }
    }
    guide = coupling
    fit { steps = 4_000 }"""


def test_one_outlier_is_wild_though_its_standard_error_is_as_large():
    before = np.random.default_rng(0).standard_normal((1, 200))
    after = before.copy()
    after[0, 7] += 1e9
    won, error = stopping.gain(before, after)
    assert won[0] > -2 * error[0]
    assert stopping.wild(before, after)[0]


def test_what_is_better_or_as_noisy_as_before_is_not_wild():
    before = 5 * np.random.default_rng(1).standard_normal((1, 200))
    assert not stopping.wild(before, before + 3 + 0.1 * before)[0]
    assert not stopping.wild(before, 100 * before - 1000)[0]


@pytest.mark.posterior
def test_a_flow_over_a_hierarchy_keeps_its_draws_where_the_posterior_is():
    fit = svilang.compile(SCHOOLS).bind().fit(seed=0, progress="none")
    assert -31.6 < fit.elbo.value < -31.3
    assert fit.khat < 0.7
