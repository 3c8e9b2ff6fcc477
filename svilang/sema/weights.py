"""What weights that are computed in a spec sum to, where that follows from their formula.

Each entry of a list is brought to a polynomial in the values that it is made from, so that ``[p, 1 - p]`` sums to 1
whatever ``p`` is, and ``[p, p]`` to no number. ``full(k, 1 / size(k))`` sums to 1 too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..ir import nodes as ir
from ..types import Dim, Dims, Structure

Monomial = tuple[tuple[int, int], ...]
"""Powers by the number of a value, in order; a divisor has a negative one."""

Polynomial = dict[Monomial, float]

_MOST_TERMS = 64
_TOLERANCE = 1e-6
_ROUNDING = 1e-12
_MINUS_ONE: Polynomial = {(): -1.0}


def certain_sum(nodes: Sequence[ir.Node], value: ir.Id, dim: Dim, size: Callable[[str], float | None]) -> float | None:
    """What ``value`` certainly sums to over ``dim``, as a number; 1 within rounding is 1, and ``None`` is not known.

    ``size`` says how many members a dimension has, where the text does.
    """
    totals = _Totals(nodes, size).over(value, dim)
    if totals is None:
        return None
    numbers = [total.get((), 0.0) for total in totals if set(total) <= {()}]
    if len(numbers) < len(totals):
        return None
    wrong = (number for number in numbers if abs(number - 1) > _TOLERANCE)
    return next(wrong, 1.0)


class _Totals:
    """The sums of values over a dimension as polynomials."""

    def __init__(self, nodes: Sequence[ir.Node], size: Callable[[str], float | None]) -> None:
        self._nodes, self._size = nodes, size
        self._alike: dict[tuple[object, Dims, tuple[int, ...]], int] = {}
        self._numbers: dict[ir.Id, int] = {}
        self._polynomials: dict[ir.Id, Polynomial] = {}

    def over(self, value: ir.Id, dim: Dim) -> list[Polynomial] | None:
        """One polynomial for each way of reading ``value``, or ``None`` where it is not a list."""
        node = self._nodes[value]
        if node.kind.structure is Structure.SIMPLEX and node.dims[-1] == dim:
            return [{(): 1.0}]
        match node.op:
            case ir.Stack(dim=own) if own == dim:
                return [_sum(self._polynomial(arg) for arg in node.args)]
            case ir.Stack():
                rows = [self.over(arg, dim) for arg in node.args if dim in self._nodes[arg].dims]
                found = [total for row in rows if row is not None for total in row]
                return found if len(rows) == len(node.args) and None not in rows else None
            case ir.Gather(dim=gone) if gone != dim and dim not in self._nodes[node.args[1]].dims:
                return self.over(node.args[0], dim)
            case ir.Relabel(old=old, new=new) if new == dim:
                return self.over(node.args[0], old)
            case ir.Fill(function=function, over=(own,)) if own == dim and function.name in ("ones", "full"):
                each = self._polynomial(node.args[0]) if node.args else {(): 1.0}
                return [_product(each, self._members(dim))]
            case ir.Apply(function=function) if function.name in ("*", "/") and self._scales(node, dim):
                factor = self._factor(node.args[1], divides=function.name == "/")
                totals = self.over(node.args[0], dim)
                return None if factor is None or totals is None else [_product(total, factor) for total in totals]
            case _:
                return None

    def _scales(self, node: ir.Node, dim: Dim) -> bool:
        return dim in self._nodes[node.args[0]].dims and dim not in self._nodes[node.args[1]].dims

    def _members(self, dim: Dim) -> Polynomial:
        size = self._size(dim.name)
        return {(): float(size)} if size is not None else {((self._made_alike("size", (dim,), ()), 1),): 1.0}

    def _factor(self, value: ir.Id, *, divides: bool) -> Polynomial | None:
        """A value as something to multiply with, or its inverse where it has one term."""
        own = self._polynomial(value)
        if not divides:
            return own
        if len(own) != 1:
            return None
        ((monomial, number),) = own.items()
        return {tuple((value, -power) for value, power in monomial): 1 / number}

    def _polynomial(self, value: ir.Id) -> Polynomial:
        if value not in self._polynomials:
            found = self._expanded(value)
            if found is None or len(found) > _MOST_TERMS:
                found = {((self._number(value), 1),): 1.0}
            self._polynomials[value] = found
        return self._polynomials[value]

    def _expanded(self, value: ir.Id) -> Polynomial | None:
        node = self._nodes[value]
        match node.op:
            case ir.Const(value=number):
                return {(): float(number)} if number else {}
            case ir.Apply(function=function):
                name = function.name
            case ir.Fill(function=function, over=(dim,)) if function.name == "size":
                return self._members(dim)
            case _:
                return None
        match name, node.args:
            case "+", (left, right):
                return _sum([self._polynomial(left), self._polynomial(right)])
            case "-", (left, right):
                return _sum([self._polynomial(left), _product(self._polynomial(right), _MINUS_ONE)])
            case "negate", (only,):
                return _product(self._polynomial(only), _MINUS_ONE)
            case (("*" | "/"), (left, right)):
                factor = self._factor(right, divides=name == "/")
                return None if factor is None else _product(self._polynomial(left), factor)
            case _:
                return None

    def _number(self, value: ir.Id) -> int:
        if value not in self._numbers:
            node = self._nodes[value]
            args = tuple(self._number(arg) for arg in node.args)
            self._numbers[value] = self._made_alike(node.op, node.dims, args)
        return self._numbers[value]

    def _made_alike(self, op: object, dims: Dims, args: tuple[int, ...]) -> int:
        """The same number for values that are made alike."""
        return self._alike.setdefault((op, dims, args), len(self._alike))


def _sum(parts: Iterable[Polynomial]) -> Polynomial:
    total: Polynomial = {}
    for part in parts:
        for monomial, factor in part.items():
            total[monomial] = total.get(monomial, 0.0) + factor
    return {monomial: factor for monomial, factor in total.items() if abs(factor) > _ROUNDING}


def _product(one: Polynomial, other: Polynomial) -> Polynomial:
    return _sum({_times(left, right): a * b} for left, a in one.items() for right, b in other.items())


def _times(left: Monomial, right: Monomial) -> Monomial:
    powers = dict(left)
    for value, power in right:
        powers[value] = powers.get(value, 0) + power
    return tuple(sorted((value, power) for value, power in powers.items() if power))
