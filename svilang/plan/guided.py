"""The explicit sites of a guide: which of them are weighted sums, which are draws, and the axes that these bring.

A finite discrete site becomes an axis over its values, and everything that reads it is computed for each of them. So
does the branch of a mixture: there is a draw from each component, weighted by the component's probability. A site
whose means are known is an axis over the points that give them. Every other site is one draw for each combination of
the values that its distribution reads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ..catalog.distribution import Distribution
from ..catalog.spaces import Space
from ..ir import nodes as ir
from ..ir.walk import law_operands, laws, reachable
from ..types import Dim, Dims, union
from . import errors
from .changes import Change
from .enumerate import Elimination, End, Given, Handed, Owner, Reach, Rewriter, eliminate
from .links import Link, Links, at_law, at_term


class Role(StrEnum):
    """How the expectation over one explicit site is taken."""

    SUM = "expectation"
    ANALYTIC = "analytic"
    BRANCH = "branches"
    PATHWISE = "pathwise"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One explicit site.

    Args:
        site: with its law in the new program.
        role: how its expectation is taken.
        reach: the axes of its distribution.
        axis: over its values or its branches, where it has one.
        value: the node of its values, where these are an axis.
        own: the axes of its value.
        ends: the first and the last of its values, where these are an axis.
        space: the functions of it in all terms, where its axis runs over the points that give their means.
    """

    site: ir.Site
    role: Role
    reach: Reach
    axis: Dim | None
    value: ir.Id | None
    own: Dims
    ends: tuple[End, End] | None = None
    space: Space | None = None

    @property
    def batch(self) -> Dims:
        """The plates over which its members are independent."""
        return batch_of(self.site)


@dataclass(frozen=True, slots=True)
class Made:
    """A change of variables whose values have the axes of enumerated sites.

    Args:
        change: the variables and latents that belong together.
        nodes: the values, in order.
        reach: the axes of its determinant.
    """

    change: Change
    nodes: tuple[ir.Id, ...]
    reach: Reach


@dataclass(frozen=True, slots=True)
class Guided:
    """A guide whose enumerated sites are axes.

    Args:
        program: with these axes.
        sites: the explicit ones, in order.
        made: latents made from others.
        handed: what the model sees of it.
    """

    program: ir.Program
    sites: tuple[Drawn, ...]
    made: tuple[Made, ...]
    handed: Handed


@dataclass(frozen=True, slots=True)
class Expected:
    """Guide and model of an expectation: the guide with its axes, and the model that reads them."""

    guide: Guided
    model: Elimination


def points_of(name: str) -> Dim:
    """The axis of a site's branches or points."""
    return Dim(f"{name}~")


def batch_of(site: ir.Site) -> Dims:
    """The axes over which the members of a site are independent."""
    return site.dims[: len(site.dims) - len(site.law.event)]


def natural_role(site: ir.Site) -> Role:
    """The treatment with the least noise that a distribution allows."""
    row = site.law.row
    if isinstance(row, Distribution):
        if row.finite_support is not None and not site.narrowed:
            return Role.SUM
        return Role.PATHWISE if row.reparameterised else Role.SCORE
    leaves = [law.row for law in laws(site.law) if isinstance(law.row, Distribution)]
    smooth = all(leaf.reparameterised for leaf in leaves) and all(child.children == () for child in site.law.children)
    if row.name == "Mixture" and smooth and not site.narrowed:
        return Role.BRANCH
    return Role.PATHWISE if _differentiable(site.law) else Role.SCORE


def _differentiable(law: ir.Law) -> bool:
    """Whether draws have the right gradient in all arguments."""
    row = law.row
    if isinstance(row, Distribution):
        return row.reparameterised
    match row.pathwise:
        case "children":
            return all(map(_differentiable, law.children))
        case "tails":
            rows = [inner.row for inner in laws(law) if isinstance(inner.row, Distribution)]
            return all(leaf.cdf is not None and not leaf.support.discrete for leaf in rows)
        case "never":
            return False


def sampled(guide: ir.Program, model: ir.Program) -> Handed:
    """What a guide hands over where it draws everything, one value each with the axes of the model."""
    return handed_over(model, {*(site.name for site in guide.sites), *formulas_of(guide)})


def handed_over(model: ir.Program, names: Collection[str]) -> Handed:
    """Some latents with a value each."""
    return Handed({site.name: Given(site.dims) for site in model.sites if site.name in names}, {})


def formulas_of(guide: ir.Program) -> tuple[str, ...]:
    """The latents of the model that a definition of the guide makes."""
    return () if guide.guide is None else guide.guide.formulas


def expected(
    model: ir.Program,
    guide: ir.Program,
    roles: Mapping[str, Role],
    changed: tuple[Change, ...],
    spaces: Mapping[str, Space],
) -> Expected:
    """Guide and model with the axes of the guide's sums; ``spaces`` are those of the analytic sites.

    Raises:
        Unsummable: where a site cannot have the role that it is given, with the reason.
    """
    guided = _GuideRewriter(guide, roles, spaces).guided(changed)
    silent = replace(model, reports=())
    return Expected(guided, eliminate(silent, guided.handed))


class _GuideRewriter(Rewriter):
    def __init__(self, guide: ir.Program, roles: Mapping[str, Role], spaces: Mapping[str, Space]) -> None:
        self.roles = roles
        self.spaces = spaces
        super().__init__(guide, {site.name: site for site in guide.sites if roles[site.name] is Role.SUM})
        for site in guide.sites:
            if roles[site.name] is Role.BRANCH:
                self.owner[points_of(site.name)] = Owner(site.name, batch_of(site))
            if roles[site.name] is Role.ANALYTIC:
                # Its points count the same for all members: which of them a term reads is no matter.
                self.owner[points_of(site.name)] = Owner(site.name, ())

    def guided(self, changed: tuple[Change, ...]) -> Guided:
        """The guide, each site after those that it reads."""
        sites: list[Drawn] = []
        for site in self.program.sites:
            self._ready([*law_operands(site.law), *site.bounds.ends])
            sites.append(self._drawn(site))
        self._ready(range(len(self.program.nodes)))
        made = tuple(self._change(one) for one in changed)
        program = replace(
            self.program,
            sites=tuple(one.site for one in sites),
            params=tuple(self._param(one) for one in self.program.params),
            dimensions=tuple(self._dimension(one) for one in self.program.dimensions),
            definitions=tuple((name, self.moved[node]) for name, node in self.program.definitions),
            nodes=tuple(self.nodes),
        )
        return Guided(program, tuple(sites), made, Handed(self._all_given(made), self.owner, program))

    def _all_given(self, made: tuple[Made, ...]) -> dict[str, Given]:
        found = dict(self.given)
        for one in made:
            for name, node in zip(one.change.formulas, one.nodes, strict=True):
                found[name] = Given(self.nodes[node].dims, self.routes[node], self.links[node])
        return found

    def _ready(self, nodes: Iterable[ir.Id]) -> None:
        for i in sorted(reachable(self.program, nodes)):
            if i not in self.moved:
                self.moved[i] = self._node(self.program.nodes[i])

    def _drawn(self, site: ir.Site) -> Drawn:
        law, bounds, batch, role = self._law(site.law), self._bounds(site.bounds), batch_of(site), self.roles[site.name]
        operands = law_operands(law)
        reach = self._reach(operands, batch, site.span)
        links = at_law(law, self.nodes, self.links, batch)
        reach = replace(reach, links=links)
        moved = replace(site, law=law, bounds=bounds)
        routes = self._merged([self.routes[node] for node in operands], site.span)
        if role in (Role.SUM, Role.BRANCH, Role.ANALYTIC) and reach.route:
            raise errors.reached_by_index(site.name, [self.owner[dim].name for dim in reach.axes], site.span)
        match role:
            case Role.SUM:
                axis = self.axis[site.name]
                value = self._values_of(site, axis)
                own, routes = self.nodes[value].dims, {axis: ()}
                self.given[site.name] = Given(own, routes)
                return Drawn(moved, role, reach, axis, value, own, self._ends(site))
            case Role.BRANCH | Role.ANALYTIC:
                axis = points_of(site.name)
                own = (axis, *reach.axes, *site.dims)
                self.given[site.name] = Given(own, {axis: (), **routes}, links)
                return Drawn(moved, role, reach, axis, None, own, space=self.spaces.get(site.name))
            case Role.PATHWISE:
                own = (*reach.axes, *site.dims)
                self.given[site.name] = Given(own, routes, links)
                return Drawn(moved, role, reach, None, None, own)
            case Role.SCORE:
                own = (*reach.axes, *site.dims)
                here: Link = frozenset((plate, None) for plate in batch)
                self.given[site.name] = Given(own, routes, {**links, site.name: here})
                return Drawn(moved, role, reach, None, None, own)

    def _change(self, change: Change) -> Made:
        known = dict(self.program.definitions)
        nodes = tuple(self.moved[known[name]] for name in change.formulas)
        reach = self._reach(nodes, change.plates, self.nodes[nodes[0]].span)
        links = at_term([self.links[node] for node in nodes], self.nodes, change.plates)
        return Made(change, nodes, replace(reach, links=links))


def all_axes(one: Drawn) -> Dims:
    """The axes of the table of its log density."""
    return union(() if one.axis is None else (one.axis,), one.reach.axes)


def links_of(one: Drawn) -> Links:
    """The sampled sites that its log density depends on, itself included."""
    if one.role is not Role.SCORE:
        return one.reach.links
    return {**one.reach.links, one.site.name: frozenset((plate, None) for plate in one.batch)}
