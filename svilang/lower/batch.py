"""A program seen through some members of some dimensions: what is made of all data beforehand, and what of each step's.

What is made from data alone is made from all of it where members meet (a mean over all rows, a lag), outside the loop;
the rest is made in the step from the rows of the step, so that nothing is read twice and nothing is held that a step
does not need.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..ir import nodes as ir
from ..ir.walk import acts_on
from ..lazy import jnp
from ..runtime.target import Axis, Rows
from ..types import Dim, Dims
from .axes import Value, take
from .bound import presence_key
from .density import Model, Prepared, design_nodes, evaluation, inputs, model, prepare, references, unprepared
from .layout import Layout, Piece
from .values import Plan


@dataclass(frozen=True, eq=False)
class Part:
    """One program, whole and as one step sees it.

    Args:
        whole: over all members.
        seen: over those of one step.
        axes: the dimensions of which a step sees some members.
    """

    whole: Model
    seen: Model
    axes: tuple[Axis, ...]

    def settle(self, data: Mapping[str, Value], dtype: Any) -> Prepared:
        """What a step needs of the data: made from all members where they meet, else as it is."""
        plan = self.whole.plan
        run = evaluation(self.whole, unprepared(data), dtype)
        nodes = {i: jnp.asarray(run.values[i]) for i in self._outside()}
        needed = inputs(plan)
        whole = prepare(self.whole, data, dtype, {**unprepared(data), "nodes": nodes})
        designs = {i: value for i, value in whole["designs"].items() if not self._batched(plan.design(i).dims)}
        keep = {i: kept for i, kept in whole["keep"].items() if not self._batched(plan.program.observations[i].plates)}
        kept = {name: value for name, value in data.items() if name in needed}
        return {"nodes": nodes, "designs": designs, "keep": keep, "data": kept}

    def select(self, settled: Prepared, rows: Rows, dtype: Any) -> Prepared:
        """The data of one step."""
        program = self.whole.program
        dims = {item.name: item.dims for item in program.data}
        dims |= {presence_key(name): axes for name, axes in dims.items()}
        data = {name: self._rows(value, dims[name], rows) for name, value in settled["data"].items()}
        nodes = {i: self._rows(value, program.nodes[i].dims, rows) for i, value in settled["nodes"].items()}
        return prepare(self.seen, data, dtype, {**settled, "nodes": nodes})

    @property
    def has_own(self) -> bool:
        """Whether there are parameters that a step does not see."""
        return self.whole.params.size != self.seen.params.size

    def parameters(self, rows: Rows) -> Value | None:
        """Where the parameters that a step sees stand among all."""
        return positions(self.whole.params, self.seen.params, self.whole.params.pieces, rows)

    def axes_of(self, selected: Prepared) -> dict[str, Any]:
        """For what :meth:`select` made, or several of it together: the axis along which steps differ, 0 or none."""
        program, plan = self.seen.program, self.seen.plan
        dims = {item.name: item.dims for item in program.data}
        dims |= {presence_key(name): axes for name, axes in dims.items()}
        plates = [observation.plates for observation in program.observations]

        def axis(dims: Dims) -> int | None:
            return 0 if self._batched(dims) else None

        return {
            "nodes": {i: axis(program.nodes[i].dims) for i in selected["nodes"]},
            "designs": {i: axis(plan.design(i).dims) for i in selected["designs"]},
            "keep": {i: axis(plates[i]) for i in selected["keep"]},
            "statistics": {i: axis(plates[i]) for i in selected["statistics"]},
            "data": {name: axis(dims[name]) for name in selected["data"]},
        }

    def _rows(self, value: Value, dims: Dims, rows: Rows) -> Value:
        """The rows of a value, the axis that shrinks most first."""
        for axis in sorted(self.axes, key=lambda axis: axis.rows / axis.size):
            if Dim(axis.name) in dims:
                value = take(value, rows[axis.name], dims.index(Dim(axis.name)))
        return value

    def _batched(self, dims: Dims) -> bool:
        return any(dim.name == axis.name for dim in dims for axis in self.axes)

    def _outside(self) -> list[ir.Id]:
        """The nodes of data alone that are made from all members, operands of what a step makes included."""
        plan = self.seen.plan
        late = [*references(plan.program, reports=False), *plan.also]
        ahead = [*plan.early(late), *design_nodes(plan)]
        outside: set[ir.Id] = set()
        seen: set[ir.Id] = set()
        while ahead:
            node = ahead.pop()
            if node in seen or node in plan.static:
                continue
            seen.add(node)
            if self._row_by_row(node):
                ahead.extend(plan.operands(node))
            else:
                outside.add(node)
        return sorted(outside)

    def _row_by_row(self, node: ir.Id) -> bool:
        """Whether a step can make a value from its own rows."""
        plan = self.seen.plan
        one = plan.program.nodes[node]
        if not self._batched(one.dims):
            return False
        picked = [dim for dim, _ in plan.chains[node][1]] if node in plan.chains else []
        return not any(acts_on(one, Dim(axis.name)) for axis in self.axes) and not self._batched(tuple(picked))


def part(whole: Model, covered: tuple[ir.Site, ...], noncentered: tuple[str, ...], axes: tuple[Axis, ...]) -> Part:
    """A program and the same with fewer members."""
    sizes = {axis.name: axis.rows for axis in axes}
    shares = {axis.name: axis.size / axis.rows for axis in axes}
    plan = replace(_smaller(whole.plan, sizes), shares=shares)
    return Part(whole, model(plan, covered, noncentered, whole.elimination), axes)


def _smaller(plan: Plan, sizes: Mapping[str, int]) -> Plan:
    """The same nodes with fewer members, those of one step of a recursion included."""
    groups = {id(one): replace(one, plan=_smaller(one.plan, sizes)) for one in plan.carries.values()}
    carries = {i: groups[id(one)] for i, one in plan.carries.items()}
    return replace(plan, sizes={**plan.sizes, **sizes}, carries=carries)


# --- coordinates -----------------------------------------------------------------------------------------------------


def positions(whole: Layout, seen: Layout, names: Iterable[str], rows: Rows) -> Value | None:
    """Where the coordinates that a step sees of some pieces stand among all of theirs; ``None`` if it sees all."""
    found: list[Value] = []
    start, complete = 0, True
    for name in names:
        one = whole.pieces[name]
        complete &= one.free == seen.pieces[name].free
        found.append(_positions(one, seen.pieces[name], start, rows))
        start += one.stop - one.start
    return None if complete else jnp.concatenate(found)


def _positions(whole: Piece, seen: Piece, start: int, rows: Rows) -> Value:
    index: Value = jnp.full((1,) * len(seen.free), start, jnp.int32)
    stride = 1
    for axis in reversed(range(len(seen.free))):
        size = seen.free[axis]
        along = jnp.arange(size, dtype=jnp.int32) if size == whole.free[axis] else rows[whole.declared.dims[axis].name]
        shape = [1] * len(seen.free)
        shape[axis] = size
        index = index + stride * jnp.reshape(along, shape)
        stride *= whole.free[axis]
    return jnp.ravel(index)
