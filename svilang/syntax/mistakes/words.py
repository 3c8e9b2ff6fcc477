"""Reserved words where a name stands."""

from __future__ import annotations

from lark import Token

from ..contextual import CONTEXTUAL
from ..finding import Finding, Repair, put, wrong
from ..grammar import RESERVED
from ..situation import OPERATORS, Situation

_NEVER_NAMES = frozenset(RESERVED) - CONTEXTUAL
_AFTER_A_NAME = OPERATORS | {"TILDE", "EQUAL", "COLON", "COMMA", "RPAR", "RSQB", "LSQB", "RBRACE", "$END"}
_NEW = frozenset({"TILDE", "EQUAL", "COLON", "COMMA"})


def _reserved(token: Token, repair: Repair) -> Finding:
    message = f"`{token}` is a reserved word and cannot be a name"
    return wrong(token, "E0106", message, repair, f'choose another name; a data column is reached by `from "{token}"`')


def reserved_here(here: Situation) -> Finding | None:
    """A reserved word where a name must or may stand."""
    if here.token not in _NEVER_NAMES or "NAME" not in here.expected:
        return None
    follows = here.following.type in _AFTER_A_NAME and here.following.type != "$END"
    if here.begins:
        new = here.following.type in _NEW and not here.opens_block()
        return _reserved(here.token, put("NAME", skip=1)) if new else None
    if here.wants_expression and not (here.kind == "GUIDE" or (here.kind == "OVER" and follows)):
        return None
    if here.new_line and (not follows or here.opens_block()):
        return None
    return _reserved(here.token, put("NAME", skip=1))


def reserved_argument(here: Situation) -> Finding | None:
    """``Normal(over, 1)``: the word was read as the name of an argument."""
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
