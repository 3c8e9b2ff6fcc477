"""``svilang prior``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from . import console
from .options import SPEC, bound, drawing


@click.command("prior")
@SPEC
@bound
@drawing
def command(
    spec: Path,
    data: Mapping[str, str],
    sets: Mapping[str, Any],
    draws: int | None,
    seed: int | None,
    out: Path | None,
    everything: bool,
    as_json: bool,
) -> None:
    """Draw latents, reports and observations from a model, before any outcome is seen.

    Covariates and sizes must be given; outcomes need not.
    """
    from .. import api
    from . import drawn

    prediction = api.load(spec).prior(dict(data) or None, set=sets, draws=draws or 1000, seed=seed or 0)
    drawn.show(prediction, list(prediction.groups), out, everything=everything, as_json=as_json)
    if not as_json and out is None:
        console.notice("The draws were not saved: --out prior.nc saves them.")
