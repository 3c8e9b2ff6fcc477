"""``svilang summary``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from . import console
from .options import File


@click.command("summary")
@click.argument("path", metavar="FIT", type=File())
@click.option("--all", "everything", is_flag=True, help="Every row of the table.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as from `run --json`.")
def command(path: Path, everything: bool, as_json: bool) -> None:
    """Print the tables of a saved fit."""
    from ..results import load
    from . import report

    fit = load(path)
    if as_json:
        console.result(report.record(fit))
    else:
        rich = console.colourful(sys.stdout)
        console.result(report.text(fit, everything=everything, rich=rich, width=console.width()))
