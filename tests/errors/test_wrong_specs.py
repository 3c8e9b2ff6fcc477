"""Wrong specs state what is wrong with them: ``#! E0402 "must be positive"`` on the line where the caret points.

A file holds many specs, each after a line ``# === a sentence about it``. What the compiler reports must be exactly what
the specs state: the codes, the lines, and for each a piece of the message. ``W`` codes are stated in the same way, and a
spec without any mark must pass.
"""

import re
from pathlib import Path

import pytest

from svilang.diagnostics import Source, SvilangError
from svilang.sema import analyse
from svilang.syntax import parse

HERE = Path(__file__).parent
MARK = re.compile(r'#! (?P<code>[EW]\d{4})(?: "(?P<text>[^"]*)")?')


def specs():
    for path in sorted(HERE.glob("*.svi")):
        title, lines = None, []
        for line in [*path.read_text(encoding="utf-8").splitlines(), "# === "]:
            if line.startswith("# === "):
                if title is not None:
                    yield pytest.param("\n".join(lines) + "\n", id=f"{path.stem}: {title}")
                title, lines = line[6:], []
            else:
                lines.append(line)


def expected(text):
    return sorted(
        (number, mark["code"], mark["text"] or "")
        for number, line in enumerate(text.splitlines(), 1)
        for mark in MARK.finditer(line)
    )


def found(text):
    source = Source("spec.svi", text)
    try:
        diagnostics = analyse(parse(source), source).warnings
    except SvilangError as error:
        diagnostics = error.diagnostics
    return sorted((source.position(max(d.span.start, 0))[0], d.code, d.message) for d in diagnostics)


@pytest.mark.parametrize("text", list(specs()))
def test_a_wrong_spec_is_refused_for_the_reason_it_states(text):
    stated, reported = expected(text), found(text)
    assert [(line, code) for line, code, _ in reported] == [(line, code) for line, code, _ in stated], reported
    for (_, _, piece), (_, _, message) in zip(stated, reported, strict=True):
        assert piece in message, message
