"""Which members of which latents a value is made from, element by element.

A value with axes ``obs`` that reads ``b[county]`` touches, at each ``obs``, one member of ``b``: the one that the data
says. What cannot be followed so closely counts as touching all members along that axis, never fewer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..catalog.functions import FUNCTIONS
from ..ir import nodes as ir
from ..ir.walk import reachable, tied
from ..lazy import np
from .bound import Bound

if TYPE_CHECKING:
    import numpy


@dataclass(frozen=True, slots=True, eq=False)
class Along:
    """A position along one axis of a latent, for each element along ``dims``."""

    dims: tuple[str, ...]
    positions: numpy.ndarray


@dataclass(frozen=True, slots=True)
class Touch:
    """What is read of one latent: a position along each of its axes, or ``None`` for all of them."""

    site: str
    axes: tuple[Along | None, ...]

    def without(self, dims: Iterable[str]) -> Touch:
        """The same for a value that no longer has these axes, since it is made from all their members."""
        gone = set(dims)
        if not any(along is not None and gone.intersection(along.dims) for along in self.axes):
            return self
        return Touch(self.site, tuple(None if a is None or gone.intersection(a.dims) else a for a in self.axes))


Touches = frozenset[Touch]


class Tracer:
    """The touches of the nodes of one program.

    Args:
        bound: the program with its data.
        below: for a latent, the nodes that the map from its unconstrained value takes.
    """

    def __init__(self, bound: Bound, below: Mapping[str, tuple[ir.Id, ...]]) -> None:
        self._bound, self._below = bound, below
        self._known: dict[ir.Id, Touches] = {}
        self._numbers: dict[ir.Id, tuple[tuple[str, ...], numpy.ndarray] | None] = {}
        self._own: dict[str, Touches] = {}
        self._sites = {site.name: site for site in bound.program.sites}

    def of(self, wanted: Iterable[ir.Id]) -> Touches:
        """What some nodes touch together."""
        ids = list(wanted)
        for node in sorted(reachable(self._bound.program, ids) - self._known.keys()):
            self._known[node] = self._node(node)
        return frozenset().union(*(self._known[node] for node in ids))

    def latent(self, name: str) -> Touches:
        """What the constrained value of a latent touches: itself, and what its support or its scale is made from."""
        if name not in self._own:
            dims = self._sites[name].dims
            self._own[name] = frozenset((Touch(name, tuple(self._whole(dim.name) for dim in dims)),))
            self._own[name] |= self.of(self._below.get(name, ()))
        return self._own[name]

    def _whole(self, dim: str) -> Along:
        return Along((dim,), np.arange(self._bound.sizes[dim]))

    def _node(self, number: ir.Id) -> Touches:
        node = self._bound.program.nodes[number]
        found = frozenset().union(*(self._known[arg] for arg in node.args))
        match node.op:
            case ir.Latent(name):
                return self.latent(name)
            case ir.Reduce(dim=dim) | ir.Along(dim=dim):
                return self._each(found, (dim.name,))
            case ir.Contract(left, right):
                return self._each(found, (left.name, right.name))
            case ir.Matrix(events=events):
                return self._each(found, (dim.name for dims in events for dim in dims))
            case ir.Gather(dim):
                index = self._number(node.args[1])
                moved = frozenset(_gathered(touch, dim.name, index) for touch in self._known[node.args[0]])
                return moved | self._known[node.args[1]]
            case ir.Lag(dim, steps):
                earlier = np.maximum(np.arange(self._bound.sizes[dim.name]) - steps, 0)
                return frozenset(_gathered(touch, dim.name, ((dim.name,), earlier)) for touch in found)
            case ir.Carry(dim):
                return self._each(found, (dim.name,))
            case ir.Flow():
                return self._each(found, (dim.name for dim in tied(self._bound.program.nodes, node)))
            case ir.Relabel(old, new):
                return frozenset(_renamed(touch, old.name, new.name) for touch in found)
            case _:
                return found

    @staticmethod
    def _each(touches: Touches, dims: Iterable[str]) -> Touches:
        gone = tuple(dims)
        return frozenset(touch.without(gone) for touch in touches)

    # --- indexes ---------------------------------------------------------------------------------------------------

    def _number(self, number: ir.Id) -> tuple[tuple[str, ...], numpy.ndarray] | None:
        """The value of an index, where it is made from data and positions in a way that is followed here."""
        if number not in self._numbers:
            self._numbers[number] = self._evaluated(number)
        return self._numbers[number]

    def _evaluated(self, number: ir.Id) -> tuple[tuple[str, ...], numpy.ndarray] | None:
        node = self._bound.program.nodes[number]
        dims = tuple(dim.name for dim in node.dims)
        match node.op:
            case ir.Const(value):
                return dims, np.asarray(value)
            case ir.Label(dim, label):
                return dims, np.asarray(self._bound.position(dim, label))
            case ir.Input(name):
                return dims, np.asarray(self._bound.arrays[name])
            case ir.Fill(function) if function is FUNCTIONS["position"] and len(dims) == 1:
                return dims, np.arange(self._bound.sizes[dims[0]])
            case ir.Apply(function):
                operate = next((op for name, op in _arithmetic().items() if FUNCTIONS[name] is function), None)
                parts = [self._number(arg) for arg in node.args]
                if operate is None or any(part is None or part[0] not in ((), dims) for part in parts):
                    return None
                return dims, operate(*(part[1] for part in parts if part is not None))
            case _:
                return None


def _arithmetic() -> dict[str, numpy.ufunc]:
    return {"+": np.add, "-": np.subtract, "maximum": np.maximum, "minimum": np.minimum}


def _gathered(touch: Touch, dim: str, index: tuple[tuple[str, ...], numpy.ndarray] | None) -> Touch:
    def moved(along: Along | None) -> Along | None:
        if along is None or dim not in along.dims:
            return along
        if index is None or along.dims != (dim,) or not np.issubdtype(index[1].dtype, np.integer):
            return None
        return Along(index[0], along.positions[index[1]])

    return Touch(touch.site, tuple(map(moved, touch.axes)))


def _renamed(touch: Touch, old: str, new: str) -> Touch:
    def moved(along: Along | None) -> Along | None:
        if along is None or old not in along.dims:
            return along
        if new in along.dims:
            return None
        return Along(tuple(new if dim == old else dim for dim in along.dims), along.positions)

    return Touch(touch.site, tuple(map(moved, touch.axes)))


def pairs_of(one: numpy.ndarray, other: numpy.ndarray) -> Iterator[tuple[int, int]]:
    """All pairs of an entry of ``one[rows, k]`` and one of ``other[rows, m]`` in the same row, each once."""
    rows = max(len(one), len(other))
    if rows * one.shape[1] * other.shape[1] > _MOST_PAIRS:
        one, other = np.unique(one)[None], np.unique(other)[None]
    left, right = np.broadcast_arrays(one[:, :, None], other[:, None, :])
    found = np.unique(np.stack([left.ravel(), right.ravel()]), axis=1)
    yield from zip(found[0].tolist(), found[1].tolist(), strict=True)


_MOST_PAIRS = 4_000_000
"""Pairs in one term beyond which each coordinate is taken to meet each other."""
