"""The recorded errors of particles on real data: what they say, and that they are found again."""

import pytest
from particles import ours, peers, recorded
from peers import PEERS
from posterior_cases import Case


def test_every_case_with_draws_of_its_posterior_is_recorded():
    assert list(recorded()) == [case for case in PEERS if Case(case).reference is not None]


@pytest.mark.parametrize("case", recorded())
def test_no_particles_are_farther_off_than_numpyros(case):
    own, theirs = recorded()[case]
    assert own.mean < theirs.mean + 0.05
    assert own.sd < theirs.sd + 0.05


@pytest.mark.posterior
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", ["eight_schools-eight_schools_noncentered", "mesquite-logmesquite", "arK-arK"])
def test_the_recorded_errors_are_found_again(case):
    for again, before in zip((ours(Case(case)), peers(Case(case))), recorded()[case], strict=True):
        assert again == pytest.approx(before, abs=0.03)
