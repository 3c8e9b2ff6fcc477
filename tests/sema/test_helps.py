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


def test_two_names_of_one_dimension_are_made_one():
    text = """
    data { dim state = 2   dim to = state   y: to[obs]   z: state[obs]   still: binary[obs] }
    model {
      plate state { move ~ Dirichlet(ones(to)) }
      plate obs { observe y ~ Categorical(one_hot(z) if still == 1 else move[z]) }
    }
    """
    with pytest.raises(svilang.SvilangError) as caught:
        svilang.compile(text)
    assert "give one part the name of the other, `… over to`" in (caught.value.diagnostics[0].help or "")


def test_an_infinite_bound_in_data_is_told_by_another_column():
    text = "data { end: positive[obs] } model { s ~ HalfNormal(1)  plate obs { observe end ~ Exponential(s) } }"
    program = svilang.compile(text)
    with pytest.raises(svilang.SvilangError) as caught:
        program.bind({"end": [1.0, float("inf")]})
    assert "`end if ended == 1 else inf`" in (caught.value.diagnostics[0].help or "")


def test_a_step_that_ends_over_an_alias_gets_the_name_of_the_start():
    text = """
    data {{ dim state = 2   dim to = state   move: simplex[state, to]   first: simplex[state]   y: state[cycle] }}
    model {{ markov cycle {{ share = first then {}   observe y ~ Categorical(share) }} }}
    """
    with pytest.raises(svilang.SvilangError) as caught:
        svilang.compile(text.format("prev(share) @ move"))
    assert "`(…) over state`" in (caught.value.diagnostics[0].help or "")
    svilang.compile(text.format("(prev(share) @ move) over state"))
