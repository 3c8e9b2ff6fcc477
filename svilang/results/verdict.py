"""What a fit is worth in one word, and what to do about it: how the run ended, and whether its end is an answer.

A hierarchy that is fitted as it is written can end where a scale has fallen to nothing and its members cannot be told
apart. Nothing moves there, so that the run has converged, and yet it is no posterior. It shows in how sharply the scale
is known: even ``n`` members that were observed themselves leave a relative standard deviation of ``1 / sqrt(2 n)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..lazy import np
from ..runtime.checks import Reading

if TYPE_CHECKING:
    import numpy

SHARPNESS = 0.1
"""Share of ``1 / sqrt(2 n)`` below which a scale is known better than anything could tell."""

TAILS_ALONE = 0.8
"""Draws from the posterior that one of the guide is worth, from which on a bad k-hat comes from few draws far out."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a fit is to be read.

    Args:
        status: one word.
        advice: what it means and what to do; the word where there is nothing to do.
        good: whether it is an answer.
    """

    status: str
    advice: str
    good: bool


def collapsed(
    draws: Mapping[str, numpy.ndarray], scales: Mapping[str, str], sizes: Mapping[str, int], reading: Reading
) -> tuple[str, ...]:
    """The latents whose scale has fallen to nothing.

    Args:
        draws: ``[draws, …]`` of each site.
        scales: for latents of a plate, seen as they are written, the latent that is their scale.
        sizes: how many members each of these latents has for one value of its scale.
        reading: of k-hat: a sharp scale in a good guide is the doing of a sharp prior.
    """
    if reading is not Reading.BAD:
        return ()
    return tuple(site for site, scale in scales.items() if _too_sharp(draws[scale], sizes[site]))


def _too_sharp(draws: numpy.ndarray, members: int) -> bool:
    values = np.asarray(draws, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = values.std(0) / np.abs(values.mean(0))
    return members > 1 and bool(np.any(relative < SHARPNESS / np.sqrt(2 * members)))


def of_collapse(sites: tuple[str, ...], scales: Mapping[str, str], draws: Mapping[str, numpy.ndarray]) -> Verdict:
    """The verdict on a fit some of whose scales have collapsed."""
    site, *_ = sites
    low = float(np.min(np.median(np.asarray(draws[scales[site]], float), axis=0)))
    names = ", ".join(sites)
    where = f"`{scales[site]}` fell to {low:.1e}, where the members of `{site}` cannot be told apart"
    advice = f"collapsed, which is no posterior: {where}. Write `noncentered {names}` in the guide"
    return Verdict("collapsed", advice, False)


def advice_of(reading: Reading, scales: Mapping[str, str], worth: float, chains: Mapping[str, int]) -> str:
    """What a reading of k-hat means, with the sites that another form or another family may help.

    Args:
        reading: of k-hat.
        scales: for each site that another form may help the latent that is its scale.
        worth: draws from the posterior that one of the guide is worth.
        chains: how many steps back each chain looks whose steps the guide has independent.
    """
    if reading is Reading.BAD and worth > TAILS_ALONE:
        return "the guide's tails are too light; where most of its draws lie it is close to the posterior"
    # Steps that data hold fast lie far from independent in units of their scale: a chain needs its neighbours.
    apart = [name for name in scales if name not in chains]
    forms = [f"`noncentered {', '.join(apart)}`"] if apart else []
    if chains:
        order = max(chains.values())
        forms.append(f"`{', '.join(chains)} ~ markov_gaussian{f'({order})' if order > 1 else ''}`")
    if reading is Reading.BAD and forms:
        found = " and ".join(forms)
        return f"the guide misses a part of the posterior: {found} or a richer family may find it"
    return reading.advice
