"""List literals: the axis that a list runs over, and the lists within it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dim, Dims, Kind, union
from . import errors
from .scope import Scope

if TYPE_CHECKING:
    from .expressions import Expressions


def list_of(e: Expressions, node: ast.ListLiteral, scope: Scope, hint: Dims) -> ir.Id | None:
    """A list along the dimension that is hinted at, or a nameless one."""
    if hint:
        dim = hint[0]
        _check_length(e, node, dim)
    else:
        dim = e.b.anonymous(len(node.items), node.span)
    ids = _items(e, node, scope, hint[1:])
    if len(ids) < len(node.items):
        return None
    dims = (dim, *union(*(e.b.dims(item) for item in ids)))
    if len(set(dims)) < len(dims):
        return e.fail(errors.list_along_its_own_dimension(node.span, dim.name))
    interval = e.b.interval(ids[0])
    for item in ids[1:]:
        interval = interval.hull(e.b.interval(item))
    return e.b.add(ir.Stack(dim), ids, dims, Kind(interval=interval), node.span)


def _items(e: Expressions, node: ast.ListLiteral, scope: Scope, hint: Dims) -> tuple[ir.Id, ...]:
    """The elements; lists among them have one dimension, that of the first which names its own."""
    named = [item for item in node.items if isinstance(item, ast.Over) and item.dim.name in e.b.table.dims]
    found: dict[int, ir.Id | None] = {}
    for item in (*named, *node.items):
        if id(item) not in found:
            value = found[id(item)] = e.expr(item, scope, hint)
            hint = hint or (() if value is None else _axis(e, item, value))
    ids = [found[id(item)] for item in node.items]
    return tuple(value for value in ids if value is not None)


def _axis(e: Expressions, item: ast.Expr, value: ir.Id) -> Dims:
    inner = item.value if isinstance(item, ast.Over) else item
    return e.b.dims(value)[:1] if isinstance(inner, ast.ListLiteral) else ()


def _check_length(e: Expressions, node: ast.ListLiteral, dim: Dim) -> None:
    size = e.size(dim.name)
    if size is not None and size != len(node.items):
        declared = e.b.table.dim_spans[e.b.table.root(dim.name)]
        e.fail(errors.list_of_wrong_length(node, dim.name, size, declared))


def nesting(node: ast.Expr) -> int:
    """How many dimensions a list of lists has."""
    return 1 + max(map(nesting, node.items), default=0) if isinstance(node, ast.ListLiteral) else 0


def nested_over(node: ast.Over) -> tuple[ast.ListLiteral, tuple[ast.Ident, ...]] | None:
    """``[[…], […]] over a over b``: the list and the dimensions of its levels, the outer first."""
    names: list[ast.Ident] = []
    value: ast.Expr = node
    while isinstance(value, ast.Over):
        names.insert(0, value.dim)
        value = value.value
    return (value, tuple(names)) if isinstance(value, ast.ListLiteral) and nesting(value) == len(names) else None


def squared(dims: Dims) -> Dims:
    """The dimensions of a list of lists, where one that stands twice makes a square."""
    return (dims[0], dims[0].primed) if len(dims) == 2 and dims[0] == dims[1] else dims
