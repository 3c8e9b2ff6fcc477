"""What makes values differ along a dimension, and whether anything there mixes its positions."""

from __future__ import annotations

from collections.abc import Iterable

from ..ir.nodes import Id, Input, Program
from ..ir.walk import acts_on
from ..types import Dim


def columns_along(program: Program, start: Iterable[Id], dim: Dim) -> tuple[str, ...] | None:
    """The data items that make nodes differ along ``dim``; ``None`` where something else does, or rows are mixed."""
    found: dict[str, None] = {}
    for i in varying(program, start, dim):
        node = program.nodes[i]
        if sum(axis.name == dim.name for axis in node.dims) > 1 or acts_on(node, dim):
            return None
        if isinstance(node.op, Input):
            found[node.op.name] = None
        elif not any(dim in program.nodes[arg].dims for arg in node.args):
            return None
    return tuple(found)


def varying(program: Program, start: Iterable[Id], dim: Dim) -> list[Id]:
    """The nodes below ``start`` that differ along ``dim``, operands first; what is below one that does not is left."""
    seen: set[Id] = set()
    ahead = list(start)
    while ahead:
        node = ahead.pop()
        if node not in seen and dim in program.nodes[node].dims:
            seen.add(node)
            ahead.extend(program.nodes[node].args)
    return sorted(seen)
