"""The targets, with room for a busy machine: ``pytest -m bench tests/bench``."""

import bench
import fresh
import jax
import pytest
import sides
import variance
from measure import on_one_core
from workloads import ALL

pytestmark = pytest.mark.bench

TARGETS = {"schools": 3, "radon1k": 2, "radon12k": 2, "coin": 50, "mixture3": 3, "mixture10": 3}
"""How many times as fast as NumPyro a step must be."""


@pytest.fixture(autouse=True, scope="module")
def _one_core():
    on_one_core()


@pytest.mark.parametrize("name", ALL)
def test_all_sides_optimise_the_same(name):
    found = sides.agreement(ALL[name]())
    assert max(found.log_joint, found.elbo, found.gradient) < 1e-10


@pytest.mark.parametrize(("name", "least"), TARGETS.items())
def test_a_step_is_several_times_faster_than_numpyro(name, least):
    times = bench.steps(name, repeats=5)
    assert times["NumPyro"].over(times["svilang"]) > 0.8 * least


@pytest.mark.parametrize("name", ALL)
def test_no_step_is_slower_than_straight_jax(name):
    times = bench.steps(name, repeats=5)
    assert times["svilang"].over(times["straight"]) < 1.25


def test_a_fresh_process_takes_a_third_of_numpyro_and_a_quarter_with_a_filled_cache(tmp_path):
    times = fresh.fresh(tmp_path, repeats=5)
    for ours in ("svilang, Python", "svilang run"):
        assert times[f"{ours}, cold"].over(times["NumPyro, cold"]) < 1.2 / 3
        assert times[f"{ours}, warm"].over(times["NumPyro, warm"]) < 1.2 / 4


@pytest.mark.parametrize("case", variance.cases(), ids=lambda case: case.name)
def test_no_gradient_is_noisier_than_numpyros(case):
    with jax.enable_x64(True):
        found = variance.spread(case)
    assert found.gap < 5
    assert all(found.ours <= 1.03 * peer for peer in found.peers.values())
