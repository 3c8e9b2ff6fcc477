"""``svilang run``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..diagnostics import SvilangError
from ..results.progress import MODES, Mode
from . import console, exits
from .options import GUIDE, SPEC, File, assignments, bound, counts, texts


@click.command("run")
@SPEC
@bound
@GUIDE
@click.option("--allow-extern", is_flag=True, help="Import the extern functions that the spec names: this runs code.")
@click.option("--steps", type=click.IntRange(min=1), help="At most so many steps, instead of the spec's number.")
@click.option("--seed", type=click.IntRange(min=0), help="Of all noise, instead of the spec's.")
@click.option("--starts", type=click.IntRange(min=1), help="Fits from so many starting points; the best is kept.")
@click.option("--objective", metavar="CALL", help="The bound, instead of the spec's: `elbo(anneal=2000)`.")
@click.option(
    "--minibatch",
    multiple=True,
    metavar="DIM=N",
    callback=counts,
    help="How many members of a dimension a step sees, instead of the spec's numbers. Repeatable.",
)
@click.option(
    "--init",
    multiple=True,
    metavar="NAME=VALUE",
    callback=assignments,
    help="Where the search for the start begins for a latent, instead of the spec's values. Repeatable.",
)
@click.option(
    "--fit",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=texts,
    help="Another setting of the fit block, as it writes it: `--fit particles=8`. Repeatable.",
)
@click.option("--resume", metavar="FIT", type=File(), help="Go on with the fit of this file.")
@click.option("--out", type=File(directory=False), help="Save the fit to this netCDF file.")
@click.option("--log-likelihood", is_flag=True, help="Save the log density of each observation at each draw too.")
@click.option("--all", "everything", is_flag=True, help="Every row of the table.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.option("--progress", type=click.Choice(MODES), default="auto", help="How progress is shown.")
@click.option("--quiet", is_flag=True, help="No progress and no warnings on stderr.")
@click.option("--verbose", is_flag=True, help="Say more about the data and about failures.")
@click.option("--strict", is_flag=True, help="Exit code 4 if the fit has not converged or k-hat is 0.7 or more.")
def command(
    spec: Path,
    data: Mapping[str, str],
    sets: Mapping[str, Any],
    guide: str | None,
    allow_extern: bool,
    steps: int | None,
    seed: int | None,
    starts: int | None,
    objective: str | None,
    minibatch: Mapping[str, int],
    init: Mapping[str, Any],
    settings: Mapping[str, str],
    resume: Path | None,
    out: Path | None,
    log_likelihood: bool,
    everything: bool,
    as_json: bool,
    progress: Mode,
    quiet: bool,
    verbose: bool,
    strict: bool,
) -> int:
    """Check a spec, bind its data, fit it, and print the posterior."""
    from .. import api
    from ..lazy import ahead
    from ..results import expect
    from . import report

    if out is not None:
        expect(out)
    program = api.load(spec, guide=guide, allow_extern=allow_extern)
    if not quiet:
        console.report(program.warnings, program.source)
    model = program.bind(data, set=sets)
    if not quiet:
        console.report(model.warnings, program.source)
    ahead("arviz_stats.base")  # k-hat needs it after the fit
    fit = model.fit(
        seed=seed,
        steps=steps,
        starts=starts,
        objective=objective,
        minibatch=minibatch or None,
        init=init or None,
        settings=settings,
        resume=None if resume is None else api.load_fit(resume),
        progress="none" if quiet else progress,
    )
    if not quiet:
        console.report(fit.warnings[len(program.warnings) + len(model.warnings) :], program.source)
    if verbose:
        for note in fit.notes:
            console.notice(f"note: {note}")
    failed: SvilangError | None = None
    if out is not None:
        try:
            fit.save(out, log_likelihood=log_likelihood)
        except SvilangError as error:  # what took long is shown all the same
            failed = error
    if as_json:
        console.result(report.record(fit, data))
    else:
        rich = console.colourful(sys.stdout)
        console.result(report.text(fit, everything=everything, rich=rich, width=console.width()))
        console.result("\n" + _saved(None if failed else out))
    if failed is not None:
        raise failed
    if fit.status == "interrupted":
        if out is not None:
            console.notice(f"interrupted; the same command with `--resume {out}` goes on from there")
        return exits.INTERRUPTED
    return exits.POOR_FIT if strict and not fit.verdict.good else exits.DONE


def _saved(out: Path | None) -> str:
    if out is None:
        return "The fit was not saved: --out fit.nc saves it."
    return f"Saved to {out}: `svilang summary {out}`, or in Python `xarray.open_datatree({str(out)!r})`."
