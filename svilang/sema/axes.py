"""Functions that name dimensions: those that act along one or reduce it, and those that fill new ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..catalog.function import Function, Role
from ..catalog.functions import FUNCTIONS
from ..diagnostics import Span
from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dim, Dims, Kind, Structure, intervals, union
from . import errors
from .order import names_in
from .scope import Scope

if TYPE_CHECKING:
    from .expressions import Expressions


def call_over(e: Expressions, node: ast.Call, function: Function, scope: Scope, hint: Dims) -> ir.Id | None:
    """A function that acts along dimensions: the one that it is told, or the only one, or all that it may reduce.

    ``hint`` gives the axes of a list that it acts along.
    """
    given = e.arguments(node, (function.params[0], "over"), {"over": None})
    if given is None:
        return None
    value = e.number(given[function.params[0]], scope, () if function.role is Role.REDUCE else hint)
    if value is None:
        return None
    free = e.free(value, scope)
    if "over" in given:
        if not isinstance(given["over"], ast.Name):
            return e.fail(errors.no_dimension_to_reduce(node, given["over"]))
        dim = e.dim(given["over"])
        if dim is None:
            return None
        if dim not in e.b.dims(value):
            return e.fail(errors.reduces_missing(node, function, dim.name, e.b.dims(value)))
        if dim in scope.context:
            return e.fail(errors.reduces_open_plate(given["over"].span, function.name, dim.name))
        if dim.primed in e.b.dims(value):
            return e.fail(errors.which_axis(given["over"].span, dim.name))
        over: Dims = (dim,)
    elif function.counts and (shared := _shared(e, given[function.params[0]], value, scope)) is not None:
        return e.fail(errors.counts_shared(node, *shared, free))
    elif len(free) == 1 or (function.role is Role.REDUCE and free):
        over = free
    elif not free and (inside := [d for d in e.b.dims(value) if d in scope.context]):
        return e.fail(errors.reduces_open_plate(node.span, function.name, inside[-1].name))
    else:
        return e.fail(errors.which_dimension(node, free))
    for dim in over:
        value = _over_one(e, function, value, dim, node.span)
    return value


def _shared(e: Expressions, node: ast.Expr, value: ir.Id, scope: Scope) -> tuple[str, str] | None:
    """A definition below ``node`` and a plate of it that is not open here and with which ``value`` does not vary."""
    for name in names_in(node):
        symbol = None if name.name in scope.locals else e.b.table.symbols.get(name.name)
        if symbol is not None and isinstance(symbol.statement, ast.Define):
            for dim in symbol.context:
                if dim not in (*scope.context, *e.b.dims(value)):
                    return name.name, dim.name
    return None


def _over_one(e: Expressions, function: Function, value: ir.Id, dim: Dim, span: Span) -> ir.Id:
    interval = function.support(e.b.interval(value))
    dims = e.b.dims(value)
    if function.role is Role.REDUCE:
        kept = tuple(d for d in dims if d != dim)
        return e.b.add(ir.Reduce(function, dim), (value,), kept, Kind(interval=interval), span)
    kind = replace(function.result or Kind(), interval=interval)
    if kind.structure is not Structure.SCALAR:
        # A structure is bound by the last axes, so the axis that the function acts along goes there.
        dims = (*(d for d in dims if d != dim), dim)
    return e.b.add(ir.Along(function, dim), (value,), dims, kind, span)


def call_fill(e: Expressions, node: ast.Call, function: Function, scope: Scope) -> ir.Id | None:
    """A function that makes values for every member of dimensions, as ``ones(a, b)``."""
    assert function.signature is not None
    wanted = len(function.dims)
    positional = [argument.value for argument in node.arguments if argument.name is None]
    named = {argument.name.name for argument in node.arguments if argument.name is not None}
    values = [name for name in function.params if name not in function.dims]
    # ones(a, b): one dimension or more, then the values.
    heads = positional[: max(len(positional) - len(set(values) - named), wanted)]
    if not heads:
        return e.fail(errors.missing_argument(node, function.dims[0]))
    over = _all_dims(e, heads)
    if over is None:
        return None
    if not function.variadic and len(over) > max(len(function.signature[1]), 1):
        return e.fail(errors.too_many_arguments(node, heads[-1].span, function.params))
    rest = [a for a in node.arguments if a.name is None][len(heads) :] + [a for a in node.arguments if a.name]
    given = e.arguments(replace(node, arguments=tuple(rest)), tuple(values), {})
    args = [] if given is None else [e.expr(given[name], scope) for name in values]
    if given is None or any(arg is None for arg in args):
        return None
    ids = tuple(arg for arg in args if arg is not None)
    if function.name == "size":
        return e.b.add(ir.Fill(function, over), ids, (), Kind(interval=function.support()), node.span)
    out = over if len(function.signature[1]) <= 1 else (over[0], over[0].primed)
    clash = [dim for dim in over if dim in scope.context]
    row_of_square = len(out) > 1 and len(clash) == 1 < len(over)  # that of this member
    if clash and not row_of_square:
        return _fail_fill(e, node, function, clash[0], scope, ids)
    held = [dim for i, dim in enumerate(over) if dim in over[:i] or any(dim in e.b.dims(value) for value in ids)]
    if held and function.name != "eye":
        return e.fail(errors.fills_twice(node.span, function.name, held[0].name))
    interval = function.support(*(e.b.interval(i) for i in ids))
    dims_out = union(*(e.b.dims(i) for i in ids), out)
    kind = replace(function.result or Kind(), interval=interval)
    if len(out) > len(over) or out == over:
        return e.b.add(ir.Fill(function, over), ids, dims_out, kind, node.span)
    return _square(e, node, function, over, kind)


def _all_dims(e: Expressions, nodes: list[ast.Expr]) -> Dims | None:
    dims: list[Dim] = []
    for node in nodes:
        dim = e.dim(node)
        if dim is None:
            return None
        dims.append(dim)
    return tuple(dims)


def _square(e: Expressions, node: ast.Call, function: Function, over: Dims, kind: Kind) -> ir.Id | None:
    """``eye(d, other)``: a square whose second axis is an alias."""
    if len(over) != 2 or not e.b.same_root(over[0], over[1]):
        return e.fail(errors.not_the_right_matrix(node.span, function.name, ("d", "d"), over))
    square = (over[0], over[0].primed)
    value = e.b.add(ir.Fill(function, over[:1]), (), square, kind, node.span)
    return value if over[0] == over[1] else e.relabel(value, square[1], over[1], node.span)


def _fail_fill(
    e: Expressions, node: ast.Call, function: Function, dim: Dim, scope: Scope, ids: tuple[ir.Id, ...]
) -> ir.Id | None:
    if function.name == "position":  # inside its own plate: this member's position
        return e.b.add(ir.Fill(function, (dim,)), ids, (dim,), Kind(interval=function.support()), node.span)
    return e.fail(errors.fills_open_plate(node.span, function.name, dim.name))


def one_hot(e: Expressions, node: ast.Call, scope: Scope) -> ir.Id | None:
    """``one_hot(g)``: 1 for the member that ``g`` is, 0 for the others, over the dimension of the members."""
    given = e.arguments(node, ("x",), {})
    value = None if given is None else e.expr(given["x"], scope)
    if given is None or value is None:
        return None
    member = e.b.kind(value).member
    if member is None:
        return e.fail(errors.one_hot_of_number(given["x"].span))
    dim = Dim(member)
    if dim in scope.context or dim in e.b.dims(value):
        return e.fail(errors.fills_open_plate(node.span, "one_hot", member))
    binary = Kind(interval=intervals.BINARY)
    eye = e.b.add(ir.Fill(FUNCTIONS["eye"], (dim,)), (), (dim, dim.primed), binary, node.span)
    simplex = replace(binary, structure=Structure.SIMPLEX)
    picked = e.b.add(ir.Gather(dim), (eye, value), (*e.b.dims(value), dim.primed), simplex, node.span)
    return e.relabel(picked, dim.primed, dim, node.span)
