"""Diagnostics as values, and the two exceptions that carry them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .source import NOWHERE, Source, Span


class Severity(StrEnum):
    """How grave a diagnostic is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that helps to understand a diagnostic."""

    message: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong, or suspicious, in the user's words.

    Args:
        code: stable, ``E`` or ``W`` and four digits; the first two give the group (01 syntax, 02 names,
            03 dimensions, 04 kinds and supports, 05 data, 06 guide and plan, 07 run).
        message: one sentence with the user's names in backquotes, without a final stop.
        span: the exact range that is wrong; ``NOWHERE`` when there is no such text (data, command line).
        notes: further places.
        help: the fix, only where it is certain.
    """

    code: str
    message: str
    span: Span = NOWHERE
    notes: tuple[Note, ...] = ()
    help: str | None = None

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.code.startswith("W") else Severity.ERROR


MOST_SHOWN = 100
"""How many diagnostics one error carries."""


class SvilangError(Exception):
    """The spec, its data or its settings are wrong; carries its diagnostics, in source order.

    Args:
        diagnostics: all of them, or the first :data:`MOST_SHOWN`.
        source: the text that their spans point into.
        rest: a sentence about what is left out, if anything is.

    Example:
        >>> raise SvilangError([Diagnostic("E0201", "nothing is called `mu`")])
        Traceback (most recent call last):
        ...
        svilang.diagnostics.error.SvilangError: error[E0201]: nothing is called `mu`
    """

    def __init__(
        self, diagnostics: Iterable[Diagnostic], source: Source | None = None, *, rest: str = ""
    ) -> None:
        self.diagnostics: Sequence[Diagnostic] = sorted(diagnostics, key=lambda d: (d.span == NOWHERE, d.span))
        self.source = source
        self.rest = rest
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        from .render import render

        shown = [render(diagnostic, self.source, fold=False) for diagnostic in self.diagnostics]
        return "\n".join([*shown, self.rest] if self.rest else shown)

    @classmethod
    def first(cls, diagnostics: Iterable[Diagnostic], source: Source | None = None) -> SvilangError:
        """The error with the first :data:`MOST_SHOWN` of many diagnostics, which says how many there are besides."""
        found = cls(diagnostics, source)
        left = len(found.diagnostics) - MOST_SHOWN
        if left <= 0:
            return found
        return cls(found.diagnostics[:MOST_SHOWN], source, rest=f"and {left:,} more errors, which are not shown")


class NumericalError(SvilangError):
    """A run met a value that is not finite, or could not start; exit code 3."""


class InternalError(Exception):
    """svilang itself is wrong; exit code 70, and worth a report."""
