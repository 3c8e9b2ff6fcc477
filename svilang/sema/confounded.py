"""Unknowns that can be moved against each other without a change of anything that is observed.

Each unknown stands for a column in the predictors of the model: what they gain when all its members are shifted by 1.
Where the columns of some unknowns with fixed priors are linearly dependent, as those of two intercepts, or of an
intercept and the effects of all groups, what is observed tells a combination of them alone. An unknown whose prior is
centred at others moves along with them: its column holds what its own prior sees too. The members of a vector with a
narrow prior are held by it, as the abilities of an item response model are, and only each by itself counts as free.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..catalog.distributions.standard import is_affine
from ..diagnostics import Diagnostic
from ..ir import nodes as ir
from ..types import Structure
from . import errors
from .affine import Columns, dependent
from .model import ModelStatements

NARROW = 3
"""A prior with a scale up to this says something about effects on the scale of a link function."""


def confounded(model: ModelStatements) -> Iterator[Diagnostic]:
    """A warning for each unknown that the others could stand in for."""
    spans = {one.name: one.span for one in (*model.sites, *model.params)}
    moved = [site for site in model.sites if _moves_with_others(model, site)]
    fixed = [one.name for one in model.params if one.net is None and one.kind.structure is Structure.SCALAR]
    fixed += [site.name for site in model.sites if _fixed(model, site)]
    if len(fixed) < 2:
        return
    columns = Columns(
        model.b, [site.name for site in moved], [site.name for site in model.sites if not _pinned(model, site)]
    )
    for node in _places(model, moved):
        columns.place(node)
    for site in moved:
        law = ("law", site.name)
        columns.place(_loc(site), law, -1)
        columns.add(site.name, law)
    if not columns.complete:
        return
    order = [*(site.name for site in moved), *sorted(fixed, key=lambda name: spans[name])]
    for name, others in dependent((name, columns.found.get(name, {})) for name in order):
        free = [other for other in others if other in fixed]
        if name in fixed and free:
            yield errors.always_added(name, spans[name], free, spans[free[0]])


def _places(model: ModelStatements, moved: list[ir.Site]) -> Iterator[ir.Id]:
    """What must not change: the arguments of all laws, but for the centres of those that move with others."""
    for part in (*model.sites, *model.observations):
        centre = _loc(part) if part in moved else None
        yield from (arg for arg in _operands(part.law) if arg != centre)
    for site in model.sites:
        yield from site.bounds.ends
    for one in model.observations:
        yield from (arg for arg in (one.mask, one.weight) if arg is not None)
    yield from (factor.value for factor in model.factors)


def _fixed(model: ModelStatements, site: ir.Site) -> bool:
    """Whether a site moves freely, with a prior that no other unknown changes."""
    free = not site.kind.discrete and not site.narrowed and site.kind.structure is Structure.SCALAR
    return free and all(model.b.data_only(node) for node in _operands(site.law))


def _pinned(model: ModelStatements, site: ir.Site) -> bool:
    """Whether the prior alone says where the members of a vector lie on the whole."""
    if site.law.event:
        return True
    if not is_affine(site.law.row) or site.law.form != 0:
        return False
    scale = model.b.number(site.law.args[-1])
    return scale is not None and scale <= NARROW


def _moves_with_others(model: ModelStatements, site: ir.Site) -> bool:
    return (
        is_affine(site.law.row)
        and site.law.form == 0
        and not site.narrowed
        and site.kind.structure is Structure.SCALAR
        and not _fixed(model, site)
    )


def _loc(site: ir.Site | ir.Observation) -> ir.Id:
    (centre, *_) = [arg for arg in site.law.args if arg is not None]
    return centre


def _operands(law: ir.Law) -> list[ir.Id]:
    own = [arg for arg in law.args if arg is not None]
    return [*own, *(arg for child in law.children for arg in _operands(child))]
