"""A Gaussian that follows the model: each site depends linearly on what its law reads."""

from __future__ import annotations

from ..structure import Structure
from .family import Family, FamilyRow, Settings
from .sparse import regressions


def _over(structure: Structure, settings: Settings) -> Family:
    return regressions(structure.parents or [()] * structure.size)


STRUCTURED = FamilyRow(
    name="structured",
    summary="a Gaussian along the model's own graph: each coordinate depends linearly on the parents of its site",
    over=_over,
    component=True,
    graphs=True,
)
