"""Warnings that a comment in the spec permits: ``# svi: allow W0603``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic, Source, Span
from ..syntax import ast
from . import errors

_CODE = re.compile(r"W\d{4}")
_ALLOW = re.compile(r"svi:\s*allow\s+(?P<codes>W\d{4}(?:[,\s]+W\d{4})*)")


@dataclass(frozen=True)
class Permission:
    """One code, where it is permitted (``None``: in the whole file), and where that is said."""

    code: str
    line: int | None
    span: Span


def allowed(file: ast.File, source: Source, warnings: list[Diagnostic]) -> list[Diagnostic]:
    """The warnings without those that comments permit, and a warning for each permission that nothing needs."""
    permissions = list(_permissions(file, source))
    used: set[Permission] = set()
    left: list[Diagnostic] = []
    for warning in warnings:
        line = source.position(max(warning.span.start, 0))[0]
        matches = [p for p in permissions if p.code == warning.code and p.line in (None, line)]
        used.update(matches)
        if not matches:
            left.append(warning)
    return [*left, *(errors.allows_nothing(p.code, p.span) for p in permissions if p not in used)]


def _permissions(file: ast.File, source: Source) -> Iterator[Permission]:
    first = min((block.span.start for block in file.blocks), default=0)
    for comment in file.comments:
        match = _ALLOW.match(comment.text)
        if match is None:
            continue
        line = source.position(comment.span.start)[0]
        place = line if comment.trailing else None if comment.span.start < first else line + 1
        for code in _CODE.findall(match["codes"]):
            yield Permission(code, place, comment.span)
