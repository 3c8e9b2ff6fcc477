"""A run that meets a density that is not finite names the term and the entries of the data, and what they are."""

import numpy as np
import optax
import pytest
from scipy import stats

import svilang
from svilang.diagnostics import NumericalError
from svilang.infer import SVI

PLATE = "data {{ y: {kind}[row] {more} }} model {{ a ~ Uniform(1, 2) plate row {{ observe y ~ {law} {rest} }} }}"
STATES = 'data { dim state = 2 dim to = state dim sign = ["a", "b", "c"] y: sign[t] } model { '


def told(spec, data=None):
    """Code, message, the text under the caret and the fix of what a fit says."""
    with pytest.raises(NumericalError) as caught:
        svilang.compile(spec).bind(data).fit(progress="none")
    (found,) = caught.value.diagnostics
    return found.code, found.message, spec[found.span.start : found.span.end], found.help


@pytest.mark.parametrize(
    ("law", "kind", "y", "density"),
    [
        ("LogNormal(0, a)", "nonnegative", [1, 2, 0], stats.lognorm(1.5).logpdf),
        ("Beta(1 + a, 1 + a)", "interval(0, 1)", [0.2, 1, 0.5], stats.beta(2.5, 2.5).logpdf),
        ("Uniform(0, 5)", "real", [1, 2, 7], stats.uniform(0, 5).logpdf),
        ("Truncated(Normal(a, 1), lower=0)", "real", [1, -2, 7], stats.truncnorm(-1.5, np.inf, 1.5).logpdf),
        ("Pareto(0.5, a)", "positive", [1, 2, 0.25], stats.pareto(1.5, scale=0.5).logpdf),
        ("Binomial(3, a - 1)", "count", [1, 4, 2], stats.binom(3, 0.5).logpmf),
        ("Mixture([0.5, 0.5], [Uniform(0, 2), Uniform(1, 3)])", "real", [4, 1, 2], stats.uniform(0, 3).logpdf),
    ],
)
def test_an_observation_without_density_is_named_with_its_row_and_value(law, kind, y, density):
    (row,) = np.flatnonzero(np.isneginf(density(np.array(y))))
    code, message, under, fix = told(PLATE.format(kind=kind, more="", law=law, rest=""), {"y": y})
    assert code == "E0701"
    assert message.endswith(f": `y` is -inf in row {row + 1}, where `y` is {y[row]}")
    assert under == f"observe y ~ {law}"
    assert fix.startswith(f"`{law.split('(')[0]}` has no density there")


def test_what_else_a_term_reads_is_told():
    spec = PLATE.format(kind="count", more="n: count[row]", law="Binomial(n, a - 1)", rest="")
    _, message, _, _ = told(spec, {"y": [1, 6], "n": [2, 5]})
    assert message.endswith("in row 2, where `y` is 6 and `n` is 5")


def test_many_rows_are_counted_and_left_out_ones_are_none():
    spec = PLATE.format(kind="real", more="keep: binary[row]", law="Uniform(0, a)", rest="where keep == 1")
    data = {"y": [9.0, 9, 1, 9, 9], "keep": [0, 1, 1, 1, 1]}
    _, message, _, fix = told(spec, data)
    assert message.endswith("`y` is -inf in 3 of 5 entries, first in row 2, where `y` is 9")
    assert "`Uniform` ends where its arguments say" in fix


def test_members_are_named_by_their_labels():
    spec = (
        'data { dim who = ["ann", "bob"] y: real[who, item] } '
        "model { s ~ HalfNormal(1) plate who, item { observe y ~ Truncated(Normal(0, s), lower=0) } }"
    )
    assert told(spec, {"y": [[1, 2], [-3, 4]]})[1].endswith('at who "bob" and item 1, where `y` is -3')


@pytest.mark.parametrize(
    "model",
    [
        "p ~ Dirichlet(ones(state)) e = [[0.5, 0.5, 0], [0.2, 0.8, 0]] over state over sign "
        "plate t { z ~ Categorical(p) observe y ~ Categorical(e[z]) } }",
        "p ~ Dirichlet(ones(state)) plate state { r ~ Dirichlet(ones(to)) } "
        "e = [[0.5, 0.5, 0], [0.2, 0.8, 0]] over state over sign "
        "markov t { z ~ Categorical(p) then Categorical(r[prev(z)]) observe y ~ Categorical(e[z]) } }",
    ],
    ids=["mixture", "chain"],
)
def test_what_no_hidden_state_allows_is_named(model):
    code, message, under, _ = told(STATES + model, {"y": ["a", "b", "c", "a"]})
    assert (code, under) == ("E0701", "observe y ~ Categorical(e[z])")
    assert message.endswith('`y` is -inf in row 3, where `y` is "c"')


def test_a_factor_is_named_with_its_row():
    spec = "data { x: real[row] } model { a ~ Normal(0, 1) plate row { factor log(x) * a } }"
    _, message, under, fix = told(spec, {"x": [1, 2, -3, 4]})
    assert message.endswith("`factor` is nan in row 3, where `x` is -3")
    assert under == "factor log(x) * a"
    assert "logarithm" in fix


def test_a_slope_is_named_with_its_row():
    spec = PLATE.format(kind="real", more="x: real[row]", law="Normal(sqrt((a - a) * x), 1)", rest="")
    code, message, _, fix = told(spec, {"y": [1, 2, 3], "x": [0, 0, 0]})
    assert code == "E0703"
    assert message.endswith("starting point: `y` in 3 of 3 entries, first in row 1, where `y` is 1 and `x` is 0")
    assert "square root" in fix


def test_a_step_that_fails_names_the_row_and_keeps_its_advice():
    spec = "data { y: real[row] } model { t ~ HalfNormal(1) plate row { observe y ~ Uniform(0, t) } }"
    code, message, _, fix = told(spec, {"y": [0.1, 3, 0.2]})
    assert code == "E0702"
    assert message.endswith("`y` is -inf in row 2, where `y` is 3")
    assert "`guide = delta`" in fix


def test_steps_that_the_caller_takes_name_it_too():
    spec = PLATE.format(kind="real", more="", law="Uniform(0, 5)", rest="")
    svi = SVI(svilang.compile(spec).bind({"y": [1, 7]}), optax.sgd(0.1))
    with pytest.raises(NumericalError, match=r"`y` is -inf in row 2, where `y` is 7[\s\S]*observe y"):
        svi.run(0, 3)


@pytest.mark.parametrize(
    ("kind", "rest", "data", "why"),
    [
        ("real", "where keep == 1", {"y": [1, 2], "keep": [0, 0]}, "by `where`"),
        ("real", "weight keep", {"y": [1, 2], "keep": [0, 0]}, "by `weight`"),
        ("real?", "where keep == 1", {"y": [None, 2], "keep": [1, 0]}, "by `where` and missing entries of `y`"),
        ("real?", "", {"y": [None, None], "keep": [1, 0]}, "by missing entries of `y`"),
        ("real?", "where keep == 1", {"y": [None, 2], "keep": [0, 1]}, None),
        ("real", "weight keep", {"y": [1, 2], "keep": [0, 1]}, None),
    ],
)
def test_an_observation_of_which_nothing_counts_is_told_of(kind, rest, data, why):
    spec = PLATE.format(kind=kind, more="keep: nonnegative[row]", law="Normal(a, 1)", rest=rest)
    found = [one.message for one in svilang.compile(spec).bind(data).warnings if one.code == "W0503"]
    assert found == ([] if why is None else [f"no entry of `y` counts, {why}: the observation says nothing"])
