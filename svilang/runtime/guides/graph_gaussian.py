"""A Gaussian with the conditional independences of the posterior."""

from __future__ import annotations

from ..structure import Structure
from .family import Family, FamilyRow, Settings
from .sparse import regressions


def _over(structure: Structure, settings: Settings) -> Family:
    return regressions(filled(structure.neighbours, structure.size))


def filled(neighbours: tuple[tuple[int, ...], ...], size: int) -> list[list[int]]:
    """The parents of each coordinate in the Cholesky factor of a precision with these entries.

    Coordinates are eliminated by fewest neighbours, which then all meet; drawn the other way round, each depends on
    those that it still met.

    Source: Tan & Nott (2018), Gaussian variational approximation with sparse precision matrices; Rose (1970) for the
    fill.
    """
    around = [set(own) for own in neighbours] if neighbours else [set[int]() for _ in range(size)]
    buckets: dict[int, set[int]] = {}
    for i, own in enumerate(around):
        buckets.setdefault(len(own), set()).add(i)
    parents: list[list[int]] = [[] for _ in range(size)]
    for _ in range(size):
        fewest = min(degree for degree, held in buckets.items() if held)
        i = min(buckets[fewest])
        buckets[fewest].remove(i)
        own = around[i]
        parents[i] = sorted(own)
        for j in own:
            buckets[len(around[j])].discard(j)
            around[j] |= own
            around[j] -= {i, j}
            buckets.setdefault(len(around[j]), set()).add(j)
    return parents


GRAPH_GAUSSIAN = FamilyRow(
    name="graph_gaussian",
    summary="a Gaussian whose precision is zero wherever no term of the model reads two coordinates together",
    over=_over,
    component=True,
    graphs=True,
)
