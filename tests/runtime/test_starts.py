"""Several starts: the best bound is kept, and all are told."""

import pytest

import svilang

TWO_HILLS = """
model {
  x ~ Improper(real)
  factor logsumexp([-0.5 * ((x + 1) / 0.5)^2, 4 - 0.5 * ((x - 7) / 0.5)^2])
}
guide = full_rank
"""


def test_the_higher_of_two_hills_is_found_from_scattered_starts():
    model = svilang.compile(TWO_HILLS).bind()
    one = model.fit(progress="none")
    assert one.starts == ()
    assert one.draws["x"].mean() == pytest.approx(-1, abs=0.3)
    many = model.fit(progress="none", starts=5)
    assert len(many.starts) == 5
    assert many.draws["x"].mean() == pytest.approx(7, abs=0.3)
    assert many.elbo.value == pytest.approx(max(many.starts))
    assert min(many.starts) == pytest.approx(one.elbo.value, abs=0.1)


def test_the_number_of_starts_is_a_setting():
    program = svilang.compile("model { x ~ Normal(0, 1) } fit { starts = 2 }")
    assert program.checked.fit.starts == 2
    assert len(program.bind().fit(progress="none").starts) == 2
    with pytest.raises(svilang.SvilangError, match="starts"):
        svilang.compile("model { x ~ Normal(0, 1) } fit { starts = 0 }")
