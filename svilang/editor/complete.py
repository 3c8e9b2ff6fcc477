"""What may be written next at a place of a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from ..catalog.distributions import COMBINATORS, DISTRIBUTIONS
from ..catalog.functions import FUNCTIONS
from ..runtime.guides import FAMILIES
from ..runtime.objectives import OBJECTIVES
from ..runtime.optimizers import OPTIMIZERS, SCHEDULES, TRANSFORMS
from ..runtime.stopping import STOPS
from ..sema.expressions import CONSTANTS
from ..sema.guide import REST
from ..sema.settings import NAMES, PRECISIONS
from ..sema.symbols import Symbol
from ..syntax import ast
from ..syntax.grammar import BLOCKS, CLAUSES, OPERATORS, RESERVED, STATEMENTS
from ..types import KINDS
from . import describe, signature, symbols
from .document import Document
from .words import Place


class Sort(Enum):
    """What is offered, for the picture beside it."""

    NAME = "name"
    DIMENSION = "dimension"
    DISTRIBUTION = "distribution"
    FAMILY = "family"
    FUNCTION = "function"
    KIND = "kind"
    ARGUMENT = "argument"
    SETTING = "setting"
    KEYWORD = "keyword"


@dataclass(frozen=True)
class Item:
    """One thing that may be written.

    Args:
        label: the word.
        sort: what it is.
        detail: how it is called, or what it is, in a few words.
        text: its meaning, in Markdown.
        insert: what is written, where it is more than the word.
    """

    label: str
    sort: Sort
    detail: str = ""
    text: str = ""
    insert: str | None = None


ONLY_MODEL = frozenset({"observe", "report", "factor", "impute"})
"""Statements that a guide does not have."""

ONLY_GUIDE = frozenset({"aux", "noncentered", "centered", "score"})
"""Statements that a model does not have."""

_ENDS_A_VALUE = frozenset({"NAME", "NUMBER", "STRING", "TRUE", "FALSE", "RPAR", "RSQB", "RBRACE", "QMARK"})
_NEEDS_LATENT = frozenset({"NONCENTERED", "SCORE"})


def complete(document: Document, offset: int) -> list[Item]:
    """What may be written at an offset; a part of a word in front of it is ignored, so that the editor can filter."""
    words = document.words
    prefix = words.prefix(offset)
    if not words.is_code(offset) or prefix[:1].isdigit():
        return []
    place = words.place(offset - len(prefix))
    found = {item.label: item for item in reversed(list(_offers(document, place)))}
    return list(reversed(found.values()))


def _offers(document: Document, place: Place) -> Iterator[Item]:
    last = place.last()
    if place.last() == "EQUAL" and place.last(2) == "GUIDE":
        yield from _families()
    elif not place.block:
        yield from _keywords(BLOCKS)
    elif place.takes_dimension:
        yield from _dimensions(document)
    elif last in ("COLON", "ARROW"):
        yield from [*_kinds(), *_dimensions(document)]
    elif place.block == "fit":
        yield from _fit(place)
    elif place.call is not None and last in ("LPAR", "COMMA"):
        yield from _in_call(document, place, place.call)
    elif last in ("TILDE", "THEN", "DRAW"):
        yield from [*(_families() if place.block == "guide" and last == "TILDE" else ()), *_distributions()]
    elif place.brackets:
        yield from _value(document, place)
    else:
        yield from _in_body(document, place)


def _in_body(document: Document, place: Place) -> Iterator[Item]:
    last = place.last()
    if last in _NEEDS_LATENT or (last == "RPAR" and _after_degree(place)):
        yield from _latents(document)
    elif last in ("LBRACE", "RBRACE"):
        yield from _statements(document, place)
    elif last in _ENDS_A_VALUE:
        yield from [*_statements(document, place), *_keywords(_clauses(place.block))]
    elif last == "COMMA":
        yield from _latents(document)
    elif last == "IMPUTE":
        yield from _declared(document, _has_gaps)
    elif last not in ("DEF", "NET", "EXTERN", "PARAM", "AUX", "FROM"):
        yield from _value(document, place)


def _after_degree(place: Place) -> bool:
    return [place.last(depth) for depth in (2, 3, 4)] == ["NAME", "LPAR", "CENTERED"]


def _clauses(block: str) -> list[str]:
    if block == "data":
        return ["from"]
    return [word for word in (*CLAUSES, *OPERATORS) if word not in ("from", "draw", "true", "false", "not")]


def _statements(document: Document, place: Place) -> Iterator[Item]:
    """Words that begin a statement of the block, and in a guide what its statements are about."""
    if place.block == "guide":
        yield from _latents(document)
        yield Item(REST, Sort.KEYWORD, "every other latent variable", describe.word(REST, "guide") or "")
    yield from _keywords(word for word in STATEMENTS if belongs(word, place.block))


def belongs(word: str, block: str) -> bool:
    """Whether a statement that begins with a word may stand in a block."""
    if block in ("data", "fit"):
        return block == "data" and word == "dim"
    return word != "dim" and word not in (ONLY_GUIDE if block == "model" else ONLY_MODEL)


def _in_call(document: Document, place: Place, call: str) -> Iterator[Item]:
    yield from _arguments(place, call)
    row = DISTRIBUTIONS.get(call)
    if call in FAMILIES and place.block == "guide" and row is None:
        return
    if call == "Improper":
        yield from _kinds()
        return
    if call in COMBINATORS:
        yield from _distributions()
    if (row is not None and row.dimension_first) or (call in FUNCTIONS and FUNCTIONS[call].dims):
        yield from _dimensions(document)
    yield from _value(document, place)


def _arguments(place: Place, call: str) -> Iterator[Item]:
    """The keywords of a call that are not yet given."""
    given = {str(a) for a, b in zip(place.arguments, place.arguments[1:], strict=False) if b.type == "EQUAL"}
    for name in describe.arguments(call, place.block):
        if name not in given:
            text = describe.argument(name, call, place.block) or ""
            yield Item(name, Sort.ARGUMENT, f"argument of {call}", text, f"{name}=")


def _fit(place: Place) -> Iterator[Item]:
    call = place.call
    if call is not None:
        if place.last() in ("LPAR", "COMMA"):
            yield from _arguments(place, call)
        table = {**OPTIMIZERS, **TRANSFORMS} if call == "chain" else SCHEDULES if call in OPTIMIZERS else {}
        yield from _words(table, Sort.FUNCTION, "fit")
    elif place.last() == "EQUAL":
        yield from _setting_values(str(place.before[-2]))
    else:
        meanings = signature.settings()
        yield from (Item(name, Sort.SETTING, "setting", meanings.get(name, ""), f"{name} = ") for name in NAMES)


def _setting_values(name: str) -> Iterable[Item]:
    tables: dict[str, Iterable[str]] = {"objective": OBJECTIVES, "optimizer": [*OPTIMIZERS, "chain"], "stop": STOPS}
    if name in tables:
        return _words(tables[name], Sort.FUNCTION, "fit")
    words = {"precision": PRECISIONS, "average": ("true", "false")}.get(name, ())
    return [Item(word, Sort.KEYWORD) for word in words]


def _value(document: Document, place: Place) -> Iterator[Item]:
    """What an expression may begin with."""
    yield from _names(document, place)
    functions = [name for name, row in FUNCTIONS.items() if signature.is_called(row)]
    yield from _words([*functions, "lag", "prev", *CONSTANTS], Sort.FUNCTION, "")


def _names(document: Document, place: Place) -> Iterator[Item]:
    """Names that the text declares, those of the nearest block first, then those that no tree has yet."""
    names = document.names
    known = {REST}
    if names is not None:
        for block in names.blocks(place.block, place.guide):
            known.update(block.table.symbols)
            for name, symbol in block.table.symbols.items():
                yield _name(symbol, symbols.symbol(symbol, block, names), symbols.typed(name, block))
    visible = {"data", "model", place.block}
    yield from (Item(name, Sort.NAME) for name in document.words.declared(visible) if name not in known)


def _name(symbol: Symbol, text: str, typed: symbols.Typed | None) -> Item:
    function = isinstance(symbol.statement, (ast.FunctionDef, ast.NetDecl, ast.ExternDecl))
    what = symbols.what(symbol)
    detail = what if typed is None else f"{what}: {typed}"
    return Item(symbol.name.name, Sort.FUNCTION if function else Sort.NAME, detail, text)


def _latents(document: Document) -> Iterator[Item]:
    return _declared(document, _is_latent)


def _declared(document: Document, wanted: Callable[[Symbol], bool]) -> Iterator[Item]:
    """Names of data and model of one sort."""
    names = document.names
    if names is None:
        return
    for name, symbol in names.model.table.symbols.items():
        if wanted(symbol):
            yield _name(symbol, symbols.symbol(symbol, names.model, names), symbols.typed(name, names.model))


def _is_latent(symbol: Symbol) -> bool:
    return isinstance(symbol.statement, ast.Draw) and not symbol.reported


def _has_gaps(symbol: Symbol) -> bool:
    return isinstance(symbol.statement, ast.DataDecl) and symbol.statement.type.optional


def _dimensions(document: Document) -> Iterator[Item]:
    names = document.names
    if names is not None:
        for name in names.model.table.dims:
            yield Item(name, Sort.DIMENSION, "dimension", symbols.dimension(name, names) or "")


def _distributions() -> Iterator[Item]:
    heads: dict[str, str] = {name: signature.distribution(row)[0] for name, row in DISTRIBUTIONS.items()}
    heads |= {name: signature.combinator(row) for name, row in COMBINATORS.items() if name not in RESERVED}
    for name, head in heads.items():
        yield Item(name, Sort.DISTRIBUTION, head, describe.word(name, "model") or "")


def _families() -> Iterator[Item]:
    for name, row in FAMILIES.items():
        yield Item(name, Sort.FAMILY, signature.with_defaults(name, row.settings), describe.row(row))


def _kinds() -> Iterator[Item]:
    return (Item(name, Sort.KIND, signature.kind(name), describe.kind(name)) for name in KINDS)


def _keywords(words: Iterable[str]) -> Iterator[Item]:
    return (Item(word, Sort.KEYWORD, RESERVED[word], describe.keyword(word) or "") for word in words)


def _words(names: Iterable[str], sort: Sort, block: str) -> Iterator[Item]:
    for name in names:
        text = describe.word(name, block) or ""
        yield Item(name, sort, text.split("\n")[1] if text.startswith("```") else "", text)
