"""Values of a spec as polynomials in those that they are made from, and what follows from them.

Interval arithmetic takes each occurrence of a value for a value of its own: of ``c + (1 - c) * p`` with ``c`` and ``p``
between 0 and 1 it says that it lies between 0 and 2. A polynomial that is linear in a value is least and greatest where
that value is at an end, so that the ends of all such values say where it lies, here between 0 and 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from ..ir import nodes as ir
from ..types import Dim, Dims, Interval, Structure, intervals

Monomial = tuple[tuple[int, int], ...]
"""Powers by the number of a value, in order; a divisor has a negative one."""

Polynomial = dict[Monomial, float]

ONE: Polynomial = {(): 1.0}
_MINUS_ONE: Polynomial = {(): -1.0}

_MOST_TERMS = 64
_MOST_ENDS = 6
"""Of so many values both ends are tried at most, and only in shorter polynomials than the next number says."""

_MOST_TERMS_SPLIT = 16

_HIGHEST_POWER = 8
_ROUNDING = 1e-12


class Polynomials:
    """The polynomials of the nodes of one program.

    Args:
        nodes: a list that may grow.
        size: how many members a dimension has, where the text says it.
    """

    def __init__(self, nodes: Sequence[ir.Node], size: Callable[[str], float | None]) -> None:
        self._nodes, self._size = nodes, size
        self._alike: dict[tuple[object, Dims, tuple[int, ...]], int] = {}
        self._numbers: dict[ir.Id, int] = {}
        self._made_at: dict[int, ir.Id] = {}
        self._found: dict[ir.Id, Polynomial] = {}

    def of(self, value: ir.Id) -> Polynomial:
        """The polynomial of a value, which may be the value itself."""
        if value not in self._found:
            found = self._expanded(value)
            if found is None or len(found) > _MOST_TERMS:
                found = {((self._number(value), 1),): 1.0}
            self._found[value] = found
        return self._found[value]

    def members(self, dim: Dim) -> Polynomial:
        """The size of a dimension."""
        size = self._size(dim.name)
        return {(): float(size)} if size is not None else {((self._made_alike("size", (dim,), ()), 1),): 1.0}

    def factor(self, value: ir.Id, *, divides: bool) -> Polynomial | None:
        """A value as something to multiply with, or its inverse where it has one term."""
        own = self.of(value)
        if not divides:
            return own
        if len(own) != 1:
            return None
        ((monomial, number),) = own.items()
        return {tuple((value, -power) for value, power in monomial): 1 / number}

    def made_by(self, function: str, args: Sequence[ir.Id]) -> Polynomial | None:
        """What an operator makes of values, where that is a polynomial."""
        match function, args:
            case ("+" | "-"), (left, right):
                sign = ONE if function == "+" else _MINUS_ONE
                return total([self.of(left), product(self.of(right), sign)])
            case "negate", (only,):
                return product(self.of(only), _MINUS_ONE)
            case ("*" | "/"), (left, right):
                factor = self.factor(right, divides=function == "/")
                return None if factor is None else product(self.of(left), factor)
            case "^", (base, power):
                return self._power(base, power)
            case _:
                return None

    def of_wholes(self, polynomial: Polynomial) -> Polynomial:
        """The same where one part of a whole is 1 less the others, if all its parts occur."""
        parts: dict[tuple[int, type], list[int]] = {}
        for number in {number for monomial in polynomial for number, _ in monomial}:
            whole = self._whole(number)
            if whole is not None:
                parts.setdefault(whole, []).append(number)
        for (whole, _), found in parts.items():
            if len(found) == self._size(self._nodes[self._made_at[whole]].dims[-1].name):
                rest = total([ONE, *({((other, 1),): -1.0} for other in found[1:])])
                polynomial = _replaced(polynomial, found[0], rest)
        return polynomial

    def _whole(self, number: int) -> tuple[int, type] | None:
        """The vector of shares of which a value is one, and whether a label or a position names it."""
        node = self._nodes[self._made_at[number]] if number in self._made_at else None
        if node is None or not isinstance(node.op, ir.Gather) or len(node.args) != 2:
            return None
        whole, index = (self._nodes[arg] for arg in node.args)
        if not isinstance(index.op, ir.Label) or whole.kind.structure is not Structure.SIMPLEX:
            return None
        return (self._number(node.args[0]), type(index.op.label)) if node.op.dim == whole.dims[-1] else None

    def interval(self, polynomial: Polynomial) -> Interval:
        """Where a polynomial lies, given where its values do."""
        return self._between(polynomial, _MOST_ENDS if len(polynomial) <= _MOST_TERMS_SPLIT else 0)

    def _between(self, polynomial: Polynomial, left: int) -> Interval:
        number = self._splits(polynomial) if left else None
        if number is None:
            return self._plain(polynomial)
        own = self._interval(number)
        first, last = (self._between(_put(polynomial, number, end), left - 1) for end in (own.lower, own.upper))
        return Interval(
            min(first.lower, last.lower),
            max(first.upper, last.upper),
            _left_out(own, (first.lower, first.lower_open), (last.lower, last.lower_open), min),
            _left_out(own, (first.upper, first.upper_open), (last.upper, last.upper_open), max),
        )

    def _splits(self, polynomial: Polynomial) -> int | None:
        """Where a value is in several terms: the one in most terms of those that are linear and have two ends."""
        powers: dict[int, list[int]] = {}
        for monomial in polynomial:
            for number, power in monomial:
                powers.setdefault(number, []).append(power)
        if all(len(found) == 1 for found in powers.values()):
            return None
        fit = [number for number, found in powers.items() if set(found) == {1} and _bounded(self._interval(number))]
        return max(fit, key=lambda number: len(powers[number]), default=None)

    def _plain(self, polynomial: Polynomial) -> Interval:
        found = intervals.point(polynomial.get((), 0.0))
        for monomial, factor in polynomial.items():
            if monomial:
                term = intervals.point(factor)
                for number, power in monomial:
                    own = self._interval(number)
                    for _ in range(abs(power)):
                        term = term * (own if power > 0 else own.reciprocal())
                found = found + term
        return found

    def _interval(self, number: int) -> Interval:
        made = self._made_at.get(number)
        return intervals.NONNEGATIVE if made is None else self._nodes[made].kind.interval

    def _expanded(self, value: ir.Id) -> Polynomial | None:
        node = self._nodes[value]
        match node.op:
            case ir.Const(value=number) if math.isfinite(number):
                return {(): float(number)} if number else {}
            case ir.Apply(function=function):
                return self.made_by(function.name, node.args)
            case ir.Fill(function=function, over=(dim,)) if function.name == "size":
                return self.members(dim)
            case _:
                return None

    def _power(self, base: ir.Id, power: ir.Id) -> Polynomial | None:
        op = self._nodes[power].op
        if not isinstance(op, ir.Const) or op.value not in range(1, _HIGHEST_POWER + 1):
            return None
        found, own = ONE, self.of(base)
        for _ in range(int(op.value)):
            found = product(found, own)
            if len(found) > _MOST_TERMS:
                return None
        return found

    def _number(self, value: ir.Id) -> int:
        if value not in self._numbers:
            node = self._nodes[value]
            args = tuple(self._number(arg) for arg in node.args)
            number = self._numbers[value] = self._made_alike(node.op, node.dims, args)
            self._made_at.setdefault(number, value)
        return self._numbers[value]

    def _made_alike(self, op: object, dims: Dims, args: tuple[int, ...]) -> int:
        """The same number for values that are made alike."""
        return self._alike.setdefault((op, dims, args), len(self._alike))


def total(parts: Iterable[Polynomial]) -> Polynomial:
    """The sum of polynomials."""
    found: Polynomial = {}
    for part in parts:
        for monomial, factor in part.items():
            found[monomial] = found.get(monomial, 0.0) + factor
    return {monomial: factor for monomial, factor in found.items() if abs(factor) > _ROUNDING}


def product(one: Polynomial, other: Polynomial) -> Polynomial:
    """The product of two polynomials."""
    return total({_times(left, right): a * b} for left, a in one.items() for right, b in other.items())


def _times(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left)
    for value, power in right:
        powers[value] = powers.get(value, 0) + power
    return tuple(sorted((value, power) for value, power in powers.items() if power))


def _replaced(polynomial: Polynomial, number: int, value: Polynomial) -> Polynomial:
    """The polynomial with another in the place of a value, where that divides nothing."""
    terms: list[Polynomial] = []
    for monomial, factor in polynomial.items():
        power = dict(monomial).get(number, 0)
        if power < 0:
            return polynomial
        term: Polynomial = {tuple(one for one in monomial if one[0] != number): factor}
        for _ in range(power):
            term = product(term, value)
        terms.append(term)
    return total(terms)


def _put(polynomial: Polynomial, number: int, value: float) -> Polynomial:
    """The polynomial with a number in the place of a value."""
    return total(
        {tuple(one for one in monomial if one[0] != number): factor * (value if (number, 1) in monomial else 1.0)}
        for monomial, factor in polynomial.items()
    )


def _bounded(interval: Interval) -> bool:
    return math.isfinite(interval.lower) and math.isfinite(interval.upper)


def _left_out(
    own: Interval, first: tuple[float, bool], last: tuple[float, bool], outer: Callable[..., float]
) -> bool:
    """Whether the outer end is no member: between the ends of a value it is one only where it is one at both."""
    end = outer(first[0], last[0])
    reached = (
        not own.lower_open and first == (end, False),
        not own.upper_open and last == (end, False),
        first == last == (end, False),
    )
    return not any(reached)
