import pytest

from svilang.diagnostics import Source
from svilang.editor import hover
from svilang.editor.document import Document


@pytest.fixture
def text_at(marked):
    def find(text, instead_of=None):
        place = marked(text, instead_of)
        found = hover.meaning(place.document, place.offset)
        return "" if found is None else found.text

    return find


@pytest.fixture
def declared(marked):
    """The line on which the word at the mark is declared, from its name on."""

    def find(text, instead_of=None):
        place = marked(text, instead_of)
        found = hover.meaning(place.document, place.offset)
        if found is None or found.declared is None:
            return None
        return place.document.source.text[found.declared.start :].splitlines()[0]

    return find


def test_a_latent_has_its_kind_dimensions_distribution_support_and_family(text_at):
    text = text_at("Normal(the|ta, stderr)", "Normal(theta, stderr)")
    assert "theta: real[school]" in text
    assert "Latent variable. One for each `school`. Distribution `Normal`" in text
    assert "Support: `real`" in text
    assert "In the guide: `mean_field`, noncentred" in text
    assert "theta ~ Normal(mu, tau)" in text


@pytest.mark.parametrize(
    ("text", "instead_of", "expected"),
    [
        ("Normal(mu, t|au)", "Normal(mu, tau)", "tau: positive\n"),
        ("|stderr: positive", "stderr: positive", "stderr: positive[school]"),
        ("max(shr|unk", "max(shrunk", "Definition. One for each `school`"),
        ("report spr|ead", "report spread", "Reported quantity"),
        ("plate sch|ool", "plate school", "3 members, `A`, `B`, `C`. Data: `effect`, `stderr`"),
        ("over=|school", "over=school", "3 members"),
        ("real|[school]", "real[school]", "Kind: any finite number"),
        ("Half|Cauchy(5)", "HalfCauchy(5)", "HalfCauchy(scale=1)"),
        ("|max(shrunk", "max(shrunk", "max(x, over=d)"),
        ("Normal(lo|c=0, scale=5)", "Normal(0, 5)", "Argument `loc=0` of `Normal`: `real`, the centre"),
        ("|mean_field", "mean_field", "Independent Gaussians"),
        ("|rest ~", "rest ~", "not named yet"),
        ("|plate school", "plate school", "conditional independence"),
        ("st|eps", "steps", "Setting `steps`"),
    ],
)
def test_each_sort_of_word_is_explained(text_at, text, instead_of, expected):
    assert expected in text_at(text, instead_of)


def test_a_comment_a_text_and_blank_space_mean_nothing(text_at):
    assert text_at('"""Eig|ht', '"""Eight') == ""
    assert text_at("mu ~ Normal(0, 5) # a m|u", "mu ~ Normal(0, 5)") == ""
    assert text_at("model {\n  |  \n") == ""


def test_an_error_elsewhere_hides_nothing(text_at):
    assert "tau: positive" in text_at("Normal(mu, ta|u)\n    wrong = sgima", "Normal(mu, tau)")


def test_a_text_that_has_no_tree_is_explained_by_the_last_one_that_had(text_at, declared):
    broken = "mu ~ ~ Normal(0, 5)\n  x = t|au"
    assert "tau: positive" in text_at(broken, "mu ~ Normal(0, 5)")
    assert declared(broken, "mu ~ Normal(0, 5)") == "tau ~ HalfCauchy(5)"


def test_a_text_that_never_had_a_tree_still_shows_where_a_name_is_written(marked):
    place = marked("model {\n  mu ~ Normal(0, 5\n  y = m|u\n")
    assert hover.meaning(place.document, place.offset).declared.start == 10


@pytest.mark.parametrize(
    ("text", "instead_of", "line"),
    [
        ("Normal(m|u, tau)", "Normal(mu, tau)", "mu ~ Normal(0, 5)"),
        ("noncentered th|eta", "noncentered theta", "theta ~ Normal(mu, tau)"),
        ("plate sch|ool", "plate school", 'school = ["A", "B", "C"]'),
        ("observe eff|ect", "observe effect", "effect: real[school] = [28, 8, -3]"),
        ("Nor|mal(mu, tau)", "Normal(mu, tau)", None),
    ],
)
def test_a_use_leads_to_its_declaration(declared, text, instead_of, line):
    assert declared(text, instead_of) == line


def test_an_argument_of_a_function_is_its_own_and_not_a_latent_of_the_same_name(declared):
    functions = "model {\n  def f(mu) = 2 * |mu\n  mu ~ Normal(0, 1)\n  y = f(mu)\n}"
    assert declared(functions) == "mu) = 2 * mu"


def test_a_name_is_looked_up_in_its_own_guide_first(declared):
    guides = (
        "guide a {{ param m: real = 1\n mu ~ Normal({}m, 1) }} guide b {{ param m: real = 2\n mu ~ Normal({}m, 1) }}"
    )
    model = "model { mu ~ Normal(0, 1) }\n"
    assert declared(model + guides.format("|", "")) == "m: real = 1"
    assert declared(model + guides.format("", "|")) == "m: real = 2"


def test_the_page_about_an_error_stands_where_the_error_is(marked):
    place = marked("Normal(mu, |sgima)", "Normal(mu, tau)")
    assert "**E0201" in hover.problems(place.document, place.offset)
    assert hover.problems(place.document, 0) == ""


def test_a_fault_of_the_compiler_is_logged_and_not_a_fault_of_the_text(monkeypatch, caplog):
    from svilang import pipeline

    def broken(source):
        raise ZeroDivisionError

    monkeypatch.setattr(pipeline, "check", broken)
    assert Document(Source("a.svi", "model { mu ~ Normal(0, 1) }")).diagnostics == ()
    assert "could not be checked" in caplog.text
