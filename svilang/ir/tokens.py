"""One line of a program's text as tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

from .nodes import Id, Nested

_TOKEN = re.compile(
    r"""\s*(?:(?P<ref>%\d+)
      | (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<number>-?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|inf\b|nan\b))
      | (?P<word>[^\W\d][\w.]*)
      | (?P<sign>->|[][(),|':])
      | (?P<operator>[-+*/^@<>=!~&]+))""",
    re.VERBOSE,
)
_LITERALS = {"true": True, "false": False, "none": None}


class Cursor:
    """One line as tokens, and a place in it.

    Every method reads on from the place and moves it; what it does not find is a ``ValueError`` with the line.
    """

    def __init__(self, number: int, content: str) -> None:
        self.line, self.content = number, content
        self.tokens: list[tuple[str, str]] = []
        self.at = 0
        position, end = 0, len(content.rstrip())
        while position < end:
            match = _TOKEN.match(content, position, end)
            if match is None:
                self.fail(f"cannot read `{content[position:].strip()}`")
            group = str(match.lastgroup)
            self.tokens.append((group, match[group]))
            position = match.end()
        self.tokens.append(("end", "the end of the line"))

    def fail(self, message: str) -> NoReturn:
        """Say what is wrong with the line."""
        raise ValueError(f"line {self.line}: {message}, in: {self.content.strip()}")

    def accept(self, value: str) -> bool:
        """Step over ``value`` if it is next; a quoted text never is."""
        kind, found = self.tokens[self.at]
        if kind in ("text", "end") or found != value:
            return False
        self.at += 1
        return True

    def expect(self, value: str) -> None:
        """Step over ``value``, which must be next."""
        if not self.accept(value):
            self.fail(f"expected `{value}` before `{self.tokens[self.at][1]}`")

    def next(self, *kinds: str) -> str:
        """The next token, which must be of one of ``kinds``; quotes are taken off."""
        kind, value = self.tokens[self.at]
        if kind not in kinds:
            self.fail(f"expected a {' or '.join(kinds)} before `{value}`")
        self.at += 1
        return json.loads(value) if kind == "text" else value

    def name(self) -> str:
        """A name, quoted or not."""
        return self.next("word", "text", "operator")

    def peeks(self, kind: str, value: str | None = None) -> bool:
        """Whether a token of this kind, and with this text, is next."""
        found, text = self.tokens[self.at]
        return found == kind and value in (None, text)

    def ref(self) -> Id:
        """A reference to a node."""
        return int(self.next("ref")[1:])

    def refs(self) -> tuple[Id, ...]:
        """All references that follow."""
        found: list[Id] = []
        while self.peeks("ref"):
            found.append(self.ref())
        return tuple(found)

    def after(self, word: str) -> Id | None:
        """The reference after ``word``, if it is next."""
        return self.ref() if self.accept(word) else None

    def number(self) -> float | int:
        """A number; whole unless it has a point, an exponent or no end."""
        value = self.next("number")
        return int(value) if re.fullmatch(r"-?\d+", value) else float(value)

    def whole(self) -> int:
        """A whole number."""
        value = self.number()
        if not isinstance(value, int):
            self.fail(f"expected a whole number, not {value}")
        return value

    def separated(self, item: Callable[[], Any], close: str) -> list[Any]:
        """Items between commas, up to and with ``close``."""
        found: list[Any] = []
        while not self.accept(close):
            if found:
                self.expect(",")
            found.append(item())
        return found

    def names(self) -> tuple[str, ...]:
        """One or more names between commas."""
        found = [self.name()]
        while self.accept(","):
            found.append(self.name())
        return tuple(found)

    def nested(self) -> Nested:
        """A default of a data item: a value, or rows of them in brackets."""
        if self.accept("["):
            return tuple(self.separated(self.nested, "]"))
        if self.peeks("text"):
            return self.name()
        return self.scalar()

    def scalar(self) -> Any:
        """A number or one of the words for a truth value or nothing."""
        if self.peeks("word"):
            word = self.name()
            if word not in _LITERALS:
                self.fail(f"expected a value, not `{word}`")
            return _LITERALS[word]
        return self.number()
