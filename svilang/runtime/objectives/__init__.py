"""Objectives: one file each, one line each in this table.

In: log weights of the draws of one step. Out: a bound of the log evidence, to be maximised.
"""

from .dreg import DREG
from .elbo import ELBO
from .iwae import IWAE
from .objective import ObjectiveRow, Slopes
from .renyi import RENYI
from .rws import RWS
from .stl import STL
from .tail_adaptive import TAIL_ADAPTIVE

OBJECTIVES: dict[str, ObjectiveRow] = {row.name: row for row in (ELBO, IWAE, RENYI, STL, DREG, RWS, TAIL_ADAPTIVE)}

__all__ = ["OBJECTIVES", "ObjectiveRow", "Slopes"]
