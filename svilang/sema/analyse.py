"""The stage as a whole: every block, every error, in source order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ..diagnostics import Diagnostic, InternalError, Source, Span, SvilangError
from ..ir.nodes import Program
from ..runtime.settings import FitSettings
from ..syntax import ast
from . import errors, starts
from .allow import allowed
from .guide import GuideStatements
from .model import ModelStatements
from .objective import for_objective
from .settings import NO_SETTINGS, settings_of
from .statements import Statements
from .suspicious import suspicious
from .symbols import collect_block, collect_data
from .unused import unused

_Block = TypeVar("_Block", bound=ast.Block)


@dataclass(frozen=True)
class Checked:
    """A spec that passed every static check.

    Args:
        model: the model as a program.
        guide: the chosen guide as a program; its nodes read the model's latents by name.
        fit: the settings of the fit block.
        warnings: what is legal and suspicious, in source order.
        guides: the names of all named guides.
        doc: the text in front of the blocks.
        places: where the fit block says the starts of latents.
    """

    model: Program
    guide: Program
    fit: FitSettings
    warnings: tuple[Diagnostic, ...]
    guides: tuple[str, ...]
    doc: str | None
    places: Mapping[str, Span] = field(default_factory=dict)


Further = Callable[[Program, Program], Sequence[Diagnostic]]
"""What later stages have to say of a model and one of its guides."""


def nothing_further(model: Program, guide: Program) -> Sequence[Diagnostic]:
    """No later stage is asked."""
    return ()


def analyse(
    file: ast.File,
    source: Source,
    *,
    guide: str | None = None,
    settings: Mapping[str, Any] = NO_SETTINGS,
    further: Further = nothing_further,
) -> Checked:
    """Check a spec completely and make its programs.

    Args:
        file: the tree.
        source: its text, for messages.
        guide: which named guide to use; by default the unnamed one, or the only one.
        settings: in the place of those of the fit block.
        further: warnings of later stages, for each guide.

    Raises:
        SvilangError: with every error of the file.
    """
    with _deep_recursion():
        return _analyse(file, source, guide, settings, further)


def _analyse(
    file: ast.File, source: Source, guide: str | None, settings: Mapping[str, Any], further: Further
) -> Checked:
    problems: list[Diagnostic] = []
    table = collect_data([b for b in file.blocks if isinstance(b, ast.DataBlock)])
    block = _only(file, ast.ModelBlock, problems)
    if block is None:
        problems.append(errors.no_model(file.span))
    else:
        collect_block(block.body, table, guide=False, latents=frozenset())
    model = ModelStatements(table)
    program = model.program()
    blocks = [b for b in file.blocks if isinstance(b, ast.GuideBlock)]
    _check_names(blocks, problems)
    chosen = _chosen(blocks, guide, problems)
    made = [(b, _guide(model, b)) for b in blocks or [None]]
    guides = [(b, statements.program(), statements) for b, statements in made]
    fit, begun = settings_of(_only(file, ast.FitBlock, problems), table.dims, problems)
    fit = replace(fit, **settings)
    guides = [(b, for_objective(p, fit.objective.name, problems), s) for b, p, s in guides]
    problems += model.b.told()
    warnings = list(model.b.warnings)
    for _, _, statements in guides:
        problems += statements.b.told()
        warnings += [*statements.b.warnings, *unused(statements, guide=True)]
    warnings += unused(model, guide=False)
    if not problems:
        sizes = {name: int(size) for name in table.dims if (size := model.e.size(name)) is not None}
        found = (starts.check(start, program, [p for _, p, _ in guides], sizes) for start in begun)
        problems += [problem for problem in found if problem is not None]
    if problems:
        raise SvilangError.first(_once(problems), source)
    _check_complete([model, *(statements for _, _, statements in guides)])
    warnings += [warning for _, p, _ in guides for warning in further(program, p)]
    warnings = allowed(file, source, [*warnings, *suspicious(model, [p for _, p, _ in guides])])
    picked = next(p for b, p, _ in guides if b is chosen)
    own = [start for start in begun if start.name.name in starts.covers([picked])]
    fit = replace(fit, init=tuple((start.name.name, start.value) for start in own))
    names = tuple(b.name.name for b in blocks if b.name is not None)
    ordered = tuple(sorted(_once(warnings), key=lambda d: d.span))
    places = {start.name.name: start.span for start in own}
    return Checked(program, picked, fit, ordered, names, file.doc, places)


def _check_complete(blocks: list[Statements]) -> None:
    """A statement that has no value, and no error either, would be missing from the program without a word."""
    for block in blocks:
        lost = [name for name, node in block.resolved.items() if node is None]
        if lost:
            raise InternalError(f"the statement of `{lost[0]}` was dropped without an error")


def _guide(model: ModelStatements, block: ast.GuideBlock | None) -> GuideStatements:
    return GuideStatements(model, block)


def _only(file: ast.File, kind: type[_Block], problems: list[Diagnostic]) -> _Block | None:
    found = [block for block in file.blocks if isinstance(block, kind)]
    for extra in found[1:]:
        problems.append(errors.block_twice(extra.span, found[0].span))
    return found[0] if found else None


def _check_names(blocks: list[ast.GuideBlock], problems: list[Diagnostic]) -> None:
    seen: dict[str | None, ast.GuideBlock] = {}
    for block in blocks:
        name = None if block.name is None else block.name.name
        if name in seen:
            problems.append(errors.block_twice(block.span, seen[name].span))
        seen.setdefault(name, block)


def _chosen(blocks: list[ast.GuideBlock], guide: str | None, problems: list[Diagnostic]) -> ast.GuideBlock | None:
    by_name = {None if b.name is None else b.name.name: b for b in blocks}
    if guide is not None:
        if guide not in by_name:
            problems.append(errors.unknown_guide(guide, [name for name in by_name if name]))
        return by_name.get(guide, blocks[0] if blocks else None)
    return by_name.get(None, blocks[0] if blocks else None)


def _once(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """One diagnostic for each code and place."""
    return list({(d.code, d.span, d.message): d for d in diagnostics}.values())


@contextmanager
def _deep_recursion() -> Generator[None]:
    """Room for deep trees and long chains; Python frames need no C stack, and a text is of bounded length."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 500_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
