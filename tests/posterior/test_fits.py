"""Default fits against reference draws: no setting but the name of the family."""

import numpy as np
import pytest
from posterior_cases import FLOORS, NARROWEST, SKEWED, Case, all_cases

pytestmark = pytest.mark.posterior

JUDGED = [name for name in all_cases() if name in FLOORS]


@pytest.mark.parametrize("name", JUDGED)
def test_a_full_rank_guide_finds_the_posterior(name):
    case = Case(name)
    found = case.compare(case.model("guide = full_rank").fit(seed=0, progress="none"))
    assert np.max(found.error) <= 0.10, dict(zip(found.names, found.error, strict=True))
    assert np.min(found.ratio) >= NARROWEST.get(name, 0.90), dict(zip(found.names, found.ratio, strict=True))
    assert np.max(found.ratio) <= 1.10, dict(zip(found.names, found.ratio, strict=True))


@pytest.mark.parametrize("name", JUDGED)
def test_a_mean_field_guide_reaches_its_floor(name):
    case, floor = Case(name), np.array(FLOORS[name])
    found = case.compare(case.model("guide = mean_field").fit(seed=0, progress="none"))
    ratio = found.ratio[: len(floor)]
    assert np.max(found.error[: len(floor)]) <= 0.15
    assert np.all(np.abs(ratio / floor - 1) <= 0.15), dict(zip(found.names, ratio / floor, strict=False))


def test_the_centred_schools_are_found_by_a_noncentred_guide():
    case = Case("eight_schools-eight_schools_centered")
    fit = case.model("guide { noncentered theta rest ~ full_rank }").fit(seed=0, progress="none")
    assert np.max(case.compare(fit).error) <= 0.25


@pytest.mark.parametrize("name", sorted(SKEWED))
def test_the_means_of_a_skewed_posterior_are_near(name):
    case = Case(name)
    found = case.compare(case.model("guide = full_rank").fit(seed=0, progress="none"))
    assert np.max(found.error) <= 0.25, dict(zip(found.names, found.error, strict=True))


def test_a_conjugate_posterior_is_found():
    fit = Case("Rate_1_data-Rate_1_model").model("guide = full_rank").fit(seed=0, progress="none")
    theta = np.asarray(fit.draws["theta"])
    assert abs(theta.mean() - 0.5) <= 0.10 * np.sqrt(1 / 52)
    assert abs(theta.std() / np.sqrt(1 / 52) - 1) <= 0.10
