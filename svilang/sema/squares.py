"""Which squares are certainly diagonal, lower triangles or symmetric, as their formulas say."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from ..catalog.distribution import Combinator, Distribution
from ..ir import nodes as ir
from ..types import Structure


class Shape(Enum):
    """What a square certainly is, whatever its values are."""

    DIAGONAL = "diagonal"
    LOWER = "a lower triangle"
    SYMMETRIC = "symmetric"
    NEITHER = "neither a triangle nor symmetric"
    ENTRIES = "multiplied entry by entry"


TRIANGULAR = (Structure.CHOLESKY, Structure.CORR_CHOLESKY)
"""Structures of lower triangles."""

_LEAVES = {
    Structure.CHOLESKY: Shape.LOWER,
    Structure.CORR_CHOLESKY: Shape.LOWER,
    Structure.COV: Shape.SYMMETRIC,
    Structure.CORR: Shape.SYMMETRIC,
}
_FUNCTIONS = {
    "diag": Shape.DIAGONAL,
    "eye": Shape.DIAGONAL,
    "cholesky": Shape.LOWER,
    "tril": Shape.LOWER,
    "tcrossprod": Shape.SYMMETRIC,
}
_KEEPING = ("inverse", "matrix_exp")
"""Functions of one square, which keep its shape."""

_TRIANGLES = (Shape.DIAGONAL, Shape.LOWER)
_SYMMETRIC = (Shape.DIAGONAL, Shape.SYMMETRIC)
_ARITHMETIC = ("*", "/", "+", "-")


def matrices_of(row: Distribution | Combinator) -> dict[Structure, str]:
    """The names of the arguments that are matrices, by what they are; of several the first."""
    forms = [form.params for form in row.forms] if isinstance(row, Distribution) else [row.params]
    return {p.kind.structure: p.name for params in reversed(forms) for p in params if p.kind.structure.rank == 2}


def shape(nodes: Sequence[ir.Node], at: ir.Id) -> Shape | None:
    """The shape of a value, or ``None`` where it is no square or nothing is certain."""
    node = nodes[at]
    if node.kind.structure in _LEAVES:
        return _LEAVES[node.kind.structure]
    match node.op:
        case ir.Matrix(function=function) if function.name in _KEEPING:
            return shape(nodes, node.args[0])
        case ir.Matrix(function=function) if function.name == "transpose":
            found = shape(nodes, node.args[0])
            return found if found in _SYMMETRIC else None
        case ir.Matrix(function=function) if function.name == "outer":
            return Shape.SYMMETRIC if _same(nodes, *node.args) else None
        case ir.Fill(function) | ir.Matrix(function=function):
            return _FUNCTIONS.get(function.name)
        case ir.Relabel():
            return shape(nodes, node.args[0])
        case ir.Gather() if len(node.dims) > 2:
            return shape(nodes, node.args[0])
        case ir.Stack():
            return _listed(nodes, node)
        case ir.Apply(function):
            operands = [(shape(nodes, arg), len(nodes[arg].dims)) for arg in node.args]
            if function.name in _ARITHMETIC and len(operands) == 2:
                return _entries(function.name, *operands)
            return _alike([found for found, rank in operands if rank > 0])
        case ir.Contract():
            factors = _factors(nodes, at)
            if len(factors) > 1 and _mirrored(nodes, factors):
                return Shape.SYMMETRIC
            return _product(*(shape(nodes, arg) for arg in node.args))
        case _:
            return None


def is_scaled_diagonal(nodes: Sequence[ir.Node], at: ir.Id) -> bool:
    """Whether a value is a diagonal of other numbers than 1, for which a factor and a covariance matrix differ."""
    while isinstance(nodes[at].op, ir.Relabel):
        (at,) = nodes[at].args
    op = nodes[at].op
    identity = isinstance(op, ir.Fill) and op.function.name == "eye"
    return not identity and shape(nodes, at) is Shape.DIAGONAL


def _alike(found: Sequence[Shape | None]) -> Shape | None:
    """The shape of a function entry by entry: symmetric where all squares in it are."""
    return Shape.SYMMETRIC if found and all(each in _SYMMETRIC for each in found) else None


def _listed(nodes: Sequence[ir.Node], node: ir.Node) -> Shape | None:
    """The shape of a list of lists of numbers."""
    rows = [nodes[row] for row in node.args]
    if not all(isinstance(row.op, ir.Stack) and len(row.args) == len(rows) for row in rows):
        return None
    places = [(i, j) for i in range(len(rows)) for j in range(i)]
    zero = [_is_zero(nodes[rows[j].args[i]]) for i, j in places]
    if all(zero):
        below = all(_is_zero(nodes[rows[i].args[j]]) for i, j in places)
        return Shape.DIAGONAL if below else Shape.LOWER
    mirrored = all(_same(nodes, rows[i].args[j], rows[j].args[i]) for i, j in places)
    return Shape.SYMMETRIC if mirrored else None


def _is_zero(node: ir.Node) -> bool:
    return isinstance(node.op, ir.Const) and node.op.value == 0


def _factors(nodes: Sequence[ir.Node], at: ir.Id) -> list[tuple[ir.Id, bool]]:
    """The squares of a chain of products, in which columns meet rows, and which of them are transposed."""
    node = nodes[at]
    match node.op:
        case ir.Relabel():
            return _factors(nodes, node.args[0])
        case ir.Matrix(function=function) if function.name == "transpose":
            return [(factor, not turned) for factor, turned in reversed(_factors(nodes, node.args[0]))]
        case ir.Contract(left, right):
            ends = (nodes[node.args[0]].dims[-1:], nodes[node.args[1]].dims[-2:-1])
            if ends == ((left,), (right,)):
                return [factor for arg in node.args for factor in _factors(nodes, arg)]
        case _:
            pass
    return [(at, False)]


def _mirrored(nodes: Sequence[ir.Node], factors: Sequence[tuple[ir.Id, bool]]) -> bool:
    """Whether a product is its own transpose: each factor that of the one in its place from behind."""
    if not factors:
        return True
    (first, turned), *middle = factors
    symmetric = shape(nodes, first) in _SYMMETRIC
    if not middle:
        return symmetric
    *middle, (last, back) = middle
    return (symmetric or turned is not back) and _same(nodes, first, last) and _mirrored(nodes, middle)


def _same(nodes: Sequence[ir.Node], one: ir.Id, other: ir.Id) -> bool:
    """Whether two values are made in the same way, under whatever names of their dimensions."""
    first, second = nodes[one], nodes[other]
    if isinstance(first.op, ir.Relabel):
        return _same(nodes, first.args[0], other)
    if isinstance(second.op, ir.Relabel):
        return _same(nodes, one, second.args[0])
    return one == other or (
        first.op == second.op
        and len(first.args) == len(second.args)
        and all(_same(nodes, a, b) for a, b in zip(first.args, second.args, strict=True))
    )


def _entries(name: str, one: tuple[Shape | None, int], other: tuple[Shape | None, int]) -> Shape | None:
    """The shape of an operation entry by entry on two values, each with its own and its rank."""
    (first, rank), (second, beside) = one, other
    known = [found for found in (first, second) if found is not None]
    if len(known) == 2:
        unlike = Shape.DIAGONAL in known or set(known) == {Shape.LOWER, Shape.SYMMETRIC}
        if name == "*" and unlike:
            return Shape.ENTRIES
        if known[0] is known[1]:
            return known[0]
        return next((all_of[1] for all_of in (_TRIANGLES, _SYMMETRIC) if set(known) <= set(all_of)), None)
    # Rows or columns of a triangle that are scaled leave it one.
    narrow = 1 if known and known[0] in _TRIANGLES else 0
    if name == "*" and known and min(rank, beside) <= narrow:
        return known[0]
    return first if name == "/" and beside <= narrow else None


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
    if wanted in TRIANGULAR:
        return found in _TRIANGLES
    return found in _SYMMETRIC or wanted not in _LEAVES
