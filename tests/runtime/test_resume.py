"""A saved fit goes on: the same as a run that was never cut, and refused where it would be another one."""

import numpy as np
import pytest

import svilang

SPEC = """
data { y: real[n] = [1, 3, 2, 0.3] }
model { m ~ Normal(0, 1)   s ~ Exponential(1)   plate n { observe y ~ Normal(m, s) } }
GUIDE
fit { FIT }
"""
ADAM = "optimizer = adam(0.02)"


def model(fit, guide="", data=None):
    return svilang.compile(SPEC.replace("FIT", fit).replace("GUIDE", guide)).bind(data)


def saved(fit, path):
    fit.save(path)
    return svilang.load_fit(path)


SCORED = "guide { param a: positive   s ~ Exponential(a)   score s   rest ~ mean_field }"
CASES = {
    "an optimiser with a memory": (ADAM, ""),
    "a schedule": ("optimizer = adam(cosine(0.05, decay_steps=1500))", ""),
    "minibatches": (f"{ADAM}   minibatch[n] = 2", ""),
    "a running average": (f"{ADAM}   baseline = average   particles = 1", SCORED),
    "annealing": (f"{ADAM}   objective = elbo(anneal=400)", ""),
}


DEFAULT = "minibatches"


@pytest.mark.parametrize(
    "case", [case if case == DEFAULT else pytest.param(case, marks=pytest.mark.posterior) for case in CASES]
)
def test_two_halves_are_the_whole(case, tmp_path):
    fit, guide = CASES[case]
    whole = model(f"{fit}   steps = 1000", guide).fit(progress="none")
    half = model(f"{fit}   steps = 500", guide).fit(progress="none")
    found = model(f"{fit}   steps = 500", guide).fit(progress="none", resume=saved(half, tmp_path / "half.nc"))
    np.testing.assert_array_equal(found.losses, whole.losses)
    np.testing.assert_array_equal(found.draws["m"], whole.draws["m"])


def test_the_rounds_of_the_default_go_on_from_the_best(tmp_path):
    half = model("steps = 40").fit(progress="none")
    assert half.status == "not_converged"
    found = model("").fit(progress="none", resume=saved(half, tmp_path / "half.nc"))
    whole = model("").fit(progress="none")
    assert found.status == "converged"
    assert found.elbo.value == pytest.approx(whole.elbo.value, abs=0.02)
    np.testing.assert_array_equal(found.losses[:40], half.losses)
    assert found.stand is not None


def test_more_steps_and_another_rule_to_stop_are_no_other_fit():
    half = model(f"{ADAM}   steps = 100").fit(progress="none")
    assert model(f"{ADAM}   stop = none").fit(progress="none", resume=half, steps=50).steps == 150


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (model("optimizer = adam(0.01)"), r"`optimizer` was adam\(0.02\) and is now adam\(0.01\)"),
        (model(f"{ADAM}   seed = 3"), "`seed` was 0 and is now 3"),
        (model(f"{ADAM}   objective = elbo(anneal=20)"), "`objective` was elbo and is now elbo"),
        (model(ADAM, "guide = full_rank"), "the guide changed"),
        (model(ADAM, data={"y": [1.0, 3.0, 2.0, 0.31]}), "the data changed"),
    ],
    ids=["optimizer", "seed", "objective", "guide", "data"],
)
def test_what_would_be_another_fit_is_refused(other, told):
    half = model(f"{ADAM}   steps = 40").fit(progress="none")
    with pytest.raises(svilang.SvilangError, match=rf"E0708[\s\S]*cannot go on: {told}"):
        other.fit(progress="none", resume=half)


def test_a_fit_without_a_state_is_refused():
    for without in (model("", "guide = delta"), model("steps = 20   starts = 2")):
        half = without.fit(progress="none")
        with pytest.raises(svilang.SvilangError, match=r"E0708[\s\S]*it has no state"):
            model("steps = 20").fit(progress="none", resume=half)
