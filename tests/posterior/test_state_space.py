"""A fit through GaussianStateSpace finds the matrix that made the states."""

from __future__ import annotations

import numpy as np
import pytest

import svilang

MOVE, STEPS = np.array([[0.9, 0.2], [-0.2, 0.8]]), np.array([0.3, 0.2])

READ = """
data { y: real?[series, t, k]   dim to = k }
model {
  A: real[k, to] ~ Normal(0, 1)
  s: positive[k] ~ HalfNormal(1)
  plate series { observe y ~ GaussianStateSpace(t, A, diag(s)) }
}
guide = full_rank
"""

HIDDEN = """
data { y: real[t, k]   dim to = k }
model {
  A: real[k, to] ~ Normal(0, 1)
  s: positive[k] ~ HalfNormal(1)
  first: real[k] ~ Normal(0, 2)
  x ~ GaussianStateSpace(t, A, diag(s), first)
  plate t, k { observe y ~ Normal(x, 0.2) }
}
guide { CENTRE rest ~ full_rank }
"""


def states(rng, steps, start):
    now, found = start, []
    for _ in range(steps):
        now = MOVE @ now + STEPS * rng.normal(size=2)
        found.append(now)
    return np.array(found)


def assert_found(fit):
    posterior = fit.posterior(draws=2000)["posterior"]
    for name, truth in (("A", MOVE), ("s", STEPS)):
        draws = np.asarray(posterior[name]).reshape(-1, *truth.shape)
        assert np.all(np.abs(draws.mean(0) - truth) < 3.5 * draws.std(0)), (name, draws.mean(0), draws.std(0))


@pytest.mark.posterior
def test_the_matrix_of_observed_states_is_found_although_entries_are_missing():
    rng = np.random.default_rng(0)
    y = np.array([states(rng, 40, np.zeros(2)) for _ in range(6)])
    y[rng.random(y.shape) < 0.1] = np.nan
    assert_found(svilang.compile(READ).bind({"y": y}).fit(seed=0))


@pytest.mark.posterior
@pytest.mark.parametrize("centre", ["", "noncentered x "])
def test_the_matrix_of_hidden_states_is_found(centre):
    rng = np.random.default_rng(1)
    x = states(rng, 60, np.array([2.0, 0.0]))
    y = x + 0.2 * rng.normal(size=x.shape)
    assert_found(svilang.compile(HIDDEN.replace("CENTRE", centre)).bind({"y": y}).fit(seed=0))
