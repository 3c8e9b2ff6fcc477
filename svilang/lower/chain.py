"""Summing hidden chains out of a product of tables, step by step along the chain.

A chain of order k carries the states of its last k steps, ``h~``, ``h~'``, …; at each step they move one place back,
the oldest is summed out of the product with the tables that hold it, and what is observed of the new state is
multiplied in. Several chains that meet are carried together and summed out one after the other, so that a factorial
chain costs no more than its parts.

Source: Baum, Petrie, Soules & Weiss (1970).
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping, Sequence

from ..lazy import jnp, lax
from ..plan import chain_sums
from ..types import Dim, Dims, union
from .axes import Value, align, fill
from .bound import shape_of
from .recursion import Recursion, summed
from .reduction import Reduction
from .tables import Table, plus


def along(
    tables: Sequence[Table], own: Iterable[Dim], step: Dim, sizes: Mapping[str, int], reduction: Reduction
) -> Table:
    """The product of the tables of a plate with the chains ``own`` summed out along ``step``."""
    order: dict[str, int] = {}
    for dim in own:
        order[dim.name] = max(order.get(dim.name, 1), dim.prime)
    chained = set(order)
    plates = tuple(dim for dim in union(*(table.plates for table in tables)) if dim != step)
    free = tuple(dim for dim in union(*(table.axes for table in tables)) if dim.name not in chained)
    rest = (*free, *plates)
    length, depth = sizes[step.name], max(order.values())
    carried: Dims = ()
    value: Value = None
    for t in range(min(depth, length)):
        now = [_at(table, t, step) for table in tables if table.holds_at(t)]
        value, carried = _log_step(value, carried, now, order, rest, sizes, reduction)
    if length > depth:
        later = [table for table in tables if table.holds_at(depth)]
        return Table(_remaining(value, later, order, rest, step, sizes, reduction), free, plates)
    return Table(reduction(value, tuple(range(len(carried)))), free, plates)


def _at(table: Table, t: int, step: Dim) -> tuple[Value, Dims]:
    """A table at one step; what lies before the first step does not matter to it."""
    value, dims = table.value, table.dims
    axis = dims.index(step)
    value = lax.index_in_dim(value, t if value.shape[axis] > 1 else 0, axis, keepdims=False)
    dims = tuple(dim for dim in dims if dim != step)
    for dim in [dim for dim in table.axes if dim.prime > t]:
        value = lax.index_in_dim(value, 0, dims.index(dim), keepdims=False)
        dims = tuple(other for other in dims if other != dim)
    return value, dims


def _log_step(
    value: Value,
    carried: Dims,
    tables: list[tuple[Value, Dims]],
    order: Mapping[str, int],
    rest: Dims,
    sizes: Mapping[str, int],
    reduction: Reduction,
) -> tuple[Value, Dims]:
    """One step in logarithms: the carried states moved back, and the oldest summed out."""
    back = tuple(dim.primed for dim in carried)
    open_tables = [*([] if value is None else [(value, (*back, *rest))]), *tables]
    for gone in [dim for dim in back if dim.prime == order[dim.name]]:
        joint = [one for one in open_tables if gone in one[1]]
        dims = union((gone,), *(dims for _, dims in joint))
        left = reduction(plus(joint, dims), (0,))
        open_tables = [*(one for one in open_tables if gone not in one[1]), (left, dims[1:])]
    state = tuple(dim for dim in _carried(order) if any(dim in dims for _, dims in open_tables))
    made = (*state, *rest)
    return fill(plus(open_tables, made), shape_of(made, sizes)), state


# --- the steps after the first --------------------------------------------------------------------------------------


def _remaining(
    start: Value,
    tables: list[Table],
    order: Mapping[str, int],
    rest: Dims,
    step: Dim,
    sizes: Mapping[str, int],
    reduction: Reduction,
) -> Value:
    """The sum over all states of all steps, from the carried log densities after the first ``depth`` steps."""
    state = _carried(order)
    before, wanted = tuple(dim.primed for dim in state), (*state, *rest)
    oldest = [Dim(name, many) for name, many in order.items()]
    depth = max(order.values())
    moves = [table for table in tables if set(oldest) & set(table.axes)]
    holds = [_stepped(table, step, wanted) for table in tables if table not in moves]
    shape = (sizes[step.name] - depth, *shape_of(wanted, sizes))
    held = (value[depth:] if value.shape[0] > 1 else value for value in holds)
    hold = fill(functools.reduce(operator.add, held, jnp.zeros((1,) * len(shape), start.dtype)), shape)
    values: list[Value] = []
    kinds: list[tuple[Dims, bool]] = []
    for table in moves:
        dims = tuple(dim for dim in table.dims if dim != step)
        value = _stepped(table, step, dims)
        kinds.append((dims, value.shape[0] > 1))
        values.append(value[depth:] if value.shape[0] > 1 else value[0])
    named = tuple((dim.name, sizes[dim.name]) for dim in union(before, wanted))
    sums = tuple((gone, own) for gone, own, _ in chain_sums(oldest, [axes for axes, _ in kinds], before, rest, sizes))
    recursion = Recursion(state, rest, before, sums, tuple(kinds), named)
    return summed(recursion, start, tuple(values), hold, reduction)


def _stepped(table: Table, step: Dim, wanted: Dims) -> Value:
    """A table with its steps in front; one alone where it is the same at each."""
    return align(table.value, table.dims, (step, *wanted))


def _carried(order: Mapping[str, int]) -> Dims:
    return tuple(Dim(name, level) for name, many in order.items() for level in range(many))
