"""The cases in ``*.svi`` beside this file, what they state, and what the compiler says of a text.

A file holds many specs, each after a line ``# === a sentence about it``. A spec states what is wrong with it,
``#! E0402 "must be positive"``, on the line where the caret points.
"""

import re
from functools import cache
from pathlib import Path

import pytest

from svilang import pipeline
from svilang.diagnostics import Source, SvilangError

HERE = Path(__file__).parent
MARK = re.compile(r'#! (?P<code>[EW]\d{4})(?: "(?P<text>[^"]*)")?')


def specs():
    for path in sorted(HERE.glob("*.svi")):
        title, lines = None, []
        for line in [*path.read_text(encoding="utf-8").splitlines(), "# === "]:
            if line.startswith("# === "):
                if title is not None:
                    yield pytest.param("\n".join(lines).rstrip("\n") + "\n", id=f"{path.stem}: {title}")
                title, lines = line[6:], []
            else:
                lines.append(line)


def stated(text):
    return sorted(
        (number, mark["code"], mark["text"] or "")
        for number, line in enumerate(text.splitlines(), 1)
        for mark in MARK.finditer(line)
    )


@cache
def said(text):
    """All that the compiler says, once for all tests that read it."""
    try:
        return tuple(pipeline.check(Source("spec.svi", text)).warnings)
    except SvilangError as error:
        return tuple(error.diagnostics)


def reported(text):
    """Line, code and message of all that the compiler says."""
    source, diagnostics = Source("spec.svi", text), said(text)
    return sorted((source.position(max(d.span.start, 0))[0], d.code, d.message) for d in diagnostics)
