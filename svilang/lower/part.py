"""A piece of a program that is run on its own, many times: a step of a recursion, a rate of change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from ..ir import nodes as ir
from ..ir.walk import reachable, varying
from ..types import Dims


@dataclass(frozen=True, eq=False)
class Part:
    """The piece.

    Args:
        program: of the piece, in which the values from outside are data, named by their position.
        roots: what is asked of it.
        outside: the nodes of the whole that it takes, in order.
    """

    program: ir.Program
    roots: tuple[ir.Id, ...]
    outside: tuple[ir.Id, ...]


def cut(program: ir.Program, roots: tuple[ir.Id, ...], names: Collection[str], gone: Dims) -> Part:
    """What makes ``roots`` and depends on a placeholder of one of ``names``, without the axes ``gone``."""
    inside = _inside(program, roots, names)
    nodes: list[ir.Node] = []
    moved: dict[ir.Id, ir.Id] = {}
    outside: list[ir.Id] = []
    for i in sorted(inside | {arg for j in inside for arg in program.nodes[j].args} | set(roots)):
        node = program.nodes[i]
        dims = tuple(dim for dim in node.dims if dim not in gone)
        moved[i] = len(nodes)
        if i in inside:
            nodes.append(replace(node, args=tuple(moved[arg] for arg in node.args), dims=dims))
        elif isinstance(node.op, (ir.Const, ir.Label)):
            nodes.append(node)
        else:
            outside.append(i)
            nodes.append(ir.Node(ir.Input(str(i)), (), dims, node.kind, node.span))
    return Part(ir.Program("part", nodes=tuple(nodes)), tuple(moved[root] for root in roots), tuple(outside))


def _inside(program: ir.Program, roots: tuple[ir.Id, ...], names: Collection[str]) -> set[ir.Id]:
    """The nodes that depend on a placeholder, and the equations that are solved among them."""
    inside: set[ir.Id] = set()
    for i in sorted(reachable(program, roots)):
        op = program.nodes[i].op
        if isinstance(op, (ir.Before, ir.Varying)):
            inside |= {i} if op.name in names else set()
        elif any(arg in inside for arg in program.nodes[i].args):
            inside.add(i)
    for i in sorted(inside, reverse=True):
        if isinstance(program.nodes[i].op, ir.Flow):
            inside.update(varying(program.nodes, program.nodes[i]))
    return inside
