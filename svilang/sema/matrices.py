"""Products over a dimension, and functions of matrices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..catalog.function import Function
from ..catalog.functions import FUNCTIONS
from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dim, Dims, Interval, Kind, Structure, intervals, union
from . import errors
from .elementwise import check_domain
from .scope import Scope

if TYPE_CHECKING:
    from .expressions import Expressions


def contract(e: Expressions, node: ast.Binary, scope: Scope) -> ir.Id | None:
    """``x @ y``: the sum of products over the one dimension that both have free."""
    if isinstance(node.left, ast.ListLiteral):
        y = e.number(node.right, scope)
        x = e.number(node.left, scope, () if y is None else e.free(y, scope)[:1])
    else:
        x = e.number(node.left, scope)
        y = e.number(node.right, scope, () if x is None else e.free(x, scope)[-1:])
    if x is None or y is None:
        return None
    left_free, right_free = e.free(x, scope), e.free(y, scope)
    names = [n for n in dict.fromkeys(d.name for d in left_free) if n in {d.name for d in right_free}]
    squares = _one_root(e, left_free) and _one_root(e, right_free)
    if squares and names and (len(names) == 2 or any(dim.prime for dim in (*left_free, *right_free))):
        # As on paper: the columns of the left meet the rows of the right, whatever their names.
        (rows, left), (right, columns) = left_free, right_free
        y = e.relabel(y, columns, columns.primed, node.span) if rows == columns else y
    elif len(names) != 1:
        return e.fail(errors.cannot_contract(node, left_free, right_free, names))
    elif _crosswise(e, names[0], left_free, last=False) or _crosswise(e, names[0], right_free, last=True):
        return e.fail(errors.crosswise_product(node, names[0], left_free, right_free))
    else:
        left = max((d for d in left_free if d.name == names[0]), key=lambda d: d.prime)
        right = min((d for d in right_free if d.name == names[0]), key=lambda d: d.prime)
    rest_x = tuple(d for d in e.b.dims(x) if d != left)
    rest_y = tuple(d for d in e.b.dims(y) if d != right)
    dims = union(rest_x, rest_y)
    kind = _averaged(e, (x, left), (y, right)) or _averaged(e, (y, right), (x, left))
    if kind is not None and kind.structure is Structure.SIMPLEX:
        last = next(e.b.dims(i)[-1] for i, dim in ((y, right), (x, left)) if e.b.dims(i)[-1] != dim)
        dims = (*(d for d in dims if d != last), last)
    kind = kind or Kind(interval=_product_sum(e.b.interval(x), e.b.interval(y)))
    return e.settled(e.b.add(ir.Contract(left, right), (x, y), dims, kind, node.span), scope)


def _one_root(e: Expressions, free: Dims) -> bool:
    """Whether these are the two axes of a square, of one name or of two."""
    return len(free) == 2 and e.b.same_root(*free)


def _averaged(e: Expressions, weights: tuple[ir.Id, Dim], values: tuple[ir.Id, Dim]) -> Kind | None:
    """What an average by the weights of a simplex is: between the bounds of the values, and of simplexes a simplex."""
    (by, along), (of, across) = weights, values
    if e.b.kind(by).structure is not Structure.SIMPLEX or e.b.dims(by)[-1] != along:
        return None
    kind, last = e.b.kind(of), e.b.dims(of)[-1]
    whole = kind.structure is Structure.SIMPLEX and last != across and last not in e.b.dims(by)[:-1]
    structure = Structure.SIMPLEX if whole else Structure.SCALAR
    return Kind(structure, replace(kind.interval, integer=False))


def _crosswise(e: Expressions, name: str, free: Dims, *, last: bool) -> bool:
    """Whether ``free`` is a square of two names, and ``name`` the one that a matrix product would not sum over."""
    if not _one_root(e, free) or free[0].name == free[1].name:
        return False
    return free[1 if last else 0].name == name


def _product_sum(x: Interval, y: Interval) -> Interval:
    product = x * y
    if product.lower >= 0:
        return Interval(0, intervals.inf, integer=product.integer)
    if product.upper <= 0:
        return Interval(-intervals.inf, 0, integer=product.integer)
    return Interval(integer=product.integer)


def call_matrix(e: Expressions, node: ast.Call, function: Function, scope: Scope) -> ir.Id | None:
    """A function of vectors and matrices, whose sizes agree and whose squares are squares."""
    assert function.signature is not None
    given = e.arguments(node, function.params, dict(function.optional))
    if given is None:
        return None
    ids: list[ir.Id] = []
    events: list[Dims] = []
    beside: Dims = ()
    for name, event in zip(function.params, function.signature[0], strict=True):
        value = e.number(given[name], scope, events[0][-max(len(event), 1) :] if events else ())
        if value is None:
            return None
        free = e.free(value, scope)
        if len(event) == 1 < len(free) and events and event[0] in function.signature[0][0]:
            # Several vectors side by side: theirs is the axis of the matrix before them.
            beside, free = free, tuple(dim for dim in free if e.b.same_root(dim, events[0][-1])) or free
        ids.append(value)
        events.append(free)
    function = function.suited([*map(len, events)])
    assert function.signature is not None
    inputs, output = function.signature
    axes: dict[tuple[str, int], Dim] = {}
    for name, event, free in zip(function.params, inputs, events, strict=True):
        if len(free) != len(event) or not _is_square(e, event, free):
            return e.fail(errors.not_the_right_matrix(given[name].span, function.name, event, free, function))
        for i, (axis, dim) in enumerate(zip(event, free, strict=True)):
            first = axes.setdefault((axis, event[:i].count(axis)), dim)
            if not e.b.same_root(first, dim):
                return e.fail(errors.matrix_sizes_differ(node.span, function.name, first, dim))
    check_domain(e, function, tuple(ids), tuple(given[name].span for name in function.params))
    out = _matrix_out(e, output, axes, inputs, events)
    batch = union(*(tuple(d for d in e.b.dims(i) if d not in own) for i, own in zip(ids, events, strict=True)))
    if set(batch) & set(out):
        return e.fail(errors.not_the_right_matrix(node.span, function.name, output, out))
    interval = function.support(*(e.b.interval(i) for i in ids))
    kind = replace(function.result or Kind(), interval=interval)
    made = e.b.add(ir.Matrix(function, tuple(events), out), tuple(ids), (*batch, *out), kind, node.span)
    if len(out) != 1 or len(beside) != 2 or out[0] != beside[0]:
        return made
    # Vectors that are the columns of a matrix make the columns of another one.
    columns = ir.Matrix(FUNCTIONS["transpose"], (beside[::-1],), beside)
    dims = (*(dim for dim in e.b.dims(made) if dim not in beside), *beside)
    return e.b.add(columns, (made,), dims, kind, node.span)


def _is_square(e: Expressions, event: tuple[str, ...], free: Dims) -> bool:
    return all(
        e.b.same_root(free[i], free[j])
        for i in range(len(event))
        for j in range(i)
        if event[i] == event[j] and i < len(free)
    )


def _matrix_out(
    e: Expressions,
    output: tuple[str, ...],
    axes: dict[tuple[str, int], Dim],
    inputs: tuple[tuple[str, ...], ...],
    events: list[Dims],
) -> Dims:
    if len(output) == 1:
        for event, dims in zip(inputs, events, strict=True):
            if event == output:
                return dims
    out = tuple(axes[axis, 0] for axis in output)
    if len(out) == 2 and e.b.same_root(*out):
        # Rows and columns of a square keep their names; what a function does to it is done to the values.
        first = axes[inputs[0][0], 0]
        second = axes.get((inputs[0][-1], 0), first)
        return (first, second) if second != first and output[0] != output[-1] else (first, first.primed)
    return out
