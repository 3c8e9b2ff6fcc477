"""``svilang graph``."""

from __future__ import annotations

from pathlib import Path

import click

from . import console
from .options import SPEC


@click.command("graph")
@SPEC
@click.option("--form", type=click.Choice(("mermaid", "dot")), default="mermaid", show_default=True, help="Language.")
def command(spec: Path, form: str) -> None:
    """Print the plate diagram of a model as text.

    Circles are continuous, boxes discrete, grey is given. Mermaid is drawn by GitHub and many editors; for Graphviz:
    svilang graph --form dot SPEC | dot -Tsvg -o model.svg
    """
    from .. import pipeline
    from ..plan.graph import FORMS, graph

    checked = pipeline.check(pipeline.read(spec))
    console.result(FORMS[form](graph(checked.model)))
