"""The words of a text and what surrounds each, without a tree, so that broken texts have them too."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from lark import Token

from ..diagnostics import Span
from ..syntax.grammar import RESERVED, parser
from ..syntax.scan import Scan, scan, span_of
from ..syntax.situation import first_on_line, opens_block, starts_statement

_PREFIX = re.compile(r"\w*\Z")
_KEYWORDS = frozenset(word.upper() for word in RESERVED)


class Role(Enum):
    """What a word is, as far as the words around it tell."""

    KEYWORD = "keyword"
    DIMENSION = "dimension"
    KIND = "kind"
    ARGUMENT = "argument"
    SETTING = "setting"
    CALLED = "called"
    NAME = "name"


@dataclass(frozen=True)
class Place:
    """A point between words.

    Args:
        before: all words in front of it.
        block: ``data``, ``model``, ``guide``, ``fit``, or empty outside all blocks.
        guide: the name of the guide, where it has one.
        brackets: the positions in ``before`` of the round and square brackets that are open, outermost first.
    """

    before: Sequence[Token]
    block: str
    guide: str | None
    brackets: tuple[int, ...]

    def last(self, depth: int = 1) -> str:
        """The type of the word ``depth`` places back; empty where there is none."""
        return self.before[-depth].type if len(self.before) >= depth else ""

    @property
    def bracket(self) -> str:
        """The innermost open bracket: ``(``, ``[`` or nothing."""
        return str(self.before[self.brackets[-1]]) if self.brackets else ""

    @property
    def call(self) -> str | None:
        """The name in front of the innermost open round bracket."""
        at = self.brackets[-1] if self.bracket == "(" else 0
        return str(self.before[at - 1]) if at and self.before[at - 1].type == "NAME" else None

    @property
    def arguments(self) -> Sequence[Token]:
        """The words between the innermost open bracket and the place."""
        return self.before[self.brackets[-1] + 1 :] if self.brackets else ()

    @property
    def takes_dimension(self) -> bool:
        """Whether the name of a dimension must follow."""
        if self.last() in ("PLATE", "MARKOV", "OVER", "DIM") or (self.last() == "EQUAL" and self.last(2) == "OVER"):
            return True
        if self.bracket == "[":
            return self.block == "fit" or self._in_type()
        at = len(self.before)
        while at > 1 and self.before[at - 1].type == "COMMA" and self.before[at - 2].type == "NAME":
            at -= 2
        return at < len(self.before) and at > 0 and self.before[at - 1].type == "PLATE"

    def _in_type(self) -> bool:
        at = self.brackets[-1] - 1
        if at >= 0 and self.before[at].type == "QMARK":
            at -= 1
        if at >= 0 and self.before[at].type == "RPAR":
            at = _opener(self.before, at) - 1
        return at > 0 and self.before[at].type == "NAME" and self.before[at - 1].type in ("COLON", "ARROW")


@dataclass(frozen=True)
class Words:
    """The words of one text."""

    text: str

    @cached_property
    def _scan(self) -> Scan:
        return scan(parser(), self.text)

    @property
    def tokens(self) -> Sequence[Token]:
        return self._scan.tokens

    def is_code(self, offset: int) -> bool:
        """Whether a place is neither in a comment nor in a text in quotation marks."""
        comments = (comment.span for comment in self._scan.comments)
        if any(span.start < offset <= span.end for span in comments):
            return False
        strings = (span_of(token) for token in self.tokens if token.type in ("STRING", "DOCSTRING"))
        return not any(span.start < offset < span.end for span in strings)

    def at(self, offset: int) -> int | None:
        """The position of the word that covers or touches an offset, a name before a sign."""
        found = [i for i, token in enumerate(self.tokens[:-1]) if _touches(span_of(token), offset)]
        named = [i for i in found if self.tokens[i].type == "NAME" or self.tokens[i].type in _KEYWORDS]
        return next(iter(named or found), None)

    def prefix(self, offset: int) -> str:
        """The part of a word that stands in front of an offset."""
        found = _PREFIX.search(self.text, 0, offset)
        return found[0] if found else ""

    def place(self, offset: int) -> Place:
        """What surrounds an offset."""
        count = bisect_right(self._ends, offset)
        return Place(self.tokens[:count], *self._states[count])

    @cached_property
    def _ends(self) -> list[int]:
        return [span_of(token).end for token in self.tokens[:-1]]

    @cached_property
    def _states(self) -> list[tuple[str, str | None, tuple[int, ...]]]:
        """Block, guide and open brackets in front of each word, and at the end."""
        block, guide, brackets, depth = "", None, (), 0
        states: list[tuple[str, str | None, tuple[int, ...]]] = [("", None, ())]
        for i, token in enumerate(self.tokens[:-1]):
            if opens_block(self.tokens, i) and (depth == 0 or first_on_line(self.tokens, i)):
                named = self.tokens[i + 1].type == "NAME"
                block, guide, depth, brackets = str(token), str(self.tokens[i + 1]) if named else None, 0, ()
            elif token.type in ("LBRACE", "RBRACE"):
                depth = max(depth + (1 if token.type == "LBRACE" else -1), 0)
                block, brackets = block if depth else "", ()
            elif token.type in ("LPAR", "LSQB"):
                brackets = (*brackets, i)
            elif token.type in ("RPAR", "RSQB"):
                brackets = brackets[:-1]
            elif brackets and starts_statement(self.tokens, i, True):
                brackets = ()
            states.append((block, guide, brackets))
        return states

    def role(self, at: int) -> Role | None:
        """What the word at a position is; ``None`` for signs, numbers and texts."""
        token, following = self.tokens[at], self.tokens[at + 1].type
        place = self.place(span_of(token).start)
        if place.bracket == "(" and following == "EQUAL":
            return Role.ARGUMENT
        if token.type in _KEYWORDS:
            return Role.KEYWORD
        if token.type != "NAME":
            return None
        if place.takes_dimension:
            return Role.DIMENSION
        if place.last() in ("COLON", "ARROW"):
            return Role.KIND
        if place.block == "fit" and not place.brackets and following in ("EQUAL", "LSQB"):
            return Role.SETTING
        return Role.CALLED if following == "LPAR" else Role.NAME

    def declared(self, blocks: Container[str] = ("data", "model", "guide")) -> dict[str, Span]:
        """The names that look as if a statement in one of some blocks declared them, each with its first place."""
        found: dict[str, Span] = {}
        for i, token in enumerate(self.tokens[:-1]):
            block, _, brackets = self._states[i]
            follows = self.tokens[i + 1].type in ("TILDE", "EQUAL", "COLON")
            is_dim = i > 0 and self.tokens[i - 1].type == "DIM"
            if token.type == "NAME" and follows and block in blocks and not (brackets or is_dim):
                found.setdefault(str(token), span_of(token))
        return found


def _touches(span: Span, offset: int) -> bool:
    return span.start <= offset <= span.end


def _opener(tokens: Sequence[Token], closer: int) -> int:
    """The position of the bracket that the one at ``closer`` answers; 0 where there is none."""
    depth = 0
    for at in range(closer, -1, -1):
        depth += (tokens[at].type == "RPAR") - (tokens[at].type == "LPAR")
        if depth == 0:
            return at
    return 0
