"""What weights that are computed in a spec sum to, where that follows from their formula.

Each entry of a list is brought to a polynomial in the values that it is made from, so that ``[p, 1 - p]`` sums to 1
whatever ``p`` is, and ``[p, p]`` to no number. ``full(k, 1 / size(k))`` sums to 1 too, and so does a row of
``(1 - e) / size(k) + e * eye(j, k)``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..ir import nodes as ir
from ..types import Dim, Structure
from .polynomials import ONE, Polynomial, Polynomials, product, total

_TOLERANCE = 1e-6


def certain_sum(nodes: Sequence[ir.Node], value: ir.Id, dim: Dim, polynomials: Polynomials) -> float | None:
    """What ``value`` certainly sums to over ``dim``, as a number; 1 within rounding is 1, and ``None`` is not known."""
    totals = _Totals(nodes, polynomials).over(value, dim)
    if totals is None:
        return None
    totals = [polynomials.of_wholes(one) for one in totals]
    numbers = [one.get((), 0.0) for one in totals if set(one) <= {()}]
    if len(numbers) < len(totals):
        return None
    wrong = (number for number in numbers if abs(number - 1) > _TOLERANCE)
    return next(wrong, 1.0)


class _Totals:
    """The sums of values over a dimension as polynomials."""

    def __init__(self, nodes: Sequence[ir.Node], polynomials: Polynomials) -> None:
        self._nodes, self._polynomials = nodes, polynomials

    def over(self, value: ir.Id, dim: Dim) -> list[Polynomial] | None:
        """One polynomial for each way of reading ``value``, or ``None`` where it is not a list."""
        node, made = self._nodes[value], self._polynomials
        if node.kind.structure is Structure.SIMPLEX and node.dims[-1] == dim:
            return [ONE]
        if dim not in node.dims:
            return [product(made.of(value), made.members(dim))]
        match node.op:
            case ir.Stack(dim=own) if own == dim:
                return self._of_quotients(node.args) or [total(made.of(arg) for arg in node.args)]
            case ir.Stack():
                rows = [self.over(arg, dim) for arg in node.args if dim in self._nodes[arg].dims]
                found = [one for row in rows if row is not None for one in row]
                return found if len(rows) == len(node.args) and None not in rows else None
            case ir.Gather(dim=gone) if gone != dim and dim not in self._nodes[node.args[1]].dims:
                return self.over(node.args[0], dim)
            case ir.Relabel(old=old, new=new):
                return self.over(node.args[0], old if new == dim else dim)
            case ir.Fill(function=function) if function.name == "eye":
                return [ONE]
            case ir.Fill(function=function, over=(own,)) if own == dim and function.name in ("ones", "full"):
                each = made.of(node.args[0]) if node.args else ONE
                return [product(each, made.members(dim))]
            case ir.Apply(function=function):
                return self._of_operator(function.name, node.args, dim)
            case _:
                return None

    def _of_operator(self, function: str, args: Sequence[ir.Id], dim: Dim) -> list[Polynomial] | None:
        match function, args:
            case ("+" | "-"), (left, right):
                first, second = self.over(left, dim), self.over(right, dim)
                sign = {(): 1.0 if function == "+" else -1.0}
                if first is None or second is None:
                    return None
                return [total([one, product(other, sign)]) for one in first for other in second]
            case "*", (factor, values) if dim not in self._nodes[factor].dims:
                return self._times(values, factor, dim)
            case ("*" | "/"), (values, factor) if dim not in self._nodes[factor].dims:
                return self._times(values, factor, dim, divides=function == "/")
            case _:
                return None

    def _times(self, values: ir.Id, by: ir.Id, dim: Dim, *, divides: bool = False) -> list[Polynomial] | None:
        factor, totals = self._polynomials.factor(by, divides=divides), self.over(values, dim)
        if totals is None or (divides and not all(totals)):  # 0 / x is 0 or no number
            return None
        if factor is None:
            return _shares(totals, self._polynomials.of(by))
        return [product(one, factor) for one in totals]

    def _of_quotients(self, args: Sequence[ir.Id]) -> list[Polynomial] | None:
        """The sum of values that are all divided by the same sum."""
        made = self._polynomials
        found = [self._nodes[arg] for arg in args]
        if not all(isinstance(one.op, ir.Apply) and one.op.function.name == "/" for one in found):
            return None
        divisors = [made.of(one.args[1]) for one in found]
        if any(one != divisors[0] for one in divisors):
            return None
        return _shares([total(made.of(one.args[0]) for one in found)], divisors[0])


def _shares(totals: Sequence[Polynomial], whole: Polynomial) -> list[Polynomial] | None:
    """Totals as shares of a sum of several terms, where they are multiples of it."""
    found: list[Polynomial] = []
    for one in totals:
        first = next(iter(whole), None)
        share = 0.0 if first is None else one.get(first, 0.0) / whole[first]
        if not share or total([one, product(whole, {(): -share})]):
            return None
        found.append({(): share})
    return found
