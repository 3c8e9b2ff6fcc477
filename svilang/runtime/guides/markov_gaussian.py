"""A Gaussian along a chain: the state at a time depends linearly on the state before."""

from __future__ import annotations

from ..structure import Structure
from .family import COUNT, Family, FamilyRow, Settings
from .places import agree, along, members
from .sparse import regressions


def _over(structure: Structure, settings: Settings) -> Family:
    """The precision is banded along each chain; sites outside every chain are independent."""
    order = int(settings["order"])
    parents: list[list[int]] = [[] for _ in range(structure.size)]
    for axis in dict.fromkeys(region.chain for region in structure.regions if region.chain):
        chained = [region for region in structure.regions if region.chain == axis]
        time, others = along(structure, axis), members(structure, axis)
        at: dict[int, list[int]] = {}
        for region in chained:
            for i in range(region.start, region.stop):
                at.setdefault(int(time[i]), []).append(i)
        for now, own in at.items():
            for i in own:
                earlier = [j for step in range(order, 0, -1) for j in at.get(now - step, [])]
                parents[i] = [j for j in (*earlier, *(j for j in own if j < i)) if agree(others[i], others[j])]
    return regressions(parents)


MARKOV_GAUSSIAN = FamilyRow(
    name="markov_gaussian",
    summary="a Gaussian with banded precision along each `markov`: z[t] depends linearly on z[t-1], …, z[t-order]",
    over=_over,
    component=True,
    settings={"order": 1},
    kinds={"order": COUNT},
    chain=True,
)
