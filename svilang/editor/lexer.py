"""Specs in colour for Pygments, and for what builds on it: rich, Sphinx, MkDocs, ``pygmentize``.

The words are cut by the language's own lexer, so that no second grammar can go astray.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from lark import Token as Word
from pygments.lexer import Lexer
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, Token, Whitespace
from pygments.token import _TokenType as Colour  # pyright: ignore[reportPrivateUsage]

from ..catalog.distributions import COMBINATORS, DISTRIBUTIONS
from ..catalog.functions import FUNCTIONS
from ..runtime.guides import FAMILIES
from ..syntax.contextual import contextual
from ..syntax.grammar import BLOCKS, CLAUSES, OPERATORS, STATEMENTS, parser
from ..types import KINDS

_PUNCTUATION = frozenset(
    {"LBRACE", "RBRACE", "LPAR", "RPAR", "LSQB", "RSQB", "COMMA", "COLON", "DOT", "ARROW", "QMARK"}
)
_COLOURS: dict[str, Colour] = {
    **dict.fromkeys([word.upper() for word in BLOCKS], Keyword.Namespace),
    **dict.fromkeys([word.upper() for word in (*STATEMENTS, *CLAUSES)], Keyword),
    **dict.fromkeys([word.upper() for word in OPERATORS], Operator.Word),
    **dict.fromkeys(["TRUE", "FALSE"], Keyword.Constant),
    **dict.fromkeys(["LBRACE", "RBRACE", "LPAR", "RPAR", "LSQB", "RSQB"], Punctuation),
    **dict.fromkeys(["COMMA", "COLON", "DOT", "ARROW", "QMARK"], Punctuation),
    **dict.fromkeys(["UNCLOSED_STRING", "FOREIGN", "UNKNOWN"], Token.Error),
    **dict.fromkeys(["DOCSTRING", "UNCLOSED_DOCSTRING"], String.Doc),
    "COMMENT": Comment.Single,
    "NUMBER": Number,
    "STRING": String.Double,
}


class SvilangLexer(Lexer):
    """The lexer; found by the names ``svi`` and ``svilang``, and for files ``*.svi``."""

    name = "svilang"
    aliases: ClassVar[Sequence[str]] = (
        "svi",
        "svilang",
    )
    filenames: ClassVar[Sequence[str]] = ("*.svi",)
    mimetypes: ClassVar[Sequence[str]] = ("text/x-svilang",)
    url = ""

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, Colour, str]]:
        """Offsets, colours and pieces of a text; joined, the pieces are the text."""
        words = _with_comments(list(parser().lex(text)))
        end = 0
        for i, word in enumerate(words):
            start = word.start_pos or 0
            if start > end:
                yield end, _gap(text[end:start]), text[end:start]
            end = word.end_pos or 0
            before = words[i - 1].type if i else ""
            yield start, _colour(word, before, words[i + 1].type if i + 1 < len(words) else ""), text[start:end]
        if end < len(text):
            yield end, _gap(text[end:]), text[end:]


def _with_comments(words: Sequence[Word]) -> list[Word]:
    """The words of a text, with those made names that stand as names; comments do not count."""
    code = iter(contextual([word for word in words if word.type != "COMMENT"]))
    return [word if word.type == "COMMENT" else next(code) for word in words]


def _gap(text: str) -> Colour:
    return Whitespace if text.isspace() else Text


def _colour(word: Word, before: str, following: str) -> Colour:
    """The colour of a word; a name has that of its table where it stands as one."""
    if word.type != "NAME":
        return _COLOURS.get(word.type, Operator)
    if before in ("COLON", "ARROW") and word in KINDS:
        return Keyword.Type
    if word in DISTRIBUTIONS or word in COMBINATORS:
        return Name.Class
    if before in ("TILDE", "EQUAL") and word in FAMILIES:
        return Name.Class
    if following == "LPAR":
        return Name.Builtin if word in FUNCTIONS else Name.Function
    return Name
