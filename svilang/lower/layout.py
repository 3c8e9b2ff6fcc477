"""Flat vectors of unconstrained values: which coordinates belong to which name, and the maps to constrained values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ..catalog.bijector import Bijector
from ..catalog.bijectors import bijector_for
from ..catalog.distribution import Bound as BoundLaw
from ..catalog.distribution import Distribution, LocationScale
from ..diagnostics import InternalError
from ..ir import nodes as ir
from ..ir.walk import law_operands
from ..lazy import jnp, lax, np
from ..runtime.target import Block
from .axes import Value, fill, take, total
from .bound import shape_of
from .degrees import degree_of, from_standard, to_standard
from .innovations import map_of, standardised
from .laws import Compound

if TYPE_CHECKING:
    import numpy

    from .run import Run


class Placed(NamedTuple):
    """A constrained value, log |det| of the Jacobian of the map that gave it, and where the value is of a standardised
    variable whose law is known the log density of that: the log density of the value with the Jacobian.
    """

    value: Value
    log_det: Value
    log_prob: Value | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """The part ``start:stop`` of a flat vector that belongs to one latent or parameter.

    Args:
        declared: the site or parameter.
        shape: of the constrained value.
        free: shape of the unconstrained one.
        bijector: between the two, for a value seen as it is declared.
        standard: the map from the standardised value, for a site seen noncentred.
        series: the node that makes the states of a chain seen noncentred from its standardised steps.
        degree: the parameter that says how far a site with ``standard`` is seen centred; ``None`` for not at all.
    """

    declared: ir.Site | ir.Param
    shape: tuple[int, ...]
    free: tuple[int, ...]
    start: int
    stop: int
    bijector: Bijector
    standard: LocationScale | None = None
    series: ir.Id | None = None
    degree: str | None = None

    @property
    def name(self) -> str:
        return self.declared.name

    @property
    def bare(self) -> bool:
        """Whether the value is seen as it is declared."""
        return self.standard is None and self.series is None

    def constrain(self, flat: Value, run: Run) -> Placed:
        """The constrained value from the flat vector."""
        z = jnp.reshape(flat[self.start : self.stop], self.free)
        if self.series is not None:
            return Placed(*self._states(z, run))
        if self.standard is not None:
            return self._moved(self.standard, z, run)
        x, log_det = self.mapped(z, run)
        return Placed(x, total(log_det, self._batch_shape()))

    def mapped(self, z: Value, run: Run) -> tuple[Value, Value]:
        """What the bijector makes of values, and its log Jacobian at each."""
        args = self._ends(run)
        x = self.bijector.forward(z, *args)
        return x, self.bijector.log_det(z, x, *args)

    def unconstrain(self, x: Value, run: Run) -> Value:
        """The flat unconstrained value of ``x``."""
        if self.series is not None:
            run.hold(self.name, x)
            return jnp.ravel(self._by_step(run, lambda map_, args: map_.inverse(x, *args)))
        if self.standard is not None:
            return jnp.ravel(self._seen(self.standard.inverse(x, *self._law_args(run)), run))
        return jnp.ravel(jnp.broadcast_to(self.bijector.inverse(x, *self._ends(run)), self.free))

    def _moved(self, standard: LocationScale, z: Value, run: Run) -> Placed:
        """The value of a site from its standardised one, or from what lies between both."""
        args, shape = self._law_args(run), self._batch_shape()
        z, log_det = self._standardised(z, args, run)
        x, whole = standard.forward(z, *args), total(log_det + standard.log_det(z, *args), shape)
        if standard.log_prob is None:
            return Placed(x, whole)
        return Placed(x, whole, total(log_det + standard.log_prob(z, *args), shape))

    def _standardised(self, z: Value, args: tuple[Value, ...], run: Run) -> tuple[Value, Value]:
        if self.degree is None:
            return z, jnp.zeros((), z.dtype)
        assert isinstance(self.declared, ir.Site)
        return to_standard(z, run.parameter(self.degree), self.declared.law, args)

    def _seen(self, standard: Value, run: Run) -> Value:
        if self.degree is None:
            return standard
        assert isinstance(self.declared, ir.Site)
        return from_standard(standard, run.parameter(self.degree), self.declared.law, self._law_args(run))

    def _states(self, z: Value, run: Run) -> tuple[Value, Value]:
        """The states of a chain from its standardised steps."""
        assert self.series is not None
        run.hold(standardised(self.name), z)
        x = fill(run.values[self.series], self.shape)
        run.hold(self.name, x)
        return x, total(self._by_step(run, lambda map_, args: map_.log_det(z, *args)), self.shape)

    def _by_step(self, run: Run, made: Callable[[LocationScale, tuple[Value, ...]], Value]) -> Value:
        """A value of each part of a chain, at its own step; the last part's at all others."""
        assert isinstance(self.declared, ir.Site)
        law, parts = run.law(self.declared), self.declared.law.children
        assert isinstance(law, Compound)
        position, values = law.args[0], []
        for part, own in zip(parts, law.children, strict=True):
            assert isinstance(own, BoundLaw)
            values.append(made(map_of(part), own.canonical()))
        found = values[-1]
        for step in reversed(range(len(values) - 1)):
            found = jnp.where(position == step, values[step], found)
        return found

    def references(self) -> tuple[ir.Id, ...]:
        """The nodes that the map from the flat vector takes."""
        if (self.standard or self.series) is not None and isinstance(self.declared, ir.Site):
            return law_operands(self.declared.law)
        return self.declared.bounds.ends

    def _batch_shape(self) -> tuple[int, ...]:
        if isinstance(self.declared, ir.Site) and self.standard is not None:
            rank = len(self.declared.law.event)
        else:
            rank = self.bijector.rank
        return self.shape[: len(self.shape) - rank]

    def _law_args(self, run: Run) -> tuple[Value, ...]:
        assert isinstance(self.declared, ir.Site)
        law = run.law(self.declared)
        assert isinstance(law, BoundLaw)
        return law.canonical()

    def _ends(self, run: Run) -> list[Value]:
        """The ends of the support, where the bijector takes any: nodes, or numbers of the kind."""
        declared, interval, values = self.declared, self.declared.kind.interval, run.values
        nodes = {name: getattr(declared.bounds, name) for name in self.bijector.arguments}
        return [
            float(getattr(interval, name)) if node is None else values.aligned(node, declared.dims)
            for name, node in nodes.items()
        ]


FEWEST = 8
"""Single numbers of one kind from which they are worth a vector."""


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Latents that are single numbers under the same map, which is applied to all of them at once.

    Args:
        places: the place of each one in the group, by name and in order.
        coordinates: of each one in the flat vector.
        first: the piece of one of them.
    """

    places: Mapping[str, int]
    coordinates: numpy.ndarray
    first: Piece

    @property
    def name(self) -> str:
        """Of the vector: none that a latent can have."""
        return f"{self.first.name} …"

    def constrain(self, flat: Value, run: Run) -> tuple[Value, Value]:
        """All values, and the log Jacobian of each."""
        return self.first.mapped(entries(flat, self.coordinates), run)


def entries(values: Value, positions: numpy.ndarray) -> Value:
    """Some entries of a vector; those at equal steps are a slice, the quickest to take and to differentiate."""
    first, last = int(positions[0]), int(positions[-1])
    step = int(positions[1]) - first if len(positions) > 1 else 1
    if step > 0 and np.array_equal(positions, np.arange(first, last + 1, step)):
        return lax.slice(values, (first,), (last + 1,), (step,))
    return take(values, jnp.asarray(positions, jnp.int32), 0)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A flat vector and its pieces, by name and in order; ``numbers`` are those that are mapped together, by name."""

    pieces: Mapping[str, Piece]
    size: int
    numbers: Mapping[str, Numbers]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Names and ranges of the pieces."""
        return tuple(Block(piece.name, piece.start, piece.stop) for piece in self.pieces.values())

    @property
    def groups(self) -> tuple[Numbers, ...]:
        """The groups of single numbers, each once."""
        return tuple(dict.fromkeys(self.numbers.values()))

    def flatten(self, parts: Mapping[str, Any]) -> numpy.ndarray:
        """One flat vector from an unconstrained array for each piece."""
        return np.concatenate([np.ravel(parts[name]) for name in self.pieces] or [np.zeros(0)])

    def split(self, flat: numpy.ndarray) -> dict[str, numpy.ndarray]:
        """The unconstrained array of each piece, from the last axis of ``flat``."""
        flat = np.asarray(flat)
        return {
            name: flat[..., piece.start : piece.stop].reshape(*flat.shape[:-1], *piece.free)
            for name, piece in self.pieces.items()
        }

    def indices(self, names: Iterable[str]) -> tuple[int, ...]:
        """The coordinates of some pieces, in order of the names."""
        return tuple(i for name in names for i in range(self.pieces[name].start, self.pieces[name].stop))


def layout(
    declared: Sequence[ir.Site | ir.Param],
    sizes: Mapping[str, int],
    noncentered: Sequence[str] = (),
    made: Mapping[str, ir.Id] | None = None,
    params: Iterable[str] = (),
) -> Layout:
    """Give each latent or parameter its place, in the order of the program.

    ``made`` are definitions of the program, among them the states of chains seen noncentred, and ``params`` its
    parameters, among them degrees of centring.
    """
    pieces: dict[str, Piece] = {}
    start, known = 0, set(params)
    for one in declared:
        shape = shape_of(one.dims, sizes)
        bijector = bijector_for(one.kind, one.bounds.lower is not None, one.bounds.upper is not None)
        if bijector is None:
            raise InternalError(f"`{one.name}` is discrete and has no unconstrained value")
        standard = _standard(one) if one.name in noncentered else None
        series = (made or {}).get(standardised(one.name)) if one.name in noncentered else None
        batch = len(shape) - bijector.rank
        bare = standard is not None or series is not None
        free = shape if bare else (*shape[:batch], *bijector.free_shape(shape[batch:]))
        stop = start + math.prod(free)
        degree = degree_of(one.name) if standard is not None and degree_of(one.name) in known else None
        pieces[one.name] = Piece(one, shape, free, start, stop, bijector, standard, series, degree)
        start = stop
    return Layout(pieces, start, _numbers(pieces))


def _numbers(pieces: Mapping[str, Piece]) -> dict[str, Numbers]:
    """The groups of pieces that are single numbers under the same map, where they are many."""
    alike: dict[Any, list[Piece]] = {}
    for piece in pieces.values():
        if not piece.shape and piece.bare and not piece.declared.bounds.ends:
            interval = piece.declared.kind.interval
            alike.setdefault((piece.bijector, interval.lower, interval.upper), []).append(piece)
    groups = [
        Numbers({one.name: i for i, one in enumerate(many)}, np.array([one.start for one in many]), many[0])
        for many in alike.values()
        if len(many) >= FEWEST
    ]
    return {name: group for group in groups for name in group.places}


def _standard(declared: ir.Site | ir.Param) -> LocationScale | None:
    row = declared.law.row if isinstance(declared, ir.Site) else None
    return row.location_scale if isinstance(row, Distribution) else None
