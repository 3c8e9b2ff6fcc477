"""Rules that say where a function's result lies, from where its arguments lie."""

from __future__ import annotations

import math
from collections.abc import Callable

from ...types import Interval
from ...types.intervals import NONNEGATIVE, REAL, inf

Rule = Callable[..., Interval]
OfNumber = Callable[[float], float]


def anywhere(*_: Interval) -> Interval:
    """Nothing is known but that the result is a number."""
    return REAL


def always(interval: Interval) -> Rule:
    """The result lies in ``interval`` whatever the arguments are."""
    return lambda *_: interval


def same(x: Interval) -> Interval:
    """The result is one of the argument's values."""
    return x


def between(x: Interval) -> Interval:
    """The result lies between values of the argument: a mean, a median."""
    return Interval(x.lower, x.upper, x.lower_open, x.upper_open)


def rising(function: OfNumber, domain: Interval = REAL) -> Rule:
    """The image under an increasing function; at infinity and beyond the largest number it takes its limit.

    Args:
        function: of a number of ``domain`` or an infinite end of it; may raise where the value is infinite.
        domain: arguments outside give no number.
    """

    def value(at: float) -> float:
        try:
            return function(at)
        except OverflowError:
            return math.copysign(inf, at)
        except ValueError:
            return -inf if at == domain.lower else inf

    return lambda x: inside(x, domain).increasing(value)


def falling(function: OfNumber, domain: Interval = REAL) -> Rule:
    """The image under a decreasing function."""
    opposite = rising(lambda at: -function(at), domain)
    return lambda x: -opposite(x)


def even(rule: Rule) -> Rule:
    """The rule for a function of the magnitude alone, from the rule for nonnegative arguments."""
    return lambda x: rule(magnitude(x))


def inside(x: Interval, domain: Interval) -> Interval:
    """The part of ``x`` that gives numbers."""
    return x.meet(domain) if x.meets(domain) else domain


def magnitude(x: Interval) -> Interval:
    """The set of |x|."""
    return x.hull(-x).meet(NONNEGATIVE) if x.lower < 0 < x.upper else (x if x.lower >= 0 else -x)


def larger(x: Interval, y: Interval) -> Interval:
    """The set of max(x, y)."""
    low = max((x.lower, x.lower_open), (y.lower, y.lower_open))
    high = max((x.upper, not x.upper_open), (y.upper, not y.upper_open))
    return Interval(low[0], high[0], low[1], not high[1], x.integer and y.integer)


def smaller(x: Interval, y: Interval) -> Interval:
    """The set of min(x, y)."""
    return -larger(-x, -y)


def total(x: Interval) -> Interval:
    """The set of sums of one or more values."""
    low = x.lower if x.lower >= 0 else -inf
    high = x.upper if x.upper <= 0 else inf
    return Interval(low, high, x.lower_open, x.upper_open, x.integer)


def multiplied(x: Interval) -> Interval:
    """The set of products of one or more values."""
    if x.lower < -1 or (x.lower < 0 and x.upper > 1):
        return Interval(integer=x.integer)
    if x.lower < 0:
        size = max(-x.lower, x.upper)
        return Interval(-size, size, integer=x.integer)
    low, low_open = (x.lower, x.lower_open) if x.lower >= 1 else (0.0, x.lower > 0 or x.lower_open)
    return Interval(low, x.upper if x.upper <= 1 else inf, low_open, x.upper_open, x.integer)


def quotient_remainder(x: Interval, divisor: Interval) -> Interval:
    """The set of remainders, which take the sign of the divisor."""
    whole = x.integer and divisor.integer
    if divisor.lower >= 0:
        return Interval(0, divisor.upper, upper_open=whole, integer=whole)
    return Interval(integer=whole)


def power(base: Interval, exponent: Interval) -> Interval:
    """The set of base^exponent; a constant exponent tells most."""
    if exponent.lower == exponent.upper:
        return _constant_power(base, exponent.lower)
    if base.lower < 0:
        return REAL
    return _power_of_nonnegative(base, exponent)


def _constant_power(base: Interval, exponent: float) -> Interval:
    if exponent == 0:
        return Interval(1, 1)
    if exponent < 0:
        return _constant_power(base, -exponent).reciprocal()
    if not exponent.is_integer():
        return rising(lambda at: at**exponent, NONNEGATIVE)(base)
    argument = base if exponent % 2 else magnitude(base)
    image = rising(lambda at: at**exponent)(argument)
    return Interval(image.lower, image.upper, image.lower_open, image.upper_open, base.integer)


def _power_of_nonnegative(base: Interval, exponent: Interval) -> Interval:
    result = rising(math.exp)(exponent * rising(math.log, NONNEGATIVE)(base))
    if 0 in base:
        result = result.hull(Interval(0, 0))
        if 0 in exponent:
            result = result.hull(Interval(1, 1))
    if base.integer and exponent.integer and exponent.lower >= 0:
        return Interval(result.lower, result.upper, result.lower_open, result.upper_open, integer=True)
    return result
