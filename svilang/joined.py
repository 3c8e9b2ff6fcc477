"""New members beside those of a fit, where one law holds them all: a process at further points, a walk that goes on.

What a law of independent normal numbers makes of them in order, each value from those up to its place, can be gone on
with: the numbers behind the values that are known come from these, further ones are drawn. So the data of the fit come
first, the new ones after them, and of the draws only the new data's members are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .carried import Members, outer, taken
from .ir import nodes as ir
from .ir.walk import depends_on, law_operands
from .lazy import np

if TYPE_CHECKING:
    import numpy

    from .data import Bound
    from .types import Dims


@dataclass(frozen=True, eq=False)
class Joined:
    """New data, and the fit's with them where one law holds members of both.

    Args:
        bound: of all, outcomes left out.
        places: where each member of the new data stands in it, by dimension; none where it has no others.
        members: which of all these are the fit's.
        outcomes: for each observation by one law the values of the fit, as they stand first in it, and where they do.
        notes: what that means, for people.
    """

    bound: Bound
    places: Mapping[str, numpy.ndarray]
    members: Members
    outcomes: Mapping[str, tuple[numpy.ndarray, numpy.ndarray]]
    notes: tuple[str, ...]

    def shown(self, values: Mapping[str, numpy.ndarray], dims: Mapping[str, Dims]) -> dict[str, numpy.ndarray]:
        """Draws for the members of the new data alone, ``[draws, …]`` each."""
        return {name: self._members(array, dims[name]) for name, array in values.items()}

    def _members(self, array: numpy.ndarray, dims: Dims) -> numpy.ndarray:
        for axis, dim in enumerate(dims, start=1):
            if dim.name in self.places:
                array = np.take(array, self.places[dim.name], axis)
        return array


def members_of(fitted: Bound, bound: Bound, new: Collection[str], chains: Collection[str]) -> Members:
    """Which members of new data are the fit's.

    Along a walk they are counted from the start, as along a chain. Points of a process without labels are others where
    the process reads others of them.

    Args:
        fitted: the model with the data of the fit.
        bound: with the new data, outcomes left out.
        new: dimensions whose members are others, whatever they are called.
        chains: those along which a latent is a chain.
    """
    laws = _joint(bound.program)
    counted = {*chains, *(name for name, some in laws.items() if any(law.row.walks for law in some))}
    unnamed = [name for name in laws if name not in counted and bound.labels.get(name) is None]
    others = {
        name
        for name in unnamed
        for item in _along(bound.program, laws[name], name)
        if not np.array_equal(bound.arrays[item], fitted.arrays.get(item, ()))
    }
    return Members(fitted.sizes, fitted.labels, bound, {*new, *others}, counted)


def _joint(program: ir.Program) -> dict[str, list[ir.Law]]:
    """The laws that hold all members of a dimension and can be gone on with, by that dimension."""
    found: dict[str, list[ir.Law]] = {}
    for one in (*program.sites, *program.observations):
        if one.law.row.causal:
            found.setdefault(one.law.event[0].name, []).append(one.law)
    return found


def join(fitted: Bound, bound: Bound, members: Members) -> Joined:
    """Both data as one, where new members meet such a law; the new data alone where none do, or both cannot be one.

    Args:
        fitted: the model with the data of the fit.
        bound: with the new data, outcomes left out.
        members: which of them are the fit's.
    """
    program, laws = bound.program, _joint(bound.program)
    places: dict[str, Any] = {}
    for name in laws:
        where = members.of_name(name)
        if (where < 0).any():
            places[name] = np.where(where >= 0, where, fitted.sizes[name] - 1 + np.cumsum(where < 0))
    alone = Joined(bound, {}, members, {}, ())
    if not places:
        return alone
    if all(_begins(where, fitted.sizes[name]) for name, where in places.items()):
        return Joined(bound, {}, members, *_outcomes(fitted, members, places))
    read = {item for name in places for item in _along(program, laws[name], name)}
    items = {item.name: item for item in program.data if item.name in bound.arrays}
    if not all(_fits(item, fitted, bound, members, places, read) for item in items.values()):
        return alone
    base = {one.name: one.alias or one.name for one in program.dimensions}
    places |= {name: places[of] for name, of in base.items() if of in places}
    sizes = {name: fitted.sizes[name] + int(np.sum(where >= fitted.sizes[name])) for name, where in places.items()}
    whole = replace(
        bound,
        sizes={**bound.sizes, **sizes},
        labels={**bound.labels, **dict.fromkeys(places)},
        arrays={name: _both(item, bound.arrays, fitted.arrays, places) for name, item in items.items()},
        present={name: _both(items[name], bound.present, fitted.present, places) for name in bound.present},
    )
    together = members.after(whole, sizes)
    return Joined(whole, places, together, *_outcomes(fitted, together, places))


def _begins(where: numpy.ndarray, size: int) -> bool:
    """Whether the new data begin with all members of the fit, so that nothing has to be put before them."""
    return len(where) > size and bool((where == np.arange(len(where))).all())


def _along(program: ir.Program, laws: Collection[ir.Law], name: str) -> list[str]:
    """The data items along a dimension that some laws read."""
    read = depends_on(program, [i for law in laws for i in law_operands(law)]).data
    return [item.name for item in program.data if item.name in read and name in {dim.name for dim in item.dims}]


def _fits(
    item: ir.Data, fitted: Bound, bound: Bound, members: Members, places: Mapping[str, Any], read: Collection[str]
) -> bool:
    """Whether rows of both can stand one after the other: the item runs along one such dimension, once, members of all
    others are the fit's, and of members that both have the law reads the same.
    """
    here = [(axis, dim.name) for axis, dim in enumerate(item.dims) if dim.name in places]
    if not here:
        return True
    named = [dim.name for dim in item.dims if dim.name not in places]
    named += [item.kind.member] if item.kind.member is not None and item.kind.member not in places else []
    same = all(np.array_equal(members.of_name(name), np.arange(fitted.sizes.get(name, -1))) for name in named)
    if len(here) > 1 or item.name not in fitted.arrays or not same:
        return False
    (axis, name), *_ = here
    both = np.flatnonzero(members.of_name(name) >= 0)
    new, old = np.take(bound.arrays[item.name], both, axis), fitted.arrays[item.name]
    return item.name not in read or np.array_equal(new, np.take(old, members.of_name(name)[both], axis))


def _both(
    item: ir.Data,
    new: Mapping[str, numpy.ndarray],
    old: Mapping[str, numpy.ndarray],
    places: Mapping[str, numpy.ndarray],
) -> numpy.ndarray:
    """The rows of the fit, and after them the new ones; what is new of a member of both counts."""
    array, member = new[item.name], item.kind.member
    if member is not None and member in places:
        array = places[member][array]
    for axis, dim in enumerate(item.dims):
        if dim.name in places:
            before, where = np.moveaxis(old[item.name], axis, 0), places[dim.name]
            whole = np.concatenate([before, np.zeros((int(np.sum(where >= len(before))), *before.shape[1:]))])
            whole[where] = np.moveaxis(array, axis, 0)
            return np.ascontiguousarray(np.moveaxis(whole.astype(array.dtype), 0, axis))
    return array


def _outcomes(
    fitted: Bound, members: Members, places: Mapping[str, Any]
) -> tuple[dict[str, tuple[Any, Any]], tuple[str, ...]]:
    """What the fit observed of a law, in the shape of the whole, and where that is."""
    found: dict[str, tuple[Any, Any]] = {}
    notes: list[str] = []
    for one in fitted.program.observations:
        if not (one.law.row.causal and one.law.event[0].name in places):
            continue
        dims = (*one.plates, *one.law.event)
        value, own = fitted.value(fitted.program, one.value), fitted.program.nodes[one.value].dims
        new = f"`{one.name}` of what is new in `{one.law.event[0].name}` is drawn"
        if value is None or set(own) != set(dims) or one.optional or one.mask is not None:
            notes.append(f"{new} without regard to what the fit observed")
            continue
        where = [members.of(dim) for dim in dims]
        values = np.transpose(np.asarray(value, float), [own.index(dim) for dim in dims])
        found[one.name] = taken(values, where, 0), outer([here >= 0 for here in where])
        notes.append(f"{new} given what the fit observed")
    return found, tuple(notes)
