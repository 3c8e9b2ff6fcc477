"""The parts of a line of a program's text: axes, kinds, distributions and operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..catalog.distribution import Combinator, Distribution
from ..catalog.function import Function, Role
from ..types import KINDS, Dim, Dims, Interval, Kind
from .nodes import (
    Along,
    Apply,
    Before,
    Bounds,
    Carry,
    Const,
    Contract,
    Fill,
    Flow,
    Gather,
    Id,
    Input,
    Label,
    Lag,
    Latent,
    Law,
    Matrix,
    Op,
    Parameter,
    Reduce,
    Relabel,
    Stack,
    Varying,
)
from .tokens import Cursor


class Tables:
    """Rows by what the text says of them."""

    def __init__(self, functions: Iterable[Function], laws: Iterable[Distribution | Combinator]) -> None:
        self.functions: Mapping[tuple[str, Role], Function] = {(row.name, row.role): row for row in functions}
        self.laws: Mapping[str, Distribution | Combinator] = {row.name: row for row in laws}


class Phrases(Cursor):
    """A line that can read the parts which several kinds of line share."""

    def __init__(self, number: int, content: str, tables: Tables) -> None:
        super().__init__(number, content)
        self.tables = tables

    # --- axes, kinds, laws ---

    def dim(self) -> Dim:
        word, prime = self.name(), 0
        while self.accept("'"):
            prime += 1
        return Dim(word, prime)

    def over(self, word: str = "over") -> Dim:
        """The axis after ``word``."""
        self.expect(word)
        return self.dim()

    def dims(self) -> Dims:
        """Axes in brackets, or none."""
        return tuple(self.separated(self.dim, "]")) if self.accept("[") else ()

    def plated(self) -> tuple[Dims, int]:
        """Axes in brackets, and how many of them stand before the bar."""
        if not self.accept("["):
            return (), 0
        plates: list[Dim] = []
        while not self.peeks("sign", "|") and not self.peeks("sign", "]"):
            if plates:
                self.expect(",")
            plates.append(self.dim())
        rest: list[Dim] = []
        if self.accept("|"):
            rest = self.separated(self.dim, "]")
        else:
            self.expect("]")
        return (*plates, *rest), len(plates)

    def typed(self, axes: Callable[[], Any]) -> tuple[Kind, Any]:
        """A kind with the axes that stand after its word."""
        word = self.name()
        if word not in KINDS:
            self.fail(f"no kind is called `{word}`")
        kind, shape = KINDS[word].kind, axes()
        member = self.name() if self.accept("of") else None
        interval = self.interval() if self.accept("in") else kind.interval
        return Kind(kind.structure, interval, member), shape

    def interval(self) -> Interval:
        lower_open = self.next("sign") == "("
        lower = self.number()
        self.expect(",")
        upper = self.number()
        upper_open = self.next("sign") == ")"
        return Interval(lower, upper, lower_open, upper_open, self.accept("integers"))

    def bounds(self) -> Bounds:
        return Bounds(self.after("lower"), self.after("upper"))

    def law(self) -> Law:
        word = self.name()
        self.expect("(")
        return self.law_of(word)

    def law_of(self, word: str) -> Law:
        """The rest of a distribution whose name and bracket have been read."""
        row = self.tables.laws.get(word)
        if row is None:
            self.fail(f"no distribution is called `{word}`")
        children: list[Law] = []
        args: dict[str, Id | None] = {}
        for argument in self.separated(self.argument, ")"):
            if isinstance(argument, Law):
                children.append(argument)
            else:
                args[argument[0]] = argument[1]
        event = self.dims()
        mixed = self.dim() if self.accept("over") else None
        return Law(row, self.form(row, tuple(args)), tuple(args.values()), tuple(children), event, mixed)

    def argument(self) -> Law | tuple[str, Id | None]:
        word = self.name()
        if self.accept("("):
            return self.law_of(word)
        self.expect("=")
        return word, (None if self.accept("none") else self.ref())

    def form(self, row: Distribution | Combinator, names: tuple[str, ...]) -> int:
        """Which set of parameters the keywords are."""
        sets = [form.params for form in row.forms] if isinstance(row, Distribution) else [row.params]
        for position, params in enumerate(sets):
            if tuple(param.name for param in params) == names:
                return position
        self.fail(f"`{row.name}` is not written with ({', '.join(names)})")

    # --- nodes ---

    def operation(self) -> tuple[Op, tuple[Id, ...]]:
        quoted = self.peeks("text")
        word = self.name()
        build = None if quoted else _OPERATIONS.get(word)
        return build(self) if build is not None else self.call(word)

    def call(self, word: str) -> tuple[Op, tuple[Id, ...]]:
        """A function of the catalogue; what follows its name says how it treats dimensions."""
        if self.peeks("sign", "["):
            function, over = self.function(word, Role.FILL), self.dims()
            return Fill(function, over), self.refs()
        args: list[Id] = []
        events: list[Dims] = []
        while self.peeks("ref"):
            args.append(self.ref())
            if self.peeks("sign", "["):
                events.append(self.dims())
        if self.accept("->"):
            function = self.function(word, Role.MATRIX).suited([*map(len, events)])
            return Matrix(function, tuple(events), self.dims()), tuple(args)
        if self.accept("over"):
            return Reduce(self.function(word, Role.REDUCE), self.dim()), tuple(args)
        if self.accept("along"):
            return Along(self.function(word, Role.ALONG), self.dim()), tuple(args)
        return Apply(self.function(word, Role.ELEMENTWISE)), tuple(args)

    def function(self, word: str, role: Role) -> Function:
        row = self.tables.functions.get((word, role))
        if row is None:
            self.fail(f"no {role.value} function is called `{word}`")
        return row

    def const(self) -> tuple[Op, tuple[Id, ...]]:
        return Const(self.scalar()), ()

    def label(self) -> tuple[Op, tuple[Id, ...]]:
        return Label(self.name(), self.next("text") if self.peeks("text") else self.whole()), ()

    def contract(self) -> tuple[Op, tuple[Id, ...]]:
        args, left = self.refs(), self.over()
        self.expect(",")
        return Contract(left, self.dim()), args

    def gather(self) -> tuple[Op, tuple[Id, ...]]:
        args = self.refs()
        return Gather(self.over()), args

    def stack(self) -> tuple[Op, tuple[Id, ...]]:
        args = self.refs()
        return Stack(self.over("along")), args

    def relabel(self) -> tuple[Op, tuple[Id, ...]]:
        args, old = self.refs(), self.dim()
        self.expect("->")
        return Relabel(old, self.dim()), args

    def lag(self) -> tuple[Op, tuple[Id, ...]]:
        args = self.refs()
        self.expect("by")
        steps = self.whole()
        return Lag(self.over("along"), steps), args

    def before(self) -> tuple[Op, tuple[Id, ...]]:
        word = self.name()
        self.expect("by")
        return Before(word, self.whole()), ()

    def carry(self) -> tuple[Op, tuple[Id, ...]]:
        args = self.refs()
        self.expect("of")
        names = [self.name()]
        while self.accept(","):
            names.append(self.name())
        self.expect("by")
        depth = self.whole()
        dim = self.over("along")
        self.expect("over")
        return Carry(dim, tuple(names), depth, self.whole()), args

    def flow(self) -> tuple[Op, tuple[Id, ...]]:
        args = self.refs()
        self.expect("of")
        state = self.name()
        self.expect(",")
        time = self.name()
        self.expect("by")
        return Flow(state, time, self.number(), self.accept("stiff")), args


_OPERATIONS: dict[str, Callable[[Phrases], tuple[Op, tuple[Id, ...]]]] = {
    "const": Phrases.const,
    "label": Phrases.label,
    "input": lambda line: (Input(line.name()), ()),
    "latent": lambda line: (Latent(line.name()), ()),
    "parameter": lambda line: (Parameter(line.name()), ()),
    "contract": Phrases.contract,
    "gather": Phrases.gather,
    "stack": Phrases.stack,
    "relabel": Phrases.relabel,
    "lag": Phrases.lag,
    "before": Phrases.before,
    "carry": Phrases.carry,
    "varying": lambda line: (Varying(line.name()), ()),
    "flow": Phrases.flow,
}
