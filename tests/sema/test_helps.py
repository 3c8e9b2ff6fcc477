"""What a diagnostic advises, where the right advice depends on the case."""

import pytest

import svilang

PLATE = "data {{ y: real[n]  dim k = 2  g: integer[n] }} model {{ m: real[k] ~ Normal(0, 1)  plate n {{ {} }} }}"


@pytest.mark.parametrize(
    ("statements", "advice"),
    [
        ("observe y ~ Normal(m[g], 1)", "declare it as one: `g: k[…]`"),
        ("z ~ Bernoulli(0.5)  observe y ~ Normal(m[z], 1)", "draw it as one: `z ~ Categorical(…)`"),
    ],
)
def test_an_index_that_is_a_number_becomes_a_member_where_it_is_made(statements, advice):
    with pytest.raises(svilang.SvilangError) as caught:
        svilang.compile(PLATE.format(statements))
    assert advice in (caught.value.diagnostics[0].help or "")
