"""The language server: the protocol of editors around the answers of this package."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import metadata
from typing import TypeVar
from urllib.parse import unquote, urlparse

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from ..diagnostics import NOWHERE, Diagnostic, Severity, Source, Span
from . import complete, hover
from .complete import Item, Sort
from .document import Document, log

Answer = TypeVar("Answer")

_SEVERITIES = {Severity.ERROR: lsp.DiagnosticSeverity.Error, Severity.WARNING: lsp.DiagnosticSeverity.Warning}
_SORTS = {
    Sort.NAME: lsp.CompletionItemKind.Variable,
    Sort.DIMENSION: lsp.CompletionItemKind.Enum,
    Sort.DISTRIBUTION: lsp.CompletionItemKind.Class,
    Sort.FAMILY: lsp.CompletionItemKind.Class,
    Sort.FUNCTION: lsp.CompletionItemKind.Function,
    Sort.KIND: lsp.CompletionItemKind.TypeParameter,
    Sort.ARGUMENT: lsp.CompletionItemKind.Field,
    Sort.SETTING: lsp.CompletionItemKind.Property,
    Sort.KEYWORD: lsp.CompletionItemKind.Keyword,
}
_UNUSED = "W0201"


class Server(LanguageServer):
    """A server that keeps what is known of each open text."""

    def __init__(self) -> None:
        super().__init__("svilang", metadata.version("svilang"), lsp.TextDocumentSyncKind.Incremental)
        self._documents: dict[str, Document] = {}

    def document(self, uri: str) -> Document:
        """The text of an address as it is now."""
        text = self.workspace.get_text_document(uri).source
        known = self._documents.get(uri)
        if known is None or known.source.text != text:
            known = self._documents[uri] = Document(Source(unquote(urlparse(uri).path) or uri, text), known)
        return known

    def close(self, uri: str) -> None:
        """Forget a text, and take back what was said of it."""
        self._documents.pop(uri, None)
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))

    def publish(self, uri: str, version: int | None) -> None:
        """Say what is wrong with a text."""
        document = self.document(uri)
        places = Places(self.workspace.get_text_document(uri), document.source)
        found = [places.diagnostic(uri, diagnostic) for diagnostic in document.diagnostics]
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, version))


class Places:
    """Offsets of a text as the lines and columns that the editor counts, and back."""

    def __init__(self, text: TextDocument, source: Source) -> None:
        self._codec = text.position_codec
        self._source = source
        self._lines = source.text.split("\n")

    def offset(self, position: lsp.Position) -> int:
        """The offset of a position."""
        line = min(position.line, len(self._lines) - 1)
        found = self._codec.position_from_client_units(self._lines, lsp.Position(line, position.character))
        return sum(len(before) + 1 for before in self._lines[:line]) + found.character

    def range(self, span: Span) -> lsp.Range:
        """The range of a span; a span without a place is the beginning of the text."""
        return lsp.Range(self._position(max(span.start, 0)), self._position(max(span.end, 0)))

    def whole(self) -> lsp.Range:
        """The range of the whole text."""
        return self.range(Span(0, len(self._source.text)))

    def _position(self, offset: int) -> lsp.Position:
        line, column = self._source.position(min(offset, len(self._source.text)))
        return self._codec.position_to_client_units(self._lines, lsp.Position(line - 1, column - 1))

    def diagnostic(self, uri: str, found: Diagnostic) -> lsp.Diagnostic:
        """A diagnostic with its notes as further places and its fix under the message."""
        notes = [
            lsp.DiagnosticRelatedInformation(lsp.Location(uri, self.range(note.span)), note.message)
            for note in found.notes
            if note.span != NOWHERE
        ]
        message = found.message if found.help is None else f"{found.message}\nhelp: {found.help}"
        return lsp.Diagnostic(
            self.range(found.span),
            message,
            _SEVERITIES[found.severity],
            found.code,
            source="svilang",
            tags=[lsp.DiagnosticTag.Unnecessary] if found.code == _UNUSED else None,
            related_information=notes,
        )


def _calmly(answer: Callable[..., Answer]) -> Callable[..., Answer | None]:
    """A fault of ours is logged and answered by nothing: the editor works on."""

    @wraps(answer)
    def calm(server: Server, params: object) -> Answer | None:
        try:
            return answer(server, params)
        except Exception:
            log.exception("no answer to %s", answer.__name__)
            return None

    return calm


def server() -> Server:
    """A server that waits to be started."""
    made = Server()
    for method, answer in _ANSWERS.items():
        made.feature(method)(_calmly(answer))
    options = lsp.CompletionOptions(trigger_characters=["~", ":", "[", "(", ",", "="])
    made.feature(lsp.TEXT_DOCUMENT_COMPLETION, options)(_calmly(_completion))
    return made


def _opened(server: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    server.publish(params.text_document.uri, params.text_document.version)


def _changed(server: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    server.publish(params.text_document.uri, params.text_document.version)


def _closed(server: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    server.close(params.text_document.uri)


def _at(
    server: Server, params: lsp.HoverParams | lsp.DefinitionParams | lsp.CompletionParams
) -> tuple[Document, Places, int]:
    uri = params.text_document.uri
    document = server.document(uri)
    places = Places(server.workspace.get_text_document(uri), document.source)
    return document, places, places.offset(params.position)


def _hover(server: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    document, places, offset = _at(server, params)
    found, problems = hover.meaning(document, offset), hover.problems(document, offset)
    parts = [part for part in (found.text if found else "", problems) if part]
    if not parts:
        return None
    text = lsp.MarkupContent(lsp.MarkupKind.Markdown, "\n\n---\n\n".join(parts))
    return lsp.Hover(text, places.range(found.span) if found else None)


def _definition(server: Server, params: lsp.DefinitionParams) -> lsp.Location | None:
    document, places, offset = _at(server, params)
    found = hover.meaning(document, offset)
    if found is None or found.declared is None:
        return None
    return lsp.Location(params.text_document.uri, places.range(found.declared))


def _completion(server: Server, params: lsp.CompletionParams) -> lsp.CompletionList:
    document, _, offset = _at(server, params)
    items = complete.complete(document, offset)
    return lsp.CompletionList(is_incomplete=False, items=[_item(i, item) for i, item in enumerate(items)])


def _item(rank: int, item: Item) -> lsp.CompletionItem:
    return lsp.CompletionItem(
        item.label,
        kind=_SORTS[item.sort],
        detail=item.detail or None,
        documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, item.text) if item.text else None,
        insert_text=item.insert,
        sort_text=f"{rank:04}",
    )


def _formatting(server: Server, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
    uri = params.text_document.uri
    document = server.document(uri)
    layout = document.layout
    if layout is None or layout == document.source.text:
        return []
    return [lsp.TextEdit(Places(server.workspace.get_text_document(uri), document.source).whole(), layout)]


_ANSWERS: dict[str, Callable[..., object]] = {
    lsp.TEXT_DOCUMENT_DID_OPEN: _opened,
    lsp.TEXT_DOCUMENT_DID_CHANGE: _changed,
    lsp.TEXT_DOCUMENT_DID_CLOSE: _closed,
    lsp.TEXT_DOCUMENT_HOVER: _hover,
    lsp.TEXT_DOCUMENT_DEFINITION: _definition,
    lsp.TEXT_DOCUMENT_FORMATTING: _formatting,
}
