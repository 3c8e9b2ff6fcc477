"""What every message and help of the corpus keeps to: words of the field, and the width of the terminal."""

import re

import pytest
from corpus import said, specs

from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS
from svilang.diagnostics import Source, render
from svilang.pipeline import pages

QUOTED = re.compile(r"`[^`]*`")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PYTHON = re.compile(r"\b[A-Z][a-z0-9]+[A-Z]\w*|\bNone\b|\bTrue\b|\bFalse\b|\w+\.\w+\(|<class|object at 0x|Error\b")
UNWANTED = re.compile(r"\baxis\b|\baxes\b|\binvalid\b", re.IGNORECASE)
LAWS = {*DISTRIBUTIONS, *COMBINATORS}


def texts():
    wrong = [(code, page.wrong) for code, page in pages().items() if code[2] in "1246" or code[1:3] == "03"]
    return [*(case.values[0] for case in specs()), *(text for _, text in wrong)]


@pytest.fixture(scope="module")
def diagnostics():
    return [(Source("spec.svi", text), each) for text in texts() for each in said(text)]


def test_no_message_names_a_class_or_an_axis_or_says_invalid(diagnostics):
    for _, each in diagnostics:
        for text in (each.message, each.help or "", *(note.message for note in each.notes)):
            bare, own = QUOTED.sub("", text), set(re.findall(r"\w+", " ".join(QUOTED.findall(text))))
            assert not {word for word in UNWANTED.findall(bare) if word not in own}, text
            assert {word for word in PYTHON.findall(bare)} <= LAWS, text


def test_every_message_fits_into_80_columns_and_colour_changes_no_letter(diagnostics):
    for source, each in diagnostics:
        plain = render(each, source, width=80)
        assert max(map(len, plain.splitlines())) <= 80, plain
        assert COLOUR.sub("", render(each, source, width=80, colour=True)) == plain


def test_a_message_says_its_sentence_without_a_stop(diagnostics):
    for _, each in diagnostics:
        assert each.message[-1] not in ".!", each.message
        assert each.message.count("`") % 2 == 0, each.message
        assert (each.help or "").count("`") % 2 == 0, each.help
