"""Full rank within each member of a plate, independent across."""

from __future__ import annotations

from ..structure import Structure
from .family import DIMENSION, REQUIRED, Family, FamilyRow, Settings
from .places import along
from .sparse import regressions


def _over(structure: Structure, settings: Settings) -> Family:
    """Sites without the plate are independent of everything."""
    place = along(structure, settings["dim"])
    parents = [[j for j in range(i) if place[j] == place[i] >= 0] for i in range(structure.size)]
    return regressions(parents)


BLOCK = FamilyRow(
    name="block",
    summary="a Gaussian with a dense covariance within each member of a plate, independent across and outside it",
    over=_over,
    settings={"dim": REQUIRED},
    kinds={"dim": DIMENSION},
)
