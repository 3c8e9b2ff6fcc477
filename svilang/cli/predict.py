"""``svilang predict``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from . import console
from .options import File, bound, drawing


@click.command("predict")
@click.argument("path", metavar="FIT", type=File())
@bound
@click.option("--new", "apart", multiple=True, metavar="DIM", help="DIM has other members than in the fit. Repeatable.")
@drawing
def command(
    path: Path,
    data: Mapping[str, str],
    sets: Mapping[str, Any],
    apart: tuple[str, ...],
    draws: int | None,
    seed: int | None,
    out: Path | None,
    everything: bool,
    as_json: bool,
) -> None:
    """Draw new observations from a saved fit, for its own data or for other data.

    What was fitted is kept for members with the same labels; latents of new members are drawn from the model. Outcomes
    need not be in the new data.
    """
    from .. import api
    from ..results import errors
    from . import drawn

    fit = api.load_fit(path)
    if out is not None and out.exists() and out.samefile(path):
        raise errors.would_be_lost(out)
    prediction = fit.predict(dict(data) or None, draws=draws, seed=seed, set=sets, new=apart)
    groups = [name for name in prediction.groups if name != "posterior"]
    drawn.show(prediction, groups, out, everything=everything, as_json=as_json)
    if not as_json and out is None:
        console.notice("The draws were not saved: --out predictions.nc saves them.")
