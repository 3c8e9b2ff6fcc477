"""Guide families: one file a family, one line each in this table.

In: parameters, noise and the whitening of the start. Out: draws, entropies and log densities in the target's
unconstrained coordinates. Importing the table loads neither NumPy nor JAX.
"""

from .delta import DELTA
from .family import FamilyRow, Thin, Whiten, entries
from .full_rank import FULL_RANK
from .laplace import LAPLACE
from .low_rank import LOW_RANK
from .mean_field import MEAN_FIELD

FAMILIES: dict[str, FamilyRow] = {row.name: row for row in (DELTA, LAPLACE, MEAN_FIELD, FULL_RANK, LOW_RANK)}

__all__ = ["FAMILIES", "FamilyRow", "Thin", "Whiten", "entries"]
