"""Words of a text: tokens for the parser, comments beside them, and what no spec contains.

A wrong character is reported here, and replaced by what was meant or dropped, so that the parser reads on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lark import Lark, Token

from ..diagnostics import Diagnostic, Span
from .ast import Comment
from .contextual import contextual
from .grammar import RESERVED

_BLANK_LINE = re.compile(r"\n[^\S\n]*(?=\n)")

_MEANT = {
    "&&": ("AND", "and"),
    "&": ("AND", "and"),
    "||": ("OR", "or"),
    "|": ("OR", "or"),
    "!": ("NOT", "not"),
    "**": ("CIRCUMFLEX", "^"),
    "−": ("MINUS", "-"),
    "–": ("MINUS", "-"),
    "×": ("STAR", "*"),
    "·": ("STAR", "*"),
    "÷": ("SLASH", "/"),
    "∼": ("TILDE", "~"),
    "≤": ("LESS_OR_EQUAL", "<="),
    "≥": ("MORE_OR_EQUAL", ">="),
    "≠": ("DIFFERENT", "!="),
    "→": ("ARROW", "->"),
    "←": ("EQUAL", "="),
    "%*%": ("AT", "@"),
}
"""What other languages write, the token that it is here, and its spelling."""

MOST_WORDS = 100_000
"""How many words a text may have besides numbers, labels and commas: some 20,000 statements."""

MOST_LITERALS = 300_000
"""How many numbers, labels and commas it may have."""

_LITERALS = frozenset({"NUMBER", "STRING", "COMMA"})

_BAR = "`|` is written `or` here"
_STRAIGHT = "text stands in straight double quotation marks"
_SEMICOLON = "a statement needs no `;`: the next one begins by itself"


@dataclass(frozen=True)
class Scan:
    """The words of one text.

    Args:
        tokens: what the parser reads, closed by one ``$END``; none where the text is too long to be read.
        comments: in source order.
        problems: what was wrong, in source order.
        blanks: offsets of the blank lines.
    """

    tokens: list[Token]
    comments: tuple[Comment, ...]
    problems: list[Diagnostic]
    blanks: tuple[int, ...]


def scan(parser: Lark, text: str) -> Scan:
    """Cut ``text`` into words; never fails."""
    tokens: list[Token] = []
    comments: list[Comment] = []
    problems: list[Diagnostic] = []
    previous: Token | None = None
    literals = 0
    for token in parser.parse_interactive(text).lexer_thread.lex(None):  # type: ignore[arg-type]
        if token.type == "COMMENT":
            comments.append(_comment(token, previous, text))
            continue
        problem, kept = _check(token, previous)
        if problem is not None and not (token == ";" and any(known.message == _SEMICOLON for known in problems)):
            problems.append(problem)
        if kept is not None:
            tokens.append(kept)
            literals += kept.type in _LITERALS
            if len(tokens) - literals > MOST_WORDS or literals > MOST_LITERALS:
                return Scan([], (), [_too_long(token)], ())
        previous = token
    tokens.append(_end(tokens))
    blanks = tuple(match.end() for match in _BLANK_LINE.finditer(text))
    return Scan(contextual(tokens), tuple(comments), problems, blanks)


def span_of(token: Token) -> Span:
    """The range of a token."""
    return Span(token.start_pos or 0, token.end_pos or 0)


def made(kind: str, text: str, like: Token) -> Token:
    """A token that the text does not have, at the place of one that it has."""
    return Token.new_borrow_pos(kind, text, like)


def _too_long(token: Token) -> Diagnostic:
    message = f"this spec is too long: {MOST_WORDS:,} words and {MOST_LITERALS:,} numbers and commas are the most"
    fix = "statements that are alike stand once, in a `plate`; long data stand in a file"
    return Diagnostic("E0131", message, span_of(token), help=fix)


def _end(tokens: list[Token]) -> Token:
    at = tokens[-1].end_pos if tokens else 0
    line = tokens[-1].end_line if tokens else 1
    return Token("$END", "", at, line, 1, line, 1, at)


def _comment(token: Token, previous: Token | None, text: str) -> Comment:
    start = token.start_pos or 0
    line_start = text.rfind("\n", 0, start) + 1
    trailing = previous is not None and (previous.end_pos or 0) > line_start
    return Comment(token[1:].strip(), trailing, span=span_of(token))


def _visible(text: str) -> str:
    """A character as a message shows it: one that cannot be seen by its code."""
    return text if text.isprintable() else f"U+{ord(text):04X}"


def _check(token: Token, previous: Token | None) -> tuple[Diagnostic | None, Token | None]:
    """What is wrong with a token, if anything, and the token that the parser reads for it, if any."""
    match token.type:
        case "NUMBER":
            return _number(token, previous), token
        case "UNCLOSED_STRING":
            return _unclosed(token, "E0103", "this text has no closing quotation mark"), made("STRING", '""', token)
        case "UNCLOSED_DOCSTRING":
            return _unclosed(token, "E0104", 'the docstring has no closing `"""`'), made("DOCSTRING", '""""""', token)
        case "FOREIGN":
            return _foreign(token, previous)
        case "UNKNOWN":
            message = f"the character `{_visible(token)}` has no meaning in a spec"
            return _problem(token, "E0101", message, _prime(token, previous)), None
        case "NAME" | "DOCSTRING" | "STRING":
            return _run_on(token, previous), token
        case _:
            return (_run_on(token, previous) if token in RESERVED else None), token


def _prime(token: Token, previous: Token | None) -> str | None:
    """What a prime behind a name stands for on paper."""
    if token != "'" or previous is None or previous.type != "NAME" or previous.end_pos != token.start_pos:
        return None
    return f"`@` meets the dimension that both sides have, so that a product needs none; else `transpose({previous})`"


def _problem(token: Token, code: str, message: str, help: str | None = None) -> Diagnostic:
    return Diagnostic(code, message, span_of(token), help=help)


def _unclosed(token: Token, code: str, message: str) -> Diagnostic:
    start = token.start_pos or 0
    mark = 3 if code == "E0104" else 1
    return Diagnostic(code, message, Span(start, start + mark))


def _number(token: Token, previous: Token | None) -> Diagnostic | None:
    if float(token) == float("inf"):
        shown = token if len(token) <= 12 else f"{token[:12]}…"
        return _problem(token, "E0105", f"`{shown}` is too large for a number: the largest is about 1.8e308")
    return _run_on(token, previous)


def _run_on(token: Token, previous: Token | None) -> Diagnostic | None:
    """A number that runs into the next word, as in ``3x`` or ``0x1F``."""
    if previous is None or previous.type != "NUMBER" or previous.end_pos != token.start_pos:
        return None
    span = Span(previous.start_pos or 0, token.end_pos or 0)
    message = f"the number `{previous}` runs into `{token}`"
    return Diagnostic("E0105", message, span, help=_apart(previous, token) if token.type == "NAME" else None)


def _apart(number: Token, word: Token) -> str:
    """What a number and the word that it runs into may be meant to be."""
    if re.fullmatch(r"[eEdD]\d*", word):
        return f"a power of ten is written `{number}e{word[1:] or '-3'}`, without blanks"
    if number == "0" and re.fullmatch(r"[xX][0-9a-fA-F]+", word):
        return f"numbers are decimal: `{int(word[1:], 16)}`"
    if re.fullmatch(r"(st|nd|rd|th)\w*", word):
        return f"a name begins with a letter, as in `x{number}{word}`"
    return f"for a product write `{number} * {word}`"


def _foreign(token: Token, previous: Token | None) -> tuple[Diagnostic, Token | None]:
    """Something from another language: say how it is written here, and read that."""
    if token in _MEANT:
        kind, spelling = _MEANT[token]
        return _problem(token, "E0102", f"`{token}` is written `{spelling}` here"), made(kind, spelling, token)
    if token[0] in "'“”„«":
        fix = '"' + token.strip("'“”„«»").replace('"', '\\"') + '"'
        message = f"{_STRAIGHT}: `{fix}`"
        return _problem(token, "E0102", message), made("STRING", fix, token)
    if token.startswith("/"):
        return Diagnostic(
            "E0102", "a comment begins with `#`", Span(span_of(token).start, span_of(token).start + 2)
        ), None
    if token.startswith("%"):
        message = f"there is no operator `{token}`: the remainder is `mod(a, b)`"
        share = previous is not None and previous.type == "NUMBER" and previous.end_pos == token.start_pos
        fix = f"if a share is meant, write it as a number, `{float(previous) / 100:g}`" if share and previous else None
        return _problem(token, "E0102", message, fix), made("STAR", "*", token)
    return _problem(token, "E0102", _SEMICOLON), None


def is_slight(problem: Diagnostic) -> bool:
    """Whether a problem is a mere ``;``, ``|`` or ``'``: it is not told on a line with a graver one."""
    return problem.message in {_SEMICOLON, _BAR} or problem.message.startswith(_STRAIGHT)
