import pytest

from svilang import pipeline
from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS
from svilang.diagnostics import Source, SvilangError
from svilang.editor import complete
from svilang.runtime.guides import FAMILIES
from svilang.sema.settings import NAMES
from svilang.syntax.grammar import STATEMENTS
from svilang.types import KINDS


@pytest.fixture
def labels(marked):
    def find(text, instead_of=None):
        place = marked(text, instead_of)
        return [item.label for item in complete.complete(place.document, place.offset)]

    return find


def test_every_distribution_and_combinator_is_offered_behind_a_tilde(labels):
    offered = set(labels("mu ~ |", "mu ~ Normal(0, 5)"))
    assert offered == {*DISTRIBUTIONS, *COMBINATORS} - {"then"}
    assert set(labels("mu ~ No|", "mu ~ Normal(0, 5)")) == offered


def test_a_guide_offers_its_families_first(labels):
    assert labels("rest ~ |", "rest ~ mean_field")[: len(FAMILIES)] == list(FAMILIES)
    assert labels("model { mu ~ Normal(0, 1) } guide = |") == list(FAMILIES)


def test_kinds_and_dimensions_are_offered_behind_a_colon(labels):
    assert set(labels("effect: |", "effect: real[school] = [28, 8, -3]")) == {*KINDS, "school"}


@pytest.mark.parametrize(
    ("text", "instead_of"),
    [
        ("effect: real[|]", "effect: real[school]"),
        ("effect: interval(0, 1)?[|]", "effect: real[school]"),
        ("plate |", "plate school"),
        ("over=|)", "over=school)"),
        ("minibatch[|] = 3", "steps = 10_000"),
    ],
)
def test_only_dimensions_are_offered_where_only_they_fit(labels, text, instead_of):
    assert labels(text, instead_of) == ["school"]


def test_a_call_offers_the_arguments_that_are_not_yet_given_then_names_and_functions(labels):
    offered = labels("Normal(loc=mu, |)", "Normal(mu, tau)")
    assert offered[0] == "scale"
    assert "loc" not in offered
    assert {"mu", "tau", "effect", "exp", "pi"} <= set(offered)
    assert "rest" not in offered


def test_a_model_does_not_see_the_names_of_a_guide(labels):
    text = "model {{ a ~ Normal({}, 1) }} guide {{ param inner: real = 0\n a ~ Normal({}, 1) }}"
    assert "inner" not in labels(text.format("|", "0"))
    assert "inner" in labels(text.format("0", "|"))


def test_names_that_no_tree_has_yet_are_offered_too(labels):
    assert {"a", "b"} <= set(labels("data { a: real[n]\n} model {\n  b ~ Normal(0, 1)\n  c ~ Normal(|\n"))


def test_a_setting_offers_what_it_takes(labels):
    assert labels("|", "steps = 10_000") == list(NAMES)
    assert {"adam", "chain"} <= set(labels("optimizer = |", "steps = 10_000"))
    assert {"learning_rate", "cosine"} <= set(labels("optimizer = adam(|)", "steps = 10_000"))
    assert labels("precision = |", "steps = 10_000") == ["float32", "float64"]
    assert "iwae" in labels("objective = |", "steps = 10_000")


def test_latents_are_offered_to_noncentered(labels):
    assert labels("noncentered |", "noncentered theta") == ["mu", "tau", "theta"]


def test_nothing_is_offered_in_comments_texts_and_numbers(labels):
    assert labels("mu ~ Normal(0, 5) # |", "mu ~ Normal(0, 5)") == []
    assert labels('["A|"', '["A"') == []
    assert labels("Normal(0, 1|)", "Normal(0, 5)") == []


def test_outside_all_blocks_only_blocks_begin(labels):
    assert labels("|") == ["data", "model", "guide", "fit"]


EXAMPLES = {
    "observe": "observe y ~ Normal(0, 1)",
    "report": "report z = 1",
    "factor": "factor 0",
    "impute": "impute y",
    "aux": "aux u ~ Normal(0, 1)",
    "noncentered": "noncentered x",
    "centered": "centered x",
    "score": "score x",
    "plate": "plate n { }",
    "markov": "markov n { }",
    "param": "param p: real = 0",
    "net": "net f(a: real) -> real = mlp(3)",
    "extern": 'extern f(a: real) -> real from "m:f"',
    "def": "def f(a) = a",
    "dim": "dim k = 2",
}


@pytest.mark.parametrize("word", STATEMENTS)
@pytest.mark.parametrize("block", ["model", "guide"])
def test_a_statement_is_offered_in_a_block_unless_the_check_says_that_it_belongs_elsewhere(word, block):
    body = {"model": "", "guide": "", block: EXAMPLES[word]}
    text = f"data {{ y: real?[n] }} model {{ x ~ Normal(0, 1)\n{body['model']} }} guide {{ {body['guide']} }}"
    try:
        pipeline.check(Source("a.svi", text))
        messages = []
    except SvilangError as error:
        messages = [diagnostic.message for diagnostic in error.diagnostics]
    elsewhere = any("belongs" in message or "outside `data`" in message for message in messages)
    assert complete.belongs(word, block) != elsewhere, messages


def test_no_place_of_a_text_cut_off_anywhere_is_too_much(schools, marked):
    from svilang.editor import hover

    for end in range(0, len(schools), 7):
        place = marked(f"{schools[:end]}|")
        complete.complete(place.document, place.offset)
        hover.meaning(place.document, place.offset)
