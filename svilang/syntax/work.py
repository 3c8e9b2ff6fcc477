"""Units of printing: what a part of the tree gives on its way to atoms.

The printer takes them one by one from a stack, so that no depth of the tree is too deep.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..diagnostics import Span
from . import ast
from .layout import STEP, Atom, Break, Close, Open

CHOICE = 0
"""The level of the loosest expression."""


@dataclass(frozen=True, slots=True)
class ExprWork:
    """An expression that must bind at least as tightly as ``level``; ``inline`` when its group is already open."""

    node: ast.Expr
    level: int = CHOICE
    inline: bool = False


@dataclass(frozen=True, slots=True)
class At:
    """Comments before this offset come now."""

    offset: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line for a statement or a block, and a blank line before it where there was one, or between blocks."""

    node: ast.Node


@dataclass(frozen=True, slots=True)
class Body:
    """What stands between braces; the closing one is the last character of ``span``."""

    items: Sequence[ast.Node]
    span: Span


@dataclass(frozen=True, slots=True)
class Apart:
    """A blank line comes next."""


Work = str | Atom | ExprWork | At | Line | Body | Apart | ast.Node
Works = Iterator[Work]


def bracketed(
    opening: str, items: Sequence[ast.Node | ExprWork], closing: str, end: int = -1, *, filled: bool = False
) -> Works:
    """``(a, b)`` on one line, or with its items on lines of their own; a filled one has as many on a line as fit."""
    if not items:
        yield opening + closing
        return
    yield Open()
    yield opening
    yield Break("")
    if filled:
        yield Open(filled=True, step=0)
    for i, item in enumerate(items):
        if i:
            yield ","
            yield Break(" ", 0 if filled else STEP)
        yield item
    if filled:
        yield At(end)
        yield Close()
    yield At(end)
    yield Break("", 0)
    yield closing
    yield Close()
