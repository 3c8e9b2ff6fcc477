"""Where data with missing entries may stand: in what is observed, and as covariates that are missing with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..ir import nodes as ir
from ..types import Dims


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """The inputs below a value: those of which each entry stays at its place in the plates, and the others."""

    beside: frozenset[ir.Id]
    apart: frozenset[ir.Id]


@dataclass(frozen=True, slots=True, eq=False)
class Reads:
    """Finds how values read the items ``names``."""

    nodes: Sequence[ir.Node]
    names: Collection[str]
    plates: Dims

    def __call__(self, *roots: ir.Id | None) -> Read:
        seen: set[tuple[ir.Id, bool]] = set()
        ahead = [(root, True) for root in roots if root is not None]
        while ahead:
            at, beside = ahead.pop()
            if (at, beside) not in seen:
                seen.add((at, beside))
                node = self.nodes[at]
                ahead += [(arg, beside and stays) for arg, stays in zip(node.args, self._stays(node), strict=True)]
        inputs = {at for at, _ in seen if self.name(at) in self.names}
        return Read(*(frozenset(at for at in inputs if (at, stays) in seen) for stays in (True, False)))

    def name(self, at: ir.Id) -> str:
        """The item that a node is the value of, or nothing."""
        op = self.nodes[at].op
        return op.name if isinstance(op, ir.Input) else ""

    def _stays(self, node: ir.Node) -> Iterator[bool]:
        """For each operand, whether its elements stay at their places."""
        match node.op:
            case ir.Apply() | ir.Stack() | ir.Fill():
                return (True for _ in node.args)
            case ir.Reduce(_, dim) | ir.Along(_, dim):
                return (dim not in self.plates for _ in node.args)
            case ir.Contract(left, right):
                return (dim not in self.plates for dim in (left, right))
            case ir.Matrix(_, events, _):
                return (set(event).isdisjoint(self.plates) for event in events)
            case ir.Gather():
                return (i == 1 for i, _ in enumerate(node.args))
            case _:
                return (False for _ in node.args)
