"""The server in a process of its own, driven by a client over the protocol as an editor drives it."""

import asyncio
import sys
from contextlib import asynccontextmanager

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

URI = "file:///schools.svi"
PATIENCE = 30


class Editor:
    """An editor with one file open."""

    def __init__(self, client):
        self.client = client
        self.version = 0
        self.published = asyncio.Queue()

        @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def publish(params):
            self.published.put_nowait(params)

    async def diagnostics(self):
        published = await asyncio.wait_for(self.published.get(), PATIENCE)
        assert published.uri == URI
        return list(published.diagnostics)

    async def open(self, text):
        self.text = text
        item = lsp.TextDocumentItem(URI, "svilang", 0, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return await self.diagnostics()

    async def change(self, old, new):
        """Replace a piece of the text, as an incremental change."""
        at = self.text.index(old)
        area = lsp.Range(self.position(at), self.position(at + len(old)))
        self.text = self.text.replace(old, new, 1)
        self.version += 1
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.version, URI),
                [lsp.TextDocumentContentChangePartial(area, new)],
            )
        )
        return await self.diagnostics()

    def position(self, offset):
        """A place as the protocol counts it: lines, and units of UTF-16."""
        line = self.text.count("\n", 0, offset)
        start = self.text.rfind("\n", 0, offset) + 1
        return lsp.Position(line, len(self.text[start:offset].encode("utf-16-le")) // 2)

    def asked(self, make, before):
        """Parameters of a request about the place after ``before``."""
        return make(lsp.TextDocumentIdentifier(URI), self.position(self.text.index(before) + len(before)))

    async def hover(self, before):
        return await self.client.text_document_hover_async(self.asked(lsp.HoverParams, before))

    async def complete(self, before):
        params = self.asked(lsp.CompletionParams, before)
        return {item.label: item for item in (await self.client.text_document_completion_async(params)).items}

    async def definition(self, before):
        return await self.client.text_document_definition_async(self.asked(lsp.DefinitionParams, before))

    async def format(self):
        options = lsp.FormattingOptions(2, True)
        params = lsp.DocumentFormattingParams(lsp.TextDocumentIdentifier(URI), options)
        return list(await self.client.text_document_formatting_async(params))


@asynccontextmanager
async def editing():
    client = LanguageClient("test", "1")
    await client.start_io(sys.executable, "-m", "svilang", "lsp")
    try:
        await client.initialize_async(lsp.InitializeParams(lsp.ClientCapabilities()))
        client.initialized(lsp.InitializedParams())
        yield Editor(client)
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        await asyncio.wait_for(client.stop(), PATIENCE)


def covered(editor, area):
    lines = editor.text.splitlines()
    assert area.start.line == area.end.line
    return (
        lines[area.start.line]
        .encode("utf-16-le")[2 * area.start.character : 2 * area.end.character]
        .decode("utf-16-le")
    )


def test_a_file_is_opened_broken_mended_asked_about_and_laid_out(schools):
    async def session():
        async with editing() as editor:
            assert await editor.open(schools) == []

            (wrong,) = await editor.change("Normal(mu, tau)", "Normal(mu, sgima)")
            assert (wrong.code, wrong.severity) == ("E0201", lsp.DiagnosticSeverity.Error)
            assert covered(editor, wrong.range) == "sgima"
            shown = await editor.hover("Normal(mu, sg")
            assert "**E0201" in shown.contents.value

            assert await editor.change("Normal(mu, sgima)", "Normal(mu, tau)") == []

            broken = await editor.change("HalfCauchy(5)", "")
            assert all(found.code.startswith("E01") for found in broken)
            assert broken
            offered = await editor.complete("tau ~ ")
            assert offered["HalfNormal"].detail == "HalfNormal(scale=1)"
            assert (await editor.complete("Normal(theta, "))["theta"].detail == "latent variable: real[school]"

            assert await editor.change("tau ~ ", "tau ~ HalfNormal(3)") == []
            shown = await editor.hover("Normal(mu, t")
            assert "tau: positive" in shown.contents.value
            assert covered(editor, shown.range) == "tau"
            place = await editor.definition("noncentered th")
            assert (place.uri, covered(editor, place.range)) == (URI, "theta")
            assert place.range.start.line == schools[: schools.index("theta ~")].count("\n")

            assert await editor.format() == []
            await editor.change("mu ~ Normal(0, 5)", "mu~Normal( 0,5 )")
            (edit,) = await editor.format()
            assert edit.new_text == schools.replace("HalfCauchy(5)", "HalfNormal(3)")

    asyncio.run(session())


def test_places_behind_letters_of_two_units_are_right():
    async def session():
        async with editing() as editor:
            text = (
                'data { y: real[n] from "𝛽𝛽" } model { mu ~ Normal(0, 1)  plate n { observe y ~ Normal(mu, sgima) } }'
            )
            (wrong,) = await editor.open(text)
            assert covered(editor, wrong.range) == "sgima"
            shown = await editor.hover("Normal(m")
            assert covered(editor, shown.range) == "mu"

    asyncio.run(session())


def test_the_second_place_of_a_problem_and_its_fix_arrive():
    async def session():
        async with editing() as editor:
            (twice,) = await editor.open("model { mu ~ Normal(0, 1)  mu ~ Normal(0, 2) }")
            (note,) = twice.related_information
            assert covered(editor, note.location.range) == "mu"
            (unknown,) = await editor.change("  mu ~ Normal(0, 2)", " nu ~ Normal(m, 2)")
            assert unknown.message.splitlines()[1].startswith("help: did you mean `mu`")
            found = await editor.change("Normal(m, 2)", "Normal(mu, 2)  spare = 1")
            assert [(f.code, f.severity, list(f.tags)) for f in found if f.code == "W0201"] == [
                ("W0201", lsp.DiagnosticSeverity.Warning, [lsp.DiagnosticTag.Unnecessary])
            ]

    asyncio.run(session())


def test_a_text_of_rubble_is_answered_and_the_server_lives():
    async def session():
        async with editing() as editor:
            assert await editor.open("model { ~ ( [ \x00 }} fit = \n ) data {")
            assert await editor.hover("model { ~") is None
            await editor.complete("( [ ")
            assert await editor.definition("mod") is None
            assert await editor.format() == []
            assert await editor.change(editor.text, "model { mu ~ Normal(0, 1) }") == []

    asyncio.run(session())
