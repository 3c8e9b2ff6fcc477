"""``svilang lsp``."""

from __future__ import annotations

import json

import click

from . import console


@click.command("lsp")
@click.option("--textmate", is_flag=True, help="Print a TextMate grammar of the language instead, as JSON.")
def command(textmate: bool) -> None:
    """Serve an editor over standard input and output, by the language server protocol.

    Editors start it themselves. It needs the package pygls: pip install "svilang[lsp]".
    """
    if textmate:
        from ..editor.textmate import grammar

        console.result(json.dumps(grammar(), indent=2, ensure_ascii=False))
        return
    try:
        from ..editor.server import server
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise click.ClickException('the package `pygls` is not installed: pip install "svilang[lsp]"') from None
    server().start_io()
