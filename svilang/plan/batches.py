"""Whether a step may see only some members of a dimension: the proof that the estimate is without bias.

A term of the ELBO that is a sum over the members of a plate is estimated by the members that a step sees, each counted
N / B times. That has the right mean if, and only if, nothing but such a sum ever takes several members at once: nothing
that depends on a latent or a parameter reduces over the dimension or reaches across it, no site that is summed out
stands around terms inside (the factor would stand in the logarithm of a sum), no family of the guide ties members to
each other or moves what they share along their density, and the objective is linear in the terms. What is made from
data alone may do as it likes: it is made from all members beforehand.

Source: Hoffman, Blei, Wang & Paisley (2013), Stochastic variational inference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..diagnostics import Diagnostic, Span, SvilangError
from ..ir import nodes as ir
from ..ir.walk import acts_on, late_nodes, law_operands, laws, reachable, roots
from ..runtime.guides import FAMILIES
from ..runtime.objectives import OBJECTIVES
from ..types import Dim, Dims, Kind
from . import errors
from .enumerate import Elimination, Reach, chain_of
from .guided import batch_of


def check_batches(elimination: Elimination, guide: ir.Program, dims: Sequence[str], objective: str) -> None:
    """Refuse minibatches for which the proof fails.

    Args:
        elimination: the model, its finite discrete latents turned into axes.
        guide: the guide.
        dims: names of the dimensions that are to be read in minibatches.
        objective: the name of the bound.

    Raises:
        SvilangError: with every place where the proof fails.
    """
    found = [problem for name in dims for problem in _problems(elimination, guide, Dim(name), objective)]
    if found:
        raise SvilangError({(one.code, one.message, one.span): one for one in found}.values())


def _problems(elimination: Elimination, guide: ir.Program, dim: Dim, objective: str) -> Iterator[Diagnostic]:
    model = elimination.program
    if not any(dim in term.plates for term in terms(elimination)):
        yield errors.no_plate(dim.name, _declared(model, dim))
        return
    outside = None if OBJECTIVES[objective].linear else in_the_way(elimination, guide, dim)
    if outside is not None:
        yield errors.not_apart(dim.name, objective, outside.name, outside.span)
    yield from tied(elimination, guide, dim)
    for family in _families(guide):
        shared = [site.name for site in model.sites if site.name in family.sites and dim not in site.dims]
        if shared and FAMILIES[family.name].follows:
            yield errors.moved_along_some(dim.name, shared[0], family.name, family.span)


def tied(elimination: Elimination, guide: ir.Program | None, dim: Dim) -> Iterator[Diagnostic]:
    """What ties members of a dimension to each other, in the model or in the guide."""
    model = elimination.program
    members = list(terms(elimination))
    yield from inside(model, members, dim)
    if guide is not None:
        yield from inside(guide, [*_sites(guide.sites)], dim)
    yield from summed_out(elimination, members, dim)
    for family in _families(guide):
        joined = [site.name for site in model.sites if site.name in family.sites and dim in site.dims]
        if joined and FAMILIES[family.name].restrict is None:
            alone = [row.name for row in FAMILIES.values() if row.restrict is not None and not row.point]
            yield errors.tied_by_family(dim.name, joined[0], family.name, alone, family.span)


def _families(guide: ir.Program | None) -> tuple[ir.Family, ...]:
    return guide.guide.families if guide is not None and guide.guide is not None else ()


@dataclass(frozen=True, slots=True)
class Latent:
    """Something that is drawn or summed out, and where."""

    name: str
    plates: Dims
    span: Span


def in_the_way(elimination: Elimination, guide: ir.Program | None, dim: Dim) -> Latent | None:
    """The first latent that is one for all members of a dimension."""
    return next((one for one in latents(elimination, guide) if dim not in one.plates), None)


def latents(elimination: Elimination, guide: ir.Program | None) -> Iterator[Latent]:
    """All of a model and its guide, auxiliary ones included."""
    sites = (*elimination.program.sites, *(guide.sites if guide is not None else ()))
    for site in sites:
        yield Latent(site.name, batch_of(site), site.span)
    for one in elimination.variables:
        yield Latent(one.name, one.plates, one.span)


def _declared(model: ir.Program, dim: Dim) -> Span:
    return next(one.span for one in model.dimensions if one.name == dim.name)


# --- terms -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Term:
    """A term of the density: what it is a sum over, what it is made from, which sites it must be summed with, and
    whether it is one of the data: an observation or a factor.
    """

    name: str
    plates: Dims
    nodes: tuple[ir.Id, ...]
    span: Span
    reach: Reach
    law: ir.Law | None = None
    kind: Kind | None = None
    dims: Dims = ()
    observes: bool = False


def terms(elimination: Elimination) -> Iterator[_Term]:
    """The terms of a model."""
    program = elimination.program
    yield from _sites(program.sites, elimination.sites)
    for one, reach in zip(program.observations, elimination.observations, strict=True):
        more = [node for node in (one.value, one.mask, one.weight) if node is not None]
        nodes = (*more, *law_operands(one.law))
        yield _Term(one.name, one.plates[len(reach.axes) :], nodes, one.span, reach, one.law, observes=True)
    for one, reach in zip(program.factors, elimination.factors, strict=True):
        yield _Term("factor", one.plates[len(reach.axes) :], (one.value,), one.span, reach, observes=True)
    for one in elimination.variables:
        yield _Term(one.name, one.plates, law_operands(one.law), one.span, one.reach, one.law)


def _sites(sites: Sequence[ir.Site], reaches: Sequence[Reach] | None = None) -> Iterator[_Term]:
    for site, reach in zip(sites, reaches or [Reach()] * len(sites), strict=True):
        plates = site.dims[: len(site.dims) - len(site.law.event)]
        nodes = (*law_operands(site.law), *site.bounds.ends)
        yield _Term(site.name, plates, nodes, site.span, reach, site.law, site.kind, site.dims)


# --- members one by one ----------------------------------------------------------------------------------------------


def inside(program: ir.Program, terms: Sequence[_Term], dim: Dim) -> Iterator[Diagnostic]:
    """Where a value or a term takes several members of ``dim`` at once."""
    chains = [site for site in program.sites if chain_of(program, site.law) == dim]
    yield from (errors.batched_chain(dim.name, site.name, site.span) for site in chains)
    used = reachable(program, _operands(program, terms))
    late = late_nodes(program)
    for i in () if chains else sorted(used & late):
        node = program.nodes[i]
        if acts_on(node, dim):
            yield errors.all_members(dim.name, node.span)
        elif _squared(program, (i, *node.args), dim):
            yield errors.pairs_of_members(dim.name, node.span)
    for term in terms:
        yield from _one_by_one(program, term, dim)
    for param in program.params:
        if _tied(param.kind, param.dims, dim):
            yield errors.one_value(dim.name, param.name, param.span)


def _operands(program: ir.Program, terms: Sequence[_Term]) -> Iterable[ir.Id]:
    """What the terms take; in a guide every definition may make a latent."""
    return roots(program) if program.guide is not None else [node for term in terms for node in term.nodes]


def _one_by_one(program: ir.Program, term: _Term, dim: Dim) -> Iterator[Diagnostic]:
    events = [axis for law in (laws(term.law) if term.law else ()) for axis in (*law.event, law.mixed) if axis]
    spans = any(axis.name == dim.name for axis in events)
    spans |= term.kind is not None and _tied(term.kind, term.dims, dim)
    outside = any(_has(program, node, dim) for node in term.nodes) and dim not in term.plates
    if spans or outside:
        yield errors.one_value(dim.name, term.name, term.span)
    elif _squared(program, term.nodes, dim):
        yield errors.pairs_of_members(dim.name, term.span)


def _tied(kind: Kind, dims: Dims, dim: Dim) -> bool:
    """Whether the structure of a value ties the members of ``dim`` to each other."""
    return any(axis.name == dim.name for axis in dims[len(dims) - kind.structure.rank :] if kind.structure.rank)


def _has(program: ir.Program, node: ir.Id, dim: Dim) -> bool:
    return any(axis.name == dim.name for axis in program.nodes[node].dims)


def _squared(program: ir.Program, nodes: Iterable[ir.Id], dim: Dim) -> bool:
    return any(sum(axis.name == dim.name for axis in program.nodes[node].dims) > 1 for node in nodes)


def summed_out(elimination: Elimination, terms: Sequence[_Term], dim: Dim) -> Iterator[Diagnostic]:
    """Sites that are summed out around terms inside the plate, or reached from another plate by an index."""
    chains = [variable for variable in elimination.variables if variable.chain == dim]
    yield from (errors.batched_chain(dim.name, variable.name, variable.span) for variable in chains)
    # The states of the steps before are further axes of the same name.
    owners = {variable.dim.name: variable for variable in elimination.variables}
    for term in terms:
        for plate, _ in term.reach.route:
            if plate == dim:
                yield errors.all_members(dim.name, term.span)
        for variable in dict.fromkeys(owners[axis.name] for axis in term.reach.axes):
            if dim in term.plates and dim not in variable.plates:
                yield errors.summed_out_around(dim.name, variable.name, term.name, term.span)
