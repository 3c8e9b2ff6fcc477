"""Inference step by step, with the estimators of NumPyro under their names.

In: a model with its data. Out: states, losses and parameters as trees of arrays, and draws that a posterior, a guide or
the prior makes of everything in the model.
"""

from .elbo import ELBO, RenyiELBO, TraceELBO, TraceEnumELBO, TraceGraphELBO, TraceMeanFieldELBO
from .predictive import Predictive
from .svi import SVI, SVIRunResult, SVIState

__all__ = [
    "ELBO",
    "SVI",
    "Predictive",
    "RenyiELBO",
    "SVIRunResult",
    "SVIState",
    "TraceELBO",
    "TraceEnumELBO",
    "TraceGraphELBO",
    "TraceMeanFieldELBO",
]
