"""What ``svilang explain CODE`` tells about one code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """One page about a code.

    Args:
        title: the problem in a few words.
        explanation: why it is refused, or suspicious, and what to do.
        wrong: a short spec that shows it.
        right: the same spec, mended.
    """

    title: str
    explanation: str
    wrong: str = ""
    right: str = ""
