"""The reference interpreter itself, against numbers worked out by hand."""

import math

import numpy as np
import pytest
from reference import World, evaluate, log_density

from svilang.ir.read import read

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
HEAD = """\
model "m"
dim a
dim b
data x : real[a, b] optional
data i : count[b] of a
%0 : real = const 1.0
%1 : real[a, b] = input x
%2 : count[b] of a = input i
%3 : real[a] = latent t
"""
WORLD = World(
    sizes={"a": 2, "b": 3},
    data={"x": np.array([[1.0, 2.0, np.nan], [4.0, 5.0, 6.0]]), "i": np.array([1.0, 0.0, 1.0])},
    latents={"t": np.array([10.0, 20.0])},
)


def value(line: str) -> np.ndarray:
    return evaluate(read(f"{HEAD}{line}\n"), WORLD)[4].values


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%4 : real[b, a] = + %1 %3", [[11, 24], [12, 25], [np.nan, 26]]),
        ("%4 : real[b] = sum %1 over a", [5, 7, np.nan]),
        ("%4 : real[b] = gather %3 %2 over a", [20, 10, 20]),
        ("%4 : real[b] = gather %1 %2 over a", [4, 2, 6]),
        ("%4 : real[b] = contract %3 %1 over a, a", [90, 120, np.nan]),
        ("%4 : real[a] = lag %3 %0 by 1 along a", [1, 10]),
        ("%4 : real[a, a'] = outer %3[a] %3[a] -> [a, a']", [[100, 200], [200, 400]]),
        ("%4 : real[b, a] = stack %2 %0 along a", [[1, 1], [0, 1], [1, 1]]),
        ("%4 : real[b] = position [b]", [0, 1, 2]),
        ("%4 : real[a, a'] = eye [a]", [[1, 0], [0, 1]]),
    ],
)
def test_an_operation_gives_what_it_says(line, expected):
    np.testing.assert_array_equal(value(line), expected)


def test_a_law_counts_once_for_each_member_and_missing_entries_do_not():
    text = f"{HEAD}observe x = %1 [a, b] ~ Normal(loc=%3, scale=%0) optional x\n"
    squares = 9**2 + 8**2 + 16**2 + 15**2 + 14**2
    assert log_density(read(text), WORLD)["observe x"] == pytest.approx(-0.5 * squares - 5 * HALF_LOG_2PI)
    text = f"{HEAD}observe t = %3 [a, b] ~ Normal(loc=%0, scale=%0) where %2 weight %2\n"
    assert log_density(read(text), WORLD)["observe t"] == pytest.approx(2 * (-0.5 * (9**2 + 19**2) - 2 * HALF_LOG_2PI))


def test_a_factor_is_summed_over_its_plates():
    assert log_density(read(f"{HEAD}factor %3 [a, b]\n"), WORLD)["factor 0"] == 90


def test_narrowing_puts_the_missing_mass_back():
    text = f"{HEAD}site t : real[| a] in [1.0, inf) ~ Normal(loc=%0, scale=%0) narrowed normaliser truncate\n"
    plain = -0.5 * (9**2 + 19**2) - 2 * HALF_LOG_2PI
    assert log_density(read(text), WORLD)["t"] == pytest.approx(plain + 2 * math.log(2))
    text = f"{HEAD}site t : ordered[| a] ~ Normal(loc=%0, scale=%0) narrowed normaliser order\n"
    assert log_density(read(text), WORLD)["t"] == pytest.approx(plain + math.log(2))
