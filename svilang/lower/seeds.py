"""Starting points of mixtures: rows far apart as the locations of the states.

A descent from the origin, where all states are alike, seldom finds the best mode of a mixture. One from rows of the
data, each drawn with a probability in proportion to its squared distance from those drawn before, often does.

Source: Arthur & Vassilvitskii (2007), k-means++: the advantages of careful seeding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from ..catalog.distribution import Distribution
from ..ir import nodes as ir
from ..lazy import np
from ..types import Dim, Structure
from .density import Model
from .layout import Piece
from .statistics import Split, splits

if TYPE_CHECKING:
    import numpy

    Points = Callable[[numpy.random.Generator], numpy.ndarray]

SEEDS = 4
"""Starting points that are made."""

_MOST_ROWS = 10_000
"""Rows among which they are looked for."""


def seeds(model: Model, arrays: Mapping[str, numpy.ndarray]) -> Points | None:
    """``(generator) -> points[seeds, size]`` with the locations of states at rows; ``None`` where there are none."""
    found = [one for split in splits(model.plan, model.elimination).values() for one in _located(split, model, arrays)]
    if not found:
        return None

    def points(source: numpy.random.Generator) -> numpy.ndarray:
        made = np.zeros((SEEDS, model.latents.size))
        for point in made:
            for piece, dim, rows, inner in found:
                point[piece.start : piece.stop] = _placed(piece, dim, _apart(rows, piece, dim, source), inner, model)
        return made

    return points


def _located(
    split: Split, model: Model, arrays: Mapping[str, numpy.ndarray]
) -> Iterator[tuple[Piece, Dim, numpy.ndarray, tuple[Dim, ...]]]:
    """The latent location of the states, its axis of states, and rows of data with the axes that are left of them."""
    law, plan, nodes = split.observation.law, model.plan, model.program.nodes
    value = nodes[split.observation.value]
    assert isinstance(law.row, Distribution)
    if split.family.shifted is None or law.row.event or not isinstance(value.op, ir.Input) or len(split.left) != 1:
        return
    base, picks = plan.chains.get(law.args[0], (None, ())) if law.args[0] is not None else (None, ())
    if base is None or len(picks) != 1 or nodes[picks[0][1]].dims != split.left:
        return
    op, dim = nodes[base].op, picks[0][0]
    piece = model.latents.pieces.get(op.name) if isinstance(op, ir.Latent) else None
    if piece is None or not _is_plain(piece) or not set(piece.declared.dims) <= {dim, *split.inner}:
        return
    order = [i for i, axis in enumerate(value.dims) if axis not in split.inner]
    inner = tuple(axis for axis in value.dims if axis in split.inner)
    moved = np.moveaxis(np.asarray(arrays[value.op.name], float), order, range(len(order)))
    rows = moved.reshape(math.prod(moved.shape[: len(order)]), -1)
    rows = rows[np.isfinite(rows).all(axis=1)]
    if len(rows) >= plan.sizes[dim.name] and set(piece.declared.dims) == {dim, *inner}:
        yield piece, dim, rows, inner


def _is_plain(piece: Piece) -> bool:
    """Whether a latent is any real numbers, seen as it is declared."""
    kind, bounds = piece.declared.kind, piece.declared.bounds
    bounded = not math.isinf(kind.interval.lower) or not math.isinf(kind.interval.upper) or bounds != ir.NO_BOUNDS
    return not bounded and kind.structure is Structure.SCALAR and piece.bare


def _apart(rows: numpy.ndarray, piece: Piece, dim: Dim, source: numpy.random.Generator) -> numpy.ndarray:
    """As many rows as there are states, far apart."""
    if len(rows) > _MOST_ROWS:
        rows = rows[source.choice(len(rows), _MOST_ROWS, replace=False)]
    scaled = rows / np.maximum(rows.std(axis=0), 1e-12)
    taken = [int(source.integers(len(rows)))]
    near = np.full(len(rows), np.inf)
    for _ in range(piece.shape[piece.declared.dims.index(dim)] - 1):
        near = np.minimum(near, np.sum((scaled - scaled[taken[-1]]) ** 2, axis=1))
        total = near.sum()
        taken.append(int(source.choice(len(rows), p=near / total if total > 0 else None)))
    return rows[taken]


def _placed(piece: Piece, dim: Dim, centres: numpy.ndarray, inner: tuple[Dim, ...], model: Model) -> numpy.ndarray:
    """The centres in the order of the latent's axes, as one vector."""
    whole = centres.reshape(len(centres), *(model.plan.sizes[axis.name] for axis in inner))
    axes = (dim, *inner)
    return np.transpose(whole, [axes.index(axis) for axis in piece.declared.dims]).ravel()
