"""Mistakes at the level of the file: docstring, blocks, what stands outside of them."""

from __future__ import annotations

from ...diagnostics import Diagnostic, Note, nearest
from ..finding import Finding, missing, put, shown, wrong
from ..grammar import BLOCKS
from ..scan import span_of
from ..situation import Situation

_STAN_BLOCKS = {
    "parameters": "a latent variable is declared where it is drawn, by `x ~ D(…)` in `model`",
    "transformed": "a quantity is defined where it is needed, by `x = …` in `model`",
    "generated": "a quantity of the results is written `report x = …` or `report x ~ D(…)` in `model`",
    "functions": "a function is written `def f(x) = …` in `model`",
}


def docstring(here: Situation) -> Finding | None:
    """A docstring below the top of the file."""
    if here.kind != "DOCSTRING":
        return None
    return wrong(
        here,
        "E0125",
        "a docstring stands at the top of the file, before all blocks; elsewhere write `# …`",
        put(skip=1),
    )


def empty(here: Situation) -> Finding | None:
    """No block at all."""
    if here.kind != "$END" or here.braces or "MODEL" not in here.expected:
        return None
    return missing(here, "E0121", "the file holds no block: a spec needs at least `model { … }`")


def unclosed_block(here: Situation) -> Finding | None:
    """The file ends, or the next block begins, and a body is open."""
    if not here.braces or here.brackets or not here.begins or not (here.kind == "$END" or here.opens_block()):
        return None
    word, brace = here.opener
    before = "" if here.kind == "$END" else f" before `{here.token}`"
    message = f"the `{{` of `{word}` is not closed{before}: `}}` is missing"
    closing = ("RBRACE",) * len(here.braces)
    return missing(here, "E0109", message, put(*closing), note=Note("opened here", span_of(word).to(span_of(brace))))


def outside(here: Situation) -> Finding | None:
    """Something between the blocks, or a block that there is not."""
    if here.braces or "MODEL" not in here.expected:
        return None
    if here.kind == "RBRACE":
        return wrong(here, "E0110", "this `}` closes nothing: all blocks before it are closed", put(skip=1))
    if here.kind == "NAME" and (here.following.type == "LBRACE" or here.token in {"transformed", "generated"}):
        close = nearest(here.token, BLOCKS, 1)
        repair = put(close[0].upper(), skip=1) if close and here.following.type == "LBRACE" else None
        message = f"there is no block `{here.token}`: the blocks are `data`, `model`, `guide` and `fit`"
        help = f"did you mean `{close[0]}`?" if close else _STAN_BLOCKS.get(here.token)
        return wrong(here, "E0111", message, repair, help)
    if here.token in BLOCKS:
        message = f"`{{` is missing after `{here.token}`: what belongs to a block stands in braces"
        return Finding(Diagnostic("E0115", message, span_of(here.following)))
    closed = here.previous is not None and here.previous.type == "RBRACE"
    message = f"{shown(here.token)} stands outside of the blocks `data`, `model`, `guide` and `fit`"
    found = Diagnostic("E0111", message, span_of(here.token))
    if closed and here.previous is not None:
        found = Diagnostic(
            "E0111", message, found.span, (Note("the block before is closed here", span_of(here.previous)),)
        )
    return Finding(found)
