"""``svilang report``."""

from __future__ import annotations

from pathlib import Path

import click

from . import console
from .options import File


@click.command("report")
@click.argument("path", metavar="FIT", type=File())
@click.option(
    "--out",
    type=File(directory=False),
    help="The page to write; without it one beside the fit, `fit.html` for `fit.nc`.",
)
def command(path: Path, out: Path | None) -> None:
    """Write a saved fit as one HTML page: verdict, figures, tables, the spec, and how it was made."""
    from .. import pipeline
    from ..results import expect, load
    from ..results.page import page

    fit = load(path)
    target = path.with_suffix(".html") if out is None else out
    expect(target, b"<!doctype html")
    pipeline.write(target, page(fit))
    console.result(f"Written to {target}.")
