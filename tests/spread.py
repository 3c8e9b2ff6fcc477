"""Which of many cases of one kind the default run takes; the others are for ``-m exhaustive``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def every(k: int, cases: Iterable[Any], first: int = 0) -> list[Any]:
    """Every k-th case, from the ``first``, for the default run; all of them are test parameters."""
    taken = [(one if isinstance(one, tuple) else (one,), i % k == first) for i, one in enumerate(cases)]
    return [pytest.param(*one, marks=() if default else pytest.mark.exhaustive) for one, default in taken]


def in_parts(count: int) -> pytest.MarkDecorator:
    """A test of many programs as one of so many parts, each of them with every ``count``-th program."""
    return pytest.mark.parametrize("part", every(count, range(count)))
