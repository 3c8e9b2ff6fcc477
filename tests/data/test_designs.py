"""Columns of a predictor that are sums of others are told, and no others."""

import numpy as np
import pytest

import svilang

SPEC = """
data {{ y: real[obs]   x: real[obs]   z: real[obs]   w: real[obs] }}
model {{
  a ~ Normal(0, 10)
  b ~ Normal(0, 10)
  c ~ Normal(0, 10)
  d ~ Normal(0, 10)
  plate obs {{ observe y ~ Normal({}, 1) }}
}}
"""
X, Z, Y = np.random.default_rng(0).normal(size=(3, 30))


def told(predictor, z, w=Z, y=Y):
    data = {"y": y, "x": X, "z": z, "w": w}
    found = svilang.compile(SPEC.format(predictor)).bind(data).warnings
    return [one.message for one in found if one.code == "W0502"]


def test_a_multiple_of_a_column_is_told():
    (message,) = told("b * x + z * c", 2 * X)
    assert message == "`z` is a multiple of `x`: their coefficients are not told apart"


def test_a_column_in_other_units_is_told_next_to_an_intercept_only():
    fahrenheit = 32 + 1.8 * X
    assert told("b * x + c * z", fahrenheit) == []
    (message,) = told("a + b * x - c * z", fahrenheit)
    assert message.startswith("`z` is a multiple of `x`, beside the constant of `a`")


def test_a_constant_column_is_told_next_to_an_intercept_only():
    assert told("b * x + c * z", np.full(30, 7.0)) == []
    (message,) = told("b * x + (c * z + a)", np.full(30, 7.0))
    assert message == "`z` is the same in all rows: its coefficient and `a` are not told apart"


def test_a_sum_of_two_columns_is_told():
    (message,) = told("b * x + c * z + d * w", Z, X - 3 * Z)
    assert message == "`w` is a sum of multiples of `x`, `z`: their coefficients are not told apart"


@pytest.mark.parametrize(
    ("predictor", "z"),
    [
        ("a + b * x + c * z", X + 1e-3 * Z),
        ("a + b * x + c * z", X**2),
        ("a + b * x + c * (z - 1)", X),
        ("a + b * x + b * z", X),
        ("a + b * x + 3 * z", X),
        ("(a + b * x) * exp(c * z)", X),
    ],
)
def test_what_is_told_apart_is_not_warned_about(predictor, z):
    assert told(predictor, z) == []


def test_a_large_time_next_to_an_intercept_is_no_constant():
    assert told("a + b * x + c * z", 1.7e9 + np.arange(30.0)) == []


@pytest.mark.parametrize(
    ("observation", "told"),
    [
        ("y ~ Normal(X @ b, 1)", True),
        ("y ~ Normal(sum(b * X, over=k), 1)", True),
        ("y ~ Normal(b[0] + sum(X, over=k), 1)", False),
        ("y ~ Normal(b[0] * max(X, over=k), 1)", False),
    ],
)
def test_a_matrix_is_a_design_where_its_columns_have_coefficients(observation, told):
    program = svilang.compile(f"""
    data {{ X: real[obs, k]   y: real[obs] }}
    model {{ b: real[k] ~ Normal(0, 1)   plate obs {{ observe {observation} }} }}""")
    found = program.bind({"y": Y, "X": np.stack([X, Z, X - Z], 1)}).warnings
    assert [one.message for one in found if one.code == "W0502"] == (
        ["the 3 columns of `X` are linearly dependent: only 2 of them are free"] if told else []
    )
