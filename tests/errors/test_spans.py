"""What the carets stand under, for the wrong specs that ``spans.json`` lists: code, place and marked text, in source
order.

A spec is known by its text, with what it states: one that has changed since is passed over until
``python tests/errors/test_spans.py`` writes the list again. Read what changed in it.
"""

import json
import re
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from corpus import MARK, said, specs

from svilang.diagnostics import Source, Span

GOLDEN = Path(__file__).with_name("spans.json")


def marked(text, diagnostics):
    source = Source("spec.svi", text)
    found = []
    for d in diagnostics:
        line, column = source.position(max(d.span.start, 0))
        words = text[max(d.span.start, 0) : max(d.span.end, 0)]
        found.append(f"{d.code} {line}:{column}: {words if len(words) <= 60 else f'{words[:40]} … {words[-17:]}'}")
    return found


@cache
def wrong():
    texts = {case.id: case.values[0] for case in specs() if MARK.search(case.values[0])}
    return {f"{name} ({sha256(text.encode()).hexdigest()[:8]})": text for name, text in texts.items()}


@cache
def golden():
    return json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}


@pytest.mark.parametrize(("name", "spans"), golden().items())
def test_the_carets_stand_under_the_words_that_are_wrong(name, spans):
    text = wrong().get(name)
    assert text is None or marked(text, said(text)) == spans


# --- planted faults ---------------------------------------------------------------------------------------------------


def one_column_right(text, span):
    return Span(span.start + 1, span.end + 1)


def one_line_down(text, span):
    by = text.index("\n", span.start) + 1 - text.rfind("\n", 0, span.start) - 1
    return Span(span.start + by, span.end + by)


def one_character_short(text, span):
    return Span(span.start, span.end - 1)


def the_whole_line(text, span):
    return Span(text.rfind("\n", 0, span.start) + 1, text.index("\n", span.start))


def the_name_before(text, span):
    names = [name.span() for name in re.finditer(r"\w+", text[: span.start])]
    return Span(*names[-1]) if names else span


PLANTED = {
    "E0201": the_name_before,
    "E0202": one_line_down,
    "E0301": one_character_short,
    "E0402": one_column_right,
    "E0405": the_whole_line,
}


@pytest.mark.parametrize("code", PLANTED)
def test_a_caret_in_the_wrong_place_is_noticed_wherever_it_is_planted(code):
    missed, planted = [], 0
    for name, spans in golden().items():
        text = wrong().get(name)
        if text is None or not any(one.startswith(code) for one in spans):
            continue
        right = said(text)
        moved = [replace(d, span=PLANTED[code](text, d.span)) if d.code == code else d for d in right]
        if moved != list(right):
            planted += 1
            missed += [name] if marked(text, moved) == spans else []
    assert planted > 2
    assert not missed


if __name__ == "__main__":
    found = {name: marked(text, said(text)) for name, text in wrong().items()}
    GOLDEN.write_text(json.dumps(found, indent=0, ensure_ascii=False))
