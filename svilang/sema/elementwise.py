"""Functions of single numbers: operators, comparisons and calls, with their members and their ranges."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from ..catalog.function import Function
from ..catalog.functions import FUNCTIONS
from ..diagnostics import Span
from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dim, Dims, Interval, Kind, Structure, intervals, union
from . import errors
from .indexing import label_of
from .lists import nesting
from .scope import Scope

if TYPE_CHECKING:
    from .expressions import Expressions

_OF_INFINITY = ("if", "negate")
"""What may take an infinite number: a choice between bounds, and the sign."""


def unary(e: Expressions, node: ast.Unary, op: str, operand: ast.Expr, scope: Scope, hint: Dims) -> ir.Id | None:
    """A sign or a negation."""
    if isinstance(operand, ast.Number) and op == "-":
        return e.b.constant(-operand.value, node.span)
    if op == "+":
        return e.expr(operand, scope, hint)
    return apply(e, FUNCTIONS["negate" if op == "-" else op], (operand,), node.span, scope, hint)


def operator(e: Expressions, node: ast.Binary, scope: Scope, hint: Dims) -> ir.Id | None:
    """Arithmetic and comparisons of two operands."""
    # Long sums lean to the left, so that walking down the left side keeps the stack flat.
    spine = [node]
    while isinstance(spine[-1].left, ast.Binary) and spine[-1].left.op not in ("@", "==", "!="):
        spine.append(spine[-1].left)
    inner = spine[-1]
    value = apply(e, FUNCTIONS[inner.op], (inner.left, inner.right), inner.span, scope, hint)
    for outer in reversed(spine[:-1]):
        if value is None:
            e.expr(outer.right, scope, hint)
            continue
        right = e.expr(outer.right, scope, e.free(value, scope) or hint)
        spans = (outer.left.span, outer.right.span)
        value = None if right is None else _applied(e, FUNCTIONS[outer.op], (value, right), outer.span, spans)
    return value


def equality(e: Expressions, node: ast.Binary, scope: Scope, hint: Dims) -> ir.Id | None:
    """``==`` and ``!=``, of which one side may be a label or a position of the members on the other."""
    sides = (node.left, node.right)
    for literal, other in (sides, sides[::-1]):
        if not isinstance(literal, (ast.String, ast.Number)):
            continue
        value = e.expr(other, scope, hint)
        if value is None:
            return None
        member = e.b.kind(value).member
        if member is None:
            if isinstance(literal, ast.String):
                return e.fail(errors.label_out_of_place(literal))
            break
        label = label_of(e, member, literal)
        if label is None:
            return None
        return _applied(e, FUNCTIONS[node.op], (value, label), node.span, (other.span, literal.span))
    return apply(e, FUNCTIONS[node.op], sides, node.span, scope, hint)


def call_elementwise(e: Expressions, node: ast.Call, function: Function, scope: Scope, hint: Dims) -> ir.Id | None:
    """A call by the names of the parameters, with the defaults of those left out."""
    given = e.arguments(node, function.params, dict(function.optional), variadic=function.variadic)
    if given is None:
        return None
    operands = [given.pop(name) if name in given else None for name in function.params]
    defaults = dict(function.optional)
    filled = [
        ast.Number(defaults[name], repr(defaults[name]), span=node.span) if operand is None else operand
        for name, operand in zip(function.params, operands, strict=True)
    ]
    return apply(e, function, (*filled, *given.values()), node.span, scope, hint)


def apply(
    e: Expressions, function: Function, operands: tuple[ast.Expr, ...], span: Span, scope: Scope, hint: Dims = ()
) -> ir.Id | None:
    """An elementwise function; list literals among the operands take the axes of the others."""
    values: dict[int, ir.Id | None] = {
        i: e.expr(operand, scope)
        for i, operand in enumerate(operands)
        if not isinstance(operand, ast.ListLiteral)
    }
    known = [value for value in values.values() if value is not None]
    axes = union(*(e.free(value, scope) for value in known)) or hint
    for i, operand in enumerate(operands):
        if isinstance(operand, ast.ListLiteral):
            of_list = _axes_of(e, operand, axes)
            values[i] = made = None if of_list is None else e.expr(operand, scope, of_list)
            axes = axes or (() if made is None else e.free(made, scope))
    ids = [values[i] for i in range(len(operands))]
    if any(value is None for value in ids):
        return None
    spans = tuple(operand.span for operand in operands)
    return _applied(e, function, tuple(value for value in ids if value is not None), span, spans)


def _axes_of(e: Expressions, node: ast.ListLiteral, axes: Dims) -> Dims | None:
    """Those of the other operands' axes that a list has: all, or the one that the text gives as many members."""
    if len(axes) <= nesting(node):
        return axes
    alike = tuple(dim for dim in axes if e.size(dim.name) == len(node.items))
    if nesting(node) == len(alike) == 1:
        return alike
    return e.fail(errors.list_without_dimension(node.span, axes=axes))


def _applied(
    e: Expressions, function: Function, args: tuple[ir.Id, ...], span: Span, spans: tuple[Span, ...]
) -> ir.Id | None:
    members = {e.b.kind(arg).member for arg in args}
    kind = Kind(interval=function.support(*(e.b.interval(arg) for arg in args)))
    if function.name == "if":
        members = {e.b.kind(arg).member for arg in args[1:]}
        if members != {None}:
            if len(members) > 1:
                return e.fail(errors.members_mixed(span, members))
            kind = replace(kind, member=members.pop())
    elif members != {None}:
        roots = {None if member is None else e.b.table.root(member) for member in members}
        if function.name in ("==", "!=") and len(roots) > 1:
            return e.fail(errors.members_mixed(span, members))
        if function.name not in ("==", "!="):
            culprit = next(i for i, arg in enumerate(args) if e.b.kind(arg).member is not None)
            return e.fail(errors.member_is_no_number(spans[culprit], str(e.b.kind(args[culprit]).member)))
    kind = replace(kind, interval=_polynomial(e, function, args, kind.interval))
    if function.name == "/" and (share := _share(e, *args)):
        kind = replace(kind, interval=kind.interval.meet(share))
    check_domain(e, function, args, spans)
    infinite = (i for i, arg in enumerate(args) if _infinite(e, arg))
    if function.name not in _OF_INFINITY and (culprit := next(infinite, None)) is not None:
        return e.fail(errors.calculates_with_infinity(spans[culprit]))
    args = tuple(_beside_aliases(e, arg, args, span) for arg in args)
    dims = union(*(e.b.dims(arg) for arg in args))
    if function.name == "/" and (over := _normalised(e, *args)):
        dims, kind = (*(dim for dim in dims if dim != over), over), Kind(Structure.SIMPLEX, intervals.UNIT)
    if function.name == "if" and (tied := _chosen_whole(e, *args)):
        structure, event = tied
        dims, kind = (*(dim for dim in dims if dim not in event), *event), replace(kind, structure=structure)
    if clash := _mixed_squares(e, [e.b.dims(arg) for arg in args]):
        return e.fail(errors.squares_apart(span, *clash))
    return e.b.add(ir.Apply(function), args, dims, kind, span)


def _normalised(e: Expressions, values: ir.Id, total: ir.Id) -> Dim | None:
    """The dimension over which ``x / sum(x)`` of values that are not negative is a simplex."""
    op = e.b.nodes[total].op
    if not isinstance(op, ir.Reduce) or op.function.name != "sum" or e.b.interval(values).lower < 0:
        return None
    return op.dim if _same(e, values, e.b.nodes[total].args[0]) else None


def _chosen_whole(e: Expressions, condition: ir.Id, first: ir.Id, second: ir.Id) -> tuple[Structure, Dims] | None:
    """How the elements of a choice are tied, and along which axes: as in both values, where one is taken as a whole."""
    structure = e.b.kind(first).structure
    if structure is Structure.SCALAR or e.b.kind(second).structure is not structure:
        return None
    event = e.b.dims(first)[-structure.rank :]
    whole = event == e.b.dims(second)[-structure.rank :] and not set(event) & set(e.b.dims(condition))
    return (structure, event) if whole else None


def _beside_aliases(e: Expressions, square: ir.Id, others: tuple[ir.Id, ...], span: Span) -> ir.Id:
    """A square of one name whose columns take the name that those of another operand with the same rows have."""
    for column in (dim for dim in e.b.dims(square) if dim.prime):
        for other in others:
            axes = [dim for dim in e.b.dims(other) if e.b.same_root(dim, column)]
            if len(axes) == 2 and axes[0].primed == column != axes[1]:
                return e.relabel(square, column, axes[1], span)
    return square


def _polynomial(e: Expressions, function: Function, args: tuple[ir.Id, ...], plain: Interval) -> Interval:
    """Where a sum or a difference lies, which is less than its operands say where a value is in both."""
    made = e.polynomials.made_by(function.name, args) if function.name in ("+", "-") else None
    found = e.polynomials.interval(made) if made and set(made) != {()} else plain
    return plain.meet(found) if plain.meets(found) else plain


def _share(e: Expressions, part: ir.Id, whole: ir.Id) -> Interval | None:
    """Where ``x / (x + y)`` of values that are not negative lies: between 0 and 1, which interval arithmetic cannot
    see.
    """
    own, rest = e.b.interval(part), e.polynomials.interval(e.polynomials.made_by("-", (whole, part)) or {})
    if own.lower < 0 or rest.lower < 0:
        return None
    return Interval(0, 1, lower_open=0 not in own, upper_open=0 not in rest)


def _same(e: Expressions, first: ir.Id, second: ir.Id, depth: int = 8) -> bool:
    """Whether two nodes are the same expression, as far as a short look tells."""
    if first == second:
        return True
    x, y = e.b.nodes[first], e.b.nodes[second]
    alike = depth > 0 and x.op == y.op and x.dims == y.dims and len(x.args) == len(y.args) > 0
    return alike and all(_same(e, a, b, depth - 1) for a, b in zip(x.args, y.args, strict=True))


def _mixed_squares(e: Expressions, many: list[Dims]) -> tuple[Dims, Dims] | None:
    """Two operands of which one is a square of one name, and the other has that name for its columns."""
    for one in many:
        twice = [dim for dim in one if dim.prime]
        for other in many:
            for dim in twice:
                names = {d.name for d in other if e.b.same_root(d, dim)}
                if dim.name in names and len(names) > 1:
                    return one, other
    return None


def _infinite(e: Expressions, node: ir.Id) -> bool:
    op = e.b.nodes[node].op
    return isinstance(op, ir.Const) and math.isinf(op.value)


def check_domain(e: Expressions, function: Function, args: tuple[ir.Id, ...], spans: tuple[Span, ...]) -> None:
    """Report arguments that cannot lie where the function is defined."""
    for arg, domain, name, span in zip(args, function.domain or (), function.params, spans, strict=False):
        if domain is not None and not domain.meets(e.b.interval(arg)):
            e.fail(errors.outside_domain(span, function.name, name, domain))
