"""``svilang check``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from ..diagnostics import Diagnostic, Severity, Source, SvilangError
from . import console, exits
from .formats import FORMATS
from .options import SPECS


@click.command("check")
@SPECS
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="full", help="How diagnostics are printed.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--strict", is_flag=True, help="Warnings fail the check too.")
@click.option("--quiet", is_flag=True, help="Print diagnostics only, no count of clean files.")
def command(specs: tuple[Path, ...], form: str, as_json: bool, strict: bool, quiet: bool) -> int:
    """Check specs completely, without data.

    Exit code 0: no errors; 1: errors, or warnings under --strict.
    """
    checked = [_Checked.of(spec) for spec in specs]
    found = [(one.source, diagnostic) for one in checked for diagnostic in one.diagnostics]
    form = "json" if as_json else form
    text = FORMATS[form](found, colour=console.colourful(sys.stdout), width=console.width())
    if text:
        console.result(text)
    for one in checked:
        if one.rest and form == "full":
            console.notice(f"{one.source.name}: {one.rest}")
    errors = [diagnostic for _, diagnostic in found if diagnostic.severity is Severity.ERROR]
    if form in ("full", "concise") and not quiet:
        console.notice(_count(len(specs), len(errors), len(found) - len(errors)))
    return exits.WRONG_SPEC if errors or (strict and found) else exits.DONE


@dataclass(frozen=True)
class _Checked:
    """A spec, what is wrong with it, and a sentence about what is not listed."""

    source: Source
    diagnostics: Sequence[Diagnostic]
    rest: str = ""

    @classmethod
    def of(cls, spec: Path) -> _Checked:
        from .. import pipeline

        source = Source(str(spec), "")
        try:
            source = pipeline.read(spec)
            return cls(source, pipeline.check(source).warnings)
        except SvilangError as error:
            return cls(source, error.diagnostics, error.rest)


def _count(files: int, errors: int, warnings: int) -> str:
    def many(number: int, noun: str) -> str:
        return f"{number} {noun}{'' if number == 1 else 's'}"

    if not errors and not warnings:
        return f"{many(files, 'file')}: nothing wrong"
    return f"{many(files, 'file')}: {many(errors, 'error')}, {many(warnings, 'warning')}"
