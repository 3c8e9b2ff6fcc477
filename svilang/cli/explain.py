"""``svilang explain``."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..diagnostics import SvilangError
from ..diagnostics.page import Page
from ..results import errors
from . import console
from .options import GUIDE, bound

if TYPE_CHECKING:
    from ..api import Program
    from ..data import Bound


@click.command("explain")
@click.argument("what", metavar="SPEC|CODE")
@bound
@GUIDE
def command(what: str, data: Mapping[str, str], sets: Mapping[str, Any], guide: str | None) -> None:
    """Tell how each latent variable of a spec is treated and why, or more about a code such as E0207.

    What sums over discrete variables cost is told in numbers where the data are there.
    """
    from .. import api, pipeline

    if Path(what).suffix == ".svi" or Path(what).is_file():
        program = api.load(what, guide=guide)
        console.result(str(pipeline.planned(program.checked, program.source, _sizes(program, data, sets))))
        return
    code, pages = what, pipeline.pages()
    page = pages.get(code.upper())
    if page is None:
        raise errors.no_code(code, pages)
    console.result(_text(code.upper(), page))


def _sizes(program: Program, data: Mapping[str, str], sets: Mapping[str, Any]) -> Bound | None:
    """The spec with its data; ``None`` where none are named and those that it names are not there."""
    try:
        return program.bind(data, set=sets).bound
    except SvilangError:
        if data or sets:
            raise
        return None


def _text(code: str, page: Page) -> str:
    parts = [f"{code}: {page.title}", textwrap.fill(page.explanation, min(console.width(), 80))]
    if page.wrong:
        parts.append("For example:\n\n" + textwrap.indent(page.wrong.strip("\n"), "  "))
    if page.right:
        parts.append("Instead:\n\n" + textwrap.indent(page.right.strip("\n"), "  "))
    return "\n\n".join(parts)
