"""Objectives: one file each, one line each in this table.

In: log weights of the draws of one step. Out: a bound of the log evidence, to be maximised.
"""

from .elbo import ELBO
from .iwae import IWAE
from .objective import ObjectiveRow
from .renyi import RENYI

OBJECTIVES: dict[str, ObjectiveRow] = {row.name: row for row in (ELBO, IWAE, RENYI)}

__all__ = ["OBJECTIVES", "ObjectiveRow"]
