"""Diagnostics in the formats of ``check``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from ..diagnostics import NOWHERE, Diagnostic, Source, Span, concise, render

Found = Sequence[tuple[Source, Diagnostic]]
"""Every diagnostic with the text it is about."""


def full(found: Found, *, colour: bool, width: int) -> str:
    """Source lines with carets, an empty line between diagnostics."""
    return "\n\n".join(render(diagnostic, source, colour=colour, width=width) for source, diagnostic in found)


def one_line_each(found: Found, *, colour: bool, width: int) -> str:
    """``file:line:column: CODE message``."""
    return "\n".join(concise(diagnostic, source) for source, diagnostic in found)


def json_lines(found: Found, *, colour: bool, width: int) -> str:
    """One JSON object a line."""
    return "\n".join(json.dumps(record(source, diagnostic), ensure_ascii=False) for source, diagnostic in found)


def sarif(found: Found, *, colour: bool, width: int) -> str:
    """One SARIF 2.1.0 log, for code hosts and editors."""
    run = {
        "tool": {"driver": {"name": "svilang", "rules": [{"id": code} for code in _codes(found)]}},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(source, diagnostic) for source, diagnostic in found],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


FORMATS: dict[str, Callable[..., str]] = {"full": full, "concise": one_line_each, "json": json_lines, "sarif": sarif}


def record(source: Source, diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic as plain data; lines and columns count from 1, and the end is behind the last character."""
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "file": source.name,
        **_place(source, diagnostic.span),
        "notes": [{"message": note.message, **_place(source, note.span)} for note in diagnostic.notes],
        "help": diagnostic.help,
    }


def _place(source: Source, span: Span) -> dict[str, int | None]:
    if span == NOWHERE:
        return dict.fromkeys(("line", "column", "end_line", "end_column"))
    (line, column), (end_line, end_column) = source.position(span.start), source.position(span.end)
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _codes(found: Found) -> list[str]:
    return sorted({diagnostic.code for _, diagnostic in found})


def _sarif_result(source: Source, diagnostic: Diagnostic) -> dict[str, Any]:
    message = diagnostic.message + (f"; {diagnostic.help}" if diagnostic.help else "")
    return {
        "ruleId": diagnostic.code,
        "level": str(diagnostic.severity),
        "message": {"text": message},
        "locations": [_sarif_location(source, diagnostic.span)],
        "relatedLocations": [
            _sarif_location(source, note.span) | {"message": {"text": note.message}} for note in diagnostic.notes
        ],
    }


def _sarif_location(source: Source, span: Span) -> dict[str, Any]:
    place = _place(source, span)
    names = {"startLine": "line", "startColumn": "column", "endLine": "end_line", "endColumn": "end_column"}
    region = {} if span == NOWHERE else {"region": {name: place[key] for name, key in names.items()}}
    uri = source.name.replace("\\", "/")
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, **region}}
