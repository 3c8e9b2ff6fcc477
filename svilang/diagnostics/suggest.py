"""Nearest names, for "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher


def nearest(name: str, candidates: Iterable[str], most: int = 3) -> list[str]:
    """At most ``most`` of ``candidates`` that resemble ``name``, best first.

    Example:
        >>> nearest("sigm", ["sigma", "tau", "theta"])
        ['sigma']
    """
    low = name.lower()
    pool = {candidate.lower(): candidate for candidate in candidates}
    if low in pool:
        return [pool[low]]
    scored = {each: _likeness(low, each) for each in pool}
    best = max(scored.values(), default=0.0)
    near = [each for each in scored if scored[each] >= max(_LEAST, best - _MARGIN)]
    return [pool[each] for each in sorted(near, key=lambda each: -scored[each])[:most]]


_LEAST = 0.6
"""How alike two words are at least, where 1 is the same word."""

_MARGIN = 0.06
"""How much less alike than the best a further candidate is at most."""

_SLIP = 0.75
"""How alike two words are at least that one slip of the fingers tells apart."""


def _likeness(name: str, candidate: str) -> float:
    """Twice the letters in common by the letters of both, or more where only one slip lies between."""
    least = _SLIP if _one_slip(name, candidate) else 0.0
    matcher = SequenceMatcher(None, candidate, name)
    return max(matcher.ratio(), least) if matcher.real_quick_ratio() >= _LEAST else least


def _one_slip(name: str, candidate: str) -> bool:
    """Whether one letter more, less or other, or two that changed places, make one word of the other."""
    if min(len(name), len(candidate)) < 2 or abs(len(name) - len(candidate)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(name, candidate, strict=False)) if x != y), len(candidate))
    a, b = name[start:], candidate[start:]
    if len(a) == len(b):
        swapped = a[:2] == b[1::-1] and a[2:] == b[2:]
        return swapped or (a[1:] == b[1:] and (start > 0 or len(name) > 2))
    return a[1:] == b if len(a) > len(b) else b[1:] == a


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """A help line from the nearest candidates, or ``None`` when none is near.

    Example:
        >>> did_you_mean("sigm", ["sigma", "tau"])
        'did you mean `sigma`?'
    """
    matches = nearest(name, candidates)
    return f"did you mean {' or '.join(f'`{match}`' for match in matches)}?" if matches else None
