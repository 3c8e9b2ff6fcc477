"""Operators: arithmetic, comparisons, logic and the choice between two values."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ...lazy import jnp
from ...types import Interval
from ...types.intervals import BINARY
from ..function import Function, Role
from . import supports
from .numbers import constant, number, numbers, reals


def _add(a: Any, b: Any) -> Any:
    a, b = numbers(a, b)
    return a + b if constant(a, b) else jnp.add(a, b)


def _subtract(a: Any, b: Any) -> Any:
    a, b = numbers(a, b)
    return a - b if constant(a, b) else jnp.subtract(a, b)


def _multiply(a: Any, b: Any) -> Any:
    if constant(a, b):
        return number(a) * number(b)
    return jnp.multiply(*reals(a, b))


def _divide(a: Any, b: Any) -> Any:
    a, b = numbers(a, b)
    return a / b if constant(a, b) and b != 0 else jnp.true_divide(*reals(a, b))


def _negate(x: Any) -> Any:
    return -number(x)


def _power(base: Any, exponent: Any) -> Any:
    if constant(base, exponent):
        return _constant_power(number(base), number(exponent))
    if constant(exponent):
        (base,) = reals(base)
        if exponent == 0.5:
            return jnp.sqrt(base)
        return jnp.power(base, int(exponent) if float(exponent).is_integer() else exponent)
    base, exponent = reals(base, exponent)
    # A root has no finite slope at 0, and a base that is 0 because data are stays there: it has the slope 0.
    rests = (base == 0) & (exponent > 0) & (exponent < 1)
    return jnp.where(rests, 0, jnp.power(jnp.where(rests, 1, base), exponent))


def _constant_power(base: float, exponent: float) -> float:
    """As floating-point numbers do it, without the time and memory that huge whole numbers would take."""
    if base < 0 and not float(exponent).is_integer():
        return float("nan")
    try:
        value = float(base) ** exponent
    except ZeroDivisionError:
        return float("inf")
    except OverflowError:
        return float("-inf" if base < 0 and exponent % 2 else "inf")
    exact = isinstance(base, int) and isinstance(exponent, int) and value.is_integer() and abs(value) < 2.0**53
    return int(value) if exact else value


def _compare(python: Callable[[Any, Any], bool], name: str) -> Callable[[Any, Any], Any]:
    def apply(a: Any, b: Any) -> Any:
        return python(a, b) if constant(a, b) else getattr(jnp, name)(a, b)

    return apply


def _and(a: Any, b: Any) -> Any:
    return bool(a and b) if constant(a, b) else jnp.logical_and(a, b)


def _or(a: Any, b: Any) -> Any:
    return bool(a or b) if constant(a, b) else jnp.logical_or(a, b)


def _not(a: Any) -> Any:
    return not a if constant(a) else jnp.logical_not(a)


def _choose(condition: Any, then: Any, otherwise: Any) -> Any:
    if constant(condition, then, otherwise):
        return then if condition else otherwise
    return jnp.where(jnp.not_equal(condition, 0), then, otherwise)


def _hull(_: Interval, then: Interval, otherwise: Interval) -> Interval:
    return then.hull(otherwise)


def _binary(name: str, apply: Callable[..., Any], support: supports.Rule, summary: str) -> Function:
    return Function(name, Role.ELEMENTWISE, ("a", "b"), apply, support, summary)


def _comparison(name: str, python: Callable[[Any, Any], bool], of_arrays: str, meaning: str) -> Function:
    return _binary(name, _compare(python, of_arrays), supports.always(BINARY), f"whether a {meaning} b")


ROWS = (
    _binary("+", _add, operator.add, "the sum a + b"),
    _binary("-", _subtract, operator.sub, "the difference a - b"),
    _binary("*", _multiply, operator.mul, "the product a b"),
    _binary("/", _divide, operator.truediv, "the quotient a / b, of whole numbers too"),
    _binary("^", _power, supports.power, "a to the power b"),
    Function("negate", Role.ELEMENTWISE, ("x",), _negate, lambda x: -x, "-x"),
    _comparison("<", operator.lt, "less", "is less than"),
    _comparison("<=", operator.le, "less_equal", "is at most"),
    _comparison(">", operator.gt, "greater", "is greater than"),
    _comparison(">=", operator.ge, "greater_equal", "is at least"),
    _comparison("==", operator.eq, "equal", "equals"),
    _comparison("!=", operator.ne, "not_equal", "differs from"),
    Function(
        "and", Role.ELEMENTWISE, ("a", "b"), _and, supports.always(BINARY), "whether both hold", domain=(BINARY, BINARY)
    ),
    Function(
        "or", Role.ELEMENTWISE, ("a", "b"), _or, supports.always(BINARY), "whether one holds", domain=(BINARY, BINARY)
    ),
    Function("not", Role.ELEMENTWISE, ("a",), _not, supports.always(BINARY), "whether a does not", domain=(BINARY,)),
    Function(
        "if",
        Role.ELEMENTWISE,
        ("condition", "then", "otherwise"),
        _choose,
        _hull,
        "`then if condition else otherwise`; both sides are computed, so both must have finite slopes",
        domain=(BINARY, None, None),
    ),
)
