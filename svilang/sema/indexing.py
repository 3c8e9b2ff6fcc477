"""``base[index]``: by a label, a position, or the members that data name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..diagnostics import Span
from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dim, Dims, Kind, intervals
from . import errors
from .lists import nesting, squared
from .scope import Scope

if TYPE_CHECKING:
    from .expressions import Expressions


def indexed(e: Expressions, node: ast.Index, scope: Scope, hint: Dims) -> ir.Id | None:
    """``base[i, j]``, all indexes at once: what one of them brings in is not met by another.

    ``hint`` gives the axes that are left of a list literal.
    """
    base = e.expr(node.base, scope, _list_axes(e, node, scope, hint))
    if base is None:
        for index in node.indices:
            if not isinstance(_literal(index), (ast.String, ast.Number)):
                e.expr(index, scope)
        return None
    found: list[ast.String | ast.Number | _Member] = []
    for index in node.indices:
        literal = _literal(index)
        one = _member(e, base, index, scope) if literal is None else literal
        if one is None:
            return None
        found.append(one)
    axes = _axes(e, e.b.dims(base), [one for one in found if isinstance(one, _Member)])
    free = [dim for dim in e.free(base, scope) if dim not in axes.values()]
    literals = sum(not isinstance(one, _Member) for one in found)
    places: list[tuple[Dim, ir.Id]] = []
    for one in found:
        if isinstance(one, _Member):
            if one not in axes:
                dims, taken = e.b.dims(base), axes.values()
                return e.fail(errors.index_of_other_dimension(one.index, one.dim.name, node.base, dims, taken))
            places.append((axes[one], one.value))
            continue
        place = _literal_place(e, node, one, free, literals)
        if place is None:
            return None
        literals -= 1
        free.remove(place[0])
        places.append(place)
    return e.settled(_gathered(e, base, places, node.span), scope)


def _gathered(e: Expressions, base: ir.Id, places: list[tuple[Dim, ir.Id]], span: Span) -> ir.Id:
    """``base`` with an index in the place of each axis; an axis that another index brings in is set apart before."""
    apart: list[tuple[Dim, ir.Id]] = []
    for axis, index in places:
        brought = {dim for _, other in places if other != index for dim in e.b.dims(other)}
        if axis in brought:
            primes = (dim.prime for dim in (*e.b.dims(base), *brought) if dim.name == axis.name)
            own = Dim(axis.name, 1 + max(primes))
            base, axis = e.relabel(base, axis, own, span), own
        apart.append((axis, index))
    for axis, index in apart:
        base = e.gather(base, axis, index, span)
    return base


def _list_axes(e: Expressions, node: ast.Index, scope: Scope, hint: Dims) -> Dims:
    """The axes of a list literal: those over which its indexes go, then those that are left."""
    if nesting(node.base) < len(node.indices) or any(_literal(index) is not None for index in node.indices):
        return ()
    values = [e.expr(index, scope) for index in node.indices]
    members = [e.b.kind(value).member for value in values if value is not None]
    indexed = tuple(Dim(member) for member in members if member is not None)
    return squared((*indexed, *hint[: nesting(node.base) - len(indexed)]))


@dataclass(frozen=True, slots=True, eq=False)
class _Member:
    """An index that is a member of a dimension."""

    index: ast.Expr
    value: ir.Id
    dim: Dim


def _axes(e: Expressions, dims: Dims, members: list[_Member]) -> dict[_Member, Dim]:
    """The axis of each member: that of its own dimension, else that of an alias. Several members of one dimension take
    its axes, with those of aliases, in their order.
    """
    times = Counter(member.dim for member in members)
    found = {one: one.dim for one in members if times[one.dim] == 1 and one.dim in dims}
    for one in members:
        left = [dim for dim in dims if dim not in found.values() and e.b.same_root(dim, one.dim)]
        if one not in found and left:
            found[one] = left[0]
    return found


def _literal_place(
    e: Expressions, node: ast.Index, literal: ast.String | ast.Number, free: list[Dim], literals: int
) -> tuple[Dim, ir.Id] | None:
    """The axis of a label or a position, which is one of those that are left, and the member that it names."""
    candidates = free
    if isinstance(literal, ast.String) and len(candidates) > 1:
        holding = [dim for dim in candidates if literal.value in (e.labels(dim.name) or ())]
        candidates = holding or candidates
    if len(candidates) == literals:
        candidates = candidates[:1]
    if len(candidates) != 1:
        return e.fail(errors.which_index(node, literal, candidates))
    label = label_of(e, candidates[0].name, literal)
    return None if label is None else (candidates[0], label)


def _member(e: Expressions, base: ir.Id, index: ast.Expr, scope: Scope) -> _Member | None:
    if isinstance(index, ast.Name) and Dim(index.name) in scope.context and index.name not in e.b.table.symbols:
        return e.fail(errors.index_by_open_plate(index))
    if isinstance(index, ast.Binary) and isinstance(index.left, ast.Name) and index.op in ("+", "-"):
        left = e.expr(index.left, scope)
        member = None if left is None else e.b.kind(left).member
        if member is not None and isinstance(index.right, ast.Number):
            return e.fail(errors.shifted_member(index, member))
    value = e.expr(index, scope)
    if value is None:
        return None
    member = e.b.kind(value).member
    if member is None:
        drawn = isinstance(e.b.nodes[value].op, ir.Latent)
        return e.fail(errors.index_is_no_member(index, e.free(base, scope) or e.b.dims(base), drawn=drawn))
    return _Member(index, value, Dim(member))


def label_of(e: Expressions, dim: str, literal: ast.String | ast.Number) -> ir.Id | None:
    """The member of a dimension that a label or a position names."""
    if not isinstance(literal.value, (str, int)):
        return e.fail(errors.label_out_of_place(literal))
    known, size = e.labels(dim), e.size(dim)
    coded = known is not None and any(isinstance(label, int) for label in known)
    if known is not None and literal.value not in known and (coded or isinstance(literal.value, str)):
        return e.fail(errors.unknown_label(literal, dim, known))
    if isinstance(literal.value, int) and size is not None and not coded and not -size <= literal.value < size:
        return e.fail(errors.no_such_position(literal, dim, size))
    kind = Kind(interval=intervals.COUNT, member=dim)
    return e.b.add(ir.Label(dim, literal.value), (), (), kind, literal.span)


def _literal(index: ast.Expr) -> ast.String | ast.Number | None:
    match index:
        case ast.String() | ast.Number():
            return index
        case ast.Unary(op="-", operand=ast.Number(value=value, text=text)):
            return ast.Number(-value, f"-{text}", span=index.span)
        case _:
            return None
