"""What a guide family may know of the model: the regions of its coordinates, their parents, who meets whom."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..ir import nodes as ir
from ..ir.walk import law_operands
from ..lazy import np
from ..runtime.structure import Region, Structure
from .bound import Bound, shape_of
from .laws import batch_dims
from .layout import Layout
from .touch import Along, Touch, Touches, Tracer, pairs_of

if TYPE_CHECKING:
    import numpy


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a latent stands among all coordinates: the axes that its members are counted by, and how many numbers each
    member takes.
    """

    start: int
    axes: tuple[int, ...]
    each: int

    @property
    def stop(self) -> int:
        return self.start + math.prod(self.axes) * self.each


class Structures:
    """The structure behind the coordinates of a layout.

    Args:
        bound: the model with its data.
        layout: of the latents that families cover.
    """

    def __init__(self, bound: Bound, layout: Layout) -> None:
        self._bound, self._layout = bound, layout
        self._sites = {site.name: site for site in bound.program.sites}
        self._tracer = Tracer(bound, {name: piece.references() for name, piece in layout.pieces.items()})
        self._places = dict(self._placed())

    def of(self, names: Sequence[str], graphs: bool) -> Structure:
        """The structure of the coordinates of some latents, in the order of the names.

        Args:
            names: of latents of the layout.
            graphs: whether parents and neighbours are wanted.
        """
        own = self._layout.indices(names)
        regions = tuple(self._regions(names))
        if not graphs:
            return Structure(len(own), regions)
        number = {index: i for i, index in enumerate(own)}
        parents, neighbours = ([set[int]() for _ in own] for _ in range(2))
        for child, parent in self._parents(names):
            if parent in number and parent != child:
                parents[number[child]].add(number[parent])
        for one, other in self._edges:
            if one != other and one in number and other in number:
                neighbours[number[one]].add(number[other])
                neighbours[number[other]].add(number[one])
        return Structure(len(own), regions, tuple(map(_sorted, parents)), tuple(map(_sorted, neighbours)))

    def _regions(self, names: Sequence[str]) -> Iterable[Region]:
        start = 0
        for name in names:
            piece, site = self._layout.pieces[name], self._sites[name]
            batch = len(self._places[name].axes)
            axes = (*(dim.name for dim in site.dims[:batch]), *([""] * (len(piece.free) - batch)))
            yield Region(name, start, start + piece.stop - piece.start, piece.free, axes, self._chain(site))
            start += piece.stop - piece.start

    def _chain(self, site: ir.Site) -> str | None:
        """The axis along which a latent reads itself or another latent of the chain."""
        axes = [along for touch in self._tracer.latent(site.name) for along in touch.axes if along is not None]
        whole = {along.dims[0] for along in axes if along.dims}
        for touch in self._law(site):
            for along in touch.axes:
                if along is not None and len(along.dims) == 1 and along.dims[0] in whole:
                    earlier = along.positions < np.arange(len(along.positions))
                    if np.any(earlier) and touch.site in self._sites and _has(self._sites[touch.site], along.dims[0]):
                        return along.dims[0]
        return None

    def _law(self, site: ir.Site) -> Touches:
        return self._tracer.of(law_operands(site.law))

    # --- coordinates -------------------------------------------------------------------------------------------------

    def _placed(self) -> Iterable[tuple[str, _Place]]:
        """The places of the latents of the layout, and after them of those that are summed out."""
        start = self._layout.size
        for name, site in self._sites.items():
            shape = shape_of(site.dims, self._bound.sizes)
            piece = self._layout.pieces.get(name)
            if piece is not None:
                rank = len(site.law.event) if piece.standard is not None else piece.bijector.rank
                axes = shape[: len(shape) - rank]
                yield name, _Place(piece.start, axes, (piece.stop - piece.start) // max(1, math.prod(axes)))
            elif site.kind.discrete:
                yield name, _Place(start, shape, 1)
                start += math.prod(shape)

    def _coordinates(self, touch: Touch, plates: tuple[str, ...], used: tuple[str, ...]) -> numpy.ndarray | None:
        """The coordinates that are touched at each member of ``used``, ``[members, k]``; ``None`` for a latent that
        the guide gives.
        """
        place = self._places.get(touch.site)
        if place is None:
            return None
        sizes = [self._bound.sizes[dim] for dim in used]
        index = np.zeros((*sizes, 1), int)
        for along, size in zip(touch.axes, place.axes, strict=False):
            index = index[..., None] * size + _positions(along, plates, used, sizes, size)
            index = index.reshape(*sizes, -1)
        whole = index[..., None] * place.each + np.arange(place.each)
        return place.start + whole.reshape(math.prod(sizes), -1)

    def _parents(self, names: Sequence[str]) -> Iterable[tuple[int, int]]:
        for name in names:
            site = self._sites[name]
            plates = tuple(dim.name for dim in batch_dims(site))
            own = next(touch for touch in self._tracer.latent(name) if touch.site == name)
            for touch in self._law(site):
                yield from self._met(own.without(dim.name for dim in site.law.event), touch, plates)

    @cached_property
    def _edges(self) -> frozenset[tuple[int, int]]:
        """Pairs of coordinates that some term of the log density reads together, discrete latents summed out."""
        found: set[tuple[int, int]] = set()
        for plates, touches in self._terms():
            for one, other in itertools.combinations_with_replacement(sorted(touches, key=id), 2):
                found.update(self._met(one, other, plates))
        return frozenset(_summed_out(found, self._layout.size))

    def _terms(self) -> Iterable[tuple[tuple[str, ...], Touches]]:
        program = self._bound.program
        for site in program.sites:
            own = {touch.without(dim.name for dim in site.law.event) for touch in self._tracer.latent(site.name)}
            yield tuple(dim.name for dim in batch_dims(site)), self._law(site) | own
        for observation in program.observations:
            also = [node for node in (observation.mask, observation.weight) if node is not None]
            wanted = [*law_operands(observation.law), *also]
            yield tuple(dim.name for dim in observation.plates), self._tracer.of(wanted)
        for factor in program.factors:
            yield tuple(dim.name for dim in factor.plates), self._tracer.of([factor.value])

    def _met(self, one: Touch, other: Touch, plates: tuple[str, ...]) -> Iterable[tuple[int, int]]:
        read = {dim for touch in (one, other) for along in touch.axes if along is not None for dim in along.dims}
        used = tuple(dim for dim in plates if dim in read)
        left, right = (self._coordinates(touch, plates, used) for touch in (one, other))
        return () if left is None or right is None else pairs_of(left, right)


def _positions(
    along: Along | None, plates: tuple[str, ...], used: tuple[str, ...], sizes: list[int], size: int
) -> numpy.ndarray:
    if along is None or not set(along.dims) <= set(plates):
        return np.arange(size)
    held = [dim for dim in used if dim in along.dims]
    values = np.transpose(along.positions, [along.dims.index(dim) for dim in held])
    return values.reshape([sizes[i] if dim in held else 1 for i, dim in enumerate(used)] + [1, 1])


def _has(site: ir.Site, dim: str) -> bool:
    return any(one.name == dim for one in site.dims)


def _sorted(found: set[int]) -> tuple[int, ...]:
    return tuple(sorted(found))


def _summed_out(edges: set[tuple[int, int]], size: int) -> set[tuple[int, int]]:
    """The edges among the first ``size`` coordinates once the others are summed out: their neighbours meet."""
    hidden: dict[int, set[int]] = {}
    for one, other in edges:
        for inner, outer in ((one, other), (other, one)):
            if inner >= size and inner != outer:
                hidden.setdefault(inner, set()).add(outer)
    kept = {(one, other) for one, other in edges if one < size and other < size}
    while hidden:
        coordinate, around = hidden.popitem()
        for one in around:
            if one >= size:
                hidden[one] = (hidden[one] | around) - {one, coordinate}
        inside = sorted(one for one in around if one < size)
        kept.update(itertools.combinations(inside, 2))
    return kept
