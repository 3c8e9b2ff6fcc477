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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..diagnostics import Span
from ..ir import nodes as ir
from ..ir.walk import law_operands
from ..lazy import jax, jnp, np
from ..plan import (
    AtAxis,
    AtNode,
    Elimination,
    End,
    Link,
    Reach,
    Route,
    Variable,
    Waits,
    affordable,
    errors,
    merged,
    next_leaf,
    waiting,
    within,
)
from ..types import Dim, Dims, union
from .axes import Value, align
from .bound import Bound, shape_of
from .chain import along
from .laws import batch_dims, bind_law, variate
from .narrowed import normaliser
from .observe import Keep, elements
from .reduction import Reduction
from .statistics import Statistics, multiplied, splits
from .tables import Table, over_plates, product

if TYPE_CHECKING:
    from .run import Run
    from .values import Plan


def enumerated_sizes(elimination: Elimination, bound: Bound) -> dict[str, int]:
    """How many values each enumerated site has."""
    found: dict[str, int] = {}
    for one in elimination.variables:
        found[one.dim.name] = extent(one.name, one.lower, one.upper, elimination.program, bound, one.span)
    return found


def extent(name: str, lower: End, upper: End, program: ir.Program, bound: Bound, span: Span) -> int:
    """How many values lie between two ends, for the member that has most."""
    low, high = (_end(name, end, extreme, program, bound, span) for end, extreme in ((lower, np.min), (upper, np.max)))
    return high - low + 1


def _end(name: str, end: End, extreme: Any, program: ir.Program, bound: Bound, span: Span) -> int:
    match end:
        case AtAxis(dim, offset):
            return bound.sizes[dim.name] + offset
        case AtNode(node):
            value = bound.value(program, node)
            if value is None:
                raise errors.unknown_support(name, span)
            return int(extreme(value))
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
        self.elimination = elimination if elimination is not None and elimination.tabled else None
        self.run = run
        self.tilts = tilts
        self.reduction = reduction
        self.found: list[Table] = []
        self.pieces: list[Table] = []

    def reach_of_site(self, i: int) -> bool:
        """Whether the prior of a site reads enumerated ones."""
        return self.elimination is not None and self.elimination.sites[i].tabled

    def reach_of_observation(self, i: int) -> bool:
        """Whether a likelihood reads enumerated sites."""
        return self.elimination is not None and self.elimination.observations[i].tabled

    def reach_of_factor(self, i: int) -> bool:
        """Whether a factor reads enumerated sites."""
        return self.elimination is not None and self.elimination.factors[i].tabled

    def add_site(self, i: int, site: ir.Site, x: Value) -> None:
        """The prior of a continuous site."""
        assert self.elimination is not None
        reach = self.elimination.sites[i]
        batch = (*reach.axes, *batch_dims(site))
        law = bind_law(site.law, self.run.values, batch)
        value = align(x, self.elimination.values[i], (*reach.axes, *site.dims))
        term = law.log_prob(variate(value, site.law, len(batch), self.run.values.dtype))
        if site.narrowed:
            term = term + normaliser(replace(site, dims=(*reach.axes, *site.dims)), law, self.run)
        self.add(self.run.weighed(term), reach, batch_dims(site))

    def add_observation(self, i: int, observation: ir.Observation, value: Value) -> None:
        """A likelihood, one number for each member of its plates."""
        assert self.elimination is not None
        reach = self.elimination.observations[i]
        self.add(value, reach, observation.plates[len(reach.axes) :])

    def add_likelihood(self, i: int, observation: ir.Observation, kept: Keep | None, made: Statistics | None) -> None:
        """A likelihood at the data, from its statistics where these are ``made``."""
        if made is None:
            self.add_observation(i, observation, elements(observation, self.run, kept))
            return
        split = splits(self.run.plan, self.elimination)[i]
        assert self.elimination is not None
        reach = self.elimination.observations[i]
        plates = tuple(dim for dim in split.table if dim not in reach.axes)
        self.found.append(Table(multiplied(split, made, self.run, kept), reach.axes, plates))

    def add_factor(self, i: int, factor: ir.Factor, value: Value) -> None:
        """A factor."""
        assert self.elimination is not None
        reach = self.elimination.factors[i]
        self.add(value, reach, factor.plates[len(reach.axes) :])

    def add(self, value: Value, reach: Reach, plates: Dims) -> None:
        """A table with the axes of a term and one entry for each member of its plates."""
        waits = self._waiting(reach, reach.axes)
        made = self._ranked(value, (*reach.axes, *plates))
        table = Table(made, reach.axes, plates, links=reach.links, waits=waits)
        self.found.append(self._routed(table, reach.route) if reach.route and not waits else table)

    def _waiting(self, reach: Reach, axes: Dims) -> Waits | None:
        if self.elimination is None or not reach.route:
            return None
        plates = {variable.dim: frozenset(variable.plates) for variable in self.elimination.variables}
        return waiting(reach, axes, plates, self.run.plan.program.nodes)

    def _ranked(self, value: Value, dims: Dims) -> Value:
        """A value with all axes, of size 1 where all members share it."""
        value = jnp.asarray(value)
        return value if value.ndim == len(dims) else jnp.reshape(value, (1,) * (len(dims) - value.ndim) + value.shape)

    def _routed(self, table: Table, route: Route) -> Table:
        """The sum of a table over all members that an index sends to the same member of another plate."""
        table = table.full(self.run.plan.sizes)
        for plate, index in route:
            sizes, gone = self.run.plan.sizes, self.run.values.dims(index)
            kept = tuple(dim for dim in table.plates if dim not in gone)
            moved = align(table.value, table.dims, (*gone, *table.axes, *kept))
            flat = jnp.reshape(moved, (math.prod(shape_of(gone, sizes)), *shape_of((*table.axes, *kept), sizes)))
            where = jnp.reshape(self.run.values[index], (-1,))
            added = jax.ops.segment_sum(flat, where, num_segments=sizes[plate.name])
            plates = (plate, *kept)
            links = {name: _sent(link, plate, index) for name, link in table.links.items()}
            links = within(links, self.run.plan.program.nodes, plates)
            value = align(added, (plate, *table.axes, *kept), (*table.axes, *plates))
            table = Table(value, table.axes, plates, links=links)
        return table

    def _prior(self, variable: Variable) -> None:
        waits = self._waiting(variable.reach, (variable.dim, *variable.reach.axes))
        if variable.chain is not None:
            many = len(variable.law.children)
            for step, law in enumerate(variable.law.children):
                axes = union((variable.dim,), tuple(dim for dim in variable.reach.axes if dim.prime <= step))
                made = self._ranked(self._log_prob(variable, law, axes), (*axes, *variable.plates))
                steps = (step, step + 1 if step < many - 1 else None)
                links = variable.reach.links
                self.found.append(Table(made, axes, variable.plates, steps, variable.chain, links, waits))
        else:
            axes = union((variable.dim,), variable.reach.axes)
            self.add(self._log_prob(variable, variable.law, axes), replace(variable.reach, axes=axes), variable.plates)
        if variable.name in self.tilts:
            self.add(self.tilts[variable.name], Reach((variable.dim,)), variable.plates)

    def _log_prob(self, variable: Variable, law: ir.Law, axes: Dims) -> Value:
        batch = (*axes, *variable.plates)
        value = self.run.values.aligned(variable.value, batch)
        return bind_law(law, self.run.values, batch).log_prob(variate(value, law, len(batch), self.run.values.dtype))

    def summed_out(self) -> Iterator[tuple[str, Value]]:
        """The log of the sum over all values of all enumerated sites, under their names."""
        if self.elimination is None:
            return
        names = ", ".join(variable.name for variable in self.elimination.variables)
        self.pieces = self.contracted()
        yield names, functools.reduce(operator.add, (self.whole(table) for table in self.pieces))

    def whole(self, table: Table) -> Value:
        """The product of all members of a table, as far as a step sees them, as an estimate of that of all."""
        plan = self.run.plan
        return over_plates(table, (), plan.sizes).value * plan.scale(table.plates)

    def contracted(self) -> list[Table]:
        """The tables with the model's discrete sites summed out; what axes are left are those of the guide."""
        if self.elimination is None:
            return []
        variables = self.elimination.variables
        for variable in variables:
            self._prior(variable)
        plates = {variable.dim: frozenset(variable.plates) for variable in variables}
        chains = {variable.dim: variable.chain for variable in variables if variable.chain is not None}
        for variable in variables:
            for back in range(1, variable.order + 1):
                earlier = Dim(variable.dim.name, back)
                plates[earlier], chains[earlier] = plates[variable.dim], chains[variable.dim]
        return _contract(self.found, plates, chains, self.run.plan, self.reduction, self._routed)


def _sent(link: Link, plate: Dim, index: ir.Id) -> Link:
    """A link after the members that an index sends to one place were added up."""
    return frozenset((plate, None) if part == (plate, index) else part for part in link)


def _contract(
    tables: list[Table],
    plates: Mapping[Dim, frozenset[Dim]],
    chains: Mapping[Dim, Dim],
    plan: Plan,
    reduction: Reduction,
    routed: Callable[[Table, Route], Table],
) -> list[Table]:
    sizes, nodes = plan.sizes, plan.program.nodes
    pending: dict[frozenset[Dim], list[Table]] = {}
    for table in tables:
        pending.setdefault(frozenset(table.plates), []).append(table)
    done: list[Table] = []
    while pending:
        leaf = next_leaf({where: [table.waits for table in tables] for where, tables in pending.items()})
        assert leaf is not None, "the plan refuses plates that cross"
        own = {dim for dim, where in plates.items() if where == leaf}
        for group in _connected(pending.pop(leaf), own, chains):
            axes = {axis for table in group for axis in table.axes}
            carried = {dim.name for dim in own & axes if dim.prime}
            linked = {dim for dim in own & axes if dim.name in carried}
            left = _along(sum_out(group, own - linked, sizes, reduction), linked, chains, sizes, reduction)
            left = replace(left, links=within(merged(table.links for table in group), nodes, left.plates))
            inner = [dim for dim in left.axes if dim in plates]
            waits = next((table.waits for table in group if table.waits), None)
            if waits is not None and not waits.local(left.axes, plates):
                left = replace(routed(left, waits.route), waits=None)
                where = pending.setdefault(frozenset(left.plates), []) if inner else done
                where.append(left)
                continue
            outside = frozenset[Dim]().union(*(plates[dim] for dim in inner))
            if waits is not None:
                outside = waits.before(plates, left.axes)
            if not inner:
                done.append(left)
                continue
            assert outside < leaf, "the plan refuses plates that cross"
            kept = tuple(dim for dim in left.plates if dim in outside)
            outer = replace(over_plates(left, kept, sizes), links=within(left.links, nodes, kept), waits=waits)
            pending.setdefault(outside, []).append(outer)
    return done


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
    (step,) = {chains[dim] for dim in own}
    return along(tables, own, step, sizes, reduction)


def sum_out(tables: list[Table], own: set[Dim], sizes: Mapping[str, int], reduction: Reduction) -> list[Table]:
    """Some tables of one plate with the plate's own sites summed out, the cheapest first."""
    while True:
        candidates = {axis for table in tables for axis in table.axes if axis in own}
        if not candidates:
            return tables
        costs = {axis: math.prod(shape_of(_joint_axes(tables, axis), sizes)) for axis in candidates}
        axis = min(sorted(candidates), key=costs.__getitem__)
        affordable((*_joint_axes(tables, axis), *tables[0].plates), sizes)
        joint = product([table for table in tables if axis in table.axes], sizes)
        position = joint.axes.index(axis)
        if joint.value.shape[position] == 1:
            joint = joint.full(sizes)
        reduced = reduction(joint.value, (position,))
        rest = tuple(dim for dim in joint.axes if dim != axis)
        tables = [*(table for table in tables if axis not in table.axes), replace(joint, value=reduced, axes=rest)]


def _joint_axes(tables: list[Table], axis: Dim) -> Dims:
    return union(*(table.axes for table in tables if axis in table.axes))
