import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Keyword, Name, Number, String, Token

from svilang.catalog.distributions import DISTRIBUTIONS
from svilang.editor.lexer import SvilangLexer
from svilang.editor.textmate import grammar
from svilang.syntax.grammar import RESERVED

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*/*.svi"))


def test_pygments_finds_the_lexer_by_name_and_by_file():
    assert type(get_lexer_by_name("svi")).__name__ == "SvilangLexer"
    assert type(get_lexer_for_filename("a.svi")).__name__ == "SvilangLexer"


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_pieces_of_a_spec_are_the_spec_and_none_is_an_error(path):
    text = path.read_text(encoding="utf-8")
    pieces = list(SvilangLexer().get_tokens_unprocessed(text))
    assert "".join(piece for _, _, piece in pieces) == text
    assert all(text.startswith(piece, start) for start, _, piece in pieces)
    assert Token.Error not in {colour for _, colour, _ in pieces}


def test_words_have_the_colour_of_what_they_are():
    text = 'model { a: positive ~ Normal(exp(b), 2) # hi\n} data "x.csv" { lower: real }'
    colours = {piece: colour for _, colour, piece in SvilangLexer().get_tokens_unprocessed(text)}
    assert colours["model"] is Keyword.Namespace
    assert colours["positive"] is Keyword.Type
    assert colours["Normal"] is Name.Class
    assert colours["exp"] is Name.Builtin
    assert colours["2"] is Number
    assert colours["# hi"] is Comment.Single
    assert colours['"x.csv"'] is String.Double
    assert colours["lower"] is Name


def test_a_broken_text_is_coloured_whole():
    text = 'model { a ~ Normal(0, "abc\n ; €'
    pieces = list(SvilangLexer().get_tokens_unprocessed(text))
    assert "".join(piece for _, _, piece in pieces) == text
    assert (text.index(";"), Token.Error, ";") in pieces


def scopes(line):
    """The scope of each match of the grammar in a line, the first pattern that matches first at a place."""
    found, at = {}, 0
    patterns = [p for p in grammar()["patterns"] if "match" in p]
    while at < len(line):
        matches = [(m.start(), i, m) for i, p in enumerate(patterns) if (m := re.compile(p["match"]).search(line, at))]
        if not matches:
            return found
        _, i, match = min(matches[:], key=lambda item: item[:2])
        found[match[0]] = patterns[i].get("name", "captures")
        at = max(match.end(), at + 1)
    return found


def test_the_textmate_grammar_gives_words_their_scopes():
    line = "  observe y ~ Normal(exp(eta), scale=2.5) where not m # why"
    assert scopes(line) == {
        "observe": "keyword.other.svi",
        "~": "keyword.operator.svi",
        "Normal": "support.class.distribution.svi",
        "exp": "support.function.svi",
        "scale": "variable.parameter.argument.svi",
        "=": "keyword.operator.svi",
        "2.5": "constant.numeric.svi",
        "where": "keyword.other.svi",
        "not": "keyword.operator.word.svi",
        "# why": "comment.line.number-sign.svi",
    }


def test_the_textmate_grammar_knows_every_reserved_word_and_every_distribution():
    for word in RESERVED:
        assert scopes(f"a {word} b")[word].split(".")[0] in ("keyword", "constant"), word
    for name in DISTRIBUTIONS:
        assert scopes(f"x ~ {name}(1)")[name] == "support.class.distribution.svi", name


def test_a_word_of_the_language_is_coloured_as_a_name_where_it_is_one():
    line = "  observe score ~ Normal(beta * weight, factor) where plate > 3"
    seen = scopes(line)
    assert seen["observe"] == seen["where"] == "keyword.other.svi"
    assert not {"score", "weight", "factor", "plate"} & set(seen)
    assert "plate" not in scopes("  plate: plate[well]")
    assert "score" not in scopes("  plate score { factor ~ Normal(0, 1) }")
    colours = {text: colour for _, colour, text in SvilangLexer().get_tokens_unprocessed(f"model {{ {line} }}")}
    assert colours["observe"] in Keyword
    assert {colours[name] for name in ("score", "weight", "factor", "plate")} == {Name}


def test_the_command_prints_the_textmate_grammar():
    ended = subprocess.run([sys.executable, "-m", "svilang", "lsp", "--textmate"], capture_output=True, text=True)
    assert json.loads(ended.stdout)["scopeName"] == "source.svi"
