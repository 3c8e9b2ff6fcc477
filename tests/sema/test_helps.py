"""What a diagnostic advises, where the right advice depends on the case."""

from itertools import pairwise

import jax
import numpy as np
import pytest
from scipy import stats

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


ADVICE = {
    "data { y: real[n]  dim k = 2  dim j = 2 } model { w: simplex[j] ~ Dirichlet(1)  mu: real[k] ~ Normal(0, 1)"
    " plate n { observe y ~ Mixture(w, Normal(mu, 1)) } }": "a part for each member of `j`",
    "data { A: real[i, j]  b: real[j] } model { x ~ Normal(quad_form(A, b), 1) }": "`a` over [n, n] and `x` over [n]",
    "data { y: real[n] } model { q: real[n] ~ Normal(0, 1)  plate n { observe y ~ Normal(q[position(n) - 1], 1) } }": (
        "a column of data names members, `at: n[…]`"
    ),
}


@pytest.mark.parametrize("text", ADVICE)
def test_what_does_not_fit_is_told_with_what_would(text):
    with pytest.raises(svilang.SvilangError) as caught:
        svilang.compile(text)
    (found,) = caught.value.diagnostics
    assert ADVICE[text] in (found.help or "")


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


def test_a_list_of_lists_is_told_to_name_both_dimensions():
    text = """
    data {{ y: real[n, k] = [[1, 2], [0, -1]]   variance: positive = 2 }}
    model {{
      covariance ~ Uniform(-1, 1)
      S = [[variance, covariance], [covariance, 3]]{}
      plate n {{ observe y ~ MultivariateNormal(zeros(k), covariance_matrix=S) }}
    }}
    """
    with pytest.raises(svilang.SvilangError) as caught:
        svilang.compile(text.format(""))
    assert "`[[…], …] over a over b`, one twice for a square" in (caught.value.diagnostics[0].help or "")
    with jax.enable_x64(True):
        value = float(svilang.compile(text.format(" over k over k")).bind().log_density({"covariance": np.array(0.3)}))
    law = stats.multivariate_normal([0, 0], [[2, 0.3], [0.3, 3]])
    assert value == pytest.approx(law.logpdf([[1, 2], [0, -1]]).sum() - np.log(2), rel=1e-10)


def test_a_drawn_member_is_a_number_by_its_place():
    text = """
    data {{ y: count[t] = [4, 5, 1, 0]   dim year = t }}
    model {{
      before ~ Exponential(1)
      after ~ Exponential(1)
      change ~ Categorical(ones(year) / size(year))
      plate t {{ observe y ~ Poisson(before if position(t) < {} else after) }}
    }}
    """
    with pytest.raises(svilang.SvilangError) as caught:
        svilang.compile(text.format("change"))
    assert "as `position(year)[…]` for its place from 0" in (caught.value.diagnostics[0].help or "")
    with jax.enable_x64(True):
        model = svilang.compile(text.format("position(year)[change]")).bind()
        value = float(model.log_density({"before": np.array(4.0), "after": np.array(0.7)}))
    y, place = np.array([4, 5, 1, 0]), np.arange(4)
    each = [stats.poisson(np.where(place < s, 4.0, 0.7)).logpmf(y).sum() for s in place]
    assert value == pytest.approx(np.log(np.mean(np.exp(each))) - 4.7, rel=1e-10)


def test_a_chain_of_states_that_is_seen_in_part_is_drawn():
    text = """
    data {{ dim state = 2   dim to = state
      seen: state?[t] = [0, missing, 1, missing]   y: real[t] = [0.1, 2.2, 1.7, -1] }}
    model {{
      mu: real[state] ~ Normal(0, 3)
      turn = [[0.8, 0.2], [0.3, 0.7]] over state over to
      markov t {{ {} }}
      {}
    }}
    """
    chain = "Categorical(ones(state) / 2) then Categorical(turn[prev({})])"
    natural = f"observe seen ~ {chain.format('seen')}  observe y ~ Normal(mu[seen], 1)"
    with pytest.raises(svilang.SvilangError) as caught:
        svilang.compile(text.format(natural, "impute seen"))
    assert "`observe seen ~ Categorical(one_hot(z))`" in (caught.value.diagnostics[0].help or "")
    advised = f"z ~ {chain.format('z')}  observe seen ~ Categorical(one_hot(z))  observe y ~ Normal(mu[z], 1)"
    mu, move = np.array([-0.5, 2.0]), np.array([[0.8, 0.2], [0.3, 0.7]])
    with jax.enable_x64(True):
        value = float(svilang.compile(text.format(advised, "")).bind().log_density({"mu": mu}))
    total = 0.0
    for path in np.ndindex(2, 2, 2, 2):
        if path[0] == 0 and path[2] == 1:
            steps = np.prod([move[i, j] for i, j in pairwise(path)])
            total += 0.5 * steps * stats.norm(mu[list(path)], 1).pdf([0.1, 2.2, 1.7, -1]).prod()
    assert value == pytest.approx(np.log(total) + stats.norm(0, 3).logpdf(mu).sum(), rel=1e-10)


def test_where_a_latent_variable_chooses_the_law_advises_what_a_cure_model_needs():
    """Some patients never fail (Boag 1949): both advised forms are the likelihood of the text book."""
    text = """
    data {{ time: positive[patient] = [0.5, 1.2, 4, 4]   event: binary[patient] = [1, 1, 0, 0] }}
    model {{
      p ~ Uniform(0, 1)   s ~ Exponential(1)
      plate patient {{ {} }}
    }}
    """
    end = "upper=time if event == 0 else inf"
    with pytest.raises(svilang.SvilangError) as caught:
        svilang.compile(text.format(f"z ~ Bernoulli(p)  observe time ~ Censored(Weibull(s, 2), {end}) where z == 0"))
    advice = caught.value.diagnostics[0].help or ""
    assert "`a if z == 0 else b`" in advice
    assert "`Mixture`" in advice
    time, event = np.array([0.5, 1.2, 4, 4]), np.array([1, 1, 0, 0])
    law = stats.weibull_min(2, scale=1.7)
    exact = -1.7 + np.log(np.where(event, 0.7 * law.pdf(time), 0.3 + 0.7 * law.sf(time))).sum()
    for advised in (
        f"z ~ Bernoulli(p)  observe time ~ Censored(Weibull(s if z == 0 else 1e15, 2), {end})",
        f"observe time ~ Censored(Mixture([1 - p, p], [Weibull(s, 2), Weibull(1e15, 2)]), {end})",
    ):
        with jax.enable_x64(True):
            value = float(svilang.compile(text.format(advised)).bind().log_density({"p": 0.3, "s": 1.7}))
        assert value == pytest.approx(exact, abs=1e-9)
