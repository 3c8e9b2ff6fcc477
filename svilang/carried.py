"""What a fit's draws are worth over other data: which members of each dimension are the same, and which are new."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .columns import other_columns
from .diagnostics import SvilangError
from .ir import nodes as ir
from .lazy import np
from .results import errors
from .types import Dim, Dims, Structure

if TYPE_CHECKING:
    import numpy

    from .data import Bound

Labels = tuple[Any, ...] | None


@dataclass(frozen=True, eq=False)
class Carried:
    """Draws of a fit in the shapes of other data.

    Args:
        draws: of each latent that is kept at least in part, ``[draws, …]``; of none, zeros as many.
        kept: which of its members are the fit's; ``None`` for all.
        params: the model's own parameters.
        notes: what is new, for people.
        begun: outcomes that go on from their own past: what is known of them, and where that is.
    """

    draws: Mapping[str, numpy.ndarray]
    kept: Mapping[str, numpy.ndarray | None]
    params: Mapping[str, numpy.ndarray]
    notes: tuple[str, ...]
    begun: Mapping[str, tuple[numpy.ndarray, numpy.ndarray]] = field(
        default_factory=dict[str, "tuple[numpy.ndarray, numpy.ndarray]"]
    )


@dataclass(eq=False)
class Members:
    """For each dimension where the fit has each member of the new data; -1 where it has not.

    Args:
        sizes, labels: of the fit.
        bound: the new data.
        apart: dimensions whose members are new, whatever they are called.
        chains: dimensions along which a latent is a chain: without labels their steps are counted from the start.
    """

    sizes: Mapping[str, int]
    labels: Mapping[str, Labels]
    bound: Bound
    apart: Collection[str]
    chains: Collection[str]
    notes: dict[str, str] = field(default_factory=dict[str, str])
    _found: dict[str, numpy.ndarray] = field(default_factory=dict[str, Any])

    def of(self, dim: Dim) -> numpy.ndarray:
        """The positions for one dimension."""
        return self.of_name(dim.name)

    def of_name(self, name: str) -> numpy.ndarray:
        """The same by its name; an alias has the members of its dimension."""
        name = self._aliases.get(name) or name
        if name not in self._found:
            self._found[name] = self._positions(name)
        return self._found[name]

    @cached_property
    def _aliases(self) -> dict[str, str | None]:
        return {one.name: one.alias for one in self.bound.program.dimensions}

    def after(self, whole: Bound, names: Collection[str]) -> Members:
        """The same where along some dimensions the members of the fit stand first, and all others are new."""
        first = {one: np.arange(whole.sizes[one]) for one in names}
        found = {one: np.where(place < self.sizes[one], place, -1) for one, place in first.items()}
        return replace(self, bound=whole, _found={**self._found, **found})

    def _positions(self, name: str) -> numpy.ndarray:
        size = self.bound.sizes[name]
        if name in self.apart or name not in self.sizes:
            return np.full(size, -1)
        old, new = self.labels.get(name), self.bound.labels.get(name)
        if old is not None and new is not None:
            places = {str(label): i for i, label in enumerate(old)}
            return np.array([places.get(str(label), -1) for label in new], int)
        if name in self.chains:
            return np.where(np.arange(size) < self.sizes[name], np.arange(size), -1)
        if size == self.sizes[name]:
            return np.arange(size)
        return np.full(size, -1)


def carried(
    program: ir.Program, draws: Mapping[str, numpy.ndarray], params: Mapping[str, numpy.ndarray], members: Members
) -> Carried:
    """Draws and parameters of a fit for the members that the new data share with it.

    Raises:
        SvilangError: where a latent cannot be taken apart into known and new members, or new ones cannot be drawn.
    """
    kept: dict[str, Any] = {}
    values: dict[str, Any] = {}
    notes: list[str] = []
    problems: list[Any] = [*other_columns(program, members)]
    if problems:
        raise SvilangError(problems)
    for site in program.sites:
        places = [members.of(dim) for dim in site.dims]
        known = [place >= 0 for place in places]
        if any(not here.any() for here in known if here.size):
            strange = _dims(site.dims, known)
            notes.append(f"`{site.name}` is drawn from the model: no member of {strange} was fitted")
            problems += _undrawable(site)
            continue
        values[site.name] = taken(draws[site.name], places, 1)
        problems += _other_values(site, members)
        whole = all(here.all() for here in known)
        kept[site.name] = None if whole else outer(known)
        if not whole:
            notes += [_new(site, dim, place) for dim, place in zip(site.dims, places, strict=True) if (place < 0).any()]
            problems += [*_undrawable(site), *_indivisible(site, known, places, members)]
    if not values:
        values[""] = np.zeros(max((len(array) for array in draws.values()), default=1))
    fitted = {param.name: _parameter(param, params[param.name], members, problems) for param in program.params}
    if problems:
        raise SvilangError(problems)
    return Carried(values, kept, fitted, (*members.notes.values(), *notes))


def taken(values: numpy.ndarray, places: list[numpy.ndarray], first: int) -> numpy.ndarray:
    """The entries at some places along the axes from ``first``; anything where there is none."""
    for axis, place in enumerate(places, start=first):
        values = np.take(values, np.maximum(place, 0), axis)
    return values


def outer(known: list[numpy.ndarray]) -> numpy.ndarray:
    """Where members of all axes are known."""
    total = np.ones((), bool)
    for here in known:
        total = total[..., None] & here
    return total


def _undrawable(site: ir.Site) -> Iterator[Any]:
    from .lower.ancestral import can_sample

    if not can_sample(site.law) or (site.narrowed and site.normaliser is None):
        why = "its distribution cannot be drawn from"
        yield errors.not_carried(site.name, why, site.span)


def _other_values(site: ir.Site, members: Members) -> Iterator[Any]:
    """A discrete site that is kept must have the same values to choose from."""
    if site.kind.member is None:
        return
    place = members.of(Dim(site.kind.member))
    if len(place) != members.sizes.get(site.kind.member) or (place != np.arange(len(place))).any():
        why = f"its values are members of `{site.kind.member}`, which are not those of the fit"
        yield errors.not_carried(site.name, why, site.span)


def _indivisible(
    site: ir.Site, known: list[numpy.ndarray], places: list[numpy.ndarray], members: Members
) -> Iterator[Any]:
    own = set(site.law.event)
    if site.kind.structure is not Structure.SCALAR:
        own |= set(site.dims[site.plates :])
    for dim, here, place in zip(site.dims, known, places, strict=True):
        if here.all():
            continue
        if dim in own and not _goes_on(site, dim, place):
            why = f"its values for all members of `{dim.name}` have one joint distribution, and some members are new"
            yield errors.not_carried(site.name, why, site.span)
        first = int(np.sum(here))
        if dim.name in members.chains and not (place[:first] == np.arange(first)).all():
            why = f"it is a chain along `{dim.name}`, and the new steps do not follow those that were fitted"
            yield errors.not_carried(site.name, why, site.span)


def _goes_on(site: ir.Site, dim: Dim, place: numpy.ndarray) -> bool:
    """Whether the values of new members follow those of the fit in a law that makes them one after the other."""
    first = int(np.sum(place >= 0))
    inside = site.law.row.causal and dim == site.law.event[0]
    return inside and bool((place[:first] == np.arange(first)).all())


def _parameter(param: ir.Param, value: numpy.ndarray, members: Members, problems: list[Any]) -> numpy.ndarray:
    places = [members.of(dim) for dim in param.dims]
    for dim, place in zip(param.dims, places, strict=True):
        if (place < 0).any():
            why = f"it was estimated for each member of `{dim.name}`, and some members are new"
            problems.append(errors.not_carried(param.name, why, param.span))
    return taken(value, places, 0)


def _new(site: ir.Site, dim: Dim, place: numpy.ndarray) -> str:
    fresh = int(np.sum(place < 0))
    if _goes_on(site, dim, place):
        return f"`{site.name}` of {fresh:,} new in `{dim.name}` is drawn given the members of the fit"
    return f"`{site.name}`: {fresh:,} of {len(place):,} members of `{dim.name}` are new, and drawn from the model"


def _dims(dims: Dims, known: list[numpy.ndarray]) -> str:
    """The dimensions of which no member is known."""
    gone = [f"`{dim.name}`" for dim, here in zip(dims, known, strict=True) if not here.any()]
    return " and ".join(dict.fromkeys(gone))
