"""Fits that see some rows at a time end where fits that see all of them end."""

import numpy as np
import pytest

import svilang
from svilang import pipeline
from svilang.runtime import view

RNG = np.random.default_rng(3)
LOGISTIC = """
data { y: binary[obs]   x: real[obs, k] }
model {
  a ~ Normal(0, 2)
  plate k { b ~ Normal(0, 2) }
  plate obs { observe y ~ Bernoulli(logits=a + x @ b) }
}
guide = full_rank
fit { steps = 3000   minibatch[obs] = 100 }
"""


def logistic(rows):
    x = RNG.standard_normal((rows, 3))
    odds = 0.3 + x @ np.array([1.0, -0.5, 0.2])
    return svilang.compile(LOGISTIC).bind({"y": (RNG.random(rows) < 1 / (1 + np.exp(-odds))).astype(int), "x": x})


@pytest.mark.posterior
def test_a_fit_of_some_rows_at_a_time_ends_where_one_of_all_rows_does():
    model = logistic(1000)
    some = model.fit(progress="none")
    every = model.fit(progress="none", minibatch={})
    assert len(some.losses) > 0
    assert some.khat < 0.7
    for name in ("a", "b"):
        sd = np.std(every.draws[name], axis=0)
        assert np.max(np.abs(np.mean(some.draws[name], axis=0) - np.mean(every.draws[name], axis=0)) / sd) < 0.15
        assert np.max(np.abs(np.std(some.draws[name], axis=0) / sd - 1)) < 0.12
    assert some.elbo.value == pytest.approx(every.elbo.value, abs=0.1)


def test_the_caller_may_ask_for_minibatches_and_is_refused_where_the_spec_would_be():
    model = logistic(50)
    with pytest.raises(svilang.SvilangError, match="no dimension `row`"):
        model.fit(minibatch={"row": 10}, progress="none")
    with pytest.raises(svilang.SvilangError, match="a step sees only some members of `k`"):
        model.fit(minibatch={"k": 1}, progress="none")
    with pytest.raises(svilang.SvilangError, match="at least 1"):
        model.fit(minibatch={"obs": 0}, progress="none")


def test_the_start_looks_at_some_rows_where_they_are_many():
    model = logistic(2000)
    program = model.program
    target = pipeline.lower(model.bound, program.checked, program.source, [("obs", 100)]).target
    assert view.sample(target, 10**6, 0) is target
    some = view.sample(target, 2000, 0)
    assert some.size == target.size
    shapes = {np.shape(leaf) for leaf in some.data["model"]["designs"].values()}
    assert shapes == {(3, 500)}


def test_other_rows_and_another_objective_are_taken_together():
    spec = """
        data { y: real[n] = [1, 2, 0, 1] }
        model { m ~ Normal(0, 1)  plate n { observe y ~ Normal(m, 1) } }
        fit { minibatch[n] = 2  steps = 50 }"""
    model = svilang.compile(spec).bind()
    assert model.fit(objective="iwae(3)", minibatch={}, progress="none").steps == 50
    with pytest.raises(svilang.SvilangError, match="E0633"):
        model.fit(objective="iwae(3)", progress="none")
