"""The gradient of small programs at random under every treatment, against sums and quadrature."""

import jax
import numpy as np
import pytest
from estimating import estimates
from small_models import drawn_program

from svilang.runtime.baselines import BASELINES

pytestmark = pytest.mark.usefixtures("double")
exhaustive = pytest.mark.exhaustive


def exactly(program, found, bound):
    """The exact bound, and its gradient by the flat parameters of the estimates; NaN for those of baselines."""
    value, slopes = jax.jit(jax.value_and_grad(bound))(program.start())
    layout, gradient = found.recipe.layout, np.zeros(found.recipe.layout.size)
    for block in layout.target.explicit.names if layout.target.explicit else ():
        gradient[layout.phi][block.start : block.stop] = np.ravel(slopes.get(block.name, np.nan))
    covered = {one.latent.name: one.params for one in program.guide if one.form == "family"}
    for part in layout.parts:
        names = [covered[block.name][k] for k in (0, 1) for block in layout.target.blocks]
        gradient[part.params] = np.concatenate([np.ravel(slopes[name]) for name in names])
    return value, gradient


def agree(found, value, gradient, deviations=5):
    """Means over the steps are the exact ones within their standard errors, or to 1e-8 without any."""
    assert abs(found.bounds.mean() - value) < deviations * found.bound_error + 1e-8
    gaps = np.abs(found.mean - gradient) / (deviations * found.error + 1e-8)
    assert np.all((gaps < 1) | np.isnan(gradient)), (found.mean, gradient, found.error)


def spread_over(numbers, default):
    """A case for each; all but the ``default`` ones are for the exhaustive run."""
    return [pytest.param(one, marks=() if one in default else exhaustive) for one in numbers]


@pytest.mark.parametrize("seed", spread_over(range(80), (0,)))
def test_the_mean_gradient_of_the_elbo_is_the_exact_one(seed):
    program, rng = drawn_program(seed), np.random.default_rng(seed)
    weight = 0.4 if all(one.form != "none" for one in program.guide) and rng.random() < 0.4 else None
    if program.tilt:
        weight = None
    baseline = str(rng.choice(sorted(BASELINES)))
    baseline = "none" if baseline == "average" else baseline
    settings = {"particles": int(rng.integers(1, 4)), "weight": weight, "baseline": baseline}
    found = estimates(program.text(), seed=seed, steps=20_000, **settings)
    heat = 1.0 if weight is None else weight
    agree(found, *exactly(program, found, lambda params: program.elbo(params, heat)))


BOUNDS = {
    "iwae": ({"k": 2}, 1.0),
    "renyi": ({"alpha": 0.5}, 0.5),
    "renyi of a negative order": ({"alpha": -1.0}, 2.0),
    "dreg": ({"k": 2}, 1.0),
    "stl": ({}, None),
}
STEERED = ("dreg", "stl")
"""Bounds whose gradient is that of families alone."""


SCORED = (0, 1, 6, 14, 20, 22, 28, 32, 43, 46, 53, 56)
"""Some of the programs with a scored draw."""


@pytest.mark.parametrize("seed", spread_over(SCORED, (6,)))
def test_no_baseline_of_the_guide_bends_the_mean_gradient(seed):
    program = drawn_program(seed).with_baselines()
    assert "score(baseline=" in program.text()
    found = estimates(program.text(), seed=seed, steps=20_000, particles=1 + seed % 2)
    agree(found, *exactly(program, found, program.elbo))


@pytest.mark.parametrize("name", spread_over(BOUNDS, ("dreg",)))
@pytest.mark.parametrize("seed", spread_over(range(12), (0,)))
def test_the_mean_gradient_of_other_bounds_of_two_draws_is_the_exact_one(name, seed):
    settings, order = BOUNDS[name]
    steered = {"forms": ("family",), "kinds": ("normal", "positive")} if name in STEERED else {}
    program = drawn_program(seed, most=900, **steered)
    shared = {"objective": name.split()[0], "particles": 2, "antithetic": False, **settings}
    found = estimates(program.text(), seed=seed, steps=20_000, **shared)
    bound = program.elbo if order is None else lambda params: program.renyi(params, order)
    agree(found, *exactly(program, found, bound))


def alone(program):
    """Whether all latents stand in the plate, so that the bound is one for each member."""
    return all(one.plated for one in program.latents)


@pytest.mark.parametrize("name", spread_over(BOUNDS, ("iwae",)))
@pytest.mark.parametrize("seed", spread_over(range(12), (0,)))
def test_bounds_of_each_member_by_itself_have_the_exact_gradient_from_some_members(name, seed):
    settings, order = BOUNDS[name]
    steered = {"forms": ("family",), "kinds": ("normal", "positive")} if name in STEERED else {}
    program = drawn_program(seed, members=3, most=20_000, suits=alone, **steered)
    rows = np.random.default_rng(seed).permuted(np.tile(np.arange(3), (20_000, 1)), axis=1)[:, :2]
    shared = {"objective": name.split()[0], "particles": 2, "antithetic": False, **settings}
    found = estimates(
        program.text(), seed=seed, steps=20_000, batches={"obs": 2}, rows={"obs": rows}, **shared
    )
    bound = program.elbo if order is None else lambda params: program.renyi(params, order)
    agree(found, *exactly(program, found, bound))


def batched(program):
    """Whether steps may see some members: nothing outside the plate is summed out."""
    sums = [one for one in program.guide if one.form == "none"]
    return all(one.latent.plated for one in sums) and any(one.plated for one in program.outcomes)


@pytest.mark.parametrize("seed", spread_over(range(24), (0,)))
def test_the_mean_over_the_batches_of_an_epoch_is_the_value_of_all_rows(seed):
    program = drawn_program(seed, members=4, most=20_000, suits=batched)
    epoch = np.random.default_rng(seed).permutation(4).reshape(2, 2)
    parts = [
        estimates(program.text(), seed=seed, steps=10_000, batches={"obs": 2}, rows={"obs": rows}) for rows in epoch
    ]
    value, gradient = exactly(program, parts[0], program.elbo)
    error = np.sqrt(sum(one.error**2 for one in parts)) / 2
    bound_error = np.sqrt(sum(one.bound_error**2 for one in parts)) / 2
    assert abs(np.mean([one.bounds.mean() for one in parts]) - value) < 5 * bound_error + 1e-8
    assert np.all(np.abs(np.mean([one.mean for one in parts], axis=0) - gradient) < 5 * error + 1e-8)
