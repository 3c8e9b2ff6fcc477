"""What is wrong with a text, and where."""

import random
import re
from pathlib import Path

import pytest
from stopwatch import within

from svilang.diagnostics import Source, Span, SvilangError, render
from svilang.syntax import parse
from svilang.syntax.messages import PAGES

ROOT = Path(__file__).parents[2]


def errors(text: str) -> list[tuple[int, int, str, str, str]]:
    """Line, column, the text that is marked, code and message of each diagnostic."""
    source = Source("test.svi", text)
    with pytest.raises(SvilangError) as caught:
        parse(source)
    return [
        (*source.position(d.span.start), text[d.span.start : d.span.end], d.code, d.message)
        for d in caught.value.diagnostics
    ]


def in_model(line: str) -> str:
    return f"model {{\n  a ~ Normal(0, 1)\n  {line}\n  z ~ Normal(0, 1)\n}}\nfit {{ steps = 3 }}"


def in_data(line: str) -> str:
    return f"data {{\n  a: real\n  {line}\n  z: real[obs]\n}}\nmodel {{ b ~ Normal(0, 1) }}"


def in_fit(line: str) -> str:
    return f"model {{ b ~ Normal(0, 1) }}\nfit {{\n  {line}\n  seed = 3\n}}"


# the wrong line, the column of the mark, what is marked, the code, and words of the message
IN_MODEL = [
    ("x =", 6, "", "E0114", "an expression is missing after `=`"),
    ("x = a +", 10, "", "E0114", "an expression is missing after `+`"),
    ("x = a + * b", 10, "", "E0114", "an expression is missing after `+`"),
    ("x = f(a,, b)", 11, "", "E0114", "an expression is missing after `,`"),
    ("x = []", 8, "", "E0114", "an expression is missing after `[`"),
    ("x = not", 10, "", "E0114", "an expression is missing after `not`"),
    ("x ~", 6, "", "E0117", "the distribution is missing after `~`"),
    ("x ~ 3", 7, "3", "E0117", "after `~` stands a distribution, such as `Normal(0, 1)`, and not `3`"),
    ("x ~ Normal(0, 1) + 3", 20, "+", "E0117", "a distribution cannot be followed by `+`"),
    ("x ~ Normal(0, 1) then", 24, "", "E0117", "the distribution is missing after `then`"),
    ("x = f(a b)", 10, "", "E0107", "a comma is missing after `a`"),
    ("x = [1 2, 3]", 9, "", "E0107", "a comma is missing after `1`"),
    ("def f(x y) = x", 10, "", "E0107", "a comma is missing after `x`"),
    ("x = f(a, b", 13, "", "E0108", "`(` is not closed: `)` is missing"),
    ("x = [1, 2", 12, "", "E0108", "`[` is not closed: `]` is missing"),
    ("x ~ Normal(0,", 16, "", "E0108", "`(` is not closed"),
    ("centered(learned theta", 19, "", "E0108", "`(` is not closed"),
    ("x = f(a, b]", 13, "]", "E0110", "`(` is closed by `]`"),
    ("x = f(a, b))", 14, ")", "E0110", "this `)` closes nothing"),
    ("observe y = Normal(0, 1)", 13, "=", "E0112", "written `observe … ~ D(…)`, with `~` and not `=`"),
    ("x == 3", 5, "==", "E0112", "a definition is written `=`: `x = …`"),
    ("x <- 3", 5, "<", "E0112", "`<-` is written `=` here: `x = …`"),
    ("x := 3", 5, ":=", "E0112", "`:=` is written `=` here"),
    ("x = y = 3", 9, "=", "E0112", "one `=` defines one name"),
    ("x = f(rate: 3)", 13, ":", "E0112", "an argument is given by `=`: `rate = …`"),
    ("observe y ~ Normal(0, 1) where z = 3", 36, "=", "E0112", "a comparison is written `==`"),
    ("param a: real ~ Normal(0, 1)", 17, "~", "E0112", "a parameter has no distribution"),
    ("x: real = 3", 11, "=", "E0112", "a definition has no type"),
    ("x = a < b < c", 13, "<", "E0113", "comparisons do not chain: write `a < b and b < c`"),
    ("plate { x ~ Normal(0, 1) }", 8, "", "E0115", "a name is missing after `plate`"),
    ("plate school x ~ Normal(0, 1) }", 15, "", "E0115", "`{` is missing after `school`"),
    ("plate school, { x ~ Normal(0, 1) }", 16, "", "E0115", "a name is missing after `,`"),
    ("x = a if c", 13, "", "E0115", "`else` is missing"),
    ("observe y", 12, "", "E0115", "`~` is missing after `y`"),
    ("x Normal(0, 1)", 4, "", "E0115", "`~` or `=` is missing after `x`"),
    ("def f(x) x + 1", 11, "", "E0115", "`=` is missing after `)`"),
    ("impute", 9, "", "E0115", "a name is missing after `impute`"),
    ("param a = 3", 10, "", "E0116", "the type is missing after `a`"),
    ("net f(x) -> real = mlp(3)", 10, "", "E0116", "the type is missing after `x`"),
    ("net f(x: real) = mlp(3)", 17, "", "E0116", "the type of the result is missing"),
    ("(x) ~ Normal(0, 1)", 3, "(", "E0118", "a statement cannot begin with `(`"),
    ("+ 3", 3, "+", "E0118", "a statement cannot begin with `+`"),
    ("for i in items { a ~ Normal(0, 1) }", 3, "for", "E0119", "there is no loop `for`"),
    ("while (x) { y = 3 }", 3, "while", "E0119", "there is no loop `while`"),
    ("if x { y = 3 }", 3, "if", "E0119", "there is no statement `if`"),
    ("target += normal_lpdf(x, y)", 3, "target", "E0119", "a log-density term is added by `factor …`"),
    ("vector[3] x;", 3, "vector", "E0119", "the type stands after the name"),
    ("x += 1", 5, "+", "E0119", "`x` is defined once"),
    ("x = 1 2", 8, "", "E0123", "an operator is missing between `1` and `2`"),
    ("x = a ? b : c", 9, "?", "E0123", "`?` cannot stand here after `a`"),
    ("x: real[3] ~ Normal(0, 1)", 11, "3", "E0124", "a dimension is a name, and not `3`"),
    ('"""words"""', 3, '"""words"""', "E0125", "a docstring stands at the top of the file"),
    ("x = a where m", 9, "where", "E0126", "`where` follows the distribution of an `observe`"),
    ("x", 4, "", "E0127", "`x` stands alone"),
    ("f(x)", 3, "f", "E0127", "the value of `f(…)` is used nowhere"),
    ("x = (a)(b)", 10, "(", "E0128", "`)` cannot be called"),
    ("theta[1] ~ Normal(0, 1)", 8, "[", "E0129", "`theta` is given whole"),
    ("extern f(x: real) -> real from os.getcwd", 34, "os.getcwd", "E0130", 'quotation marks: `"os.getcwd"`'),
    ("x = a ** 2", 9, "**", "E0102", "`**` is written `^` here"),
    ("x = a && b", 9, "&&", "E0102", "`&&` is written `and` here"),
    ("x = !a", 7, "!", "E0102", "`!` is written `not` here"),
    ("x = 3;", 8, ";", "E0102", "a statement needs no `;`"),
    ("x = 1 // half", 9, "//", "E0102", "a comment begins with `#`"),
    ("x = 'abc'", 7, "'abc'", "E0102", 'straight double quotation marks: `"abc"`'),
    ("x = 3 − 2", 9, "−", "E0102", "`−` is written `-` here"),
    ("x = a $ b", 9, "$", "E0101", "the character `$` has no meaning in a spec"),
    ('x = "abc', 7, '"', "E0103", "this text has no closing quotation mark"),
    ("x = 3x", 7, "3x", "E0105", "the number `3` runs into `x`"),
    ("x = 1e999", 7, "1e999", "E0105", "`1e999` is too large for a number"),
    ("over = 3", 3, "over", "E0106", "`over` is a reserved word and cannot be a name"),
    ("x = guide * 3", 7, "guide", "E0106", "`guide` is a reserved word"),
    ("x ~ Normal(over, 1)", 14, "over", "E0106", "`over` is a reserved word"),
    ("plate over { x ~ Normal(0, 1) }", 9, "over", "E0106", "`over` is a reserved word"),
]
IN_DATA = [
    ("y ~ Normal(0, 1)", 5, "~", "E0122", "data are declared by their type, `y: real[…]`"),
    ("observe y ~ Normal(0, 1)", 3, "observe", "E0122", "`observe` belongs in the model"),
    ("y = [1, 2]", 4, "", "E0116", "the type of `y` is missing: `y: real[…]`"),
    ("y", 4, "", "E0116", "the type of `y` is missing"),
    ("y:", 5, "", "E0116", "the type is missing after `:`"),
    ("y: real[3]", 11, "3", "E0124", "a dimension is a name, and not `3`"),
    ("y: real[a b]", 12, "", "E0107", "a comma is missing after `a`"),
    ("y: real[obs", 14, "", "E0108", "`[` is not closed"),
    ("y: real from col", 16, "col", "E0130", 'quotation marks: `"col"`'),
    ("over: real[obs]", 3, "over", "E0106", "`over` is a reserved word"),
    ("int<lower=0> N;", 3, "int", "E0119", "the type stands after the name"),
]
IN_FIT = [
    ("steps: 10", 8, ":", "E0112", "a setting is given by `=`: `steps = …`"),
    ("steps == 10", 9, "==", "E0112", "a setting is given by `=`"),
    ("steps", 8, "", "E0115", "the value of `steps` is missing"),
    ("minibatch[obs] 4", 17, "", "E0115", "`=` is missing after `]`"),
    ("observe x ~ Normal(0, 1)", 3, "observe", "E0122", "`observe` does not belong in `fit`"),
    ("optimizer =", 14, "", "E0114", "an expression is missing after `=`"),
]


@pytest.mark.parametrize(
    ("text", "column", "marked", "code", "words"),
    [
        (wrap(line), *rest)
        for wrap, rows in ((in_model, IN_MODEL), (in_data, IN_DATA), (in_fit, IN_FIT))
        for line, *rest in rows
    ],
)
def test_one_wrong_line_gives_one_message_at_its_place(text, column, marked, code, words):
    found = errors(text)
    if "plate school x" in text:
        found = found[:1]
    ((line, at, shown, its_code, message),) = found
    assert (line, at, shown, its_code) == (3, column, marked, code)
    assert words in message


FILES = [
    ("", 1, "E0121", "the file holds no block"),
    ("# nothing\n", 1, "E0121", "the file holds no block"),
    ("mu ~ Normal(0, 1)\ntau ~ Normal(0, 1)", 1, "E0111", "`mu` stands outside of the blocks"),
    ("modle { x ~ Normal(0, 1) }", 1, "E0111", "there is no block `modle`"),
    ("parameters { real mu; }\nmodel { mu ~ Normal(0, 1) }", 1, "E0111", "there is no block `parameters`"),
    ("model {\n  x ~ Normal(0, 1)\n", 2, "E0109", "the `{` of `model` is not closed: `}` is missing"),
    ("model {\n  plate a {\n    x ~ D\n  \nguide = laplace", 3, "E0109", "`plate` is not closed before `guide`"),
    ("model { x ~ D } }\nfit {}", 1, "E0110", "this `}` closes nothing"),
    ("model {\n x ~ D }\n y ~ D\n z ~ D\n}\nfit {}", 3, "E0111", "`y` stands outside of the blocks"),
    ("model named { x ~ D }", 1, "E0123", "`model` takes no name"),
    ("model\nfit {}", 1, "E0115", "`{` is missing after `model`"),
    ("guide =\nmodel { x ~ D }", 1, "E0115", "a name is missing after `=`"),
    ("data radon.csv { x: real }", 1, "E0130", '`"radon.csv"`'),
    ('"""open\nmodel { x ~ D }', 1, "E0104", "the docstring has no closing"),
    ('model { x ~ D }\n"""late"""', 2, "E0125", "a docstring stands at the top"),
    ("model { x = \n}\nfit { steps = 3 }", 1, "E0114", "an expression is missing after `=`"),
    ("model {\n x = \nfit { steps = 3 }", 2, "E0114", "an expression is missing after `=`"),
]


@pytest.mark.parametrize(("text", "line", "code", "words"), FILES)
def test_a_wrong_file_gives_one_message(text, line, code, words):
    ((its_line, _, _, its_code, message),) = errors(text)
    assert (its_line, its_code) == (line, code)
    assert words in message


def test_all_errors_of_a_file_come_in_source_order():
    text = """data {
  y = [1, 2]
  guide: real[obs]
}
model {
  mu ~ Normal(0 1)
  plate obs {
    x == 3
    observe y = Normal(mu, 1)
    ok ~ Normal(0, 1)
    c = a $ b
  }
  tau ~ HalfNormal(1
  fine ~ Normal(0, 1)
}
fit {
  steps: 10
  seed = 1 +
}
"""
    found = errors(text)
    assert [(line, code) for line, _, _, code, _ in found] == [
        (2, "E0116"),
        (3, "E0106"),
        (6, "E0107"),
        (8, "E0112"),
        (9, "E0112"),
        (11, "E0101"),
        (13, "E0108"),
        (17, "E0112"),
        (18, "E0114"),
    ]


def test_a_missing_bracket_is_reported_after_what_was_read_with_a_note_at_the_opening_one():
    text = "model {\n  x ~ Normal(0, 1   # one\n\n\n  y ~ Normal(0, 1)\n}"
    with pytest.raises(SvilangError) as caught:
        parse(Source("test.svi", text))
    (found,) = caught.value.diagnostics
    assert text[: found.span.start].endswith("Normal(0, 1")
    assert text[found.notes[0].span.start] == "("


def test_a_keyword_as_a_name_points_to_the_column():
    with pytest.raises(SvilangError) as caught:
        parse(Source("test.svi", in_data("over: real")))
    assert 'from "over"' in (caught.value.diagnostics[0].help or "")


def test_a_message_shows_the_line_with_a_caret():
    source = Source("a.svi", in_model("observe y = Normal(0, 1)"))
    with pytest.raises(SvilangError) as caught:
        parse(source)
    lines = render(caught.value.diagnostics[0], source).splitlines()
    assert lines[1].endswith("a.svi:3:13")
    assert lines[3].index("^") == lines[2].index("= Normal")


@pytest.mark.parametrize("code", PAGES)
def test_every_code_has_a_page_whose_examples_are_wrong_and_right(code):
    page = PAGES[code]
    assert [found[3] for found in errors(page.wrong)] == [code]
    parse(Source("right.svi", page.right))
    assert page.title == page.title.strip(".")
    assert page.explanation.endswith(".")


def test_the_pages_and_the_messages_have_the_same_codes():
    sources = (ROOT / "svilang" / "syntax").rglob("*.py")
    used = {
        code for path in sources if path.name != "pages.py" for code in re.findall(r'"(E01\d\d)"', path.read_text())
    }
    assert used == set(PAGES)


def test_at_most_a_hundred_errors_are_told():
    assert len(errors("model {\n" + "x = = 1\n" * 500 + "}")) == 100


HOSTILE = {
    "round brackets": ("model { x = " + "(" * 50_000, "E0120"),
    "square brackets": ("model { x = " + "[" * 50_000, "E0120"),
    "calls": ("model { x = " + "f(" * 10_000 + ")" * 10_000 + " }", "E0120"),
    "plates": ("model {" + " plate a {" * 10_000, "E0120"),
    "signs": ("model { x = " + "-" * 10_000 + "1 }", "E0120"),
    "negations": ("model { x = " + "not " * 10_000 + "1 }", "E0120"),
    "powers": ("model { x = 1" + "^1" * 10_000 + " }", "E0120"),
    "choices": ("model { x = " + "1 if a else " * 10_000 + "1 }", "E0120"),
    "indexes": ("model { x = y" + "[0]" * 10_000 + " }", "E0120"),
    "dimensions": ("model { x = y" + " over k" * 10_000 + " }", "E0120"),
    "attributes": ("model { x = y" + ".z" * 10_000 + " }", "E0120"),
    "commas": ("model { x = f(" + "," * 30_000, "E0114"),
    "closing brackets": (")" * 30_000, "E0111"),
    "closing braces": ("}" * 30_000, "E0110"),
    "dollars": ("$ " * 30_000, "E0101"),
    "quotation marks": ('"' * 30_001, "E0103"),
    "lines": ("model { " + "= ~ 3\n" * 10_000, "E0118"),
    "digits": (f"model {{ x = {'9' * 10_000} }}", "E0105"),
    "zeros": ("\0" * 1_000, "E0101"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_gets_a_clean_error_soon(name):
    text, code = HOSTILE[name]
    with within(5):
        assert errors(text)[0][3] == code


def test_nesting_within_the_bound_is_fine():
    parse(Source("deep.svi", f"model {{ x = {'(' * 150}1{')' * 150} }}"))


@pytest.mark.parametrize("seed", range(30))
def test_a_spec_with_words_dropped_doubled_or_swapped_never_breaks_the_parser(spec, seed):
    dice = random.Random(f"{spec.name} {seed}")
    words = re.findall(r'#[^\n]*|"[^"\n]*"|\w+|\s+|.', spec.text)
    for _ in range(dice.randint(1, 4)):
        at, other = dice.randrange(len(words)), dice.randrange(len(words))
        match dice.randrange(3):
            case 0:
                del words[at]
            case 1:
                words.insert(at, words[at])
            case _:
                words[at], words[other] = words[other], words[at]
    text = "".join(words)
    with within(2):
        found = wrong_places(text)
    assert found == sorted(found)
    assert all(0 <= span.start <= span.end <= len(text) for span in found)


def wrong_places(text: str) -> list[Span]:
    """Where the diagnostics of a text point; none when it parses."""
    source = Source("fuzz.svi", text)
    try:
        parse(source)
    except SvilangError as error:
        return [d.span for d in error.diagnostics if render(d, source)] or [Span(-1, -1)]
    return []
