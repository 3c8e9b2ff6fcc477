"""The text of a program back into the program; the inverse of ``text.py``, which describes the lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..catalog.distribution import Combinator, Distribution
from ..catalog.function import Function
from ..types import Kind
from .nodes import (
    Data,
    Dimension,
    Factor,
    Family,
    Gaps,
    GuideParts,
    Node,
    Observation,
    Param,
    Program,
    Report,
    Site,
)
from .phrases import Phrases, Tables


def read(
    text: str,
    functions: Iterable[Function] | None = None,
    distributions: Iterable[Distribution | Combinator] | None = None,
) -> Program:
    """The program that ``write`` printed as ``text``; every span is ``NOWHERE``.

    Args:
        text: lines as ``write`` prints them; empty lines are skipped.
        functions: the rows that a node may name; the whole catalogue if left out.
        distributions: the rows that a law may name, combinators among them; the whole catalogue if left out.

    Raises:
        ValueError: a line does not follow the form, names an unknown row, or is out of order; says which line.

    Example:
        >>> read('model "empty"').name
        'empty'
    """
    tables = Tables(
        _all_functions() if functions is None else functions, _all_laws() if distributions is None else distributions
    )
    draft = _Draft()
    for number, content in enumerate(text.split("\n"), start=1):
        if content.strip():
            line = _Line(number, content, tables)
            line.read_into(draft)
    if draft.name is None:
        raise ValueError("line 1: the text must begin with `model` or `guide` and a name")
    return draft.program()


def _all_functions() -> Iterable[Function]:
    from ..catalog.functions import FUNCTIONS
    from ..catalog.log_prob import every

    return (*FUNCTIONS.values(), *every())


def _all_laws() -> Iterable[Distribution | Combinator]:
    from ..catalog.distributions import COMBINATORS, DISTRIBUTIONS

    chosen = (row for combinator in COMBINATORS.values() for row in combinator.functions.values())
    return [*DISTRIBUTIONS.values(), *COMBINATORS.values(), *chosen]


@dataclass
class _Draft:
    """What has been read so far."""

    name: str | None = None
    is_guide: bool = False
    parts: dict[str, list[Any]] = field(default_factory=dict)
    marked: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, part: str, value: Any) -> None:
        self.parts.setdefault(part, []).append(value)

    def program(self) -> Program:
        parts = {part: tuple(values) for part, values in self.parts.items()}
        families = parts.pop("families", ())
        guide = GuideParts(families, **self.marked) if self.is_guide else None
        return Program(self.name or "", **parts, guide=guide)


class _Line(Phrases):
    """The forms that a line can take."""

    def read_into(self, draft: _Draft) -> None:
        if self.peeks("ref"):
            self.node(draft)
        else:
            word = self.next("word")
            if word not in _LINES:
                self.fail(f"no line begins with `{word}`")
            _LINES[word](self, draft)
        if not self.peeks("end"):
            self.fail(f"cannot read `{self.tokens[self.at][1]}` here")

    def head(self, draft: _Draft, is_guide: bool) -> None:
        if draft.name is not None:
            self.fail("only the first line names the program")
        draft.name, draft.is_guide = self.next("text"), is_guide

    def node(self, draft: _Draft) -> None:
        position, expected = self.ref(), len(draft.parts.get("nodes", ()))
        if position != expected:
            self.fail(f"the next node is %{expected}, not %{position}")
        self.expect(":")
        kind, dims = self.typed(self.dims)
        self.expect("=")
        op, args = self.operation()
        draft.add("nodes", Node(op, args, dims, kind))

    def dimension(self, draft: _Draft) -> None:
        word, size = self.name(), self.after("=")
        labels: Any = self.nested() if self.accept("label") else None
        draft.add("dimensions", Dimension(word, size, labels, self.name() if self.accept("of") else None))

    def data(self, draft: _Draft) -> None:
        word, (kind, dims) = self.named(self.dims)
        bounds = self.bounds()
        default = self.nested() if self.accept("=") else None
        optional = self.accept("optional")
        column = self.next("text") if self.accept("column") else None
        source = self.next("text") if self.accept("source") else None
        base = self.whole() if self.accept("base") else None
        gaps = self.gaps() if self.accept("gaps") else None
        draft.add("data", Data(word, kind, dims, bounds, optional, default, column, source, base, gaps))

    def gaps(self) -> Gaps:
        part = self.name()
        self.expect("of")
        return Gaps(part, self.name(), self.whole())

    def param(self, draft: _Draft) -> None:
        word, (kind, dims) = self.named(self.dims)
        bounds = self.bounds()
        init = self.law() if self.accept("~") else self.after("=")
        draft.add("params", Param(word, kind, dims, bounds, init, self.name() if self.accept("net") else None))

    def site(self, draft: _Draft) -> None:
        word, (kind, (dims, plates)) = self.named(self.plated)
        bounds = self.bounds()
        self.expect("~")
        law, narrowed = self.law(), self.accept("narrowed")
        normaliser = self.name() if self.accept("normaliser") else None
        draft.add("sites", Site(word, law, dims, plates, kind, bounds, narrowed, normaliser, self.accept("aux")))

    def observation(self, draft: _Draft) -> None:
        word = self.name()
        self.expect("=")
        value, plates = self.ref(), self.dims()
        self.expect("~")
        law, mask, weight = self.law(), self.after("where"), self.after("weight")
        optional = self.names() if self.accept("optional") else ()
        grouped = self.names() if self.accept("grouped") else ()
        draft.add("observations", Observation(word, value, law, plates, mask, weight, optional, grouped))

    def factor(self, draft: _Draft) -> None:
        draft.add("factors", Factor(self.ref(), self.dims()))

    def report(self, draft: _Draft) -> None:
        word, (kind, dims) = self.named(self.dims)
        value = self.after("=")
        draft.add("reports", Report(word, value, self.law() if self.accept("~") else None, dims, kind))

    def definition(self, draft: _Draft) -> None:
        word = self.name()
        self.expect("=")
        draft.add("definitions", (word, self.ref()))

    def family(self, draft: _Draft) -> None:
        word = self.name()
        self.expect("(")
        settings = tuple(self.separated(self.setting, ")"))
        sites = () if self.peeks("end") else self.names()
        draft.add("families", Family(word, sites, settings))

    def marked(self, draft: _Draft, word: str) -> None:
        draft.marked[word] = self.names()

    def named(self, axes: Callable[[], Any]) -> tuple[str, tuple[Kind, Any]]:
        word = self.name()
        self.expect(":")
        return word, self.typed(axes)

    def setting(self) -> tuple[str, float | str]:
        word = self.name()
        self.expect("=")
        return word, self.number() if self.peeks("number") else self.name()


_LINES: dict[str, Callable[[_Line, _Draft], None]] = {
    "model": lambda line, draft: line.head(draft, is_guide=False),
    "guide": lambda line, draft: line.head(draft, is_guide=True),
    "dim": _Line.dimension,
    "data": _Line.data,
    "param": _Line.param,
    "define": _Line.definition,
    "site": _Line.site,
    "observe": _Line.observation,
    "factor": _Line.factor,
    "report": _Line.report,
    "family": _Line.family,
    "noncentered": lambda line, draft: line.marked(draft, "noncentered"),
    "learned": lambda line, draft: line.marked(draft, "learned"),
    "scored": lambda line, draft: line.marked(draft, "scored"),
    "formulas": lambda line, draft: line.marked(draft, "formulas"),
}
