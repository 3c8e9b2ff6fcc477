"""Carried definitions: one scan along the chain for all definitions of a group.

What does not depend on the step before is made beforehand, for all steps at once; the scan holds only what does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..ir import nodes as ir
from ..lazy import jnp, lax
from ..types import Dim, Dims
from .axes import Value, align, fill
from .bound import shape_of
from .part import cut

if TYPE_CHECKING:
    from .values import Plan, Values


@dataclass(frozen=True, eq=False)
class Recurrence:
    """A group of carried definitions.

    Args:
        op: of one of them.
        dims: axes of each, without the chain.
        starts: the nodes of the first values, those of one definition after the other.
        plan: of the program of one step, in which the values from outside are data, named by their position.
        bodies: the new value of each definition, in that program.
        outside: the nodes that a step takes.
    """

    op: ir.Carry
    dims: tuple[Dims, ...]
    starts: tuple[ir.Id, ...]
    plan: Plan
    bodies: tuple[ir.Id, ...]
    outside: tuple[ir.Id, ...]

    @property
    def operands(self) -> tuple[ir.Id, ...]:
        """What must exist before the scan."""
        return (*self.starts, *self.outside)


def recurrences(program: ir.Program, plan_of: Callable[[ir.Program], Plan]) -> dict[ir.Id, Recurrence]:
    """For each carried definition the group that it belongs to."""
    found: dict[ir.Id, Recurrence] = {}
    by_group: dict[tuple[ir.Id, ...], Recurrence] = {}
    for i, node in enumerate(program.nodes):
        if isinstance(node.op, ir.Carry):
            if node.args not in by_group:
                by_group[node.args] = _recurrence(program, node.op, node.args, plan_of)
            found[i] = by_group[node.args]
    return found


def _recurrence(
    program: ir.Program, op: ir.Carry, args: tuple[ir.Id, ...], plan_of: Callable[[ir.Program], Plan]
) -> Recurrence:
    many = len(op.names)
    starts, bodies = args[: many * op.depth], args[many * op.depth :]
    step = cut(program, bodies, op.names, (op.dim,))
    dims = {node.op.index: node.dims for node in program.nodes if isinstance(node.op, ir.Carry) and node.args == args}
    parts = [(*starts[k * op.depth : (k + 1) * op.depth], bodies[k]) for k in range(many)]
    own = tuple(_without(dims.get(k, _union(program, part)), op.dim) for k, part in enumerate(parts))
    return Recurrence(op, own, starts, plan_of(step.program), step.roots, step.outside)


def _union(program: ir.Program, args: tuple[ir.Id, ...]) -> Dims:
    """Axes of the first values and of the step of a definition that nothing asks for as a whole."""
    return tuple(dict.fromkeys(dim for arg in args for dim in program.nodes[arg].dims))


def _without(dims: Dims, gone: Dim) -> Dims:
    return tuple(dim for dim in dims if dim != gone)


def carried(recurrence: Recurrence, values: Values, make: Callable[..., Values]) -> tuple[Value, ...]:
    """The series of each definition of a group, the chain first.

    Args:
        recurrence: the group.
        values: of the program.
        make: a ``Values`` for the program of one step, from its plan and its leaves.
    """
    op, sizes = recurrence.op, values.plan.sizes
    length, depth = sizes[op.dim.name], recurrence.op.depth
    shapes = [shape_of(dims, sizes) for dims in recurrence.dims]

    def settled(value: Value, dims: Dims, k: int) -> Value:
        return fill(values.floating(align(value, dims, recurrence.dims[k])), shapes[k])

    starts = [
        [settled(values[node], values.dims(node), k) for node in recurrence.starts[k * depth : (k + 1) * depth]]
        for k in range(len(op.names))
    ]
    dtype = jnp.result_type(*(value for one in starts for value in one))
    starts = [[value.astype(dtype) for value in one] for one in starts]
    if length <= depth:
        return tuple(jnp.stack(one[:length]) for one in starts)
    nodes = recurrence.plan.program.nodes
    series, fixed = _outside(recurrence, values)

    def step(before: Any, now: Mapping[str, Value]) -> tuple[Any, tuple[Value, ...]]:
        def leaf(one: ir.Op) -> Value:
            if isinstance(one, ir.Before):
                return before[op.names.index(one.name)][one.steps - 1]
            assert isinstance(one, ir.Input)
            return now[one.name] if one.name in now else fixed[one.name]

        inner = make(recurrence.plan, leaf)
        made = tuple(
            settled(inner[body], nodes[body].dims, k).astype(dtype) for k, body in enumerate(recurrence.bodies)
        )
        return tuple((new, *old[:-1]) for new, old in zip(made, before, strict=True)), made

    begin = tuple(tuple(reversed(one)) for one in starts)
    _, made = lax.scan(step, begin, {name: value[depth:] for name, value in series.items()}, length=length - depth)
    return tuple(jnp.concatenate([jnp.stack(one), rest]) for one, rest in zip(starts, made, strict=True))


def _outside(recurrence: Recurrence, values: Values) -> tuple[dict[str, Value], dict[str, Value]]:
    """What a step takes: series with the chain first, and values that are the same at each step."""
    chain = recurrence.op.dim
    series: dict[str, Value] = {}
    fixed: dict[str, Value] = {}
    for node in recurrence.outside:
        dims = values.dims(node)
        if chain in dims:
            series[str(node)] = align(values[node], dims, (chain, *_without(dims, chain)))
        else:
            fixed[str(node)] = values[node]
    return series, fixed
