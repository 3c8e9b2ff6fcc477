"""A diagnostic as text for a terminal."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable

from .error import Diagnostic, Note, Severity
from .source import NOWHERE, Source, Span

_BOLD, _RED, _YELLOW, _BLUE, _CYAN, _PLAIN = "\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[34m", "\x1b[36m", "\x1b[0m"


def render(
    diagnostic: Diagnostic,
    source: Source | None = None,
    *,
    colour: bool = False,
    width: int = 100,
    fold: bool = True,
) -> str:
    """The full form: head, source line with carets, notes, help.

    Args:
        diagnostic: what to show.
        source: the text that its spans point into; without it only the head, notes and help are shown.
        colour: whether to use ANSI colours.
        width: columns of the terminal; long source lines are cut around the span.
        fold: whether head and help are folded at the width.
    """
    paint = _painter(colour)
    head_colour = _RED if diagnostic.severity is Severity.ERROR else _YELLOW
    columns = width if fold else sys.maxsize
    first, *others = _folded(f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}", columns)
    code, colon, rest = first.partition(":")
    places = [] if source is None or diagnostic.span == NOWHERE else [Note("", diagnostic.span)]
    margin = _margin(source, [*places, *diagnostic.notes])
    lines = [f"{paint(head_colour, code)}{paint(_BOLD, colon + rest)}", *(paint(_BOLD, line) for line in others)]
    for place in places:
        assert source is not None
        line, column = source.position(place.span.start)
        lines.append(f"{' ' * margin} {paint(_BLUE, '┌')} {source.name}:{line}:{column}")
        lines.extend(_excerpt(source, place.span, margin, width, paint, head_colour))
    for note in diagnostic.notes:
        lines.append(f"{' ' * margin} {paint(_BLUE, '├')} {note.message}")
        if source is not None and note.span != NOWHERE:
            lines.extend(_excerpt(source, note.span, margin, width, paint, _BLUE))
    if diagnostic.help:
        indent = " " * (margin + 1)
        folded = _folded(diagnostic.help, max(columns - len(indent) - 6, 30), indent="")
        lines.append(f"{indent}{paint(_CYAN, 'help:')} {folded[0]}")
        lines.extend(f"{indent}      {line}" for line in folded[1:])
    return "\n".join(lines)


def concise(diagnostic: Diagnostic, source: Source | None = None) -> str:
    """One line: ``file:line:column: CODE message``."""
    if source is None:
        return f"{diagnostic.code} {diagnostic.message}"
    if diagnostic.span == NOWHERE:
        return f"{source.name}: {diagnostic.code} {diagnostic.message}"
    line, column = source.position(diagnostic.span.start)
    return f"{source.name}:{line}:{column}: {diagnostic.code} {diagnostic.message}"


def _folded(text: str, width: int, indent: str = "    ") -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _painter(colour: bool) -> Callable[[str, str], str]:
    return (lambda code, text: f"{code}{text}{_PLAIN}") if colour else (lambda code, text: text)


def _margin(source: Source | None, places: list[Note]) -> int:
    if source is None:
        return 1
    lines = [source.position(place.span.start)[0] for place in places if place.span != NOWHERE]
    return max((len(str(line)) for line in lines), default=1)


def _excerpt(
    source: Source, span: Span, margin: int, width: int, paint: Callable[[str, str], str], colour: str
) -> list[str]:
    number, column = source.position(span.start)
    text = source.line(number).replace("\t", " ")
    length = max(1, min(span.end - span.start, len(text) - column + 1))
    room = max(width - margin - 3, 20)
    middle = column - 1 + min(length, room // 3) - room // 2
    cut = max(0, min(column - 1 - room // 3, middle)) if len(text) > room else 0
    shown = text[cut : cut + room]
    left = column - 1 - cut
    carets = "^" * max(1, min(length, room - left))
    return [
        f"{paint(_BLUE, str(number).rjust(margin))} {paint(_BLUE, '│')} {shown}".rstrip(),
        f"{' ' * margin} {paint(_BLUE, '│')} {' ' * left}{paint(colour, carets)}",
    ]
