"""Long specs are checked in seconds: nothing in the compiler grows with the square of their length."""

import pytest
from corpus import reported
from stopwatch import within

from svilang import pipeline
from svilang.diagnostics import Source, SvilangError

MANY = 2_000
SECONDS = 10
"""Of processor time; about ten times what is needed, and less than what a quadratic stage takes."""


QUICK = {
    "calls of a function",
    "a chain of aliases",
    "free dimensions",
    "a megabyte of brackets",
    "nesting of 10,000 levels",
}
"""Checked by default; the others take minutes together."""


def named(table):
    return [pytest.param(name, marks=() if name in QUICK else pytest.mark.exhaustive) for name in table]


def lines(*parts):
    return "\n".join(parts)


SPECS = {
    "latents": lines("model {", *(f"x{i} ~ Normal(0, 1)" for i in range(MANY)), "}"),
    "a chain of latents, last first": lines(
        "model {", *(f"x{i} ~ Normal(x{i - 1}, 1)" for i in range(MANY, 0, -1)), "x0 ~ Normal(0, 1)", "}"
    ),
    "definitions that use the one before twice": lines(
        "model {", "x0 ~ Normal(0, 1)", *(f"x{i} = x{i - 1} + x{i - 1}" for i in range(1, MANY)), "}"
    ).replace("}", f"y ~ Normal(x{MANY - 1}, 1) }}"),
    "observations of one column": lines(
        "data { y: real[obs] }", "model {", "m ~ Normal(0, 1)", *["plate obs { observe y ~ Normal(m, 1) }"] * MANY, "}"
    ),
    "a sum of many terms": f"model {{ x ~ Normal(0, 1)   y ~ Normal({' + '.join(['x'] * MANY)}, 1) }}",
    "calls of a function": lines(
        "model {", "def f(x) = x + 1", *(f"x{i} ~ Normal(f({i}), 1)" for i in range(MANY)), "}"
    ),
    "definitions that go on from each other, each observed": lines(
        "data { y: real[obs] }",
        "model {",
        "x0 ~ HalfNormal(1)",
        *(f"x{i} = x{i - 1} + 1" for i in range(1, 2000)),
        *(f"plate obs {{ z{i} ~ Normal(0, x{i})   observe y ~ Normal(z{i}, 1) }}" for i in range(2000)),
        "}",
        "guide = full_rank",
    ),
    "chains that read each other": lines(
        "data { y: real[t] }",
        "model { markov t {",
        *(f"h{i} ~ Normal(0, 1) then Normal(prev(h{i - 1 if i else MANY - 1}), 1)" for i in range(MANY)),
        "observe y ~ Normal(h0, 1)",
        "} }",
    ),
    "a chain of definitions that the guide reads": lines(
        "model {",
        "x0 ~ Normal(0, 1)",
        *(f"x{i} = x{i - 1} + 1" for i in range(1, MANY)),
        f"y ~ Normal(x{MANY - 1}, 1)",
        "}",
        f"guide {{ y ~ Normal(x{MANY - 1}, 1)   rest ~ mean_field }}",
    ),
    "a chain of aliases": lines(
        "data { dim d0 = 2",
        *(f"dim d{i} = d{i - 1}" for i in range(1, 1000)),
        "}",
        "model { plate d999 { x ~ Normal(0, 1) } }",
    ),
}


@pytest.mark.parametrize("name", named(SPECS))
def test_a_long_spec_is_checked_in_seconds(name):
    with within(SECONDS):
        # Some observe one column thousands of times, and are told so.
        assert {code for _, code, _ in reported(SPECS[name])} <= {"W0614"}


@pytest.mark.exhaustive
def test_a_cycle_of_thousands_is_one_mistake():
    text = lines("model {", *(f"x{i} = x{(i + 1) % MANY} + 1" for i in range(MANY)), "}")
    [(_, code, message)] = reported(text)
    assert code == "E0212"
    assert len(message) < 200


def failed(text):
    with pytest.raises(SvilangError) as caught:
        pipeline.check(Source("spec.svi", text))
    return caught.value


MANY_MISTAKES = {
    "unknown names": (lines("model {", *(f"x{i} ~ Normal(q{i}, 1)" for i in range(MANY)), "}"), "E0201"),
    "unknown dimensions": (
        lines("model {", *(f"plate q{i} {{ x{i} ~ Beta(1, 1) }}" for i in range(MANY)), "}"),
        "E0203",
    ),
    "unknown functions": (lines("model {", *(f"x{i} = foo(x{i + 1})" for i in range(MANY)), "}"), "E0205"),
    "unknown latents": (
        lines("model { x ~ Beta(1, 1) }", "guide {", *(f"x{i} ~ delta" for i in range(MANY)), "}"),
        "E0602",
    ),
    "names defined twice": (lines("model {", *["x ~ Normal(0, 1)"] * MANY, "}"), "E0202"),
    "free dimensions": (
        lines("data { y: real[d] }", "model {", *(f"x{i} ~ Normal(y, 1)" for i in range(MANY)), "}"),
        "E0301",
    ),
}


@pytest.mark.parametrize("name", named(MANY_MISTAKES))
def test_of_thousands_of_mistakes_the_first_hundred_are_shown_and_the_others_counted(name):
    text, code = MANY_MISTAKES[name]
    with within(SECONDS):
        error = failed(text)
    assert {d.code for d in error.diagnostics} <= {code, "E0201"}
    assert len(error.diagnostics) == 100
    assert error.diagnostics[0].span.start < 60
    count = int(error.rest.split()[1].replace(",", ""))
    assert count >= MANY - 101
    assert str(error).endswith(error.rest)


@pytest.mark.exhaustive
def test_after_a_hundred_mistakes_of_syntax_the_rest_is_not_read():
    error = failed(lines("model {", *["x ~ ~ Normal(0, 1)"] * 1000, "}"))
    assert len(error.diagnostics) == 100
    assert error.rest == "the text from line 102 on was not read after so many errors"


HUGE = {
    "a megabyte of brackets": "model { x = " + "(" * 500_000 + "1" + ")" * 500_000 + " }",
    "100,000 statements": lines("model {", *(f"x{i} ~ Normal(0, 1)" for i in range(100_000)), "}"),
    "a list of a million numbers": "data { y: real[obs] = [" + "1," * 1_000_000 + "1] }\nmodel { x ~ Normal(0, 1) }",
    "nesting of 10,000 levels": "model {" + "plate a {" * 10_000 + "}" * 10_000 + "}",
    "a chain of 5,000 functions": lines(
        "model {", "def f0(x) = x", *(f"def f{i}(x) = f{i - 1}(x)" for i in range(1, 5000)), "y = f4999(1)", "}"
    ),
}


@pytest.mark.parametrize("name", named(HUGE))
def test_what_is_too_long_is_refused_in_seconds(name):
    with within(SECONDS):
        error = failed(HUGE[name])
    [diagnostic] = error.diagnostics
    assert diagnostic.code in ("E0120", "E0131", "E0233")


def test_a_dimension_of_a_thousand_million_is_no_work_to_check():
    assert reported("data { dim d = 1000000000 }\nmodel { plate d { x ~ Normal(0, 1) } }") == []
