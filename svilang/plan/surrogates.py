"""Of which plate some rows may stand for all, in the paths of a guide family: the same proof as for minibatches.

A path may follow any force, so that no choice of rows spoils the bound. But each row must have a density by itself:
terms that are sums over the members of the plate, each made from its own row and from latents that stand outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..diagnostics import Diagnostic, SvilangError
from ..ir import nodes as ir
from ..runtime.guides import FAMILIES
from ..types import Dim
from . import errors
from .batches import inside, summed_out, terms
from .enumerate import Elimination


def surrogates(guide: ir.Program) -> Iterator[ir.Family]:
    """The families of a guide whose paths follow some rows."""
    if guide.guide is not None:
        yield from (family for family in guide.guide.families if FAMILIES[family.name].surrogate)


def plate_of(elimination: Elimination, family: ir.Family) -> Dim:
    """The plate whose rows a family follows: the one that it names, else that of the observations.

    Raises:
        SvilangError: where there is none, or more than one.
    """
    model, named = elimination.program, dict(family.settings).get("dim")
    if named is not None:
        return Dim(str(named))
    held = [term.plates[0] for term in terms(elimination) if term.observes and term.plates]
    found = [dim for dim in dict.fromkeys(held) if not _owned(model, dim)] or list(dict.fromkeys(held))
    if not found:
        raise SvilangError([errors.no_row_plate(family.name, family.span)])
    if len(found) > 1:
        raise SvilangError([errors.many_row_plates(family.name, [dim.name for dim in found], family.span)])
    return found[0]


def row_plates(elimination: Elimination, guide: ir.Program) -> list[str]:
    """The plates whose rows families follow."""
    return [plate_of(elimination, family).name for family in surrogates(guide)]


def check_surrogates(elimination: Elimination, guide: ir.Program, dims: Sequence[str]) -> None:
    """Refuse families that follow some rows where these do not stand alone.

    Args:
        elimination: the model, its finite discrete latents turned into axes.
        guide: the guide.
        dims: names of the dimensions that are read in minibatches.

    Raises:
        SvilangError: with what is in the way.
    """
    found = [problem for family in surrogates(guide) for problem in _problems(elimination, family, dims)]
    if found:
        raise SvilangError(found)


def _problems(elimination: Elimination, family: ir.Family, dims: Sequence[str]) -> Iterator[Diagnostic]:
    model, dim = elimination.program, plate_of(elimination, family)
    members = list(terms(elimination))
    if not any(dim in term.plates and term.observes for term in members):
        yield errors.no_rows(family.name, dim.name, family.span)
        return
    owned = [errors.row_of_its_own(family.name, dim.name, one, family.span) for one in _owned(model, dim)]
    met = (*inside(model, members, dim), *summed_out(elimination, members, dim))
    yield from owned or [errors.rows_together(family.name, dim.name, family.span, one.span) for one in met[:1]]
    for other in (Dim(name) for name in dims if name != dim.name):
        yield from (errors.some_by_batches(family.name, other.name, one, family.span) for one in _owned(model, other))


def _owned(model: ir.Program, dim: Dim) -> list[ir.Site | ir.Param]:
    """Latents and parameters with a value for each member."""
    return [one for one in (*model.sites, *model.params) if dim in one.dims]
