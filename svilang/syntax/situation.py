"""Where the parser stopped: what it has read, what it would take, and what stands there instead."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property

from lark import Token

from ..diagnostics import Span
from .grammar import BLOCKS, STATEMENTS
from .scan import span_of

BLOCK_WORDS = frozenset(word.upper() for word in BLOCKS)
STATEMENT_WORDS = frozenset(word.upper() for word in STATEMENTS)
COMPARISONS = frozenset({"LESSTHAN", "MORETHAN", "LESS_OR_EQUAL", "MORE_OR_EQUAL", "SAME", "DIFFERENT"})
ARITHMETIC = frozenset({"PLUS", "MINUS", "STAR", "SLASH", "AT", "CIRCUMFLEX"})
OPERATORS = ARITHMETIC | COMPARISONS | {"AND", "OR", "OVER", "IF", "ELSE", "DOT"}
CLOSERS = {"LPAR": "RPAR", "LSQB": "RSQB"}
SIGNS = {"RPAR": ")", "RSQB": "]", "LPAR": "(", "LSQB": "["}
EXPRESSION_STARTS = frozenset({"NAME", "NUMBER", "STRING", "TRUE", "FALSE", "LPAR", "LSQB", "MINUS", "PLUS", "NOT"})
_AFTER_A_NEW_NAME = frozenset({"TILDE", "EQUAL", "COLON"})
_HORIZON = 400


@dataclass(frozen=True)
class Situation:
    """One place at which the parser cannot go on.

    Args:
        tokens: all words of the text, closed by ``$END``.
        at: the word that does not fit.
        stack: what was read and is not complete: words, and nodes that are.
        expected: the kinds of word that would fit.
    """

    tokens: Sequence[Token]
    at: int
    stack: Sequence[object]
    expected: frozenset[str]

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def kind(self) -> str:
        return self.token.type

    @property
    def previous(self) -> Token | None:
        return self.tokens[self.at - 1] if self.at else None

    @property
    def following(self) -> Token:
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    @property
    def after(self) -> Span:
        """The point right after what was read."""
        end = span_of(self.previous).end if self.previous is not None else 0
        return Span(end, end)

    @property
    def new_line(self) -> bool:
        return first_on_line(self.tokens, self.at)

    def top(self, depth: int = 1) -> Token | None:
        """The word on the stack at ``depth`` from the top; None for something complete."""
        value = self.stack[-depth] if len(self.stack) >= depth else None
        return value if isinstance(value, Token) else None

    @cached_property
    def braces(self) -> list[int]:
        """Where on the stack the open ``{`` lie."""
        return _open(self.stack, {"LBRACE"}, {"RBRACE"})

    @cached_property
    def statement(self) -> list[Token]:
        """The words of the statement that is being read, without what is complete in it."""
        start = self.braces[-1] + 1 if self.braces else 0
        return [value for value in self.stack[start:] if isinstance(value, Token)]

    @cached_property
    def brackets(self) -> list[Token]:
        """The open round and square brackets of this statement, outermost first."""
        words = self.statement
        return [words[i] for i in _open(words, CLOSERS, CLOSERS.values())]

    @cached_property
    def closers(self) -> tuple[str, ...]:
        """The words that close all open brackets."""
        return tuple(CLOSERS[word.type] for word in reversed(self.brackets))

    @property
    def block(self) -> str:
        """The block in which the place is, as its word in capitals; empty outside all blocks."""
        if not self.braces:
            return ""
        words = [value.type for value in self.stack[: self.braces[0]] if isinstance(value, Token)]
        return next((word for word in reversed(words) if word in BLOCK_WORDS), "")

    @property
    def opener(self) -> tuple[Token, Token]:
        """The word and the brace that opened the innermost body."""
        at = self.braces[-1]
        words = [value for value in self.stack[max(at - 3, 0) : at] if isinstance(value, Token)]
        kinds = BLOCK_WORDS | STATEMENT_WORDS
        brace = self.stack[at]
        assert isinstance(brace, Token)
        return next((word for word in reversed(words) if word.type in kinds), brace), brace

    @property
    def begins(self) -> bool:
        """Whether a new statement may begin here, or its body may close."""
        return "RBRACE" in self.expected

    @property
    def wants_expression(self) -> bool:
        return "NUMBER" in self.expected and not self.begins

    def starts_statement(self, at: int | None = None) -> bool:
        """Whether the word at ``at`` (here, by default) looks like the first of a statement."""
        return starts_statement(self.tokens, self.at if at is None else at, bool(self.brackets))

    def opens_block(self) -> bool:
        return opens_block(self.tokens, self.at)


def _open(values: Sequence[object], openers: Container[str], closers: Container[str]) -> list[int]:
    """The indices of the opening words that no closing word answers."""
    found: list[int] = []
    for i, value in enumerate(values):
        if not isinstance(value, Token):
            continue
        if value.type in openers:
            found.append(i)
        elif value.type in closers and found:
            found.pop()
    return found


def first_on_line(tokens: Sequence[Token], at: int) -> bool:
    """Whether no other word stands before this one on its line."""
    return at == 0 or at >= len(tokens) or tokens[at].line != tokens[at - 1].end_line


def opens_block(tokens: Sequence[Token], at: int) -> bool:
    """Whether ``data {``, ``guide name {``, ``guide =`` or the like stands here."""
    kinds = [token.type for token in tokens[at : at + 3]]
    if kinds[0] not in BLOCK_WORDS or len(kinds) < 2:
        return False
    return (
        kinds[1] == "LBRACE"
        or kinds == ["DATA", "STRING", "LBRACE"]
        or kinds == ["GUIDE", "NAME", "LBRACE"]
        or kinds[:2] == ["GUIDE", "EQUAL"]
    )


def starts_statement(tokens: Sequence[Token], at: int, in_brackets: bool) -> bool:
    """Whether a statement begins at a word that stands first on its line."""
    if not first_on_line(tokens, at):
        return False
    kind = tokens[at].type
    if kind in STATEMENT_WORDS:
        return tokens[at + 1].type in {"NAME", "LPAR"} or kind in {"FACTOR", "OBSERVE"}
    if kind != "NAME":
        return False
    last = at + 1
    while tokens[last].type == "COMMA" and tokens[last + 1].type == "NAME":
        last += 2
    if tokens[last].type not in _AFTER_A_NEW_NAME or (last > at + 1 and tokens[last].type != "TILDE"):
        return False
    return not (in_brackets and tokens[last].type != "TILDE" and _closes_soon(tokens, at))


def _closes_soon(tokens: Sequence[Token], at: int) -> bool:
    """Whether a closing bracket comes before the next certain statement: then this is an argument, not a statement."""
    depth = 0
    for i in range(at, min(at + _HORIZON, len(tokens))):
        kind = tokens[i].type
        if kind in CLOSERS:
            depth += 1
        elif kind in {"RPAR", "RSQB"}:
            depth -= 1
            if depth < 0:
                return True
        elif kind in {"TILDE", "LBRACE", "RBRACE", "$END"} or (kind in STATEMENT_WORDS and first_on_line(tokens, i)):
            return False
    return False
