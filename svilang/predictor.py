"""What a fitted model says beyond the latents of its guide: discrete sites, reports, predictions, likelihoods."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy

    from .data import Bound
    from .lower.after import After
    from .runtime.each import Each

Arrays = Mapping[str, "numpy.ndarray"]

_COMPLETE, _STATES = 1, 2
"""Streams of keys."""


class Predictor:
    """A model with its data and the fitted values of its parameters.

    Draws are mappings from names of latents to arrays ``[draws, …]``.

    Args:
        bound: the data that was fitted, before rows were put together.
        params: the constrained values of the model's own parameters.
    """

    def __init__(self, bound: Bound, params: Arrays) -> None:
        self.bound = bound
        self.params = {param.name: params[param.name] for param in bound.program.params}

    @cached_property
    def _after(self) -> After:
        from .lower.after import After

        return After(self.bound)

    @property
    def completes(self) -> bool:
        """Whether :meth:`complete` has anything to add."""
        return bool(self._after.discrete or self._after.late)

    def complete(self, draws: Arrays, seed: int) -> dict[str, numpy.ndarray]:
        """Values of the discrete sites and of the reports that draws of the other latents do not settle."""
        return self._completing(self._shared, self._given(draws), seed, _COMPLETE)

    def states(self, draws: Arrays, how: str, seed: int) -> dict[str, numpy.ndarray]:
        """For each discrete site one draw (``"draw"``), the jointly most probable values (``"best"``), or the
        probability of each value (``"probability"``), given each draw of the other latents.
        """
        after = self._after
        begin = {"draw": after.drawn, "best": after.best, "probability": after.probabilities}[how]
        return self._each(begin)(self._shared, self._given(draws), seed, _STATES)

    @property
    def _shared(self) -> dict[str, Any]:
        return {"data": self._after.data, "params": self.params}

    @cached_property
    def _completing(self) -> Each:
        return self._each(self._after.completed)

    def _each(self, begin: Any) -> Each:
        from .runtime.each import Each

        return Each(begin, self._after.numbers)

    def _given(self, draws: Arrays) -> dict[str, numpy.ndarray]:
        """The latents among some draws that are not summed out."""
        return {site.name: draws[site.name] for site in self.bound.program.sites if not site.kind.discrete}
