"""CirculantNormal: what is no covariance, and a spec with a day of hours."""

from __future__ import annotations

import jax
import numpy as np
import pytest
import scipy.linalg
import scipy.stats as st
from distribution_measures import compiled

import svilang
from svilang.catalog.distributions import DISTRIBUTIONS

ROW = DISTRIBUTIONS["CirculantNormal"]


@pytest.mark.parametrize("row", [[1.0, 0.9, -0.9, 0.9], [1.0, 0.5, 0.1, 0.2], [1.0, 2.0, 2.0, 2.0], [0.0] * 4])
def test_a_row_of_no_covariance_has_no_density_and_no_slope_that_is_not_a_number(row):
    density = lambda row: ROW.forms[0].log_prob(np.ones(4), np.zeros(4), row)  # noqa: E731
    with jax.enable_x64(True):
        value, slope = compiled(jax.value_and_grad(density), np.array(row))
    assert value == -np.inf
    assert np.all(np.isfinite(slope))


def test_draws_have_the_covariance_of_the_circle():
    row = np.array([1.5, 0.6, 0.2, 0.2, 0.6])
    with jax.enable_x64(True):
        draws = compiled(lambda key: ROW.sample(key, (8000, 5), np.zeros(5), row), jax.random.key(5))
    assert np.all(np.abs(draws.T @ draws / 8000 - scipy.linalg.circulant(row)) < 4.5 * 1.5 * np.sqrt(2 / 8000))


@pytest.mark.parametrize("size", [1, 2, 6, 7])
def test_a_spec_of_a_day_has_the_density_of_its_covariance(size):
    text = """
    data { y: real[hour] }
    model {
      s ~ HalfNormal(1)
      away = 2 * pi * position(hour) / size(hour)
      row = s^2 * exp(cos(away) - 1) + (0.1 if position(hour) == 0 else 0)
      x ~ CirculantNormal(zeros(hour), row)
      plate hour { observe y ~ Normal(x, 0.5) }
    }
    """
    x, y = np.random.default_rng(2).normal(size=(2, size))
    row = 0.49 * np.exp(np.cos(2 * np.pi * np.arange(size) / size) - 1) + 0.1 * (np.arange(size) == 0)
    expected = st.multivariate_normal(np.zeros(size), scipy.linalg.circulant(row)).logpdf(x)
    expected += st.norm(x, 0.5).logpdf(y).sum() + st.halfnorm.logpdf(0.7)
    model = svilang.compile(text).bind({"y": y})
    with jax.enable_x64(True):
        assert float(model.log_density({"s": 0.7, "x": x})) == pytest.approx(expected, rel=1e-9)
