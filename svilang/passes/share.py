"""Common subexpressions: equal operations on equal operands are computed once.

Method: value numbering (Cocke and Schwartz, 1970) over the list of nodes; every operation is a pure function, so that
two nodes with the same number are equal at every point.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from ..ir import Node, Program, rebuild
from ..ir.nodes import Apply, Const, Id, Label, Op

_COMMUTATIVE = frozenset({"+", "*", "==", "!="})
"""Floating-point sums and products are exactly commutative, though not associative."""


def share(program: Program) -> Program:
    """Replace each node by the first that is equal to it; that one's place in the text remains."""
    first: dict[Hashable, Id] = {}
    stands_for: list[Id] = []
    entries: list[Node | Id] = []
    for position, node in enumerate(program.nodes):
        args = tuple(stands_for[arg] for arg in node.args)
        earlier = first.setdefault(_key(node, args), position)
        stands_for.append(earlier)
        entries.append(replace(node, args=args) if earlier == position else earlier)
    return program if stands_for == list(range(len(program.nodes))) else rebuild(program, entries)


def _key(node: Node, args: tuple[Id, ...]) -> Hashable:
    if isinstance(node.op, Apply) and node.op.function.name in _COMMUTATIVE:
        args = tuple(sorted(args))
    return _op_key(node.op), args, node.dims, node.kind


def _op_key(op: Op) -> Hashable:
    """Python holds ``1``, ``1.0`` and ``True`` for equal, and ``0.0`` and ``-0.0``; as constants they differ."""
    match op:
        case Const(value):
            return Const, type(value), repr(value)
        case Label(dim, label):
            return Label, dim, type(label), label
        case _:
            return op
