"""Finite discrete latents as axes: a program in which each stands for all of its values at once.

A site ``z`` in ``plate point`` becomes an axis ``z~`` along its support. Everything that reads ``z`` gets that axis by
name, as it would get any other; ``loc[z]`` is an index, ``prevalence`` under it a table. What is left to do is to sum
the axes out of the product of all terms, plate by plate, which is :mod:`svilang.lower.eliminate`.

A site reached through an index from another plate (``truth[item]`` for each judgement) keeps its axis; the term is
marked with the index, so that its members can be added up for each item first.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..catalog.distribution import Distribution
from ..catalog.functions import FUNCTIONS
from ..diagnostics import Span
from ..ir import nodes as ir
from ..ir.walk import depends_on, law_operands, laws, reachable, rebuild, roots
from ..types import MOST_ENTRIES, Dim, Dims, Kind, intervals, union
from . import errors
from .links import Link, Links, at_law, at_term, carried

Route = tuple[tuple[Dim, ir.Id], ...]
"""Indexes through which a site is reached: for each plate of the site the node of the index."""


@dataclass(frozen=True, slots=True)
class AtNode:
    """An end of a support that is a value of the program."""

    node: ir.Id


@dataclass(frozen=True, slots=True)
class AtAxis:
    """An end of a support that is the size of an axis plus an offset."""

    dim: Dim
    offset: int


End = int | AtNode | AtAxis
Side = Literal["lower", "upper"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A finite discrete latent that is summed out.

    Args:
        name: of the site.
        dim: the axis that runs over its support.
        plates: the plates of the site.
        law: its distribution, in the new program.
        value: the node of its values.
        lower, upper: first and last value.
        reach: which other axes its law has.
        chain: the dimension along which it is a chain; the axis of the state one step before is then ``dim.primed``,
            and so on for earlier ones.
        order: how many steps back anything looks at it.
    """

    name: str
    dim: Dim
    plates: Dims
    law: ir.Law
    value: ir.Id
    lower: End
    upper: End
    reach: Reach
    chain: Dim | None
    order: int
    span: Span

@dataclass(frozen=True, slots=True)
class Reach:
    """The enumerated axes of one term, and the index through which the sites are reached from it.

    ``links`` say of which sampled sites without a pathwise gradient the term is a function.
    """

    axes: Dims = ()
    route: Route = ()
    links: Links = field(default_factory=dict[str, Any], hash=False)

    @property
    def tabled(self) -> bool:
        """Whether the term is kept member by member, because something is summed or weighted over it."""
        return bool(self.axes or self.links)


@dataclass(frozen=True, slots=True)
class Owner:
    """The site that an axis belongs to: ``dims`` are the plates in which it stands."""

    name: str
    dims: Dims


@dataclass(frozen=True, slots=True)
class Given:
    """The value of a latent as a guide hands it over.

    Args:
        dims: its axes, those of enumerated guide sites in front.
        routes: the indexes through which these sites are reached, by nodes of ``Handed.program``.
        links: the sampled sites without a pathwise gradient that it depends on.
    """

    dims: Dims
    routes: Mapping[Dim, Route] = field(default_factory=dict[Dim, Any])
    links: Links = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Handed:
    """What a guide hands over to its model: latents, the owners of their axes, and the program of the guide."""

    given: Mapping[str, Given]
    owners: Mapping[Dim, Owner]
    program: ir.Program | None = None


@dataclass(frozen=True, slots=True)
class Elimination:
    """A program without discrete latents, and what must be summed out of its terms.

    Args:
        program: sites, observations and factors whose nodes have the enumerated axes; the plates of observations and
            factors begin with them.
        variables: what was enumerated, in order.
        sites, observations, factors: the reach of each of the program's.
        values: the axes of the value of each site.
    """

    program: ir.Program
    variables: tuple[Variable, ...]
    sites: tuple[Reach, ...]
    observations: tuple[Reach, ...]
    factors: tuple[Reach, ...]
    values: tuple[Dims, ...]

    @property
    def tabled(self) -> bool:
        """Whether any term is kept member by member."""
        reaches = (*self.sites, *self.observations, *self.factors)
        return bool(self.variables) or any(reach.tabled for reach in reaches)

    def outside(self, axes: Dims) -> frozenset[Dim]:
        """The plates of the variables that have one of some axes; the members of others meet in no sum over these."""
        names = {dim.name for dim in axes}
        return frozenset(dim for one in self.variables if one.dim.name in names for dim in one.plates)


NOTHING_HANDED = Handed({}, {})


def eliminate(program: ir.Program, handed: Handed = NOTHING_HANDED) -> Elimination:
    """Turn the finite discrete latents of a model into axes, but for those that its guide draws.

    Raises:
        SvilangError: for a site that cannot be summed out, with the reason.
    """
    discrete = {site.name for site in program.sites if site.kind.discrete and site.name not in handed.given}
    settled = _settled(program, discrete)
    return Rewriter(settled, {site.name: site for site in settled.sites if site.name in discrete}, handed).run()


def _settled(program: ir.Program, discrete: Collection[str]) -> ir.Program:
    """The program without the reports that read discrete sites: those are made from draws, once the fit has ended."""
    if not discrete:
        return program

    def reads(report: ir.Report) -> bool:
        operands = [] if report.value is None else [report.value]
        operands += [] if report.law is None else law_operands(report.law)
        return not depends_on(program, operands).latents.isdisjoint(discrete)

    kept = replace(program, reports=tuple(one for one in program.reports if not reads(one)), definitions=())
    alive = reachable(kept, roots(kept))
    return rebuild(kept, [node if i in alive else None for i, node in enumerate(kept.nodes)])


def chain_of(program: ir.Program, law: ir.Law) -> Dim | None:
    """The dimension along which ``A then B`` runs; ``None`` for any other law."""
    if law.row.name != "then" or law.args[0] is None:
        return None
    position = program.nodes[law.args[0]].op
    return position.over[0] if isinstance(position, ir.Fill) else None


def steps_back(program: ir.Program, index: ir.Id) -> int | None:
    """How far ``maximum(position(t) - k, 0)`` looks back; ``None`` for any other index."""
    clipped = program.nodes[index]
    if not isinstance(clipped.op, ir.Apply) or clipped.op.function.name != "maximum":
        return None
    moved = program.nodes[clipped.args[0]]
    if not isinstance(moved.op, ir.Apply) or moved.op.function.name != "-":
        return None
    steps = program.nodes[moved.args[1]].op
    return int(steps.value) if isinstance(steps, ir.Const) else None


Routes = dict[Dim, Route]


def _latent(site: ir.Site) -> ir.Node:
    """The node that stands for a site's value."""
    return ir.Node(ir.Latent(site.name), (), site.dims, site.kind, site.span)


class Rewriter:
    """Gives the nodes of a program the axes of the enumerated sites that they depend on.

    Args:
        program: whose nodes.
        discrete: its sites that become axes.
        handed: what a guide has drawn already.
    """

    def __init__(self, program: ir.Program, discrete: dict[str, ir.Site], handed: Handed = NOTHING_HANDED) -> None:
        self.program = program
        self.discrete = discrete
        self.handed = handed
        self.given: dict[str, Given] = dict(handed.given)
        self.axis = {name: Dim(f"{name}~") for name in discrete}
        self.chain = {name: chain_of(program, site.law) for name, site in discrete.items()}
        self.owner = {dim: Owner(name, discrete[name].dims) for name, dim in self.axis.items()}
        self.order = self._orders()
        for name, dim in self.axis.items():
            self.owner |= {Dim(dim.name, step): self.owner[dim] for step in range(1, self.order[name] + 1)}
        self.owner |= handed.owners
        self.nodes: list[ir.Node] = []
        self.routes: list[Routes] = []
        self.links: list[Links] = []
        self.moved: dict[ir.Id, ir.Id] = {}
        self.values: dict[Dim, ir.Id] = {}
        self._same: dict[Hashable, ir.Id] = {}
        self._imported: dict[ir.Id, ir.Id | None] = {}

    def run(self) -> Elimination:
        """The whole program with the new axes."""
        if not self.discrete and not self.given:
            none = tuple(Reach() for _ in self.program.observations)
            some = tuple(Reach() for _ in self.program.sites)
            shapes = tuple(site.dims for site in self.program.sites)
            return Elimination(self.program, (), some, none, tuple(Reach() for _ in self.program.factors), shapes)
        for i, node in enumerate(self.program.nodes):
            self.moved[i] = self._node(node)
        kept = [self._site(site) for site in self.program.sites if site.name not in self.discrete]
        observed = [self._observation(one) for one in self.program.observations]
        factors = [self._factor(one) for one in self.program.factors]
        variables = tuple(self._variable(site) for site in self.discrete.values())
        program = replace(
            self.program,
            sites=tuple(site for site, _ in kept),
            observations=tuple(one for one, _ in observed),
            factors=tuple(one for one, _ in factors),
            reports=tuple(self._report(one) for one in self.program.reports),
            params=tuple(self._param(one) for one in self.program.params),
            data=tuple(replace(one, bounds=self._bounds(one.bounds)) for one in self.program.data),
            dimensions=tuple(self._dimension(one) for one in self.program.dimensions),
            definitions=(),
            nodes=tuple(self.nodes),
        )
        sites, observations, terms = (tuple(reach for _, reach in many) for many in (kept, observed, factors))
        shapes = tuple(
            self.given[site.name].dims if site.name in self.given else site.dims for site, _ in kept
        )
        return Elimination(program, variables, sites, observations, terms, shapes)

    # --- nodes ---------------------------------------------------------------------------------------------------

    def _add(self, node: ir.Node, routes: Routes, links: Links | None = None) -> ir.Id:
        """The place of a node: that of an equal one, or the next."""
        number = type(node.op.value) if isinstance(node.op, ir.Const) else None
        key = (node.op, number, node.args, node.dims, node.kind, tuple(routes.items()))
        if key not in self._same:
            self._same[key] = len(self.nodes)
            self.nodes.append(node)
            self.routes.append(routes)
            self.links.append(carried(node, self.nodes, self.links) if links is None else links)
        return self._same[key]

    def _handed(self, node: ir.Node, given: Given) -> ir.Id:
        """The node of a latent that the guide has drawn."""
        routes: Routes = {}
        for dim, route in given.routes.items():
            steps = [(plate, self._import(index)) for plate, index in route]
            known = tuple((plate, index) for plate, index in steps if index is not None)
            if len(known) < len(steps):
                raise errors.two_members(self.owner[dim].name, node.span)
            routes[dim] = known
        return self._add(replace(node, dims=given.dims), routes, self._imported_links(given.links))

    def _imported_links(self, links: Links) -> Links:
        """Links with the indexes of this program; what is reached by an index that is no data loses its link."""
        found: dict[str, Link] = {}
        for name, link in links.items():
            moved = [(plate, i, None if i is None else self._import(i)) for plate, i in link]
            found[name] = frozenset((plate, new) for plate, old, new in moved if old is None or new is not None)
        return found

    def _import(self, node: ir.Id) -> ir.Id | None:
        """An index of the guide as a node of this program; ``None`` where it is not made from data alone."""
        source = self.handed.program
        if source is None:
            return node
        if node not in self._imported:
            made = source.nodes[node]
            args = [self._import(arg) for arg in made.args]
            known = tuple(arg for arg in args if arg is not None)
            drawn = isinstance(made.op, (ir.Latent, ir.Parameter)) or len(known) < len(args)
            self._imported[node] = None if drawn else self._add(replace(made, args=known), {})
        return self._imported[node]

    def _node(self, node: ir.Node) -> ir.Id:
        if isinstance(node.op, ir.Latent) and node.op.name in self.discrete:
            site = self.discrete[node.op.name]
            return self._values_of(site, self.axis[site.name])
        if isinstance(node.op, ir.Latent) and node.op.name in self.given:
            return self._handed(node, self.given[node.op.name])
        before = self._state_before(node)
        if before is not None:
            return before
        args = tuple(self.moved[arg] for arg in node.args)
        if all(not self.routes[arg] for arg in args):
            return self._add(replace(node, args=args), {})
        if isinstance(node.op, ir.Gather):
            return self._gather(node, node.op, args)
        self._check_plates(node, args)
        routes = self._merged([self.routes[arg] for arg in args], node.span)
        axes = union(*(tuple(d for d in self.nodes[arg].dims if d in self.owner) for arg in args))
        present = {dim for arg in args for dim in self.nodes[arg].dims} | self._made(node)
        own = tuple(dim for dim in node.dims if dim in present)
        return self._add(replace(node, args=args, dims=(*axes, *own)), routes)

    def _made(self, node: ir.Node) -> set[Dim]:
        """Axes that an operation brings in itself."""
        match node.op:
            case ir.Stack(dim):
                return {dim}
            case ir.Relabel(_, new):
                return {new}
            case ir.Matrix(_, _, out):
                return set(out)
            case ir.Fill():
                return set(node.dims)
            case _:
                return set()

    def _orders(self) -> dict[str, int]:
        """How far back anything looks at each site."""
        found = dict.fromkeys(self.discrete, 0)
        for node in self.program.nodes:
            name, steps = self._look_back(node)
            found[name] = max(found.get(name, 0), steps)
        return found

    def _look_back(self, node: ir.Node) -> tuple[str, int]:
        """For ``prev(h, k)`` the site, where it is a chain that is summed out, and k; else 0 steps."""
        if isinstance(node.op, ir.Gather):
            op = self.program.nodes[node.args[0]].op
            if isinstance(op, ir.Latent) and op.name in self.discrete and self.chain[op.name] == node.op.dim:
                return op.name, steps_back(self.program, node.args[1]) or 0
        return "", 0

    def _state_before(self, node: ir.Node) -> ir.Id | None:
        """The node of ``prev(h, k)`` for a site that is a chain: its values along an axis of their own."""
        name, steps = self._look_back(node)
        return self._values_of(self.discrete[name], Dim(self.axis[name].name, steps)) if steps else None

    def _values_of(self, site: ir.Site, dim: Dim) -> ir.Id:
        """The support of a site along an axis of its own."""
        if dim in self.values:
            return self.values[dim]
        kind = Kind(interval=intervals.INTEGER)
        lower = self._ends(site)[0]
        position = ir.Node(ir.Fill(FUNCTIONS["position"], (dim,)), (), (dim,), kind, site.span)
        value = self._add(position, {dim: ()})
        if lower != 0:
            start = lower.node if isinstance(lower, AtNode) else self._number(lower, site.span)
            dims = (dim, *self.nodes[start].dims)
            value = self._add(ir.Node(ir.Apply(FUNCTIONS["+"]), (start, value), dims, kind, site.span), {dim: ()})
        self.values[dim] = value
        return value

    def _number(self, value: object, span: Span) -> ir.Id:
        assert isinstance(value, int)
        return self._add(ir.Node(ir.Const(value), (), (), Kind(interval=intervals.point(value)), span), {})

    def _ends(self, site: ir.Site) -> tuple[End, End]:
        """First and last value."""
        return self._ends_of(site, site.law if self.chain[site.name] is None else site.law.children[0])

    def _ends_of(self, site: ir.Site, law: ir.Law) -> tuple[End, End]:
        row = law.row
        if isinstance(row, Distribution):
            if row.finite_support is None:
                raise errors.infinite(site.name, row.name, site.span)
            by_name = dict(zip((p.name for p in row.forms[law.form].params), law.args, strict=True))
            lower = self._end(site, law, row.finite_support.lower, by_name, "lower")
            return lower, self._end(site, law, row.finite_support.upper, by_name, "upper")
        if row.support == "meet":
            return self._cut_ends(site, law)
        if row.besides is None:
            raise errors.infinite(site.name, row.name, site.span)
        lowers, uppers = zip(*(self._ends_of(site, child) for child in law.children), strict=True)
        if any(isinstance(end, AtNode) and law.mixed in self.nodes[end.node].dims for end in lowers + uppers):
            raise errors.many_supports(site.name, site.span)
        return self._widest(site, row.besides + lowers, "lower"), self._widest(site, row.besides + uppers, "upper")

    def _widest(self, site: ir.Site, ends: tuple[End, ...], side: Side) -> End:
        """The least of lower ends, the greatest of upper ones, where it is known before the data which one that is."""
        whole = [end for end in ends if isinstance(end, int)]
        others = list(dict.fromkeys(end for end in ends if not isinstance(end, int)))
        if not others:
            return min(whole) if side == "lower" else max(whole)
        above = not whole or all(self._least(end) >= max(whole) for end in others)
        if side == "lower" and whole and above:
            return min(whole)
        if len(others) > 1 or not above:
            raise errors.many_supports(site.name, site.span)
        return others[0]

    def _least(self, end: AtNode | AtAxis) -> float:
        """What an end is known not to lie below."""
        return 1 + end.offset if isinstance(end, AtAxis) else self.nodes[end.node].kind.interval.lower

    def _cut_ends(self, site: ir.Site, law: ir.Law) -> tuple[End, End]:
        """The ends of what is cut, where it has some; else the bounds that the text names."""
        inner = law.children[0].row
        if not isinstance(inner, Distribution) or inner.finite_support is not None:
            return self._ends_of(site, law.children[0])
        natural = inner.support.interval
        assert not isinstance(law.row, Distribution)
        named = dict(zip((p.name for p in law.row.params), law.args, strict=True))
        found: list[End] = []
        sides: tuple[tuple[Side, float], ...] = (("lower", natural.lower), ("upper", natural.upper))
        for name, own in sides:
            if named[name] is None and math.isinf(own):
                raise errors.infinite(site.name, inner.name, site.span)
            found.append(int(own) if named[name] is None else self._end(site, law, name, named, name))
        return found[0], found[1]

    def _end(self, site: ir.Site, law: ir.Law, end: object, args: dict[str, ir.Id | None], side: Side) -> End:
        """An end as far as it is known before the fit; one that moves with latents, at its furthest."""
        match end:
            case int():
                return end
            case (_, str(axis), int(offset)):
                return AtAxis(self._axis_of(site, law, axis), offset)
            case _:
                node = args.get(str(end))
        if node is None:
            raise errors.unknown_support(site.name, site.span)
        interval = self.program.nodes[node].kind.interval
        if interval.lower == interval.upper:
            return int(interval.lower)
        if depends_on(self.program, (node,)).fixed:
            return AtNode(self.moved[node])
        furthest = getattr(interval, side)
        if math.isinf(furthest):
            raise errors.unknown_support(site.name, site.span)
        return int(furthest)

    def _axis_of(self, site: ir.Site, law: ir.Law, axis: str) -> Dim:
        """The dimension that stands for an event axis of a parameter."""
        assert isinstance(law.row, Distribution)
        for param, arg in zip(law.row.forms[law.form].params, law.args, strict=True):
            if axis in param.event and arg is not None:
                taken = {*site.dims, *(one.mixed for one in laws(site.law))}
                free = tuple(dim for dim in self.program.nodes[arg].dims if dim not in taken)
                return free[param.event.index(axis)]
        raise errors.unknown_support(site.name, site.span)

    def _gather(self, node: ir.Node, op: ir.Gather, args: tuple[ir.Id, ...]) -> ir.Id:
        base, index = args
        routes = dict(self.routes[base])
        for dim, route in routes.items():
            if op.dim in self.owner[dim].dims and not any(plate == op.dim for plate, _ in route):
                if route or self.routes[index]:
                    raise errors.two_members(self.owner[dim].name, node.span)
                routes[dim] = ((op.dim, index),)
            elif any(op.dim in self.nodes[first].dims for _, first in route):
                if self.routes[index]:
                    raise errors.two_members(self.owner[dim].name, node.span)
                routes[dim] = tuple((plate, self._composed(first, node, index)) for plate, first in route)
        if op.dim not in self.nodes[base].dims:
            # Only enumerated values vary along the plate, and those are the same for all of its members.
            return self._alias(base, routes)
        merged = self._merged([routes, self.routes[index]], node.span)
        dims = union(self.nodes[index].dims, tuple(dim for dim in self.nodes[base].dims if dim != op.dim))
        leading = tuple(dim for dim in dims if dim in self.owner)
        return self._add(replace(node, args=args, dims=(*leading, *(d for d in dims if d not in leading))), merged)

    def _composed(self, first: ir.Id, node: ir.Node, index: ir.Id) -> ir.Id:
        """The index by which a member is reached whose own index is reached by another one."""
        assert isinstance(node.op, ir.Gather)
        known, at = self.nodes[first], self.nodes[index]
        if node.op.dim not in known.dims:
            return first
        dims = union(at.dims, tuple(dim for dim in known.dims if dim != node.op.dim))
        return self._add(replace(node, args=(first, index), dims=dims, kind=known.kind), {})

    def _alias(self, base: ir.Id, routes: Routes) -> ir.Id:
        """The same value under other routes."""
        return self._add(self.nodes[base], routes, self.links[base])

    def _merged(self, many: Iterable[Routes], span: Span) -> Routes:
        merged: Routes = {}
        for routes in many:
            for dim, route in routes.items():
                if merged.setdefault(dim, route) != route:
                    raise errors.two_members(self.owner[dim].name, span)
        return merged

    def _check_plates(self, node: ir.Node, args: tuple[ir.Id, ...]) -> None:
        """An enumerated site is used member by member: nothing may run along its plates."""
        match node.op:
            case ir.Reduce(_, dim) | ir.Along(_, dim) | ir.Lag(dim, _) | ir.Relabel(dim, _):
                used = {dim}
            case ir.Contract(left, right):
                used = {left, right}
            case ir.Carry():
                self._check_carried(node, args)
                return
            case ir.Flow():
                names = [self.owner[axis].name for arg in args for axis in self.routes[arg]]
                raise errors.not_yet("differential equations that read a summed-out site", names[0], node.span)
            case ir.Matrix(_, events, _):
                used = {dim for event in events for dim in event}
            case _:
                return
        for arg in args:
            for axis, route in self.routes[arg].items():
                crossed = used & (set(self.owner[axis].dims) - {plate for plate, _ in route})
                if crossed:
                    raise errors.outside_plate(self.owner[axis].name, min(crossed).name, node.span)
                if through := [plate for plate, index in route if used & set(self.nodes[index].dims)]:
                    raise errors.outside_plate(self.owner[axis].name, through[0].name, node.span)

    def _check_carried(self, node: ir.Node, args: tuple[ir.Id, ...]) -> None:
        """What is carried along a chain depends on all of its steps, and so on every state that came before."""
        assert isinstance(node.op, ir.Carry)
        for axis in (axis for arg in args for axis in self.routes[arg]):
            site = self.owner[axis]
            if node.op.dim in site.dims:
                raise errors.outside_plate(site.name, node.op.dim.name, node.span)
            raise errors.not_yet("a carried definition that reads a summed-out site", site.name, node.span)

    # --- terms ---------------------------------------------------------------------------------------------------

    def _law(self, law: ir.Law) -> ir.Law:
        args = tuple(None if arg is None else self.moved[arg] for arg in law.args)
        return replace(law, args=args, children=tuple(self._law(child) for child in law.children))

    def _reach(self, nodes: Iterable[ir.Id], plates: Dims, span: Span, variate: Routes | None = None) -> Reach:
        """The enumerated axes of a term over ``plates``, whose members may be reached through one index.

        ``variate`` are those of the value whose density it is.
        """
        routes = self._merged([variate or {}, *(self.routes[node] for node in nodes)], span)
        used = [route for route in routes.values() if route]
        if any(route != used[0] for route in used):
            raise errors.coupled([(self.owner[dim].name, self.owner[dim].dims) for dim in routes], span)
        route = used[0] if used else ()
        index_dims = {dim for _, index in route for dim in self.nodes[index].dims}
        for axis, own in routes.items():
            plates_left = set(self.owner[axis].dims) - {plate for plate, _ in own}
            if not plates_left <= set(plates):
                raise errors.outside_plate(self.owner[axis].name, min(plates_left - set(plates)).name, span)
            if route and not own and plates_left & index_dims and not self._waits(axis, route, plates):
                raise errors.coupled([(self.owner[dim].name, self.owner[dim].dims) for dim in routes], span)
        return Reach(tuple(routes), route)

    def _waits(self, axis: Dim, route: Route, plates: Dims) -> bool:
        """Whether a site of the rows can be summed out of each before these are added up along the index."""
        return axis not in self.handed.owners and not any(plate in plates for plate, _ in route)

    def _observation(self, one: ir.Observation) -> tuple[ir.Observation, Reach]:
        law = self._law(one.law)
        reach = self._reach(law_operands(law), one.plates, one.span)
        changed = replace(
            one,
            law=law,
            value=self.moved[one.value],
            mask=None if one.mask is None else self.moved[one.mask],
            weight=None if one.weight is None else self.moved[one.weight],
            plates=(*reach.axes, *self._rows_last(one.plates, reach)),
        )
        return changed, replace(reach, links=at_law(law, self.nodes, self.links, one.plates))

    def _factor(self, one: ir.Factor) -> tuple[ir.Factor, Reach]:
        value = self.moved[one.value]
        reach = self._reach([value], one.plates, one.span)
        links = at_term([self.links[value]], self.nodes, one.plates)
        plates = (*reach.axes, *self._rows_last(one.plates, reach))
        return replace(one, value=value, plates=plates), replace(reach, links=links)

    def _rows_last(self, plates: Dims, reach: Reach) -> Dims:
        """The plates of a term as its table keeps them: those in which its sites stand run along memory, and those that
        are multiplied up before any site is summed out, most often short, come before them.
        """
        if reach.route:
            return plates
        rows = {dim for axis in reach.axes for dim in self.owner[axis].dims}
        return (*(dim for dim in plates if dim not in rows), *(dim for dim in plates if dim in rows))

    def _site(self, site: ir.Site) -> tuple[ir.Site, Reach]:
        law, bounds = self._law(site.law), self._bounds(site.bounds)
        given = self.given.get(site.name)
        value = None if given is None else self._handed(_latent(site), given)
        own = None if value is None else self.routes[value]
        reach = self._reach(law_operands(law), site.dims, site.span, own)
        if self._reach(bounds.ends, site.dims, site.span).axes:
            raise errors.reads_discrete("a bound", site.name, site.span)
        batch = site.dims[: len(site.dims) - len(law.event)]
        links = at_law(law, self.nodes, self.links, batch, () if value is None else (value,))
        return replace(site, law=law, bounds=bounds), replace(reach, links=links)

    def _variable(self, site: ir.Site) -> Variable:
        law, dim = self._law(site.law), self.axis[site.name]
        lower, upper = self._ends(site)
        if isinstance(lower, int) and isinstance(upper, int) and upper - lower >= MOST_ENTRIES:
            raise errors.too_wide([(site.name, upper - lower + 1)], upper - lower + 1, MOST_ENTRIES, site.span)
        reach = self._reach(law_operands(law), site.dims, site.span)
        reach = replace(reach, links=at_law(law, self.nodes, self.links, site.dims))
        value = self._values_of(site, dim)
        chain, order = self.chain[site.name], self.order[site.name]
        return Variable(site.name, dim, site.dims, law, value, lower, upper, reach, chain, order, site.span)

    def _report(self, report: ir.Report) -> ir.Report:
        value = None if report.value is None else self.moved[report.value]
        return replace(report, value=value, law=None if report.law is None else self._law(report.law))

    def _param(self, param: ir.Param) -> ir.Param:
        init = param.init
        if isinstance(init, ir.Law):
            init = self._law(init)
        elif init is not None:
            init = self.moved[init]
        return replace(param, bounds=self._bounds(param.bounds), init=init)

    def _dimension(self, one: ir.Dimension) -> ir.Dimension:
        return one if one.size is None else replace(one, size=self.moved[one.size])

    def _bounds(self, bounds: ir.Bounds) -> ir.Bounds:
        lower, upper = (None if end is None else self.moved[end] for end in (bounds.lower, bounds.upper))
        return ir.Bounds(lower, upper)
