"""Elementwise functions of analysis and of neural networks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...lazy import jnp, nn, special
from ...types import Interval
from ...types.intervals import NONNEGATIVE, UNIT, inf
from ..function import Function, Role
from . import supports
from .numbers import number, numbers, reals

_SIGNS = Interval(-1, 1)
_ABOVE_MINUS_ONE = Interval(-1, inf)
_FROM_ONE = Interval(1, inf)
_NONPOSITIVE = Interval(-inf, 0)
_SELU, _SELU_SLOPE = 1.0507009873554805, 1.6732632423543772


def _expit_of(x: float) -> float:
    """1 / (1 + exp(-x)) of a plain number."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _softplus_of(x: float) -> float:
    """log(1 + exp(x)) of a plain number."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _log1mexp(x: Any) -> Any:
    x = jnp.asarray(*reals(x))
    near = x > -math.log(2)
    return jnp.where(near, jnp.log(-jnp.expm1(x)), jnp.log1p(-jnp.exp(jnp.where(near, -1.0, x))))


def _inv_cloglog(x: Any) -> Any:
    return -jnp.expm1(-jnp.exp(*reals(x)))


def _cloglog(x: Any) -> Any:
    return jnp.log(-jnp.log1p(-reals(x)[0]))


def _clip(x: Any, lower: Any, upper: Any) -> Any:
    x, lower, upper = numbers(x, lower, upper)
    return jnp.minimum(jnp.maximum(x, lower), upper)


def _clipped(x: Interval, lower: Interval, upper: Interval) -> Interval:
    return supports.smaller(supports.larger(x, lower), upper)


def _fold(function: str, *values: Any) -> Any:
    first, *rest = numbers(*values)
    for value in rest:
        first = getattr(jnp, function)(first, value)
    return first


def _all(rule: Callable[[Interval, Interval], Interval], *intervals: Interval) -> Interval:
    first, *rest = intervals
    for interval in rest:
        first = rule(first, interval)
    return first


def _rounded(function: Callable[[float], float]) -> supports.Rule:
    def rule(x: Interval) -> Interval:
        low, high = (at if math.isinf(at) else function(at) for at in (x.lower, x.upper))
        return Interval(low, high, integer=True)

    return rule


def _sign(x: Interval) -> Interval:
    low = 1 if x.lower > 0 or (x.lower == 0 and x.lower_open) else (0 if x.lower == 0 else -1)
    high = -1 if x.upper < 0 or (x.upper == 0 and x.upper_open) else (0 if x.upper == 0 else 1)
    return Interval(low, high, integer=True)


def _logaddexp_of(a: float, b: float) -> float:
    large, small = max(a, b), min(a, b)
    return large if math.isinf(large) or math.isinf(small) else large + math.log1p(math.exp(small - large))


def _logaddexp(x: Interval, y: Interval) -> Interval:
    return Interval(
        _logaddexp_of(x.lower, y.lower),
        _logaddexp_of(x.upper, y.upper),
        x.lower_open or y.lower_open or math.isinf(x.lower) or math.isinf(y.lower),
        x.upper_open or y.upper_open or math.isinf(x.upper) or math.isinf(y.upper),
    )


def _square(x: Any) -> Any:
    return jnp.square(*reals(x))


def _of_one(
    name: str, apply: Callable[[Any], Any], support: supports.Rule, summary: str, domain: Interval | None = None
) -> Function:
    return Function(name, Role.ELEMENTWISE, ("x",), apply, support, summary, domain=domain and (domain,))


def _of_many(
    name: str,
    params: tuple[str, ...],
    apply: Callable[..., Any],
    support: supports.Rule,
    summary: str,
    variadic: bool = False,
) -> Function:
    return Function(name, Role.ELEMENTWISE, params, apply, support, summary, variadic=variadic)


_POWERS = (
    _of_one("abs", lambda x: jnp.abs(number(x)), supports.magnitude, "the magnitude |x|"),
    _of_one("sign", lambda x: jnp.sign(number(x)), _sign, "-1, 0 or 1"),
    _of_one("square", _square, lambda x: supports.power(x, Interval(2, 2)), "x^2"),
    _of_one(
        "sqrt", lambda x: jnp.sqrt(*reals(x)), supports.rising(math.sqrt, NONNEGATIVE), "the square root", NONNEGATIVE
    ),
    _of_one(
        "cbrt", lambda x: jnp.cbrt(*reals(x)), supports.rising(math.cbrt), "the cube root, of negative numbers too"
    ),
    _of_one("exp", lambda x: jnp.exp(*reals(x)), supports.rising(math.exp), "e^x"),
    _of_one("exp2", lambda x: jnp.exp2(*reals(x)), supports.rising(lambda at: 2.0**at), "2^x"),
    _of_one("expm1", lambda x: jnp.expm1(*reals(x)), supports.rising(math.expm1), "e^x - 1, exact for small x"),
    _of_one(
        "log",
        lambda x: jnp.log(*reals(x)),
        supports.rising(math.log, NONNEGATIVE),
        "the natural logarithm",
        NONNEGATIVE,
    ),
    _of_one(
        "log1p",
        lambda x: jnp.log1p(*reals(x)),
        supports.rising(math.log1p, _ABOVE_MINUS_ONE),
        "log(1 + x), exact for small x",
        _ABOVE_MINUS_ONE,
    ),
    _of_one(
        "log2",
        lambda x: jnp.log2(*reals(x)),
        supports.rising(math.log2, NONNEGATIVE),
        "the logarithm to base 2",
        NONNEGATIVE,
    ),
    _of_one(
        "log10",
        lambda x: jnp.log10(*reals(x)),
        supports.rising(math.log10, NONNEGATIVE),
        "the logarithm to base 10",
        NONNEGATIVE,
    ),
    _of_one(
        "log1mexp",
        _log1mexp,
        supports.always(_NONPOSITIVE),
        "log(1 - e^x) of a negative x, exact at both ends",
        _NONPOSITIVE,
    ),
)

_ANGLES = (
    _of_one("sin", lambda x: jnp.sin(*reals(x)), supports.always(_SIGNS), "the sine of an angle in radians"),
    _of_one("cos", lambda x: jnp.cos(*reals(x)), supports.always(_SIGNS), "the cosine of an angle in radians"),
    _of_one("tan", lambda x: jnp.tan(*reals(x)), supports.anywhere, "the tangent of an angle in radians"),
    _of_one(
        "arcsin",
        lambda x: jnp.arcsin(*reals(x)),
        supports.rising(math.asin, _SIGNS),
        "the angle whose sine is x",
        _SIGNS,
    ),
    _of_one(
        "arccos",
        lambda x: jnp.arccos(*reals(x)),
        supports.falling(math.acos, _SIGNS),
        "the angle whose cosine is x",
        _SIGNS,
    ),
    _of_one("arctan", lambda x: jnp.arctan(*reals(x)), supports.rising(math.atan), "the angle whose tangent is x"),
    _of_many(
        "arctan2",
        ("y", "x"),
        lambda y, x: jnp.arctan2(*reals(y, x)),
        supports.always(Interval(-math.pi, math.pi)),
        "the angle of the point (x, y)",
    ),
    _of_one("sinh", lambda x: jnp.sinh(*reals(x)), supports.rising(math.sinh), "(e^x - e^-x) / 2"),
    _of_one("cosh", lambda x: jnp.cosh(*reals(x)), supports.even(supports.rising(math.cosh)), "(e^x + e^-x) / 2"),
    _of_one("tanh", lambda x: jnp.tanh(*reals(x)), supports.rising(math.tanh), "(e^x - e^-x) / (e^x + e^-x)"),
    _of_one("arcsinh", lambda x: jnp.arcsinh(*reals(x)), supports.rising(math.asinh), "the x of sinh"),
    _of_one(
        "arccosh",
        lambda x: jnp.arccosh(*reals(x)),
        supports.rising(math.acosh, _FROM_ONE),
        "the nonnegative x of cosh",
        _FROM_ONE,
    ),
    _of_one("arctanh", lambda x: jnp.arctanh(*reals(x)), supports.rising(math.atanh, _SIGNS), "the x of tanh", _SIGNS),
    _of_many(
        "hypot",
        ("x", "y"),
        lambda x, y: jnp.hypot(*reals(x, y)),
        lambda x, y: supports.power(
            supports.power(x, Interval(2, 2)) + supports.power(y, Interval(2, 2)), Interval(0.5, 0.5)
        ),
        "sqrt(x^2 + y^2), without overflow",
    ),
)

_LINKS = (
    _of_one("expit", lambda x: special.expit(*reals(x)), supports.rising(_expit_of), "1 / (1 + e^-x)"),
    _of_one(
        "logit",
        lambda x: special.logit(*reals(x)),
        supports.rising(lambda at: math.log(at) - math.log1p(-at), UNIT),
        "log(x / (1 - x))",
        UNIT,
    ),
    _of_one("inv_cloglog", _inv_cloglog, supports.rising(lambda at: -math.expm1(-math.exp(at))), "1 - exp(-e^x)"),
    _of_one(
        "cloglog", _cloglog, supports.rising(lambda at: math.log(-math.log1p(-at)), UNIT), "log(-log(1 - x))", UNIT
    ),
    _of_one(
        "log_sigmoid",
        lambda x: nn.log_sigmoid(*reals(x)),
        supports.rising(lambda at: -_softplus_of(-at)),
        "log expit(x)",
    ),
    _of_one("softplus", lambda x: nn.softplus(*reals(x)), supports.rising(_softplus_of), "log(1 + e^x)"),
    _of_one(
        "relu",
        lambda x: nn.relu(*reals(x)),
        lambda x: supports.between(supports.larger(x, Interval(0, 0))),
        "max(x, 0)",
    ),
    _of_one(
        "gelu",
        lambda x: nn.gelu(*reals(x), approximate=False),
        lambda x: Interval(-0.17 if x.lower < 0 else 0, max(x.upper, 0)),
        "x times the normal distribution function of x",
    ),
    _of_one(
        "silu",
        lambda x: nn.silu(*reals(x)),
        lambda x: Interval(-0.279 if x.lower < 0 else 0, max(x.upper, 0)),
        "x expit(x)",
    ),
    _of_one(
        "elu",
        lambda x: nn.elu(*reals(x)),
        supports.rising(lambda at: at if at > 0 else math.expm1(at)),
        "x where positive, else e^x - 1",
    ),
    _of_one(
        "leaky_relu",
        lambda x: nn.leaky_relu(*reals(x)),
        supports.rising(lambda at: at if at > 0 else 0.01 * at),
        "x where positive, else x / 100",
    ),
    _of_one(
        "selu",
        lambda x: nn.selu(*reals(x)),
        supports.rising(lambda at: _SELU * (at if at > 0 else _SELU_SLOPE * math.expm1(at))),
        "elu with the scales that keep mean 0 and variance 1 (Klambauer et al. 2017)",
    ),
)

_STEPS = (
    _of_one(
        "floor", lambda x: jnp.floor(*reals(x)), _rounded(math.floor), "the largest whole number that is at most x"
    ),
    _of_one("ceil", lambda x: jnp.ceil(*reals(x)), _rounded(math.ceil), "the smallest whole number that is at least x"),
    _of_one(
        "round", lambda x: jnp.round(*reals(x)), _rounded(round), "the nearest whole number; halves go to the even one"
    ),
    _of_one(
        "step",
        lambda x: jnp.where(jnp.greater_equal(x, 0), 1, 0),
        lambda x: Interval(int(x.lower >= 0), int(x.upper >= 0), integer=True),
        "1 where x is 0 or more, else 0",
    ),
    _of_many(
        "minimum",
        ("a", "b"),
        lambda *values: _fold("minimum", *values),
        lambda *intervals: _all(supports.smaller, *intervals),
        "the least of the arguments",
        variadic=True,
    ),
    _of_many(
        "maximum",
        ("a", "b"),
        lambda *values: _fold("maximum", *values),
        lambda *intervals: _all(supports.larger, *intervals),
        "the greatest of the arguments",
        variadic=True,
    ),
    _of_many("clip", ("x", "lower", "upper"), _clip, _clipped, "min(max(x, lower), upper)"),
    _of_many(
        "mod",
        ("x", "divisor"),
        lambda x, divisor: jnp.mod(*numbers(x, divisor)),
        supports.quotient_remainder,
        "the remainder of x / divisor, with the sign of the divisor",
    ),
    _of_many(
        "logaddexp",
        ("a", "b"),
        lambda a, b: jnp.logaddexp(*reals(a, b)),
        _logaddexp,
        "log(e^a + e^b), without overflow",
    ),
)

ROWS = _POWERS + _ANGLES + _LINKS + _STEPS

ALIASES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "sigmoid": "expit",
    "inv_logit": "expit",
    "log_expit": "log_sigmoid",
    "swish": "silu",
    "log1p_exp": "softplus",
    "log1m_exp": "log1mexp",
}
