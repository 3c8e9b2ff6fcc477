"""A fixed slice of the fuzz run, and the inputs that are hostile by their size."""

import random
import resource

import pytest
from broken_data import good_data
from fuzz import crash_of, run_datasets, run_programs, try_spec
from stopwatch import within

import svilang
from svilang.diagnostics import SvilangError

SEED = 20_000


def test_random_specs_are_checked_or_diagnosed():
    figures = run_programs(600, SEED)
    assert not figures.crashes, figures
    assert figures.good > 10
    assert len(figures.stages) >= 5


def test_random_data_are_bound_or_diagnosed():
    figures = run_datasets(199, SEED, first=1)
    assert not figures.crashes, figures
    assert figures.good > 20
    assert len(figures.codes) > 5


def test_a_crash_is_counted_as_one():
    assert crash_of(lambda: 1 / 0) == "ZeroDivisionError"
    assert crash_of(lambda: try_spec("model { x ~ Normal(0, 1) }")) is None


HOSTILE_SPECS = {
    "round brackets": ("(" * 10**5, "E0111"),
    "square brackets": ("model { x = " + "[" * 10**5, "E0131"),
    "ten thousand nested plates": ("model {" + " plate a {" * 10**4 + "}" * 10**4 + "}", "E0120"),
    "ten thousand statements": ("model {" + "x ~ Normal(0, 1)\n" * 10**4 + "}", "E0202"),
}

HOSTILE_SIZES = {
    "a vast latent": ("data { dim k = 1000000000 } model { x: real[k] ~ Normal(0, 1) }", {}, "E0523"),
    "a vast constant": ("data { dim k = 1000000000 } model { x ~ Normal(sum(ones(k)), 1) }", {}, "E0523"),
    "a size from data": ("data { n: count   dim k = n } model { x: real[k] ~ Normal(0, 1) }", {"n": 10**30}, "E0523"),
    "many dimensions": (
        f"data {{ {' '.join(f'dim d{i} = 1' for i in range(70))} }} "
        f"model {{ plate {', '.join(f'd{i}' for i in range(70))} {{ x ~ Normal(0, 1) }} }}",
        {},
        "E0523",
    ),
    "a vast binomial": (
        "data { y: real   m: count } model { n ~ Binomial(m, 0.5)   observe y ~ Normal(n, 1) }",
        {"y": 1, "m": 10**9},
        "E0625",
    ),
    "fifty binaries in one term": (
        f"data {{ y: real }} model {{ {' '.join(f'n{i} ~ Bernoulli(0.5)' for i in range(50))} "
        f"observe y ~ Normal({' + '.join(f'n{i}' for i in range(50))}, 1) }}",
        {"y": 1},
        "E0625",
    ),
}


@pytest.mark.parametrize("name", HOSTILE_SPECS)
def test_a_hostile_spec_gets_an_answer_in_seconds(name):
    text, code = HOSTILE_SPECS[name]
    with within(10), pytest.raises(SvilangError) as caught:
        svilang.compile(text)
    assert caught.value.diagnostics[0].code == code


@pytest.mark.parametrize("name", HOSTILE_SIZES)
def test_a_hostile_size_is_refused_before_anything_is_made(name):
    text, data, code = HOSTILE_SIZES[name]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SvilangError) as caught:
        _ = svilang.compile(text).bind(data).log_density
    assert caught.value.diagnostics[0].code == code
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10**6


def test_a_single_number_from_a_frame_of_one_row_is_a_size():
    text = "data { n: count   dim k = n } model { x: real[k] ~ Normal(0, 1) }"
    assert svilang.compile(text).bind({"n": [3]}).dims == {"k": 3}


def test_good_data_are_good():
    program = svilang.compile("data { y: positive[obs]   g: group[obs] } model { m ~ Normal(0, 1) }")
    assert program.bind(good_data(program.checked.model, random.Random(1))).dims["obs"] > 0
