"""A tree of frozen dataclasses as indented text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from ..diagnostics import Span


def text(node: Any) -> str:
    """One line for each node; plain fields stand on the line of their node, spans are left out.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Sum:
        ...     sign: str
        ...     parts: tuple
        >>> print(text(Sum("+", (Sum("-", ()),))))
        Sum sign='+'
          parts
            Sum sign='-' parts=()
    """
    return "\n".join(_lines(node, ""))


def _lines(node: Any, indent: str) -> Iterator[str]:
    plain, nested = [type(node).__name__], []
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Span):
            continue
        if _is_plain(value):
            plain.append(f"{field.name}={value.name if isinstance(value, Enum) else repr(value)}")
        else:
            nested.append((field.name, value))
    yield indent + " ".join(plain)
    for name, value in nested:
        yield f"{indent}  {name}"
        for part in value if isinstance(value, tuple) else (value,):
            yield from _part(part, indent + "    ")


def _part(part: Any, indent: str) -> Iterator[str]:
    if isinstance(part, tuple):
        for inner in part:
            yield from _part(inner, indent)
    elif is_dataclass(part) and not isinstance(part, type):
        yield from _lines(part, indent)
    else:
        yield f"{indent}{part!r}"


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    return not is_dataclass(value)
