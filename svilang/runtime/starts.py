"""Several starts of one fit: found one after the other by one program, and made alike, so that they go on together."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..lazy import jax, np
from .errors import NotFinite
from .guides.family import Thin
from .layout import Whitens
from .settings import FitSettings
from .start import Finder, Start
from .structure import FamilyUse
from .target import Target

SCATTER = 2.0
"""Standard deviation of further starting points on the unconstrained scale: wide enough to leave the first mode."""


def find_all(
    target: Target,
    families: tuple[FamilyUse, ...],
    settings: FitSettings,
    initial: np.ndarray | None = None,
    begin: np.ndarray | None = None,
) -> list[Start]:
    """The starts of a fit: the first where a single one would be, the others from scattered points.

    ``begin`` is where the search for the first one begins.

    A scattered point from which no start is found is left out.

    Raises:
        NotFinite: the first one cannot be found.
    """
    finder = Finder(target, families)
    found = [finder.find(settings.seed, initial, begin=begin)]
    for i in range(1, settings.starts):
        with suppress(NotFinite):
            found.append(finder.find(settings.seed + i, scatter=SCATTER))
    return found if len(found) == 1 else _alike(found)


def _alike(starts: Sequence[Start]) -> list[Start]:
    """The same with whitenings of one shape, as a batch needs them."""
    padded = [jax.tree.map(np.asarray, one) for one in _padded([start.whitens for start in starts])]
    first = padded[0]
    made = [one if _same(one, first) else _moved(first, one) for one in padded]
    return [replace(start, whitens=one) for start, one in zip(starts, made, strict=True)]


def _padded(many: Sequence[Whitens]) -> list[Whitens]:
    """Thin matrices as wide as the widest: further columns of zeros change nothing."""
    flat = [jax.tree.flatten(whitens, is_leaf=lambda leaf: isinstance(leaf, Thin)) for whitens in many]
    if len({len(leaves) for leaves, _ in flat}) > 1:
        return list(many)
    widths = np.max([[_width(leaf) for leaf in leaves] for leaves, _ in flat], axis=0, initial=0)
    return [jax.tree.unflatten(tree, map(_widened, leaves, widths)) for leaves, tree in flat]


def _width(leaf: Any) -> int:
    return leaf.left.shape[-1] if isinstance(leaf, Thin) else 0


def _widened(leaf: Any, width: int) -> Any:
    if not isinstance(leaf, Thin):
        return leaf
    thin, more = leaf, width - _width(leaf)
    return Thin(thin.diagonal, np.pad(thin.left, ((0, 0), (0, more))), np.pad(thin.right, ((0, more), (0, 0))))


def _same(one: Whitens, other: Whitens) -> bool:
    """Whether two whitenings can be parts of one batch."""
    shapes = [[np.shape(leaf) for leaf in jax.tree.leaves(whitens)] for whitens in (one, other)]
    return jax.tree.structure(one) == jax.tree.structure(other) and shapes[0] == shapes[1]


def _moved(units: Whitens, whitens: Whitens) -> Whitens:
    """The places of one start in the units of another."""
    return tuple(unit._replace(loc=own.loc) for unit, own in zip(units, whitens, strict=True))
