"""How far a fitted guide can be trusted: Pareto-smoothed importance sampling."""

from __future__ import annotations

from enum import StrEnum

from ..lazy import np


class Reading(StrEnum):
    """What a k̂ means."""

    EXACT = "good, nearly exact"
    GOOD = "good"
    USABLE = "usable"
    BAD = "bad"
    UNKNOWN = "unknown"

    @property
    def advice(self) -> str:
        """One sentence; empty where there is nothing to say."""
        return _ADVICE[self]


_NEARLY_EXACT = 0.95

FEWEST = 25
"""Draws whose weights have a tail."""

_ADVICE = {
    Reading.EXACT: "the importance ratios are nearly equal, and then their shape says nothing",
    Reading.GOOD: "",
    Reading.USABLE: "means are usable, tails less so",
    Reading.BAD: "the guide misses a part of the posterior: a richer family or a `noncentered` site may find it",
    Reading.UNKNOWN: f"k̂ needs a guide with a density and at least {FEWEST} draws",
}


def khat(log_p: np.ndarray, log_q: np.ndarray) -> tuple[float, Reading]:
    """Shape k̂ of the generalised Pareto distribution fitted to the largest importance ratios ``p / q``.

    Below 0.5 the guide is good, below 0.7 usable, above that estimates from it are not to be trusted. Ratios that are
    nearly equal may have any shape: where the draws are worth 95 % of draws from the posterior, the guide is nearly
    exact. Not a number where the ratios say nothing (a point guide, too few draws); minus infinity where they are all
    equal, and infinity where few weights are more than zero in floating point.

    Source: Yao, Vehtari, Simpson & Gelman (2018), Yes, but did it work?; Vehtari et al. (2024) for the smoothing.
    """
    ratios = np.asarray(log_p, float) - np.asarray(log_q, float)
    if len(ratios) < FEWEST or not np.all(np.isfinite(ratios)) or not np.any(log_q):
        return float("nan"), Reading.UNKNOWN
    if np.ptp(ratios) < 1e-6:
        return float("-inf"), Reading.EXACT
    if np.count_nonzero(np.exp(ratios - np.max(ratios))) < FEWEST:
        return float("inf"), Reading.BAD
    from arviz_stats.base import array_stats  # pyright: ignore[reportPrivateImportUsage]

    # psislw takes log likelihoods and negates them itself.
    with np.errstate(all="ignore"):
        value = float(array_stats.psislw(-ratios)[1])
    if value < 0.5:
        return value, Reading.GOOD
    if efficiency(ratios) > _NEARLY_EXACT:
        return value, Reading.EXACT
    return value, Reading.USABLE if value < 0.7 else Reading.BAD


def efficiency(log_ratios: np.ndarray) -> float:
    """Effective sample size of importance sampling, as a share of the draws: ``(sum w)^2 / (S sum w^2)``."""
    weights = np.exp(log_ratios - np.max(log_ratios))
    return float(np.sum(weights) ** 2 / (len(weights) * np.sum(weights**2)))
