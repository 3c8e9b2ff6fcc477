"""Which squares are certainly diagonal, lower triangles or symmetric, as their formulas say."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from ..ir import nodes as ir
from ..types import Structure


class Shape(Enum):
    """What a square certainly is, whatever its values are."""

    DIAGONAL = "diagonal"
    LOWER = "a lower triangle"
    SYMMETRIC = "symmetric"
    NEITHER = "neither a triangle nor symmetric"
    ENTRIES = "multiplied entry by entry"


_LEAVES = {
    Structure.CHOLESKY: Shape.LOWER,
    Structure.CORR_CHOLESKY: Shape.LOWER,
    Structure.COV: Shape.SYMMETRIC,
    Structure.CORR: Shape.SYMMETRIC,
}
_FUNCTIONS = {"diag": Shape.DIAGONAL, "cholesky": Shape.LOWER, "tril": Shape.LOWER}
_TRIANGLES = (Shape.DIAGONAL, Shape.LOWER)
_SYMMETRIC = (Shape.DIAGONAL, Shape.SYMMETRIC)


def shape(nodes: Sequence[ir.Node], at: ir.Id) -> Shape | None:
    """The shape of a value, or ``None`` where it is no square or nothing is certain."""
    node = nodes[at]
    if node.kind.structure in _LEAVES:
        return _LEAVES[node.kind.structure]
    match node.op:
        case ir.Fill(function) | ir.Matrix(function=function):
            return _FUNCTIONS.get(function.name)
        case ir.Relabel():
            return shape(nodes, node.args[0])
        case ir.Apply(function) if function.name in ("*", "/", "+", "-") and len(node.args) == 2:
            return _entries(function.name, *((shape(nodes, arg), len(nodes[arg].dims)) for arg in node.args))
        case ir.Contract():
            return _product(*(shape(nodes, arg) for arg in node.args))
        case _:
            return None


def _entries(name: str, one: tuple[Shape | None, int], other: tuple[Shape | None, int]) -> Shape | None:
    """The shape of an operation entry by entry on two values, each with its own and its rank."""
    (first, rank), (second, beside) = one, other
    known = [found for found in (first, second) if found is not None]
    if len(known) == 2:
        unlike = Shape.DIAGONAL in known or set(known) == {Shape.LOWER, Shape.SYMMETRIC}
        if name == "*" and unlike:
            return Shape.ENTRIES
        triangles = all(found in _TRIANGLES for found in known)
        return Shape.LOWER if triangles and Shape.LOWER in known else known[0] if known[0] is known[1] else None
    if name == "*" and known and min(rank, beside) == 0:
        return known[0]
    return first if name == "/" and beside == 0 else None


def _product(first: Shape | None, second: Shape | None) -> Shape | None:
    if first is None or second is None:
        return None
    if first in _TRIANGLES and second in _TRIANGLES:
        return Shape.DIAGONAL if first is second is Shape.DIAGONAL else Shape.LOWER
    if {first, second} <= {*_SYMMETRIC, *_TRIANGLES}:
        return Shape.NEITHER
    return None


def fits(found: Shape, wanted: Structure) -> bool:
    """Whether a square of some shape can have a structure."""
    if wanted in (Structure.CHOLESKY, Structure.CORR_CHOLESKY):
        return found in _TRIANGLES
    return found in _SYMMETRIC or wanted not in _LEAVES
