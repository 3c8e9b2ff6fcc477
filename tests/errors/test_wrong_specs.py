"""Wrong specs state what is wrong with them: ``#! E0402 "must be positive"`` on the line where the caret points.

What the compiler reports must be exactly what the specs state: the codes, the lines, and for each a piece of the
message. ``W`` codes are stated in the same way, and a spec without any mark must pass.
"""

import pytest
from corpus import reported, specs, stated


@pytest.mark.parametrize("text", list(specs()))
def test_a_wrong_spec_is_refused_for_the_reason_it_states(text):
    wanted, given = stated(text), reported(text)
    assert [(line, code) for line, code, _ in given] == [(line, code) for line, code, _ in wanted], given
    for (_, _, piece), (_, _, message) in zip(wanted, given, strict=True):
        assert piece in message, message
