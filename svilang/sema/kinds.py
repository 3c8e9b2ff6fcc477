"""Types of the text as kinds with bounds."""

from __future__ import annotations

from dataclasses import replace

from ..ir import nodes as ir
from ..syntax import ast
from ..types import KINDS, Dim, Dims, Interval, Kind, Structure, intervals
from . import errors
from .expressions import Expressions
from .scope import Scope


def kind_of(expressions: Expressions, wanted: ast.Type, scope: Scope) -> tuple[Kind, ir.Bounds] | None:
    """The kind that a type names and the nodes of its bounds, or ``None`` after a report."""
    builder = expressions.b
    row = KINDS.get(wanted.kind.name)
    if row is None:
        if wanted.kind.name not in builder.table.dims:
            builder.problems.append(errors.unknown_kind(wanted.kind, [*KINDS, *builder.table.dims]))
            return None
        builder.used_dims.add(wanted.kind.name)
        return Kind(interval=intervals.COUNT, member=wanted.kind.name), ir.NO_BOUNDS
    call = ast.Call(wanted.kind, wanted.arguments, span=wanted.span)
    given = expressions.arguments(call, row.arguments, {})
    if given is None:
        return None
    ends = {name: expressions.expr(value, scope) for name, value in given.items()}
    if any(end is None for end in ends.values()):
        return None
    interval, nodes = row.kind.interval, {}
    for name, end in ends.items():
        assert end is not None
        at, number = builder.interval(end), builder.number(end)
        cut = Interval(lower=at.lower) if name == "lower" else Interval(upper=at.upper)
        if not interval.meets(cut) or interval.meet(cut).lower == interval.meet(cut).upper:
            builder.problems.append(errors.bounds_inverted(wanted.span))
            return None
        interval = interval.meet(cut)
        if number is None:
            nodes[name] = end
    return replace(row.kind, interval=interval), ir.Bounds(**nodes)


def interior(kind: Kind) -> Kind:
    """What a continuous variable almost surely is: the ends of its support have probability 0."""
    if kind.structure is Structure.SIMPLEX:  # the only member of a dimension has probability 1
        return replace(kind, interval=replace(kind.interval, lower_open=True))
    if kind.interval.integer or kind.structure is not Structure.SCALAR:
        return kind
    return replace(kind, interval=replace(kind.interval, lower_open=True, upper_open=True))


def dims_of(expressions: Expressions, wanted: ast.Type, kind: Kind, context: Dims) -> Dims | None:
    """The axes that a type adds; a square may name its dimension twice."""
    dims: list[Dim] = []
    for ident in wanted.dims:
        dim = expressions.dim(ident)
        if dim is None:
            return None
        if dim in dims and kind.structure.rank == 2 and dim.primed not in dims:
            dim = dim.primed
        if dim in dims or dim in context:
            expressions.b.problems.append(errors.dimension_repeated(ident, in_plate=dim in context))
            return None
        dims.append(dim)
    if (
        kind.structure.rank == 2
        and len(dims) >= 1
        and (len(dims) < 2 or not expressions.b.same_root(dims[-1], dims[-2]))
    ):
        dims.append(dims[-1].primed)
    if len(dims) < kind.structure.rank:
        expressions.b.problems.append(errors.structure_needs_dimension(wanted, kind))
        return None
    if kind.structure is not Structure.SCALAR and any(d in context for d in dims[len(dims) - kind.structure.rank :]):
        expressions.b.problems.append(errors.dimension_repeated(wanted.dims[-1], in_plate=True))
        return None
    return tuple(dims)
