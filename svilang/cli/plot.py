"""``svilang plot``."""

from __future__ import annotations

from pathlib import Path

import click

from . import console
from .options import File


@click.command("plot")
@click.argument("path", metavar="FIT", type=File())
@click.option("--kind", type=click.Choice(("intervals", "elbo")), default="intervals", help="What is shown.")
@click.option("--site", "sites", multiple=True, metavar="NAME", help="A latent or report to show. Repeatable.")
@click.option(
    "--out",
    type=File(directory=False),
    help="The SVG file to write; without it one beside the fit, `fit.svg` for `fit.nc`.",
)
def command(path: Path, kind: str, sites: tuple[str, ...], out: Path | None) -> None:
    """Draw a saved fit as an SVG: intervals of the posterior, or the ELBO over the steps."""
    from .. import pipeline
    from ..results import expect, figures, load

    fit = load(path)
    target = path.with_suffix(".svg") if out is None else out
    expect(target, b"<svg")
    drawn = figures.elbo(fit.losses) if kind == "elbo" else figures.intervals(fit.rows_of(sites))
    if not drawn:
        console.notice(f"note: the fit has nothing to show as {kind}")
        return
    pipeline.write(target, f"{drawn}\n")
    console.result(f"Written to {target}.")
