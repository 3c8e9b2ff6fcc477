"""``svilang fmt``."""

from __future__ import annotations

from pathlib import Path

import click

from ..diagnostics import SvilangError
from . import console, exits
from .options import SPECS


@click.command("fmt")
@SPECS
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit code 1 if a file would change.")
def command(specs: tuple[Path, ...], only_check: bool) -> int:
    """Rewrite specs in the one canonical layout."""
    from .. import pipeline

    code = exits.DONE
    for spec in specs:
        try:
            source = pipeline.read(spec)
            layout = pipeline.layout(source)
        except SvilangError as error:
            console.report_error(error)
            code = exits.WRONG_SPEC
            continue
        if layout == source.text:
            continue
        if only_check:
            console.result(f"{spec} would change")
            code = exits.WRONG_SPEC
        else:
            pipeline.write(spec, layout)
            console.notice(f"{spec} changed")
    return code
