"""A normal begins across two modes where that is better than either."""

import numpy as np
import pytest
from scipy import optimize, stats

import svilang

TEXT = """
    model {
      x ~ Normal(0, 3)
      factor logsumexp([-0.5 * ((x + 1.5) / 0.5)^2 - log(0.5), -0.5 * ((x - 1.5) / 0.7)^2 - log(0.7)]) + x^2 / 18
    }
    guide = mean_field"""


def _bound(place):
    """Of a normal by its mean and log scale, by quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    z = place[0] + np.exp(place[1]) * nodes
    left, right = (-0.5 * ((z - at) / width) ** 2 - np.log(width) for at, width in ((-1.5, 0.5), (1.5, 0.7)))
    entropy = place[1] + 0.5 * np.log(2 * np.pi * np.e)
    return weights @ np.logaddexp(left, right) / weights.sum() + entropy - 0.5 * np.log(2 * np.pi) - np.log(3)


@pytest.mark.posterior
def test_a_normal_lies_across_two_modes_where_that_is_best():
    ends = [optimize.minimize(lambda place: -_bound(place), start) for start in ([0, 0.4], [1.5, -0.4], [-1.5, -0.7])]
    assert ends[0].fun < min(ends[1].fun, ends[2].fun)
    fit = svilang.compile(TEXT).bind().fit(seed=0, progress="none")
    draws = fit.take(4_000).values["x"]
    assert fit.elbo.value == pytest.approx(-ends[0].fun, abs=4 * fit.elbo.se + 0.01)
    assert stats.norm.fit(draws) == pytest.approx((ends[0].x[0], np.exp(ends[0].x[1])), abs=0.2)
