"""How far a fitted guide can be trusted: Pareto-smoothed importance sampling."""

from __future__ import annotations

from enum import StrEnum

from ..lazy import np


class Reading(StrEnum):
    """What a k̂ means."""

    GOOD = "good"
    USABLE = "usable"
    BAD = "bad"
    UNKNOWN = "unknown"

    @property
    def advice(self) -> str:
        """One sentence; empty where there is nothing to say."""
        return _ADVICE[self]


_ADVICE = {
    Reading.GOOD: "",
    Reading.USABLE: "means are usable, tails less so; a richer guide (`full_rank`) may help",
    Reading.BAD: "the guide misses a part of the posterior: try `full_rank`, or a `noncentered` parameterisation",
    Reading.UNKNOWN: "k̂ needs a guide with a density and at least 25 draws",
}


def khat(log_p: np.ndarray, log_q: np.ndarray) -> tuple[float, Reading]:
    """Shape k̂ of the generalised Pareto distribution fitted to the largest importance ratios ``p / q``.

    Below 0.5 the guide is good, below 0.7 usable, above that estimates from it are not to be trusted. Not a number
    where the ratios say nothing (a point guide, too few draws); minus infinity where they are all equal.

    Source: Yao, Vehtari, Simpson & Gelman (2018), Yes, but did it work?; Vehtari et al. (2024) for the smoothing.
    """
    ratios = np.asarray(log_p, float) - np.asarray(log_q, float)
    if len(ratios) < 25 or not np.all(np.isfinite(ratios)) or not np.any(log_q):
        return float("nan"), Reading.UNKNOWN
    if np.ptp(ratios) < 1e-6:
        return float("-inf"), Reading.GOOD
    from arviz_stats.base import array_stats

    # psislw takes log likelihoods and negates them itself.
    value = float(array_stats.psislw(-ratios)[1])
    return value, Reading.GOOD if value < 0.5 else Reading.USABLE if value < 0.7 else Reading.BAD
