"""Which numbers a setting may be, and how that is told."""

from __future__ import annotations

import math
from dataclasses import dataclass

LARGEST = 3.4e38
"""The largest number in single precision."""

OUT_OF_DIGITS = 1e4
"""Standard deviations from the origin beyond which single precision has too few digits left."""

DIGITS = 24 * math.log10(2)
"""Decimal digits of a number in single precision."""

STEPS = 2**31 - 1
"""The most that a counter of steps or rows holds."""

MOST = 1_000_000
"""Draws, layers, steps of a path and other things of which there are few: more are a slip."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Which numbers an argument may be.

    Args:
        least, most: its ends.
        whole: whether it counts something.
        but: a number that it may not be.
    """

    least: float = -math.inf
    most: float = math.inf
    whole: bool = False
    but: float | None = None

    def allows(self, value: float) -> bool:
        """Whether a number is one of these."""
        within = self.least <= value <= self.most and value != self.but
        return within and (not self.whole or value == int(value))

    def wanted(self, value: float) -> str:
        """What is wanted in the place of a value, which is none of these; of a count only the end that it misses."""
        if self.whole and value > self.most:
            return f"a whole number of at most {self.most:,}"
        return f"a whole number of at least {self.least:g}" if self.whole else str(self)

    def __str__(self) -> str:
        """`a number of at least 1`, `a number from 0 to 1`, `a number from 0 to 2, and not 1`."""
        kind = "a whole number" if self.whole else "a number"
        if math.isfinite(self.most):
            other = "" if self.but is None else f", and not {self.but:g}"
            return f"{kind} from {self.least:g} to {self.most:g}{other}"
        return f"{kind} of at least {self.least:g}"
