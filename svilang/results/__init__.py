"""What a fit is worth: draws with named dimensions, summaries, diagnostics, and a file that ArviZ and xarray can open.

In: the outcome of a run and a way to draw from the fitted guide. Out: :class:`Fit`, tables of rows, netCDF files.
Nothing here knows the language or how the draws were made, so that a fit from a file is as good as a new one.
"""

from .covariance import Covariance
from .fit import DEFAULT_DRAWS, Elbo, Fit, Sample
from .prediction import Prediction
from .store import expect, load, save
from .summary import ParamRow, Row, param_rows, rows

__all__ = [
    "DEFAULT_DRAWS",
    "Covariance",
    "Elbo",
    "Fit",
    "ParamRow",
    "Prediction",
    "Row",
    "Sample",
    "expect",
    "load",
    "param_rows",
    "rows",
    "save",
]
