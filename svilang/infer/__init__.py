"""Inference step by step, for those who know it from NumPyro.

In: a model with its data. Out: draws that a posterior, a guide or the prior makes of everything in the model.
"""

from .predictive import Predictive

__all__ = ["Predictive"]
