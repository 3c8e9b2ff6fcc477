"""Where text goes: results to stdout, everything else to stderr, colour only where someone looks."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from typing import TextIO

import click

from ..diagnostics import Diagnostic, Source, SvilangError, render


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
    click.echo(text, err=True)


def report(diagnostics: Iterable[Diagnostic], source: Source | None) -> None:
    """Render diagnostics to stderr, an empty line after each."""
    colour = colourful(sys.stderr)
    for diagnostic in diagnostics:
        click.echo(render(diagnostic, source, colour=colour, width=width()) + "\n", err=True, color=colour)


def report_error(error: SvilangError) -> None:
    """Render all diagnostics of an error to stderr, and how many there are when there are several."""
    report(error.diagnostics, error.source)
    if error.rest:
        notice(error.rest)
    elif len(error.diagnostics) > 1:
        notice(f"{len(error.diagnostics)} problems")
