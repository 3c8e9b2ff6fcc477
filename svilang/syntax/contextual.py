"""Which words of the language are names where they stand: `score`, `weight` or `plate` may be a column of the data.

The words around one decide. It is a name in front of ``~``, ``=``, ``:`` and ``,``, which follow no word of the
language, and wherever a value or a name must come next, since no statement and no clause begins there.
"""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token

from .grammar import BLOCKS, CLAUSES, STATEMENTS

CONTEXTUAL = frozenset({*BLOCKS, *STATEMENTS, *CLAUSES}) - {"guide"}
"""The words that can be names. `guide = …` begins a block, so `guide` cannot, nor can the words of expressions."""

_KINDS = frozenset(word.upper() for word in CONTEXTUAL)
_STATEMENTS = frozenset(word.upper() for word in STATEMENTS)
_AFTER_A_NAME = frozenset({"TILDE", "EQUAL", "COLON", "COMMA"})
_COMPLETE = frozenset(
    {"NAME", "NUMBER", "STRING", "DOCSTRING", "TRUE", "FALSE", "RPAR", "RSQB", "RBRACE", "LBRACE", "QMARK"}
)
"""What a statement, a clause or a block can follow."""


def contextual(tokens: Sequence[Token]) -> list[Token]:
    """The words of a text, with those made names that stand as names."""
    found: list[Token] = []
    openers: list[str] = []  # what stands before each bracket that is open
    before = ""
    for at, token in enumerate(tokens):
        if token.type in _KINDS and _is_name(found, before, tokens, at, in_brackets=bool(openers)):
            token = token.update("NAME")
        found.append(token)
        last, before = before, token.type
        if token.type in ("LPAR", "LSQB"):
            openers.append(last)
        elif token.type in ("RPAR", "RSQB") and openers and (opener := openers.pop()) in ("CENTERED", "SCORE"):
            before = opener  # what stands in its brackets is read, and its names are still to come
        elif token.type in ("LBRACE", "RBRACE"):
            openers.clear()
    return found


def _is_name(found: Sequence[Token], before: str, tokens: Sequence[Token], at: int, *, in_brackets: bool) -> bool:
    """``before`` is the kind of the last word of ``found``, or what that word completes."""
    following = ["NAME" if token.type in _KINDS else token.type for token in tokens[at + 1 : at + 3]]
    if following and following[0] in _AFTER_A_NAME:
        return True
    if not before or before in _COMPLETE:
        return False
    if tokens[at].type == "DRAW" and before == "EQUAL":
        return following != ["NAME", "LPAR"]
    return in_brackets or not _resumes(found[-1], tokens[at], following)


def _resumes(before: Token, token: Token, following: Sequence[str]) -> bool:
    """Whether a new line begins with a statement, or a block, although the one before is not complete."""
    if token.line == before.end_line:
        return False
    if token.type in _STATEMENTS:
        return token.type in ("FACTOR", "OBSERVE") or following[:1] in (["NAME"], ["LPAR"])
    return following[:1] == ["LBRACE"] or following == ["STRING", "LBRACE"]
