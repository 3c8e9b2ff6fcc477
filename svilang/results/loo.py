"""Leave-one-out cross-validation from the draws of one fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..lazy import np
from .tree import Variable

if TYPE_CHECKING:
    import numpy

UNRELIABLE = 0.7
"""k-hat from which the estimate of an element is not to be trusted."""


@dataclass(frozen=True, eq=False)
class Loo:
    """Expected log pointwise predictive density, in nats.

    Args:
        elpd: summed over all elements; larger is better.
        se: its standard error, from the spread over the elements.
        pointwise: of each element.
        khat: Pareto k-hat of each element.
        effective: the effective number of parameters: how much worse the elements are predicted than fitted.
    """

    elpd: float
    se: float
    pointwise: numpy.ndarray
    khat: numpy.ndarray
    effective: float

    @property
    def bad(self) -> int:
        """Elements whose estimate is not to be trusted."""
        return int(np.sum(self.khat >= UNRELIABLE))


def leave_one_out(likelihoods: Mapping[str, Variable], log_p: numpy.ndarray, log_q: numpy.ndarray) -> Loo:
    """PSIS-LOO with draws from a guide instead of the posterior.

    The importance weight of a draw for the posterior without element ``i`` is ``p / (q p(y_i | draw))``, smoothed.

    Args:
        likelihoods: log density of each element at each draw, ``[draws, …]``; elements that are missing have none.
        log_p: of the model at each draw.
        log_q: of the guide at each draw.

    Source: Magnusson, Andersen, Jonasson & Vehtari (2019), Bayesian leave-one-out cross-validation for large data.
    """
    columns = [np.reshape(one.values, (len(log_p), -1)) for one in likelihoods.values()]
    pointwise = np.concatenate(columns, axis=1) if columns else np.zeros((len(log_p), 0))
    pointwise = pointwise[:, ~np.isnan(pointwise[0])].T
    ratios = np.asarray(log_p, float) - np.asarray(log_q, float)
    weights, khat = _smoothed(ratios - pointwise)
    elpd = np.logaddexp.reduce(weights + pointwise, axis=1)
    fitted = np.logaddexp.reduce(_smoothed(ratios[None])[0] + pointwise, axis=1)
    se = float(np.sqrt(len(elpd) * np.var(elpd))) if len(elpd) else float("nan")
    return Loo(float(np.sum(elpd)), se, elpd, khat, float(np.sum(fitted - elpd)))


def _smoothed(ratios: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Log weights that sum to one, and k-hat, for each row of log ratios; equal ones need no smoothing."""
    from arviz_stats.base import array_stats  # pyright: ignore[reportPrivateImportUsage]

    weights = np.full(ratios.shape, -np.log(ratios.shape[1]))
    khat = np.full(len(ratios), -np.inf)
    varied = np.ptp(ratios, axis=1) > 1e-6
    if varied.any():
        # psislw takes log likelihoods and negates them itself.
        with np.errstate(all="ignore"):
            weights[varied], khat[varied] = array_stats.psislw(-ratios[varied], axis=-1)
    return weights, khat


def difference(first: Loo, second: Loo) -> tuple[float, float]:
    """How much better the second predicts, and the standard error of that from the pairs of elements."""
    gaps = second.pointwise - first.pointwise
    return float(np.sum(gaps)), float(np.sqrt(len(gaps) * np.var(gaps)))
