"""The order in which enumerated sites are summed out, as it follows from the program alone: which tables meet, and
whether they may.

What :mod:`svilang.lower.eliminate` does with arrays is done here with names, so that a sum that cannot be taken is
found when the spec is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..diagnostics import Span
from ..types import Dim, Dims, union
from . import errors
from .enumerate import Elimination, Owner, Reach
from .guided import batch_of


@dataclass(frozen=True, slots=True)
class Front:
    """One sum: over ``axis`` of a table with the axes ``axes`` for each member of ``plates``."""

    axis: Dim
    axes: Dims
    plates: Dims


@dataclass(frozen=True, slots=True)
class _Table:
    axes: Dims
    plates: frozenset[Dim]
    span: Span


def fronts(model: Elimination, owners: Mapping[Dim, Owner]) -> tuple[Front, ...]:
    """The sums over the model's discrete sites in order; ``owners`` are the guide sites whose axes are carried along.

    Raises:
        Unsummable: where sites of plates that cross meet, or a site of the model ties members of a guide site together.
    """
    if not model.variables:
        return ()
    plates = {variable.dim: frozenset(variable.plates) for variable in model.variables}
    chains = {variable.dim: variable.chain for variable in model.variables if variable.chain is not None}
    pending: dict[frozenset[Dim], list[_Table]] = {}
    for table in _tables(model):
        pending.setdefault(table.plates, []).append(table)
    found: list[Front] = []
    while pending:
        leaf = max(pending, key=len)
        own = {dim for dim, where in plates.items() if where == leaf}
        for group in _connected(pending.pop(leaf), own):
            axes = union(*(table.axes for table in group))
            summed = [dim for dim in axes if dim in own]
            steps = {chains[dim] for dim in summed if dim in chains}
            found += _order(group, own, leaf)
            left = tuple(dim for dim in axes if dim not in own)
            inner = [dim for dim in left if dim in plates]
            outside = frozenset[Dim]().union(*(plates[dim] for dim in inner)) if inner else leaf - steps
            if inner and not outside < leaf:
                raise errors.coupled(_names(left), _meeting(group, left))
            for dim in left:
                if dim not in plates and not set(owners[dim].dims) <= outside:
                    raise errors.more_global(owners[dim].name, _names([*summed, *inner]), outside)
            if inner:
                pending.setdefault(outside, []).append(_Table(left, outside, _meeting(group, left)))
    return tuple(found)


def _tables(model: Elimination) -> Iterable[_Table]:
    """Every term that reads enumerated sites; the state one step before is the same site."""
    program = model.program
    for variable in model.variables:
        yield _table(model, (variable.dim, *variable.reach.axes), variable.plates, variable.reach, variable.span)
    for site, reach in zip(program.sites, model.sites, strict=True):
        yield _table(model, reach.axes, batch_of(site), reach, site.span)
    for one, reach in zip(program.observations, model.observations, strict=True):
        yield _table(model, reach.axes, one.plates[len(reach.axes) :], reach, one.span)
    for one, reach in zip(program.factors, model.factors, strict=True):
        yield _table(model, reach.axes, one.plates[len(reach.axes) :], reach, one.span)


def _table(model: Elimination, axes: Iterable[Dim], plates: Dims, reach: Reach, span: Span) -> _Table:
    for plate, index in reach.route:
        gone = model.program.nodes[index].dims
        plates = (plate, *(dim for dim in plates if dim not in gone))
    return _Table(tuple(dict.fromkeys(Dim(dim.name) for dim in axes)), frozenset(plates), span)


def _meeting(tables: list[_Table], axes: Dims) -> Span:
    """Where the term stands in which most of these sites meet."""
    return max(tables, key=lambda table: len(set(table.axes) & set(axes))).span


def _connected(tables: list[_Table], own: set[Dim]) -> list[list[_Table]]:
    """Tables that share a site of the plate itself, together."""
    groups: list[tuple[set[Dim], list[_Table]]] = []
    for table in tables:
        axes, members = {dim for dim in table.axes if dim in own}, [table]
        apart: list[tuple[set[Dim], list[_Table]]] = []
        for known, others in groups:
            if known & axes:
                axes, members = axes | known, [*others, *members]
            else:
                apart.append((known, others))
        groups = [*apart, (axes, members)]
    return [members for _, members in groups]


def _order(tables: list[_Table], own: set[Dim], plates: frozenset[Dim]) -> list[Front]:
    """The plate's own sites, the one with the fewest neighbours first."""
    found: list[Front] = []
    rest = [table.axes for table in tables]
    while candidates := {axis for axes in rest for axis in axes if axis in own}:
        joint = {axis: union(*(axes for axes in rest if axis in axes)) for axis in candidates}
        axis = min(sorted(candidates), key=lambda axis: len(joint[axis]))
        found.append(Front(axis, joint[axis], tuple(sorted(plates))))
        left = tuple(dim for dim in joint[axis] if dim != axis)
        rest = [*(axes for axes in rest if axis not in axes), left]
    return found


def _names(axes: Iterable[Dim]) -> list[str]:
    return [dim.name.removesuffix("~") for dim in axes]
