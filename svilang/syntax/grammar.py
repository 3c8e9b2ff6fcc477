"""The parser of the grammar file, made once per process, and the reserved words.

The tables of the parser are kept between processes in the user's cache folder, under the digest of the grammar. Without
such a folder, or with a damaged file in it, they are made anew.
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import lark
import platformdirs

from .build import Builder

BLOCKS = {
    "data": "what is given",
    "model": "what is believed",
    "guide": "how the posterior is approximated",
    "fit": "how the approximation is fitted",
}
"""The words that begin a block."""

STATEMENTS = {
    "dim": "declares a dimension",
    "plate": "conditional independence over a dimension",
    "markov": "a chain along a dimension",
    "observe": "the likelihood of data",
    "report": "returns a quantity in the results",
    "factor": "adds a log-density term",
    "param": "declares an optimised parameter",
    "net": "declares a neural function",
    "extern": "declares a function from outside",
    "def": "declares a function",
    "impute": "makes the missing entries of data latent",
    "aux": "draws a guide-only variable",
    "noncentered": "reparameterises a site for the guide",
    "centered": "reparameterises a site for the guide by a degree",
    "score": "samples a discrete site with the score function",
}
"""The words that begin a statement."""

CLAUSES = {
    "then": "the step of a chain, after its start",
    "where": "keeps the entries of an observation whose mask is true",
    "weight": "scales the terms of an observation",
    "from": "names the column or the function that something comes from",
    "draw": "makes the start of a parameter a random draw",
}
"""The words inside statements."""

OPERATORS = {
    "if": "chooses between two values",
    "else": "chooses between two values",
    "and": "both are true",
    "or": "one is true",
    "not": "is not true",
    "over": "names the dimension of a list",
    "true": "the truth value",
    "false": "the truth value",
}
"""The words inside expressions."""

RESERVED = {**BLOCKS, **STATEMENTS, **CLAUSES, **OPERATORS}
"""Every word that cannot be a name, with its meaning in one line; editors colour these."""

EXTRA = ("COMMENT", "UNCLOSED_DOCSTRING", "UNCLOSED_STRING", "FOREIGN", "UNKNOWN")
"""Terminals of the grammar file that no rule uses."""


OPTIONS: dict[str, Any] = {
    "start": "file",
    "parser": "lalr",
    "lexer": "basic",
    "keep_all_tokens": True,
    "maybe_placeholders": False,
}
"""How lark reads the grammar."""


class _Keep:
    """Tells lark to keep the terminals that no rule uses."""

    always_accept = EXTRA

    def process(self, stream: Iterator[lark.Token]) -> Iterable[lark.Token]:
        return stream


def grammar_text() -> str:
    """The text of ``svilang.lark``: beside this module in a wheel, at the top of the repository otherwise."""
    here = Path(__file__).resolve()
    inside = here.with_name("svilang.lark")
    return (inside if inside.exists() else here.parents[2] / "grammar" / "svilang.lark").read_text(encoding="utf-8")


@cache
def parser() -> lark.Lark:
    """The LALR(1) parser; its callbacks build the syntax tree."""
    text = grammar_text()
    file = _cache_file(text)
    return _load(file) or _make(text, file)


def _make(text: str, file: Path) -> lark.Lark:
    made = lark.Lark(
        text,
        transformer=Builder(),
        postlex=_Keep(),  # type: ignore[arg-type]
        **OPTIONS,
    )
    _store(made, file)
    return made


def _cache_file(text: str) -> Path:
    versions = f"{lark.__version__} {sys.version_info[:2]} {EXTRA} {OPTIONS}"
    digest = sha256(f"{versions}\n{text}".encode()).hexdigest()[:16]
    return Path(platformdirs.user_cache_dir("svilang", appauthor=False)) / f"grammar-{digest}.pickle"


def _load(file: Path) -> lark.Lark | None:
    try:
        tables: dict[str, Any] = pickle.loads(file.read_bytes())
        return lark.Lark._load_from_dict(tables["data"], tables["memo"], transformer=Builder(), postlex=_Keep())
    except Exception:  # whatever is wrong with the file, the grammar itself is still there
        return None


def _store(made: lark.Lark, file: Path) -> None:
    """Write beside and rename, so that a reader never sees half a file."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.stem)
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as stream:
            made.save(stream, exclude_options=("transformer", "postlex"))
        os.replace(name, file)
    except OSError:
        Path(name).unlink(missing_ok=True)
