"""Reserved words where a name stands."""

from __future__ import annotations

from lark import Token

from ..finding import Finding, Repair, put, wrong
from ..grammar import CLAUSES, RESERVED
from ..situation import BLOCK_WORDS, OPERATORS, STATEMENT_WORDS, Situation

_AFTER_A_NAME = OPERATORS | {"TILDE", "EQUAL", "COLON", "COMMA", "RPAR", "RSQB", "LSQB", "RBRACE", "$END"}
_CLAUSE_WORDS = frozenset(word.upper() for word in CLAUSES)


def _reserved(token: Token, repair: Repair) -> Finding:
    message = f"`{token}` is a reserved word and cannot be a name"
    return wrong(token, "E0106", message, repair, f'choose another name; a data column is reached by `from "{token}"`')


def reserved_here(here: Situation) -> Finding | None:
    """A reserved word where a name must or may stand."""
    if here.token not in RESERVED or "NAME" not in here.expected:
        return None
    follows = here.following.type in _AFTER_A_NAME and here.following.type != "$END"
    if here.begins:
        new_name = here.following.type in {"TILDE", "EQUAL", "COLON", "COMMA"}
        return _reserved(here.token, put("NAME", skip=1)) if new_name and not here.opens_block() else None
    if here.kind not in BLOCK_WORDS | STATEMENT_WORDS | _CLAUSE_WORDS and here.wants_expression:
        return None
    if here.new_line and (not follows or here.opens_block()):
        return None
    return _reserved(here.token, put("NAME", skip=1))


def reserved_before(here: Situation) -> Finding | None:
    """``score = 3``: the word began a statement, and was meant as a name."""
    word = here.top()
    if word is None or word is not here.previous or word.type not in BLOCK_WORDS | STATEMENT_WORDS or not here.braces:
        return None
    before = here.top(2)
    if here.kind not in {"TILDE", "EQUAL", "COLON", "COMMA"} or (before is not None and before.type != "LBRACE"):
        return None
    return _reserved(word, put("NAME", pop=1))


def reserved_argument(here: Situation) -> Finding | None:
    """``Normal(weight, 1)``: the word was read as the name of an argument."""
    word = here.top()
    if (
        word is None
        or word is not here.previous
        or word not in RESERVED
        or here.expected != frozenset({"EQUAL"})
        or not here.brackets
    ):
        return None
    return _reserved(word, put("NAME", pop=1))
