"""The recorded bounds of the guide families on real data: what they say, and that they are found again."""

import csv

import pytest
from bounds import FAMILIES, FILE, PEERS, apart, ours
from posterior_cases import Case


def _recorded():
    with FILE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    figures = ("bound", "error", "numpyro")
    return {(row["case"], row["family"]): tuple(float(row[key]) for key in figures) for row in rows}


def test_every_family_is_recorded_on_every_case():
    assert set(_recorded()) == {(case, family) for case in PEERS for family in FAMILIES}


@pytest.mark.parametrize("case", PEERS)
def test_no_family_is_worse_than_numpyros_of_the_same_name(case):
    for family in FAMILIES:
        bound, error, theirs = _recorded()[case, family]
        assert not bound < theirs - 0.03 - 3 * error, family


@pytest.mark.posterior
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", PEERS)
def test_both_sides_have_the_same_log_density_and_the_recorded_bound_is_found_again(case):
    assert apart(Case(case)) < 1e-9
    bound, error, _ = _recorded()[case, "full_rank"]
    again, own = ours(Case(case), "full_rank")
    assert abs(again - bound) < 0.02 + 3 * (error**2 + own**2) ** 0.5
