"""Sets of numbers that one element of a value can take, and arithmetic on them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

inf = math.inf


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of the line, or of the integers in it.

    Infinite ends are never members. Arithmetic returns a hull: every finite value that the operation can give lies in
    it. Equal sets compare equal: infinite ends carry no openness, the ends of integers are themselves members, and one
    whole number alone is a set of integers.

    Example:
        >>> (Interval(0, inf, lower_open=True) + Interval(1, 2)).lower
        1.0
    """

    lower: float = -inf
    upper: float = inf
    lower_open: bool = False
    upper_open: bool = False
    integer: bool = False

    def __post_init__(self) -> None:
        lower, upper = self.lower + 0.0, self.upper + 0.0  # -0.0 + 0.0 is 0.0
        lower_open, upper_open = self.lower_open and not math.isinf(lower), self.upper_open and not math.isinf(upper)
        if lower == upper:
            # Rounding has shut the interval, which is not empty: it holds the one number that is left.
            lower_open = upper_open = False
        if self.integer and not math.isinf(lower):
            lower, lower_open = math.floor(lower) + 1.0 if lower_open else float(math.ceil(lower)), False
        if self.integer and not math.isinf(upper):
            upper, upper_open = math.ceil(upper) - 1.0 if upper_open else float(math.floor(upper)), False
        object.__setattr__(self, "lower", lower)
        object.__setattr__(self, "upper", upper)
        object.__setattr__(self, "lower_open", lower_open)
        object.__setattr__(self, "upper_open", upper_open)
        object.__setattr__(self, "integer", self.integer or (lower == upper and lower.is_integer()))

    def holds(self, other: Interval) -> bool:
        """Whether every member of ``other`` is a member of this set."""
        below = _lower_key(self) <= _lower_key(other)
        above = _upper_key(self) >= _upper_key(other)
        return below and above and (other.integer or not self.integer)

    @property
    def closed(self) -> Interval:
        """The set with its ends, which to a density make no difference."""
        return replace(self, lower_open=False, upper_open=False)

    def meets(self, other: Interval) -> bool:
        """Whether the two sets have a member in common (integers apart)."""
        low, high = max(self.lower, other.lower), min(self.upper, other.upper)
        if low < high:
            return True
        return low == high and low in self and low in other

    def __contains__(self, value: float) -> bool:
        if math.isnan(value) or math.isinf(value) or (self.integer and value != math.floor(value)):
            return False
        above = value > self.lower or (value == self.lower and not self.lower_open)
        below = value < self.upper or (value == self.upper and not self.upper_open)
        return above and below

    def hull(self, other: Interval) -> Interval:
        """The smallest interval around both."""
        first, last = min(self, other, key=_lower_key), max(self, other, key=_upper_key)
        return Interval(first.lower, last.upper, first.lower_open, last.upper_open, self.integer and other.integer)

    def meet(self, other: Interval) -> Interval:
        """The intersection; only meaningful where :meth:`meets` is true."""
        first, last = max(self, other, key=_lower_key), min(self, other, key=_upper_key)
        return Interval(first.lower, last.upper, first.lower_open, last.upper_open, self.integer or other.integer)

    def __neg__(self) -> Interval:
        return Interval(-self.upper, -self.lower, self.upper_open, self.lower_open, self.integer)

    def __add__(self, other: Interval) -> Interval:
        return Interval(
            _sum(self.lower, other.lower, -inf),
            _sum(self.upper, other.upper, inf),
            self.lower_open or other.lower_open,
            self.upper_open or other.upper_open,
            self.integer and other.integer,
        )

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        corners = [
            (_product(a, b), (a_open and not _fixed_zero(b, b_open)) or (b_open and not _fixed_zero(a, a_open)))
            for a, a_open in self._ends()
            for b, b_open in other._ends()
        ]
        low, high = min(value for value, _ in corners), max(value for value, _ in corners)
        return Interval(
            low,
            high,
            all(is_open for value, is_open in corners if value == low),
            all(is_open for value, is_open in corners if value == high),
            self.integer and other.integer,
        )

    def reciprocal(self) -> Interval:
        """The set of 1/x; 1/0 is no number, so that the reciprocal of something nonnegative is positive."""
        if self.lower < 0 < self.upper or self.lower == self.upper == 0:
            return REAL
        first, last = self.lower, self.upper
        if self.integer:  # without 0, the first whole number is 1
            first, last = (1.0 if first == 0 else first), (-1.0 if last == 0 else last)
        low, high = _inverse(last, -inf), _inverse(first, inf)
        return Interval(low, high, self.upper_open or math.isinf(last), self.lower_open or math.isinf(first))

    def __truediv__(self, other: Interval) -> Interval:
        return self * other.reciprocal()

    def increasing(self, function: Callable[[float], float]) -> Interval:
        """The image under a strictly increasing function, given at the (possibly infinite) ends."""
        return Interval(
            function(self.lower),
            function(self.upper),
            self.lower_open or math.isinf(self.lower),
            self.upper_open or math.isinf(self.upper),
        )

    def _ends(self) -> tuple[tuple[float, bool], tuple[float, bool]]:
        return (self.lower, self.lower_open), (self.upper, self.upper_open)

    @property
    def bounds(self) -> str:
        """The ends in brackets, as mathematicians write them."""
        left = "(" if self.lower_open or math.isinf(self.lower) else "["
        right = ")" if self.upper_open or math.isinf(self.upper) else "]"
        return f"{left}{self.lower:g}, {self.upper:g}{right}"

    def __str__(self) -> str:
        return self.bounds + (" integers" if self.integer else "")


def _lower_key(interval: Interval) -> tuple[float, bool]:
    return interval.lower, interval.lower_open


def _upper_key(interval: Interval) -> tuple[float, bool]:
    return interval.upper, not interval.upper_open


def _sum(a: float, b: float, unknown: float) -> float:
    total = a + b
    return unknown if math.isnan(total) else float(total)


def _product(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else float(a * b)


def _inverse(value: float, at_zero: float) -> float:
    return at_zero if value == 0 else 1 / value


def _fixed_zero(value: float, is_open: bool) -> bool:
    return value == 0 and not is_open


REAL = Interval()
POSITIVE = Interval(0, inf, lower_open=True)
NONNEGATIVE = Interval(0, inf)
NEGATIVE = Interval(-inf, 0, upper_open=True)
UNIT = Interval(0, 1)
CIRCULAR = Interval(-math.pi, math.pi)
INTEGER = Interval(integer=True)
COUNT = Interval(0, inf, integer=True)
BINARY = Interval(0, 1, integer=True)


def point(value: float) -> Interval:
    """The set of one number."""
    return Interval(value, value)
