"""Summing finite discrete sites out of a density, plate by plate.

Each term that reads enumerated sites is a table: a log density with the axes of those sites in front of its plates. The
innermost plates are dealt with first: their own sites are summed out of the product of the tables that hold them, what
is left is multiplied over the plate and handed to the plates outside.

Source: Obermeyer et al. (2019), Tensor variable elimination for plated factor graphs.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..diagnostics import NOWHERE, Span
from ..ir import nodes as ir
from ..ir.walk import law_operands
from ..lazy import jax, jnp, np
from ..plan import AtAxis, AtNode, Elimination, End, Reach, Variable, errors
from ..types import MOST_AXES, MOST_ENTRIES, Dim, Dims, union
from .axes import Value, align
from .bound import Bound, shape_of
from .chain import along
from .laws import batch_dims, bind_law, variate
from .reduction import Reduction
from .tables import Table, over_plates, product

if TYPE_CHECKING:
    from .run import Run
    from .values import Plan


def enumerated_sizes(elimination: Elimination, bound: Bound) -> dict[str, int]:
    """How many values each enumerated site has."""
    found: dict[str, int] = {}
    for variable in elimination.variables:
        ends = ((variable.lower, np.min), (variable.upper, np.max))
        low, high = (_end(variable, end, extreme, elimination, bound) for end, extreme in ends)
        found[variable.dim.name] = high - low + 1
    return found


def check_tables(elimination: Elimination, sizes: Mapping[str, int]) -> None:
    """Refuse tables that no memory holds, before one is made.

    Raises:
        SvilangError: naming the sites that meet in the first such table.
    """
    program = elimination.program
    for variable in elimination.variables:
        _affordable((variable.dim, *variable.reach.axes, *variable.plates), sizes, variable.span)
    for site, reach in zip(program.sites, elimination.sites, strict=True):
        _affordable((*reach.axes, *batch_dims(site)), sizes, site.span)
    for observation, reach in zip(program.observations, elimination.observations, strict=True):
        _affordable((*reach.axes, *observation.plates), sizes, observation.span)
    for factor, reach in zip(program.factors, elimination.factors, strict=True):
        _affordable((*reach.axes, *factor.plates), sizes, factor.span)


def _affordable(dims: Dims, sizes: Mapping[str, int], span: Span = NOWHERE) -> None:
    axes = dict.fromkeys(dim.name for dim in dims if dim.name.endswith("~"))
    entries = math.prod(shape_of(tuple(dict.fromkeys(dims)), sizes))
    if axes and (entries > MOST_ENTRIES or len(dims) > MOST_AXES):
        raise errors.too_wide([name.removesuffix("~") for name in axes], entries, MOST_ENTRIES, span)


def _end(variable: Variable, end: End, extreme: Any, elimination: Elimination, bound: Bound) -> int:
    match end:
        case AtAxis(dim, offset):
            return bound.sizes[dim.name] + offset
        case AtNode(node):
            op = elimination.program.nodes[node].op
            if not isinstance(op, ir.Input):
                raise errors.unknown_support(variable.name, variable.span)
            return int(extreme(bound.arrays[op.name]))
        case _:
            return end


def enumerated_nodes(elimination: Elimination) -> tuple[ir.Id, ...]:
    """The nodes that the tables of the sites themselves take, and the indexes of all routes."""
    reaches = [*elimination.sites, *elimination.observations, *elimination.factors]
    reaches += [variable.reach for variable in elimination.variables]
    own = [i for variable in elimination.variables for i in (*law_operands(variable.law), variable.value)]
    return (*own, *(index for reach in reaches for _, index in reach.route))


class Tables:
    """The tables of one evaluation.

    Args:
        elimination: what is to be summed out.
        run: the evaluation.
        tilts: added to the log probabilities of sites.
        reduction: how axes are taken out; all of the contraction goes through it.
    """

    def __init__(
        self, elimination: Elimination | None, run: Run, tilts: Mapping[str, Value], reduction: Reduction
    ) -> None:
        self.elimination = elimination if elimination is not None and elimination.variables else None
        self.run = run
        self.tilts = tilts
        self.reduction = reduction
        self.found: list[Table] = []
        self.pieces: list[Table] = []

    def reach_of_site(self, i: int) -> bool:
        """Whether the prior of a site reads enumerated ones."""
        return self.elimination is not None and bool(self.elimination.sites[i].axes)

    def reach_of_observation(self, i: int) -> bool:
        """Whether a likelihood reads enumerated sites."""
        return self.elimination is not None and bool(self.elimination.observations[i].axes)

    def reach_of_factor(self, i: int) -> bool:
        """Whether a factor reads enumerated sites."""
        return self.elimination is not None and bool(self.elimination.factors[i].axes)

    def add_site(self, i: int, site: ir.Site, x: Value) -> None:
        """The prior of a continuous site."""
        assert self.elimination is not None
        reach = self.elimination.sites[i]
        batch = (*reach.axes, *batch_dims(site))
        law = bind_law(site.law, self.run.values, batch)
        given = variate(align(x, site.dims, (*reach.axes, *site.dims)), site.law, len(batch), self.run.values.dtype)
        self._add(law.log_prob(given), reach, batch_dims(site))

    def add_observation(self, i: int, observation: ir.Observation, value: Value) -> None:
        """A likelihood, one number for each member of its plates."""
        assert self.elimination is not None
        reach = self.elimination.observations[i]
        self._add(value, reach, observation.plates[len(reach.axes) :])

    def add_factor(self, i: int, factor: ir.Factor, value: Value) -> None:
        """A factor."""
        assert self.elimination is not None
        reach = self.elimination.factors[i]
        self._add(value, reach, factor.plates[len(reach.axes) :])

    def _add(self, value: Value, reach: Reach, plates: Dims) -> None:
        table = Table(self._ranked(value, (*reach.axes, *plates)), reach.axes, plates)
        self.found.append(self._routed(table.full(self.run.plan.sizes), reach) if reach.route else table)

    def _ranked(self, value: Value, dims: Dims) -> Value:
        """A value with all axes, of size 1 where all members share it."""
        value = jnp.asarray(value)
        return value if value.ndim == len(dims) else jnp.reshape(value, (1,) * (len(dims) - value.ndim) + value.shape)

    def _routed(self, table: Table, reach: Reach) -> Table:
        """The sum of a table over all members that an index sends to the same member of another plate."""
        for plate, index in reach.route:
            sizes, gone = self.run.plan.sizes, self.run.values.dims(index)
            kept = tuple(dim for dim in table.plates if dim not in gone)
            moved = align(table.value, table.dims, (*gone, *table.axes, *kept))
            flat = jnp.reshape(moved, (math.prod(shape_of(gone, sizes)), *shape_of((*table.axes, *kept), sizes)))
            where = jnp.reshape(self.run.values[index], (-1,))
            added = jax.ops.segment_sum(flat, where, num_segments=sizes[plate.name])
            plates = (plate, *kept)
            table = Table(align(added, (plate, *table.axes, *kept), (*table.axes, *plates)), table.axes, plates)
        return table

    def _prior(self, variable: Variable) -> None:
        if variable.chain is not None and not variable.reach.route:
            many = len(variable.law.children)
            for step, law in enumerate(variable.law.children):
                axes = union((variable.dim,), tuple(dim for dim in variable.reach.axes if dim.prime <= step))
                made = self._ranked(self._log_prob(variable, law, axes), (*axes, *variable.plates))
                steps = (step, step + 1 if step < many - 1 else None)
                self.found.append(Table(made, axes, variable.plates, steps, variable.chain))
        else:
            axes = union((variable.dim,), variable.reach.axes)
            self._add(self._log_prob(variable, variable.law, axes), Reach(axes, variable.reach.route), variable.plates)
        if variable.name in self.tilts:
            self._add(self.tilts[variable.name], Reach((variable.dim,), variable.reach.route), variable.plates)

    def _log_prob(self, variable: Variable, law: ir.Law, axes: Dims) -> Value:
        batch = (*axes, *variable.plates)
        value = self.run.values.aligned(variable.value, batch)
        return bind_law(law, self.run.values, batch).log_prob(variate(value, law, len(batch), self.run.values.dtype))

    def summed_out(self) -> Iterator[tuple[str, Value]]:
        """The log of the sum over all values of all enumerated sites, under their names."""
        if self.elimination is None:
            return
        for variable in self.elimination.variables:
            self._prior(variable)
        plates = {variable.dim: frozenset(variable.plates) for variable in self.elimination.variables}
        chains = {variable.dim: variable.chain for variable in self.elimination.variables if variable.chain is not None}
        for variable in self.elimination.variables:
            for back in range(1, variable.order + 1):
                earlier = Dim(variable.dim.name, back)
                plates[earlier], chains[earlier] = plates[variable.dim], chains[variable.dim]
        names = ", ".join(variable.name for variable in self.elimination.variables)
        yield names, _contract(self.found, plates, chains, self.run.plan, self.reduction, self.pieces)


def _contract(
    tables: list[Table],
    plates: Mapping[Dim, frozenset[Dim]],
    chains: Mapping[Dim, Dim],
    plan: Plan,
    reduction: Reduction,
    pieces: list[Table],
) -> Value:
    """The log of the sum over all axes; ``pieces`` gets its terms, one number for each member of their plates."""
    sizes = plan.sizes
    pending: dict[frozenset[Dim], list[Table]] = {}
    for table in tables:
        pending.setdefault(frozenset(table.plates), []).append(table)
    done: list[Value] = []
    while pending:
        leaf = max(pending, key=len)
        own = {dim for dim, where in plates.items() if where == leaf}
        for group in _connected(pending.pop(leaf), own, chains):
            axes = {axis for table in group for axis in table.axes}
            carried = {dim.name for dim in own & axes if dim.prime}
            linked = {dim for dim in own & axes if dim.name in carried}
            left = _along(_sum_out(group, own - linked, sizes, reduction), linked, chains, sizes, reduction)
            outside = frozenset[Dim]().union(*(plates[dim] for dim in left.axes))
            if not left.axes:
                pieces.append(left)
                done.append(over_plates(left, (), sizes).value * plan.scale(left.plates))
                continue
            if not outside < leaf:
                raise errors.coupled(dim.name.removesuffix("~") for dim in left.axes)
            if not outside <= set(left.plates):
                raise errors.coupled(dim.name.removesuffix("~") for dim in left.axes)
            kept = tuple(dim for dim in left.plates if dim in outside)
            pending.setdefault(outside, []).append(over_plates(left, kept, sizes))
    return functools.reduce(operator.add, done)


def _connected(tables: list[Table], own: set[Dim], chains: Mapping[Dim, Dim]) -> list[list[Table]]:
    """Tables that share a site of the plate itself, together; a chain is one site over all of its steps."""
    groups: list[tuple[set[Dim], list[Table]]] = []
    for table in tables:
        axes = {Dim(dim.name) if dim in chains else dim for dim in table.axes if dim in own}
        members = [table]
        apart: list[tuple[set[Dim], list[Table]]] = []
        for known, others in groups:
            if known & axes:
                axes, members = axes | known, [*others, *members]
            else:
                apart.append((known, others))
        groups = [*apart, (axes, members)]
    return [members for _, members in groups]


def _along(
    tables: list[Table], own: set[Dim], chains: Mapping[Dim, Dim], sizes: Mapping[str, int], reduction: Reduction
) -> Table:
    """The product of the tables of a plate with its chains summed out."""
    if not own:
        return product(tables, sizes)
    steps = {chains[dim] for dim in own}
    if len(steps) > 1:
        raise errors.coupled(dim.name.removesuffix("~") for dim in sorted(own))
    (step,) = steps
    rest = tuple(dim for dim in union(*(table.axes for table in tables)) if dim not in own)
    _affordable((*sorted(own), *rest, *(dim for dim in tables[0].plates if dim != step)), sizes)
    return along(tables, own, step, sizes, reduction)


def _sum_out(tables: list[Table], own: set[Dim], sizes: Mapping[str, int], reduction: Reduction) -> list[Table]:
    """Some tables of one plate with the plate's own sites summed out, the cheapest first."""
    while True:
        candidates = {axis for table in tables for axis in table.axes if axis in own}
        if not candidates:
            return tables
        costs = {axis: math.prod(shape_of(_joint_axes(tables, axis), sizes)) for axis in candidates}
        axis = min(sorted(candidates), key=costs.__getitem__)
        _affordable((*_joint_axes(tables, axis), *tables[0].plates), sizes)
        joint = product([table for table in tables if axis in table.axes], sizes)
        position = joint.axes.index(axis)
        if joint.value.shape[position] == 1:
            joint = joint.full(sizes)
        reduced = reduction(joint.value, (position,))
        rest = tuple(dim for dim in joint.axes if dim != axis)
        tables = [*(table for table in tables if axis not in table.axes), replace(joint, value=reduced, axes=rest)]


def _joint_axes(tables: list[Table], axis: Dim) -> Dims:
    return union(*(table.axes for table in tables if axis in table.axes))
