"""The manual has a section for each rule of the grammar, and for nothing else."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMELESS = {"ARROW", "LESS_OR_EQUAL", "MORE_OR_EQUAL", "SAME", "DIFFERENT"}
"""Terminals that only give a sign a name for messages."""


def rules():
    grammar = (ROOT / "grammar" / "svilang.lark").read_text(encoding="utf-8")
    language = grammar.split("6. What is not in the language")[0]
    return set(re.findall(r"^\??([A-Za-z]\w*)(?:\.-?\d+)?:", language, re.M)) - NAMELESS


def sections():
    headings = re.findall(r"^#+ (.*)$", (ROOT / "docs" / "language.md").read_text(encoding="utf-8"), re.M)
    return [name for heading in headings for name in re.findall(r"`(\w+)`", heading)]


def test_every_rule_of_the_grammar_has_a_section():
    assert len(rules()) > 50
    assert rules() - set(sections()) == set()


def test_every_section_is_a_rule_and_stands_once():
    found = sections()
    assert set(found) - rules() == set()
    assert len(found) == len(set(found))
