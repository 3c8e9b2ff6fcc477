"""Long specs are checked in seconds: nothing in the compiler grows with the square of their length."""

import time

import pytest
from corpus import reported

MANY = 5_000
SECONDS = 20
"""Of processor time; about fifty times what is needed, and a tenth of what a quadratic stage takes."""


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
    "a chain of aliases": lines(
        "data { dim d0 = 2",
        *(f"dim d{i} = d{i - 1}" for i in range(1, 1000)),
        "}",
        "model { plate d999 { x ~ Normal(0, 1) } }",
    ),
}


@pytest.mark.parametrize("name", SPECS)
def test_a_long_spec_is_checked_in_seconds(name):
    start = time.process_time()
    assert reported(SPECS[name]) == []
    assert time.process_time() - start < SECONDS


def test_a_cycle_of_thousands_is_one_mistake():
    text = lines("model {", *(f"x{i} = x{(i + 1) % MANY} + 1" for i in range(MANY)), "}")
    [(_, code, message)] = reported(text)
    assert code == "E0212"
    assert len(message) < 200


def test_thousands_of_unknown_names_are_all_reported():
    text = lines("model {", *(f"x{i} ~ Normal(q{i}, 1)" for i in range(1000)), "}")
    assert [code for _, code, _ in reported(text)] == ["E0201"] * 1000
