"""What stands at a place of a text: its meaning, and where it is declared."""

from __future__ import annotations

from dataclasses import dataclass

from .. import pipeline
from ..diagnostics import Span
from ..syntax.scan import span_of
from ..types import KINDS
from . import describe, symbols
from .document import Document
from .words import Place, Role


@dataclass(frozen=True)
class Meaning:
    """What a word means.

    Args:
        span: the word.
        text: its meaning, in Markdown.
        declared: the name where the text declares it; ``None`` for a word of the tables.
    """

    span: Span
    text: str
    declared: Span | None = None


def meaning(document: Document, offset: int) -> Meaning | None:
    """What the word at an offset means; ``None`` where there is no word, or nothing is known of it."""
    words = document.words
    at = words.at(offset) if words.is_code(offset) else None
    role = None if at is None else words.role(at)
    if at is None or role is None:
        return None
    token = words.tokens[at]
    span = span_of(token)
    place = words.place(span.start)
    return _by_role(document, str(token), span, place, role)


def _by_role(document: Document, name: str, span: Span, place: Place, role: Role) -> Meaning | None:
    match role:
        case Role.KEYWORD:
            return _table(describe.keyword(name), span)
        case Role.ARGUMENT:
            return _table(describe.argument(name, place.call, place.block) if place.call else None, span)
        case Role.SETTING:
            return _table(describe.setting(name), span)
        case Role.DIMENSION:
            return _dimension(document, name, span)
        case Role.KIND:
            return _table(describe.kind(name), span) if name in KINDS else _dimension(document, name, span)
        case _ if place.block == "fit":
            return _table(describe.word(name, "fit"), span)
        case _:
            return (
                _declared(document, name, span, place)
                or _table(describe.word(name, place.block), span)
                or _dimension(document, name, span)
            )


def _table(text: str | None, span: Span) -> Meaning | None:
    return None if text is None else Meaning(span, text)


def _dimension(document: Document, name: str, span: Span) -> Meaning | None:
    names = document.names
    text = None if names is None else symbols.dimension(name, names)
    if names is None or text is None:
        return None
    return Meaning(span, text, document.here(names.model.table.dim_spans[name]))


def _declared(document: Document, name: str, span: Span, place: Place) -> Meaning | None:
    names = document.names
    if names is None:
        seen = document.words.declared().get(name)
        return None if seen is None else Meaning(span, describe.fenced(name), seen)
    local = symbols.parameter(name, span.start, names) if names.source == document.source else None
    if local is not None:
        return Meaning(span, *local)
    found = names.find(name, place.block, place.guide)
    if found is None:
        return None
    symbol, block = found
    return Meaning(span, symbols.symbol(symbol, block, names), document.here(symbol.name.span))


def problems(document: Document, offset: int) -> str:
    """The pages about what is wrong at an offset, in Markdown; empty where nothing is."""
    codes = {d.code for d in document.diagnostics if d.span.start <= offset <= max(d.span.end, d.span.start + 1)}
    pages = pipeline.pages() if codes else {}
    found = [(code, pages[code]) for code in sorted(codes) if code in pages]
    return "\n\n".join(f"**{code}, {page.title}.** {page.explanation}" for code, page in found)
