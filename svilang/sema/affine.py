"""How what a model uses moves when its unknowns are shifted, as far as sums and products with data show it.

In: the nodes of a model and the places that must not change. Out: for each unknown a column, whose entry for a place
and a product of data is how often adding 1 to the unknown adds that product there. What is no sum is a place itself.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from fractions import Fraction
from typing import TypeVar

from ..ir import nodes as ir
from .builder import Builder

Monomial = tuple[Hashable, ...]
Polynomial = dict[Monomial, Fraction]
Column = dict[tuple[Hashable, Monomial], Fraction]

_Key = TypeVar("_Key")

ONE: Monomial = ()
_UNIT: Polynomial = {ONE: Fraction(1)}

_MOST_TERMS = 100_000
"""How many terms are looked at; of a longer program nothing is known."""

_MOST_MONOMIALS = 50
"""A polynomial in data with more terms counts as one quantity."""


class Columns:
    """The columns of all unknowns, place by place.

    Args:
        builder: the nodes.
        together: vectors whose members are shifted all at once; those of others move each by itself.
        picked: the same, where an index picks the members.
    """

    def __init__(self, builder: Builder, together: Collection[str] = (), picked: Collection[str] = ()) -> None:
        self.b = builder
        self.together = frozenset(together)
        self.picked = frozenset(picked)
        self.found: dict[str, Column] = {}
        self.complete = True
        self._seen: set[ir.Id] = set()
        self._left = _MOST_TERMS
        self._keys: dict[ir.Id, Hashable] = {}
        self._numbers: dict[Hashable, int] = {}

    def place(self, top: ir.Id, name: Hashable = None, sign: int = 1) -> None:
        """Add what stands at ``top``; by default a node is a place of its own, and is looked at once."""
        stack = [(top, top if name is None else name, {ONE: Fraction(sign)}, ())]
        while stack:
            at, where, factor, route = stack.pop()
            if where == at:
                if at in self._seen:
                    continue
                self._seen.add(at)
            self._left -= 1
            if self._left < 0:
                self.complete = False
                return
            if self.b.data_only(at):
                continue
            parts = self._parts(at, route)
            if parts is None:
                self._leaf(at, where, factor, route)
                stack += [(arg, arg, _UNIT, ()) for arg in self.b.nodes[at].args]
                continue
            inside, beside = parts
            stack += [(arg, where, times(factor, by), way) for arg, by, way in inside]
            stack += [(arg, arg, _UNIT, ()) for arg in beside]

    def _parts(self, at: ir.Id, route: Monomial) -> tuple[list[tuple[ir.Id, Polynomial, Monomial]], list[ir.Id]] | None:
        """The operands that a sum moves with, each with its factor and the indexes in between, and other operands."""
        node, args = self.b.nodes[at], self.b.nodes[at].args
        match node.op:
            case ir.Apply(function) if function.name in ("+", "-") and len(args) == 2:
                minus = {ONE: Fraction(1 if function.name == "+" else -1)}
                return [(args[0], _UNIT, route), (args[1], minus, route)], []
            case ir.Apply(function) if function.name in ("-", "negative") and len(args) == 1:
                return [(args[0], {ONE: Fraction(-1)}, route)], []
            case ir.Apply(function) if function.name == "*" and any(map(self.b.data_only, args)):
                data, other = args if self.b.data_only(args[0]) else args[::-1]
                return [(other, self._polynomial(data, route), route)], []
            case ir.Apply(function) if function.name == "/" and self.b.data_only(args[1]):
                return [(args[0], self._inverse(args[1], route), route)], []
            case ir.Gather():
                return [(args[0], _UNIT, (*route, self._key(args[1])))], [args[1]]
            case ir.Relabel():
                return [(args[0], _UNIT, (*route, self._key_of_op(node.op)))], []
            case _:
                return None

    def _leaf(self, at: ir.Id, where: Hashable, factor: Polynomial, route: Monomial) -> None:
        op = self.b.nodes[at].op
        if not isinstance(op, (ir.Latent, ir.Parameter)):
            return
        for monomial, number in factor.items():
            whole = not self.b.dims(at) or op.name in self.together or (route and op.name in self.picked)
            own = monomial if whole else (*monomial, ("each", self.b.dims(at), *route))
            self.add(op.name, where, own, number)

    def add(self, name: str, where: Hashable, monomial: Monomial = ONE, number: Fraction = _UNIT[ONE]) -> None:
        """Add to one entry of a column."""
        column = self.found.setdefault(name, {})
        column[where, monomial] = column.get((where, monomial), Fraction(0)) + number

    # --- data ----------------------------------------------------------------------------------------------------

    def _polynomial(self, at: ir.Id, route: Monomial) -> Polynomial:
        """Data as a polynomial in the quantities that it is made of."""
        number = self.b.number(at)
        if number is not None:
            return _constant(number)
        node = self.b.nodes[at]
        if isinstance(node.op, ir.Apply) and len(node.args) == 2 and node.op.function.name in ("+", "-", "*"):
            first, second = (self._polynomial(arg, route) for arg in node.args)
            made = times(first, second) if node.op.function.name == "*" else plus(first, second, node.op.function.name)
            if len(made) <= _MOST_MONOMIALS:
                return made
        return {((self._key(at), *route),): Fraction(1)}

    def _inverse(self, at: ir.Id, route: Monomial) -> Polynomial:
        number = self.b.number(at)
        if number is not None and number != 0:
            return {monomial: 1 / value for monomial, value in _constant(number).items()}
        return {(("over", self._key(at), *route),): Fraction(1)}

    def _key(self, at: ir.Id) -> Hashable:
        """The same for nodes that say the same."""
        stack = [at]
        while stack:
            one = stack[-1]
            missing = [arg for arg in self.b.nodes[one].args if arg not in self._keys]
            if missing:
                stack += missing
                continue
            stack.pop()
            node = self.b.nodes[one]
            key = (node.op, node.dims, *(self._keys[arg] for arg in node.args))
            self._keys[one] = self._numbers.setdefault(key, len(self._numbers))
        return self._keys[at]

    def _key_of_op(self, op: ir.Op) -> Hashable:
        return self._numbers.setdefault(op, len(self._numbers))


def _constant(number: float) -> Polynomial:
    try:
        value = Fraction(number)
    except (OverflowError, ValueError):
        return {(("number", str(number)),): Fraction(1)}
    return {ONE: value} if value else {}


def plus(first: Polynomial, second: Polynomial, sign: str) -> Polynomial:
    """The sum or the difference."""
    found = dict(first)
    for monomial, number in second.items():
        found[monomial] = found.get(monomial, Fraction(0)) + (number if sign == "+" else -number)
    return {monomial: number for monomial, number in found.items() if number}


def times(first: Polynomial, second: Polynomial) -> Polynomial:
    """The product."""
    found: Polynomial = {}
    for one, number in first.items():
        for other, factor in second.items():
            key = tuple(sorted((*one, *other), key=repr))
            found[key] = found.get(key, Fraction(0)) + number * factor
    return {monomial: number for monomial, number in found.items() if number}


def dependent(columns: Iterable[tuple[str, Column]]) -> Iterable[tuple[str, list[str]]]:
    """Each unknown whose column is a combination of those before it, with the unknowns of that combination."""
    rows: list[tuple[tuple[Hashable, Monomial], Column, dict[str, Fraction]]] = []
    for name, column in columns:
        left, used = {key: number for key, number in column.items() if number}, {name: Fraction(1)}
        for pivot, other, made in rows:
            if pivot in left:
                by = left[pivot] / other[pivot]
                left = _less(left, other, by)
                used = _less(used, made, by)
        if left:
            rows.append((next(iter(left)), left, used))
        elif column:
            yield name, [other for other in used if other != name]


def _less(first: Mapping[_Key, Fraction], second: Mapping[_Key, Fraction], by: Fraction) -> dict[_Key, Fraction]:
    found = dict(first)
    for key, number in second.items():
        found[key] = found.get(key, Fraction(0)) - by * number
        if not found[key]:
            del found[key]
    return found
