"""What a syntax error says: one entry for each kind of mistake, asked in order; the first that knows the place answers.

In: a :class:`~svilang.syntax.situation.Situation`. Out: a diagnostic, and where it is known, what was meant. What is
missing is reported right after what was read, and what is wrong is reported at itself.
"""

from __future__ import annotations

from collections.abc import Callable

from .finding import Finding, misfit
from .mistakes import beginnings, blocks, brackets, gaps, signs, words
from .pages import PAGES
from .situation import Situation

Entry = Callable[[Situation], Finding | None]


def diagnose(here: Situation) -> Finding:
    """What is wrong at a place, in one sentence."""
    for entry in ENTRIES:
        finding = entry(here)
        if finding is not None:
            return finding
    return misfit(here)


ENTRIES: tuple[Entry, ...] = (
    blocks.docstring,
    blocks.empty,
    blocks.unclosed_block,
    gaps.swallowed,
    words.reserved_argument,
    words.reserved_here,
    blocks.outside,
    brackets.closes_nothing,
    beginnings.habit,
    beginnings.data_without_type,
    beginnings.setting_sign,
    beginnings.lone,
    signs.assignment_colon,
    brackets.argument_sign,
    signs.chained,
    brackets.bounds_of_type,
    brackets.missing_comma_of_names,
    brackets.unclosed_bracket,
    signs.sign,
    gaps.distribution,
    gaps.type,
    gaps.quotes,
    gaps.brace,
    brackets.missing_comma,
    gaps.missing_expression,
    gaps.missing_name,
    gaps.not_callable,
    gaps.missing_else,
    beginnings.first_word,
    gaps.missing_sign,
)
"""Every message of the stage, asked in this order: the special before the general."""

__all__ = ["ENTRIES", "PAGES", "diagnose"]
