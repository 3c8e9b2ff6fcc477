"""``svilang dump``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from . import console, tree
from .options import GUIDE, SPEC, bound

STAGES = ("ast", "ir", "plan", "jaxpr", "hlo")


@click.command("dump")
@SPEC
@click.option("--stage", type=click.Choice(STAGES), default="ir", show_default=True, help="Which stage.")
@bound
@GUIDE
def command(spec: Path, stage: str, data: Mapping[str, str], sets: Mapping[str, Any], guide: str | None) -> None:
    """Print what a stage of the compiler made of a spec.

    ast, ir and plan need no data; jaxpr and hlo show the log density of the model as an array program.
    """
    from .. import api, pipeline
    from ..ir.text import write

    if stage == "ast":
        console.result(tree.text(pipeline.parse(pipeline.read(spec))))
        return
    if stage == "plan":
        source = pipeline.read(spec)
        console.result(str(pipeline.planned(pipeline.check(source, guide), source)))
        return
    program = api.load(spec, guide=guide)
    if stage == "ir":
        optimised = pipeline.rewrite(program.checked)
        console.result(f"{write(optimised.model)}\n{write(optimised.guide)}".rstrip())
    else:
        console.result(program.bind(data, set=sets).listing(stage))
