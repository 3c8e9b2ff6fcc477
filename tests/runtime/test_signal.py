"""The gradient at the end of a fit beside its noise: against gradients of a known mean and spread."""

import json

import numpy as np
import pytest

import svilang
from svilang.cli import report
from svilang.runtime.signal import Motion, Signal, signal

STEPS = 500


def drawn(mean, spread, size=4, seed=0, matters=0.01):
    gradients = np.random.default_rng(seed).normal(mean, spread, (STEPS, size))
    return signal(gradients.sum(0), (gradients**2).sum(0), STEPS, matters)


def test_the_ratio_is_that_of_the_mean_to_the_spread_of_one_step():
    found = drawn(0.3, 0.6)
    assert found.ratio == pytest.approx(0.5, rel=0.1)
    assert found.gain == pytest.approx(0.5 * 4 * 0.3**2, rel=0.25)
    assert found.motion is Motion.MOVING
    assert drawn(0.3, 0.6, matters=0.25).motion is Motion.REST


def test_noise_alone_is_no_signal():
    """The square of a mean of noise is positive; without that part it is 0, give or take."""
    ratios = [drawn(0.0, 1.0, seed=seed) for seed in range(40)]
    assert max(one.ratio for one in ratios) < 4 / np.sqrt(STEPS)
    assert {one.motion for one in ratios} == {Motion.REST}


def test_what_noise_could_hide_is_said():
    assert drawn(0.0, 10.0).motion is Motion.HIDDEN
    assert drawn(0.0, 0.0) == Signal(0.0, 0.0, Motion.REST)
    assert drawn(1.0, 0.0).motion is Motion.MOVING
    assert drawn(np.nan, 1.0).motion is Motion.UNKNOWN


MODEL = """
data { y: real[n] = [1, 3, 2, 0.3] }
model { m ~ Normal(0, 1)   s ~ Exponential(1)   plate n { observe y ~ Normal(m, s) } }
"""


@pytest.mark.parametrize(
    ("settings", "motion"),
    [("", Motion.REST), ("steps = 30   optimizer = sgd(0.001)", Motion.MOVING), ("minibatch[n] = 2", Motion.REST)],
)
def test_a_fit_says_whether_it_is_at_rest(settings, motion, tmp_path):
    fit = svilang.compile(MODEL + f"fit {{ {settings} }}").bind().fit(progress="none")
    assert fit.signal.motion is motion
    assert f"{motion}: {motion.advice}" in report.text(fit)
    assert json.loads(report.record(fit))["gradient"]["reading"] == str(motion)
    fit.save(tmp_path / "fit.nc")
    assert svilang.load_fit(tmp_path / "fit.nc").signal == fit.signal


HELD = """
data { y: real[n] = [1, 3, 2, 0.3] }
model { m ~ Normal(0, 1)   plate n { observe y ~ Normal(m, 1) } }
guide { param a: real = A   m ~ Normal(a, 0.4472135955) }
fit { optimizer = sgd(1e-7)   steps = 400 }
"""


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_a_fit_that_is_still_moving_has_not_converged(shift):
    """The posterior of ``m`` is Normal(6.3 / 5, 1 / 5): a guide beside it would gain half the square of the distance in
    standard deviations, and losses that do not fall hide that.
    """
    fit = svilang.compile(HELD.replace("= A", f"= {6.3 / 5 + shift}")).bind().fit(progress="none")
    moving = 0.5 * shift**2 * 5 > 0.01
    assert (fit.signal.motion is Motion.MOVING, fit.status) == (moving, "not_converged" if moving else "converged")


def test_where_nothing_was_optimised_nothing_is_said():
    fit = svilang.compile(MODEL + "guide = delta").bind().fit(progress="none")
    assert fit.signal.motion is Motion.UNKNOWN
    assert "gradient" not in report.text(fit)
    assert json.loads(report.record(fit))["gradient"]["signal_to_noise"] is None
