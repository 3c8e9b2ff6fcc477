"""``svilang simulate``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from . import console
from .options import SPEC, File, bound


@click.command("simulate")
@SPEC
@bound
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all noise.")
@click.option("--out", type=File(directory=True), required=True, help="Write the files here.")
def command(spec: Path, data: Mapping[str, str], sets: Mapping[str, Any], seed: int, out: Path) -> None:
    """Draw a data set from the model itself, so that a spec can run before there is data.

    Writes data.json, for `run --data`, and truth.json with the latents it came from. Give the sizes of dimensions
    with --set.
    """
    from .. import api

    simulation = api.load(spec).simulate(sets, dict(data) or None, seed=seed)
    path = simulation.save(out)
    for note in simulation.notes:
        console.notice(f"note: {note}")
    settings = "".join(f" --set {name}={value}" for name, value in sets.items())
    console.result(f"Drew {', '.join(simulation.data)}.\nNext: svilang run {spec} --data {path}{settings}")
