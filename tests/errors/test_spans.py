"""What the carets stand under, for the wrong specs that ``spans.json`` lists: code and marked text, in source order.

A spec is known by its text, with what it states: one that has changed since is passed over until
``python tests/errors/test_spans.py`` writes the list again. Read what changed in it.
"""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from corpus import MARK, said, specs

from svilang.diagnostics import Source

GOLDEN = Path(__file__).with_name("spans.json")


def marked(text):
    source, diagnostics = Source("spec.svi", text), said(text)
    columns = [source.position(max(d.span.start, 0))[1] for d in diagnostics]
    words = [text[d.span.start : d.span.end][:60] for d in diagnostics]
    return [f"{d.code} {column}: {word}" for d, column, word in zip(diagnostics, columns, words, strict=True)]


@cache
def wrong():
    texts = {case.id: case.values[0] for case in specs() if MARK.search(case.values[0])}
    return {f"{name} ({sha256(text.encode()).hexdigest()[:8]})": text for name, text in texts.items()}


@pytest.mark.parametrize(("name", "spans"), json.loads(GOLDEN.read_text()).items() if GOLDEN.exists() else [])
def test_the_carets_stand_under_the_words_that_are_wrong(name, spans):
    text = wrong().get(name)
    assert text is None or marked(text) == spans


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({name: marked(text) for name, text in wrong().items()}, indent=0, ensure_ascii=False))
