"""Nearest names, for "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, candidates: Iterable[str], most: int = 3) -> list[str]:
    """At most ``most`` of ``candidates`` that resemble ``name``, best first.

    Example:
        >>> nearest("sigm", ["sigma", "tau", "theta"])
        ['sigma']
    """
    pool = {candidate.lower(): candidate for candidate in candidates}
    if name.lower() in pool:
        return [pool[name.lower()]]
    return [pool[match] for match in get_close_matches(name.lower(), pool, n=most, cutoff=0.6)]


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """A help line from the nearest candidates, or ``None`` when none is near.

    Example:
        >>> did_you_mean("sigm", ["sigma", "tau"])
        'did you mean `sigma`?'
    """
    matches = nearest(name, candidates)
    return f"did you mean {' or '.join(f'`{match}`' for match in matches)}?" if matches else None
