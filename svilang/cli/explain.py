"""``svilang explain``."""

from __future__ import annotations

import textwrap
from pathlib import Path

import click

from ..diagnostics.page import Page
from ..results import errors
from . import console
from .options import GUIDE


@click.command("explain")
@click.argument("what", metavar="SPEC|CODE")
@GUIDE
def command(what: str, guide: str | None) -> None:
    """Tell how each latent variable of a spec is treated and why, or more about a code such as E0207."""
    from .. import pipeline

    if Path(what).suffix == ".svi" or Path(what).is_file():
        source = pipeline.read(what)
        console.result(str(pipeline.planned(pipeline.check(source, guide), source)))
        return
    code, pages = what, pipeline.pages()
    page = pages.get(code.upper())
    if page is None:
        raise errors.no_code(code, pages)
    console.result(_text(code.upper(), page))


def _text(code: str, page: Page) -> str:
    parts = [f"{code}: {page.title}", textwrap.fill(page.explanation, min(console.width(), 100))]
    if page.wrong:
        parts.append("For example:\n\n" + textwrap.indent(page.wrong.strip("\n"), "  "))
    if page.right:
        parts.append("Instead:\n\n" + textwrap.indent(page.right.strip("\n"), "  "))
    return "\n\n".join(parts)
