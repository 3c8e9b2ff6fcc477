"""Sums of columns of data, each times a number of its own, as one product of a matrix with a vector.

``b1 * x1 + b2 * x2 + …`` written out is as many products and sums as there are columns, and twice as many in the
gradient. The columns together are data alone and are made once; what is left of a step is one product.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ..ir import nodes as ir
from ..ir.walk import roots, users
from ..types import Dims

FEWEST = 8
"""Columns from which a product is worth the matrix."""


@dataclass(frozen=True, slots=True)
class WeightedSum:
    """``sum_j sign_j * factor_j * column_j + sum_k sign_k * rest_k``.

    Args:
        dims: the axes of the columns.
        columns: nodes of data alone, all with the axes ``dims``.
        factors: the number that multiplies each of them.
        signs: 1 or -1 for each of them.
        rest: all other terms, each with its sign.
    """

    dims: Dims
    columns: tuple[ir.Id, ...]
    factors: tuple[ir.Id, ...]
    signs: tuple[int, ...]
    rest: tuple[tuple[ir.Id, int], ...]


def weighted_sums(
    program: ir.Program, late: Collection[ir.Id], also: Collection[ir.Id]
) -> dict[ir.Id, WeightedSum]:
    """The sums of a program with many such columns, none within another; ``also`` are nodes that are needed besides."""
    tops = [i for i in late if _signs(program.nodes[i]) is not None and program.nodes[i].dims]
    if len(tops) < FEWEST - 1:
        return {}
    own = _inner(program, {*roots(program), *also})
    found: dict[ir.Id, WeightedSum] = {}
    for top in sorted(set(tops) - own):
        made = _weighted(program, late, own, top)
        if made is not None:
            found[top] = made
    return found


def _inner(program: ir.Program, wanted: Collection[ir.Id]) -> set[ir.Id]:
    """The sums and products that are nothing but an operand of one sum."""
    found: set[ir.Id] = set()
    for i, of in enumerate(users(program)):
        if len(of) == 1 and i not in wanted and _signs(program.nodes[of[0]]) is not None:
            found.add(i)
    return found


def _signs(node: ir.Node) -> tuple[int, ...] | None:
    """The sign of each operand of a sum; ``None`` for what is none."""
    if not isinstance(node.op, ir.Apply):
        return None
    return {"+": (1, 1), "-": (1, -1), "negate": (-1,)}.get(node.op.function.name)


def _weighted(
    program: ir.Program, late: Collection[ir.Id], own: Collection[ir.Id], top: ir.Id
) -> WeightedSum | None:
    by_dims: dict[Dims, list[tuple[ir.Id, ir.Id, ir.Id, int]]] = {}
    rest: list[tuple[ir.Id, int]] = []
    for i, sign in _terms(program, own, top):
        pair = _column(program, late, i) if i in own else None
        if pair is None:
            rest.append((i, sign))
        else:
            by_dims.setdefault(program.nodes[pair[0]].dims, []).append((i, *pair, sign))
    if not by_dims:
        return None
    dims, chosen = max(by_dims.items(), key=lambda one: len(one[1]))
    if len(chosen) < FEWEST:
        return None
    rest += [(i, sign) for axes, many in by_dims.items() if axes != dims for i, _, _, sign in many]
    _, columns, factors, signs = zip(*chosen, strict=True)
    return WeightedSum(dims, columns, factors, signs, tuple(rest))


def _terms(program: ir.Program, own: Collection[ir.Id], top: ir.Id) -> Iterator[tuple[ir.Id, int]]:
    """The terms of a sum with their signs, in the order of the text."""
    ahead = [(top, 1)]
    while ahead:
        i, sign = ahead.pop()
        signs = _signs(program.nodes[i]) if i == top or i in own else None
        if signs is None:
            yield i, sign
        else:
            ahead += [(arg, sign * one) for arg, one in zip(program.nodes[i].args, signs, strict=True)][::-1]


def _column(program: ir.Program, late: Collection[ir.Id], i: ir.Id) -> tuple[ir.Id, ir.Id] | None:
    """A column of data and the number that multiplies it."""
    node = program.nodes[i]
    if not isinstance(node.op, ir.Apply) or node.op.function.name != "*":
        return None
    for column, factor in (node.args, node.args[::-1]):
        if column not in late and program.nodes[column].dims and factor in late and not program.nodes[factor].dims:
            return column, factor
    return None
