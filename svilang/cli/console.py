"""Where text goes: results to stdout, everything else to stderr, colour only where someone looks."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from typing import TextIO

import click

from ..diagnostics import Diagnostic, Source, SvilangError, render
from ..streams import left


def colourful(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal that wants colour (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """Columns of the terminal, kept readable."""
    return max(60, min(shutil.get_terminal_size((100, 24)).columns, 140))


def result(text: str) -> None:
    """Print to stdout."""
    click.echo(text)


def notice(text: str) -> None:
    """Print to stderr."""
    _told(text, colour=None)


def _told(text: str, colour: bool | None) -> None:
    """Print to stderr, where a reader that has left ends nothing: a fit goes on, and is saved."""
    try:
        click.echo(text, err=True, color=colour)
    except BrokenPipeError:
        left(sys.stderr)


def report(diagnostics: Iterable[Diagnostic], source: Source | None) -> None:
    """Render diagnostics to stderr, an empty line after each."""
    colour = colourful(sys.stderr)
    for diagnostic in diagnostics:
        _told(render(diagnostic, source, colour=colour, width=width()) + "\n", colour)


def report_error(error: SvilangError) -> None:
    """Render all diagnostics of an error to stderr, and how many there are when there are several."""
    report(error.diagnostics, error.source)
    if error.rest:
        notice(error.rest)
    elif len(error.diagnostics) > 1:
        notice(f"{len(error.diagnostics)} problems")
