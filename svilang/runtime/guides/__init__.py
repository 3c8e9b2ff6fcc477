"""Guide families: one file a family, one line each in this table.

In: parameters, noise and the whitening of the start. Out: draws, entropies and log densities in the target's
unconstrained coordinates. Importing the table loads neither NumPy nor JAX.
"""

from ..structure import FamilyUse
from . import mixture
from .block import BLOCK
from .bnaf import BNAF
from .coupling import COUPLING
from .dais import DAIS, SEMI_DAIS
from .delta import DELTA
from .family import Family, FamilyRow, Settings, Thin, Whiten, entries
from .full_rank import FULL_RANK
from .graph_gaussian import GRAPH_GAUSSIAN
from .iaf import IAF
from .laplace import LAPLACE
from .low_rank import LOW_RANK
from .markov_gaussian import MARKOV_GAUSSIAN
from .mean_field import MEAN_FIELD
from .pathfinder import PATHFINDER
from .spline import SPLINE
from .structured import STRUCTURED
from .student import STUDENT
from .surrogate_dais import SURROGATE_DAIS
from .svgd import SVGD

_COMPONENTS = (MEAN_FIELD, FULL_RANK, LOW_RANK, STRUCTURED, MARKOV_GAUSSIAN, GRAPH_GAUSSIAN)

FAMILIES: dict[str, FamilyRow] = {
    row.name: row
    for row in (
        *(DELTA, LAPLACE, PATHFINDER, MEAN_FIELD, STUDENT, FULL_RANK, LOW_RANK),
        *(BLOCK, STRUCTURED, MARKOV_GAUSSIAN, GRAPH_GAUSSIAN),
        *(IAF, BNAF, COUPLING, SPLINE),
        *(mixture.row({row.name: row for row in _COMPONENTS}), DAIS, SEMI_DAIS, SURROGATE_DAIS, SVGD),
    )
}


def placed(use: FamilyUse) -> Family:
    """The family of a use over its coordinates."""
    row = FAMILIES[use.name]
    return row.over(use.known, {**row.settings, **dict(use.settings)})


def anchored(use: FamilyUse, whiten: Whiten) -> Whiten:
    """The whitening with what the family needs of it."""
    anchor = placed(use).anchor
    return whiten if anchor is None else anchor(whiten)


__all__ = ["FAMILIES", "Family", "FamilyRow", "Settings", "Thin", "Whiten", "anchored", "entries", "placed"]
