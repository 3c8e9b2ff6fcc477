"""A TextMate grammar of the language, for editors that colour by regular expressions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..catalog.distributions import COMBINATORS, DISTRIBUTIONS
from ..catalog.functions import FUNCTIONS
from ..runtime.guides import FAMILIES
from ..sema.settings import NAMES
from ..syntax.grammar import BLOCKS, CLAUSES, OPERATORS, RESERVED, STATEMENTS, parser
from ..types import KINDS
from . import signature

_S = "svi"
_CONSTANTS = ("true", "false")
_OPERANDS = r"[-+*/^@(\[,=<>~:.]"
_NAMED = ("plate", "markov", "report", "impute", "score", "over", "dim", "param")
_HEADS = (*_NAMED, "observe", "factor", "where", "weight")
_FREE = "".join([rf"(?<!{_OPERANDS})(?<!{_OPERANDS} )", *(f"(?<!{word} )" for word in _HEADS)])
"""Behind a sign or a word that wants a value or a name, a word of the language is a name."""
_NO_NAME = r"(?!\s*([~:,)\]]|=(?!=)))"
"""In front of these signs too."""


def grammar() -> dict[str, Any]:
    """The grammar as plain data; its JSON is what editors read."""
    terminals = {terminal.name: terminal.pattern.to_regexp() for terminal in parser().terminals}
    return {
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "svilang",
        "scopeName": f"source.{_S}",
        "fileTypes": ["svi"],
        "patterns": [*_texts(terminals), *_words(terminals)],
    }


def _texts(terminals: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": f"string.quoted.docstring.{_S}", "begin": '"""', "end": '"""'},
        _match("comment.line.number-sign", terminals["COMMENT"]),
        _match("string.quoted.double", terminals["STRING"]),
    ]


def _words(terminals: dict[str, str]) -> list[dict[str, Any]]:
    kinds = {
        "match": rf"(:|->)\s*({_any(KINDS)})\b",
        "captures": {"1": {"name": f"punctuation.separator.{_S}"}, "2": {"name": f"support.type.kind.{_S}"}},
    }
    families = {
        "match": rf"(~|\bguide\s*=)\s*({_any(FAMILIES)})\b",
        "captures": {"1": {"name": f"keyword.operator.{_S}"}, "2": {"name": f"support.class.family.{_S}"}},
    }
    laws = [name for name in (*DISTRIBUTIONS, *COMBINATORS) if name not in RESERVED]
    functions = [name for name, row in FUNCTIONS.items() if signature.is_called(row)]
    return [
        kinds,
        families,
        _match("variable.parameter.argument", r"\b[^\W\d]\w*(?=\s*=(?!=)[^={}\n]*\))"),
        _match("variable.other.setting", rf"^\s*({_any(NAMES)})(?=\s*(=|\[))"),
        _match("support.class.distribution", rf"\b({_any(laws)})\b"),
        _match("support.function", rf"\b({_any(functions)})(?=\s*\()"),
        _match("constant.language", rf"\b({_any(_CONSTANTS)})\b"),
        _match("keyword.control.block", rf"{_FREE}\b({_any(BLOCKS)})\b{_NO_NAME}"),
        _match("keyword.control.block", r"\bguide\b"),
        _match("keyword.other", r"(?<== )draw\b(?=\s+\w)"),
        _match("keyword.other", rf"{_FREE}\b({_any([*STATEMENTS, *CLAUSES])})\b{_NO_NAME}"),
        _match("keyword.operator.word", rf"\b({_any(word for word in OPERATORS if word not in _CONSTANTS)})\b"),
        _match("constant.numeric", rf"(?<![\w.]){terminals['NUMBER']}"),
        _match("keyword.operator", r"->|<=|>=|==|!=|[-+*/^@<>=~?]"),
    ]


def _match(scope: str, pattern: str) -> dict[str, str]:
    return {"name": f"{scope}.{_S}", "match": pattern}


def _any(words: Iterable[str]) -> str:
    """One of some words, the longest first."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))
