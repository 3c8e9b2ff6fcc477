"""Carried definitions: ``level = y0 then 0.8 * prev(level) + 0.2 * lag(y)``, alone or several that read each other.

Definitions of one ``markov`` that need one another across steps are a group and are made together. The starts are made
at their own steps; the last part of each is one step, in which ``prev`` stands for what the step before left behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..catalog.functions import FUNCTIONS
from ..diagnostics import Span
from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dim, Dims, Interval, Kind, intervals, union
from . import errors
from .expressions import Expressions
from .order import dependency_order, names_in, reached
from .scope import Scope, Step
from .symbols import Symbol

RANGES = (intervals.UNIT, intervals.POSITIVE, intervals.NONNEGATIVE, intervals.REAL)
"""What a carried value may be known to lie in, the narrowest first."""

Groups = Mapping[str, tuple[str, ...]]
"""For each carried definition the names of its group."""


def groups(symbols: Mapping[str, Symbol]) -> dict[str, tuple[str, ...]]:
    """The definitions that need one another across the steps of a chain, for each of them.

    Those that need one another within one step are left out: they are a cycle.
    """
    chained = {n: s for n, s in symbols.items() if isinstance(s.statement, ast.Define) and s.chain is not None}
    later = {name: _named(symbol, chained, earlier=True) for name, symbol in chained.items()}
    found: dict[str, tuple[str, ...]] = {}
    for name, symbol in chained.items():
        if name in found or not _parts(symbol):
            continue
        ahead = reached(name, later)
        group = tuple(n for n in chained if n in ahead and name in reached(n, later))
        now = {n: sorted(_named(chained[n], chained, earlier=False).intersection(group)) for n in group}
        alike = all(chained[n].chain == symbol.chain for n in group)
        if name in group and alike and not dependency_order(now)[1]:
            found.update(dict.fromkeys(group, group))
    return found


def _parts(symbol: Symbol) -> int:
    """How many steps are written before the last part."""
    assert isinstance(symbol.statement, ast.Define)
    return len(symbol.statement.values) - 1


def _named(symbol: Symbol, known: Mapping[str, Symbol], *, earlier: bool) -> set[str]:
    return {name.name for name in names_in(symbol.statement, earlier=earlier)} & known.keys()


class Carried:
    """Elaborates one group.

    Args:
        expressions: of the block.
        symbols: the definitions, in the order of the text.
    """

    def __init__(self, expressions: Expressions, symbols: Sequence[Symbol]) -> None:
        self.e = expressions
        self.b = expressions.b
        self.symbols = {symbol.name.name: symbol for symbol in symbols}
        self.names = tuple(self.symbols)
        first = symbols[0]
        assert first.chain is not None
        self.chain: Dim = first.chain
        self.depth = max(map(_parts, symbols))
        self.made: dict[tuple[str, int], ir.Id | None] = {}
        self.ranges: dict[str, Interval] = {}
        self.dims: dict[str, Dims] = {}

    def run(self) -> dict[str, ir.Id] | None:
        """The series of each name; ``None`` where there is an error, which is reported."""
        for step in range(self.depth):
            for name in self.names:
                self._part(name, step)
        if None in self.made.values():
            return None
        for name, symbol in self.symbols.items():
            starts = [self.b.nodes[self._made(name, step)] for step in range(self.depth)]
            self.dims[name] = union(symbol.context, *(self._rest(node.dims) for node in starts))
            within = [r for r in RANGES if all(r.holds(node.kind.interval) for node in starts)]
            self.ranges[name] = within[0] if within else intervals.REAL
        if not self._bodies():
            return None
        starts = tuple(self._made(name, step) for name in self.names for step in range(self.depth))
        bodies = tuple(self._made(name, self.depth) for name in self.names)
        found: dict[str, ir.Id] = {}
        for i, name in enumerate(self.names):
            op = ir.Carry(self.chain, self.names, self.depth, i)
            kind = Kind(interval=self.ranges[name])
            found[name] = self.b.add(op, (*starts, *bodies), self.dims[name], kind, self.symbols[name].name.span)
        return found

    def _made(self, name: str, step: int) -> ir.Id:
        node = self.made[name, step]
        assert node is not None
        return node

    def _rest(self, dims: Dims) -> Dims:
        return tuple(dim for dim in dims if dim != self.chain)

    def _bodies(self) -> bool:
        """The steps, in ranges wide enough that a step from them stays in them."""
        while True:
            kept = (len(self.b.problems), len(self.b.warnings))
            for name in self.names:
                self.made.pop((name, self.depth), None)
            for name in self.names:
                self._part(name, self.depth)
            if any(self.made[name, self.depth] is None for name in self.names):
                return False
            wide = [n for n in self.names if not self.ranges[n].holds(self.b.interval(self._made(n, self.depth)))]
            if not wide:
                return self._checked()
            del self.b.problems[kept[0] :], self.b.warnings[kept[1] :]
            for name in wide:
                self.ranges[name] = RANGES[RANGES.index(self.ranges[name]) + 1]

    def _checked(self) -> bool:
        before = len(self.b.problems)
        for name, symbol in self.symbols.items():
            body = self._made(name, self.depth)
            assert isinstance(symbol.statement, ast.Define)
            start, step = (self._rest(dims) for dims in (self.dims[name], self.b.dims(body)))
            if more := [dim for dim in step if dim not in start]:
                alias = next((dim for dim in start if self.b.same_root(dim, more[0])), None)
                self.b.problems.append(errors.steps_differ(symbol.statement.values[-1].span, start, step, alias))
            self._check_steps(name, body)
        return len(self.b.problems) == before

    def _check_steps(self, name: str, body: ir.Id) -> None:
        """A step sees itself and those before it, and nothing that runs along the chain."""
        inside: set[ir.Id] = set()
        for i in self.b.below(body):
            node = self.b.nodes[i]
            own = isinstance(node.op, ir.Before) and node.op.name in self.symbols
            if own or any(arg in inside for arg in node.args):
                inside.add(i)
                if self.chain in _along(node.op):
                    self.b.problems.append(errors.carried_as_a_whole(node.span, name, self.chain.name))
                    return

    # --- parts ---------------------------------------------------------------------------------------------------

    def _part(self, name: str, step: int) -> ir.Id | None:
        """The value of a name at one of the first steps, or its value at any later one."""
        if (name, step) not in self.made:
            self.made[name, step] = None
            symbol = self.symbols[name]
            assert isinstance(symbol.statement, ast.Define)
            values = symbol.statement.values
            reach = step if len(values) > 1 else 0
            scope = Scope(symbol.context, symbol.chain, reach=reach, step=self._step(step))
            value = self.e.number(values[min(step, len(values) - 1)], scope)
            if value is not None and step < self.depth:
                value = self._at(value, step)
            self.made[name, step] = value
        return self.made[name, step]

    def _step(self, step: int) -> Step:
        def now(name: str, span: Span) -> ir.Id | None:
            return self._part(name, step)

        def before(name: str, back: int, span: Span) -> ir.Id | None:
            if step < self.depth:
                return self._part(name, step - back)
            node = self.b.add(ir.Before(name, back), (), self.dims[name], Kind(), span)
            self.b.narrow(node, Kind(interval=self.ranges[name]))
            return node

        return Step(self.names, now, before)

    def _at(self, value: ir.Id, step: int) -> ir.Id:
        """A value at one step of the chain."""
        if self.chain not in self.b.dims(value):
            return value
        span = self.b.nodes[value].span
        return self.e.gather(value, self.chain, self.b.constant(step, span), span)


def by_step(expressions: Expressions, values: Sequence[ast.Expr], scope: Scope, span: Span) -> ir.Id | None:
    """``A then B`` of what does not read itself: A at the first step, B at all others."""
    parts = [expressions.number(value, replace(scope, reach=i)) for i, value in enumerate(values)]
    if any(part is None for part in parts) or scope.chain is None:
        return None
    b = expressions.b
    first, *others = [part for part in parts if part is not None]
    made, free = others[-1], [set(expressions.free(part, scope)) for part in (first, *others)]
    if any(one - free[0] for one in free):
        b.problems.append(errors.steps_differ(values[-1].span))
        return None
    position = b.add(ir.Fill(FUNCTIONS["position"], (scope.chain,)), (), (scope.chain,), Kind(), span)
    for step, part in reversed([*enumerate((first, *others[:-1]))]):
        at = b.constant(step, span)
        here = b.add(ir.Apply(FUNCTIONS["=="]), (position, at), (scope.chain,), Kind(interval=intervals.BINARY), span)
        kind = Kind(interval=b.interval(part).hull(b.interval(made)))
        dims = union((scope.chain,), b.dims(part), b.dims(made))
        made = b.add(ir.Apply(FUNCTIONS["if"]), (here, part, made), dims, kind, span)
    return made


def _along(op: ir.Op) -> set[Dim]:
    """The axes along which an operation does not go member by member."""
    match op:
        case ir.Reduce(_, dim) | ir.Along(_, dim) | ir.Gather(dim) | ir.Lag(dim, _) | ir.Relabel(dim, _):
            return {dim}
        case ir.Contract(left, right):
            return {left, right}
        case ir.Matrix(_, events, _):
            return {dim for event in events for dim in event}
        case _:
            return set()
