"""Where the coordinates of a family stand along the axes of the model."""

from __future__ import annotations

from collections.abc import Mapping

from ...lazy import np
from ..structure import Structure


def along(structure: Structure, axis: str) -> np.ndarray:
    """The position of each coordinate along an axis, -1 for one that has none."""
    found = np.full(structure.size, -1)
    for region in structure.regions:
        if axis in region.axes:
            grid = np.indices(region.shape)[region.axes.index(axis)]
            found[region.start : region.stop] = grid.ravel()
    return found


def members(structure: Structure, but: str) -> list[Mapping[str, int]]:
    """The position of each coordinate along every named axis of its site but one."""
    found: list[Mapping[str, int]] = []
    for region in structure.regions:
        named = [(i, axis) for i, axis in enumerate(region.axes) if axis and axis != but]
        for place in np.ndindex(region.shape):
            found.append({axis: int(place[i]) for i, axis in named})
    return found


def agree(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    """Whether two coordinates are at the same place along the axes that both have."""
    return all(other.get(axis, position) == position for axis, position in one.items())
