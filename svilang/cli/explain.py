"""``svilang explain``."""

from __future__ import annotations

import textwrap

import click

from ..diagnostics.page import Page
from ..results import errors
from . import console


@click.command("explain")
@click.argument("code")
def command(code: str) -> None:
    """Tell more about the code of an error or a warning, such as E0207."""
    from .. import pipeline

    pages = pipeline.pages()
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
