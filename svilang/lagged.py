"""Outcomes that later ones are made of, as `lag(y)` says: over further steps they are drawn, and read as drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .carried import Members, outer, taken
from .diagnostics import SvilangError
from .ir import nodes as ir
from .ir.walk import law_operands, rebuild
from .lazy import np
from .results import errors
from .types import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy

    from .data import Bound


def series(program: ir.Program) -> dict[str, ir.Observation]:
    """By the name of the data item: outcomes that laws read only at steps before their own."""
    found: dict[str, list[ir.Observation]] = {}
    for one in program.observations:
        op = program.nodes[one.value].op
        if isinstance(op, ir.Input) and not one.grouped:
            found.setdefault(op.name, []).append(one)
    earlier, now = _read(program)
    alone = {name: some[0] for name, some in found.items() if len(some) == 1}
    return {name: one for name, one in alone.items() if name in earlier - now and name == one.name}


def _read(program: ir.Program) -> tuple[set[str], set[str]]:
    """The data items that laws read through a lag or a recursion, and those that they read otherwise."""
    start = [i for one in (*program.sites, *program.observations) for i in law_operands(one.law)]
    ahead, seen, found = [(i, False) for i in start], set[tuple[ir.Id, bool]](), (set[str](), set[str]())
    while ahead:
        at, past = ahead.pop()
        if (at, past) in seen:
            continue
        seen.add((at, past))
        node = program.nodes[at]
        if isinstance(node.op, ir.Input):
            found[0 if past else 1].add(node.op.name)
        past = past or isinstance(node.op, ir.Lag | ir.Carry)
        start = _start(program, node) is not None
        ahead += [(arg, past or (start and place == 1)) for place, arg in enumerate(node.args)]
    return found


def _start(program: ir.Program, node: ir.Node) -> int | None:
    """The one step at which the second operand of a choice counts, as that of `y then …`."""
    if not (isinstance(node.op, ir.Apply) and node.op.function.name == "if"):
        return None
    equals = program.nodes[node.args[0]]
    match [equals.op, *(program.nodes[arg].op for arg in equals.args)]:
        case [ir.Apply(compare), ir.Fill(made), ir.Const(step)] if (compare.name, made.name) == ("==", "position"):
            return int(step)
        case _:
            return None


def steps(program: ir.Program) -> set[str]:
    """The dimensions along which something earlier is read."""
    return {node.op.dim.name for node in program.nodes if isinstance(node.op, ir.Lag | ir.Carry)}


def as_parameters(bound: Bound) -> Bound:
    """The same model in which parameters of their names stand for such outcomes."""
    program = bound.program
    names = series(program)

    def entry(node: ir.Node) -> ir.Node:
        match node.op:
            case ir.Input(name) if name in names:
                return replace(node, op=ir.Parameter(name))
            case _:
                return node

    entries = [entry(node) for node in program.nodes]
    items = [item for item in program.data if item.name in names]
    params = [ir.Param(item.name, Kind(), item.dims) for item in items]
    return replace(bound, program=rebuild(replace(program, params=(*program.params, *params)), entries))


def begun(
    fitted: Bound, program: ir.Program, members: Members
) -> tuple[dict[str, tuple[numpy.ndarray, numpy.ndarray]], tuple[str, ...]]:
    """For each outcome that stands as a parameter in ``program`` what is known of it, where that is, and notes.

    Raises:
        SvilangError: new members have no first value.
    """
    there, along = {param.name for param in program.params}, steps(program)
    starts = max((step for node in program.nodes if (step := _start(program, node)) is not None), default=0)
    found: dict[str, tuple[numpy.ndarray, numpy.ndarray]] = {}
    notes: list[str] = []
    for item in fitted.program.data:
        if item.name in there and item.name in fitted.arrays:
            places = [members.of(dim) for dim in item.dims]
            known = outer([place >= 0 for place in places])
            axes = [axis for axis, dim in enumerate(item.dims) if dim.name in along]
            if not all(np.take(known, range(starts + 1), axis, mode="clip").all() for axis in axes):
                why = "it is made of its own past, and the new data do not begin with the steps of the fit"
                raise SvilangError([errors.not_carried(item.name, why, item.span)])
            values = taken(fitted.arrays[item.name], places, 0)
            found[item.name] = np.where(known, values, np.zeros_like(values)), known
            notes.append(f"`{item.name}` of {int(np.sum(~known)):,} further entries is drawn, one after the other")
    return found, tuple(notes)


def rounds(program: ir.Program, begun: Mapping[str, tuple[numpy.ndarray, numpy.ndarray]]) -> int:
    """After how many rounds outcomes rest on outcomes that are right: the unknown steps, and one for each term."""
    if not begun:
        return 0
    unknown = [np.sum(~known, axis).max() for _, known in begun.values() for axis in range(known.ndim)]
    return int(max(unknown)) + len(program.observations)
