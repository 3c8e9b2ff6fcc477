"""The recorded bounds of the guide families on real data: what they say, and that they are found again."""

import pytest
from bounds import FAMILIES, apart, applies, ours, recorded
from peers import PEERS
from posterior_cases import Case

CASES = list(dict.fromkeys(case for case, _ in recorded()))


@pytest.mark.parametrize("case", CASES)
def test_every_family_that_applies_is_recorded_on_every_case(case):
    assert {family for one, family in recorded() if one == case} == {f for f in FAMILIES if applies(Case(case), f)}


@pytest.mark.parametrize("case", CASES)
def test_no_family_is_worse_than_numpyros_of_the_same_name(case):
    for (one, family), (bound, error, theirs) in recorded().items():
        assert one != case or not bound < theirs - 0.03 - 3 * error, family


@pytest.mark.posterior
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", PEERS)
def test_both_sides_have_the_same_log_density(case):
    assert apart(Case(case)) < 1e-9


@pytest.mark.posterior
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("case", "family"), [key for key in recorded() if key[1] in ("full_rank", "semi_dais")])
def test_the_recorded_bound_is_found_again(case, family):
    bound, error, _ = recorded()[case, family]
    again, own = ours(Case(case), family)
    assert abs(again - bound) < 0.02 + 3 * (error**2 + own**2) ** 0.5
