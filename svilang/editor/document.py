"""One text as an editor holds it: what is wrong with it, and what its names stand for while it is being written."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .. import pipeline
from ..diagnostics import Diagnostic, Source, Span, SvilangError
from ..ir.nodes import Program
from ..sema.guide import GuideStatements
from ..sema.model import ModelStatements
from ..sema.symbols import Symbol, Table, collect_block, collect_data
from ..syntax import ast
from .words import Words

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Block:
    """The names of the data and of a model, or those of one guide, and as much of its program as could be made."""

    table: Table
    program: Program


@dataclass(frozen=True)
class Names:
    """What the names of a text stand for; the text may have errors, but it has a tree."""

    source: Source
    file: ast.File
    model: Block
    guides: tuple[tuple[str | None, Block], ...]

    def blocks(self, block: str, guide: str | None) -> Iterator[Block]:
        """Where a name is looked up that stands in a block, nearest first."""
        if block == "guide":
            yield from [names for name, names in self.guides if name == guide]
        yield self.model

    def find(self, name: str, block: str, guide: str | None) -> tuple[Symbol, Block] | None:
        """The declaration that a name refers to."""
        found = ((b.table.symbols[name], b) for b in self.blocks(block, guide) if name in b.table.symbols)
        return next(found, None)


def names_of(source: Source) -> Names | None:
    """What the names of a text stand for; ``None`` while it has no tree."""
    try:
        file = pipeline.parse(source)
        model = _model(file)
        guides = [block for block in file.blocks if isinstance(block, ast.GuideBlock)]
        return Names(
            source,
            file,
            Block(model.table, model.program()),
            tuple((None if block.name is None else block.name.name, _guide(model, block)) for block in guides),
        )
    except SvilangError:
        return None
    except Exception:
        log.exception("the names of %s could not be found", source.name)
        return None


def _model(file: ast.File) -> ModelStatements:
    table = collect_data([block for block in file.blocks if isinstance(block, ast.DataBlock)])
    for block in file.blocks:
        if isinstance(block, ast.ModelBlock):
            collect_block(block.body, table, guide=False, latents=frozenset())
    return ModelStatements(table)


def _guide(model: ModelStatements, block: ast.GuideBlock) -> Block:
    statements = GuideStatements(model, block)
    return Block(statements.table, statements.program())


class Document:
    """A text with what is known of it; ``before`` is what was known of the text that it was made from."""

    def __init__(self, source: Source, before: Document | None = None) -> None:
        self.source = source
        self.words = Words(source.text)
        self._before = before.names if before is not None else None

    @cached_property
    def names(self) -> Names | None:
        """What the names stand for, by the last text that could be read."""
        return names_of(self.source) or self._before

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All errors, or else all warnings; a fault of the compiler is logged, and is no fault of the text."""
        try:
            return pipeline.check(self.source).warnings
        except SvilangError as error:
            return tuple(error.diagnostics)
        except Exception:
            log.exception("%s could not be checked", self.source.name)
            return ()

    @property
    def layout(self) -> str | None:
        """The text in its canonical layout; ``None`` while it has no tree."""
        try:
            return pipeline.layout(self.source)
        except SvilangError:
            return None
        except Exception:
            log.exception("%s could not be laid out", self.source.name)
            return None

    def here(self, span: Span) -> Span:
        """A span of the text that the names are from, in this text."""
        assert self.names is not None
        old, new = self.names.source.text, self.source.text
        if old == new or old[: span.end] == new[: span.end]:
            return span
        shift = len(new) - len(old)
        if old[span.start :] == new[max(span.start + shift, 0) :]:
            return Span(span.start + shift, span.end + shift)
        return self.words.declared().get(old[span.start : span.end], Span(0, 0))
