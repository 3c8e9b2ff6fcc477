"""The log density of a compiled spec is Stan's, up to a constant, in float64."""

import jax
import numpy as np
import pytest
from posterior_cases import Case, all_cases

SOLVED = {"hudson_lynx_hare-lotka_volterra": 1e-4}
"""Stan solved these equations to a relative 1e-5: its densities are that good, and only near the data."""


def latents(model, oracle, point):
    """The constrained values of one point of the oracle, under the names of the spec."""
    scalars = {}
    for name in oracle["names"]:
        scalars.setdefault(name.split(".")[0], []).append(point["constrained"][name])
    sites = [site for site in model.program.checked.model.sites if not site.kind.discrete]
    return {s.name: np.reshape(scalars[s.name], [model.dims[dim.name] for dim in s.dims]) for s in sites}


@pytest.mark.parametrize("name", all_cases())
def test_differences_of_the_log_density_are_those_of_stan(name):
    case = Case(name)
    oracle = case.read("logp")
    if oracle is None:
        pytest.skip("this posterior has reference moments and no oracle")
    model = case.model()
    judged = [p for p in oracle["points"] if name not in SOLVED or p["origin"] == "reference draw"]
    points = [latents(model, oracle, point) for point in judged]
    stacked = {key: np.stack([point[key] for point in points]) for key in points[0]}
    with jax.enable_x64(True):
        ours = np.asarray(jax.jit(jax.vmap(model.log_density))(stacked), np.float64)
    stan = np.array([point["lp"] for point in judged])
    ours, stan = ours[:, None] - ours, stan[:, None] - stan
    assert np.max(np.abs(ours - stan) / np.maximum(1, np.abs(stan))) <= SOLVED.get(name, 1e-8)
