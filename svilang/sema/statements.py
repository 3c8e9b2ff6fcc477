"""Statements that a model and a guide share: data, params, definitions, laws of sites."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from ..catalog.distribution import Combinator, Distribution
from ..catalog.distributions import COMBINATORS, DISTRIBUTIONS
from ..catalog.functions import FUNCTIONS
from ..diagnostics import Span
from ..ir import nodes as ir
from ..ir.walk import law_operands, laws
from ..syntax import ast
from ..types import KINDS, Dim, Dims, Interval, Kind, Structure, composed, nameless
from . import elsewhere, errors
from .builder import Builder
from .carried import Carried, by_step, groups
from .expressions import Expressions
from .externs import Externs
from .kinds import dims_of, interior, kind_of
from .laws import Laws, Typed
from .nets import Nets
from .order import dependency_order, names_in, nodes_in
from .outputs import Outputs
from .scope import Scope
from .symbols import Symbol, Table


class Statements:
    """Elaborates the declarations of one block, in dependency order.

    ``resolved`` maps each name to its node, or to ``None`` where it has an error that is already reported.
    """

    def __init__(self, table: Table) -> None:
        self.b = Builder(table, problems=list(table.problems))
        self.e = Expressions(self.b, self.lookup, self.function, self.call)
        self.laws = Laws(self.e)
        self.table = table
        self.resolved: dict[str, ir.Id | Outputs | None] = {}
        self.started: set[str] = set()
        self.groups: dict[str, tuple[str, ...]] = {}
        self.pending: set[str] = set()
        self.data: dict[str, ir.Data] = {}
        self.params: list[ir.Param] = []
        self.nets = Nets(self.laws, self.params)
        self.externs = Externs(self.laws)
        self.sites: list[ir.Site] = []
        self.reports: list[ir.Report] = []
        self.definitions: list[tuple[str, ir.Id]] = []

    # --- names ---------------------------------------------------------------------------------------------------

    def function(self, name: str, span: Span) -> Symbol | None:
        """What a name that is called stands for; ``span`` is where."""
        return self.table.symbols.get(name)

    def call(self, node: ast.Call, symbol: Symbol, scope: Scope) -> ir.Id | Outputs | None:
        """A call of a net or an extern function."""
        return (self.nets if isinstance(symbol.statement, ast.NetDecl) else self.externs).call(node, scope)

    def lookup(self, name: str, span: Span) -> ir.Id | Outputs | None:
        """The node of a declared name."""
        if name in self.resolved:
            self.b.used_names.add(name)
            data = self.data.get(name)
            if data is not None and data.optional:  # a node of its own for each use, so that a message can point to it
                return self.b.add(ir.Input(name), (), data.dims, data.kind, span)
            return self.resolved[name]
        symbol = self.table.symbols.get(name)
        if symbol is None:
            self.unknown(name, span, self.table.symbols)
        elif isinstance(symbol.statement, (ast.FunctionDef, ast.NetDecl, ast.ExternDecl)):
            self.b.problems.append(errors.function_without_call(name, span))
        elif name not in self.started:  # a chain reads another that comes later in the order
            if self.pending and isinstance(symbol.statement, ast.Draw) and symbol.chain is not None:
                stand_in = self._stand_in(symbol.statement, symbol.name, Scope(symbol.context, symbol.chain))
                if stand_in is not None:
                    self.b.used_names.add(name)
                    return stand_in
            self.declare(symbol)
            return self.lookup(name, span)
        elif name in self.pending:
            self.b.problems.append(errors.cycle([name, name], span))
        return None

    def unknown(self, name: str, span: Span, known: Iterable[str]) -> None:
        """Report a name that nothing declares; the words of the tables have a better message."""
        if name in FUNCTIONS:
            self.b.problems.append(errors.function_without_call(name, span))
        elif name in DISTRIBUTIONS or name in COMBINATORS:
            self.b.problems.append(errors.distribution_as_value(name, span))
        elif name in self.table.dims:
            self.b.problems.append(errors.dimension_as_value(name, span, self._column(name)))
        else:
            self.b.problems.append(self._unknown(name, span, known))

    def _column(self, dim: str) -> str | None:
        """Data whose values are members of a dimension, if there is one only."""
        declared = (symbol.statement for symbol in self.table.symbols.values())
        found = [one.name.name for one in declared if isinstance(one, ast.DataDecl) and one.type.kind.name == dim]
        return found[0] if len(found) == 1 else None

    def _unknown(self, name: str, span: Span, known: Iterable[str]) -> errors.Diagnostic:
        return errors.unknown_name(name, span, self.b.suggested(known))

    def elaborate_all(self) -> None:
        """Every symbol of the table, dependencies first; cycles are reported with their names."""
        self.groups = groups(self.table.symbols)
        edges = {name: self._uses(symbol) for name, symbol in self.table.symbols.items()}
        order, cycles = dependency_order(edges)
        for cycle in cycles:
            self._report_cycle(cycle)
        for name in order:
            if name not in self.resolved:
                self._declare_checked(self.table.symbols[name])
        self._check_uncalled()

    def _report_cycle(self, cycle: list[str]) -> None:
        symbols = [self.table.symbols[name] for name in cycle[:-1]]
        start = next((i for i, s in enumerate(symbols) if not isinstance(s.statement, ast.FunctionDef)), None)
        if start is None:
            self.b.problems.append(errors.recursive_function(symbols[0].name, cycle))
        else:
            turned = [*cycle[start:-1], *cycle[:start], cycle[start]]
            self.b.problems.append(errors.cycle(turned, symbols[start].name.span, within=bool(symbols[start].context)))
        for symbol in symbols:
            self.resolved[symbol.name.name] = None
            self.e.functions.recursive.add(symbol.name.name)

    def _declare_checked(self, symbol: Symbol) -> None:
        """Declare a symbol; inside a plate over an unknown dimension nothing can be said about its dimensions."""
        before = len(self.b.problems)
        self.declare(symbol)
        if self.table.unknown.intersection(dim.name for dim in symbol.context):
            self._drop_dimension_errors(before)
            self.resolved[symbol.name.name] = None

    def _drop_dimension_errors(self, before: int) -> None:
        self.b.problems[before:] = [p for p in self.b.problems[before:] if not p.code.startswith("E03")]

    def _check_uncalled(self) -> None:
        """The names in functions that nothing calls."""
        for name, symbol in self.table.symbols.items():
            function = symbol.statement
            if isinstance(function, ast.FunctionDef) and name not in self.b.used_names | self.e.functions.recursive:
                own = {parameter.name for parameter in function.parameters}
                for used in names_in(function.body):
                    if used.name not in own:
                        self.e.expr(used, Scope())

    def _uses(self, symbol: Symbol) -> list[str]:
        statement = symbol.statement
        if isinstance(statement, ast.FunctionDef):
            own = {parameter.name for parameter in statement.parameters}
            used = [name.name for name in names_in(statement.body) if name.name not in own]
            called = [call.function.name for call in nodes_in(statement.body, ast.Call)]
            return [*used, *(name for name in called if name in self.table.symbols)]
        if isinstance(statement, ast.Draw) and symbol.chain is None:
            statement = replace(statement, distributions=statement.distributions[:1])
        called = [c.function.name for c in nodes_in(statement, ast.Call)]
        used = [name.name for name in names_in(statement)]
        if symbol.name.name in self.groups:
            group = self.groups[symbol.name.name]
            others = [self.table.symbols[name].statement for name in group]
            called = [call.function.name for other in others for call in nodes_in(other, ast.Call)]
            used = [name.name for other in others for name in names_in(other) if name.name not in group]
        return [*used, *(name for name in called if name in self.table.symbols)]

    def declare(self, symbol: Symbol) -> None:
        """Elaborate one symbol and remember its node."""
        name, scope = symbol.name.name, Scope(symbol.context, symbol.chain)
        self.started.add(name)
        match symbol.statement:
            case ast.DataDecl() as statement:
                self.resolved[name] = self._data(statement, symbol.source)
            case ast.ParamDecl() as statement:
                self.resolved[name] = self._param(statement, scope)
            case ast.Define() as statement:
                self.resolved[name] = self._define(statement, scope, symbol)
            case ast.Draw() as statement:
                self.resolved[name] = self.draw(statement, symbol, scope)
            case ast.FunctionDef():
                return
            case ast.NetDecl() as statement:
                self.nets.declare(statement, scope)
            case ast.ExternDecl() as statement:
                self.externs.declare(statement, scope)

    # --- declarations --------------------------------------------------------------------------------------------

    def _data(self, statement: ast.DataDecl, source: str | None) -> ir.Id | None:
        wanted, base = statement.type, None
        if wanted.kind.name not in KINDS and wanted.arguments:
            base = self._base(wanted)
            wanted = replace(wanted, arguments=())
        if wanted.kind.name not in KINDS and self._mistyped(statement.name, wanted.kind):
            return None
        found = kind_of(self.e, wanted, Scope())
        dims = None if found is None else dims_of(self.e, wanted, found[0], ())
        if found is None or dims is None:
            return None
        kind, bounds = found
        name = statement.name.name
        default = None if statement.default is None else self._literal(statement.default)
        column = None if statement.column is None else composed(statement.column.value)
        self.data[name] = ir.Data(
            name, kind, dims, bounds, wanted.optional, default, column, source, base, span=statement.name.span
        )
        return self.b.add(ir.Input(name), (), dims, kind, statement.name.span)

    def _mistyped(self, name: ast.Ident, kind: ast.Ident) -> bool:
        """Whether a word in the place of a kind is a slip and not a label column of its own dimension."""
        columns, axes = self._label_columns
        foreign = kind.name in elsewhere.KINDS
        known = self.table.dims.get(kind.name) is not None or kind.name in axes
        shared = columns[kind.name] > 1 and not foreign
        slip = foreign or errors.nearest(kind.name, KINDS)
        if known or shared or kind.name == name.name or not slip:
            return False
        self.b.problems.append(errors.unknown_kind(kind, KINDS))
        return True

    @cached_property
    def _label_columns(self) -> tuple[Counter[str], set[str]]:
        """How many columns of data name each kind, and the dimensions that data and plates run over."""
        table = self.table
        declared = [s.statement for s in table.symbols.values() if isinstance(s.statement, ast.DataDecl)]
        columns = Counter(statement.type.kind.name for statement in declared)
        axes = {dim.name for statement in declared for dim in statement.type.dims}
        return columns, axes | {dim.name for part in (*table.symbols.values(), *table.placed) for dim in part.context}

    def _base(self, wanted: ast.Type) -> int | None:
        for argument in wanted.arguments:
            base = argument.value.value if isinstance(argument.value, ast.Number) else None
            if argument.name is not None and argument.name.name == "base" and isinstance(base, int):
                return base
            self.b.problems.append(errors.only_base(wanted.kind, argument.span))
        return None

    def _literal(self, node: ast.Expr) -> ir.Nested:
        match node:
            case ast.Number(value=value) | ast.String(value=value) | ast.Bool(value=value):
                return value
            case ast.Unary(op="-", operand=ast.Number(value=value)):
                return -value
            case ast.Name(name="nan" | "missing" | "NA"):
                return None
            case ast.ListLiteral(items=items):
                return tuple(self._literal(item) for item in items)
            case _:
                self.b.problems.append(errors.default_is_no_literal(node))
                return None

    def _param(self, statement: ast.ParamDecl, scope: Scope) -> ir.Id | None:
        found = kind_of(self.e, statement.type, scope)
        extra = None if found is None else dims_of(self.e, statement.type, found[0], scope.context)
        if found is None or extra is None:
            return None
        kind, bounds = found
        if kind.discrete:
            self.b.problems.append(errors.discrete_param(statement.type.span, statement.name.name, kind))
            return None
        dims = (*scope.context, *extra)
        init = self._init(statement, scope, extra, kind)
        self.params.append(ir.Param(statement.name.name, kind, dims, bounds, init, span=statement.name.span))
        return self.b.add(ir.Parameter(statement.name.name), (), dims, interior(kind), statement.name.span)

    def _init(self, statement: ast.ParamDecl, scope: Scope, extra: Dims, kind: Kind) -> ir.Id | ir.Law | None:
        if statement.init is None:
            return None
        if statement.draw:
            inner = len(extra) - _event_rank(statement.init)
            typed = self.laws.law(statement.init, scope, extra[:inner], extra[inner:])
            return None if typed is None else typed.law
        value = self.e.expr(statement.init, scope, extra)
        if value is None:
            return None
        if not self.b.data_only(value):
            self.b.problems.append(errors.init_depends(statement.init.span, statement.name.name))
        outside = [d for d in self.b.dims(value) if d not in (*scope.context, *extra)]
        if outside:
            self.b.problems.append(errors.init_dimension(statement.init.span, statement.name.name, outside[0].name))
        self.laws.check_support(value, kind.element, f"the start of `{statement.name.name}`", statement.init.span)
        return value

    def _define(self, statement: ast.Define, scope: Scope, symbol: Symbol) -> ir.Id | Outputs | None:
        if symbol.name.name in self.groups:
            return self._carry(self.groups[symbol.name.name], symbol)
        first, *later = statement.values
        if later and symbol.chain is not None:
            value = by_step(self.e, statement.values, scope, symbol.name.span)
        else:
            value = self.e.value(first, scope)
            if later:
                self.b.problems.append(errors.then_outside_chain(statement.span))
                return None
        if isinstance(value, Outputs) and symbol.reported:
            names = list(value.values)
            self.b.problems.append(errors.which_output(statement.span, value.function, names))
            return None
        if value is None or isinstance(value, Outputs):
            return value
        self.definitions.append((symbol.name.name, value))
        if symbol.reported:
            self.report(symbol.name.name, value, symbol.name.span)
        return value

    def _carry(self, group: tuple[str, ...], symbol: Symbol) -> ir.Id | None:
        """Make all definitions of a group; the value of the one that was asked for."""
        symbols = [self.table.symbols[name] for name in group]
        self.started.update(group)
        self.pending.update(group)
        made = Carried(self.e, symbols).run()
        self.pending.difference_update(group)
        for one in symbols:
            name = one.name.name
            value = None if made is None else made[name]
            self.resolved[name] = value
            if value is not None:
                self.definitions.append((name, value))
                if one.reported:
                    self.report(name, value, one.name.span)
        return None if made is None else made[symbol.name.name]

    def report(self, name: str, value: ir.Id, span: Span) -> None:
        """Return a value with the results."""
        dims, kind = self.b.dims(value), self.b.kind(value)
        if any(nameless(dim.name) for dim in dims):
            self.b.problems.append(errors.list_without_dimension(span, name))
        self.reports.append(ir.Report(name, value, None, dims, kind, span))

    def draw(self, statement: ast.Draw, symbol: Symbol, scope: Scope) -> ir.Id | None:
        """A latent or a generated quantity; returns the node of its value."""
        before = len(self.b.problems)
        site = self.site(statement, symbol.name, scope)
        if site is None:
            lost = any(problem.code.startswith("E03") for problem in self.b.problems[before:])
            return None if lost else self._stand_in(statement, symbol.name, scope)
        if site.kind.discrete and site.narrowed:
            cut = self._cut(site)
            if cut is None:
                self.b.problems.append(errors.not_in_this_version("narrowed discrete variables", site.span, site.name))
                return None
            site = cut
        if any(map(nameless, (*(dim.name for dim in site.dims), site.kind.member))):
            self.b.problems.append(errors.list_without_dimension(site.law.span, site.name))
            return None
        if not symbol.reported and (moving := moving_edge(site.law)) is not None:
            self.b.problems.append(errors.moving_edge(moving.span, moving.row.name, site.name))
            return None
        if not symbol.reported and not site.kind.discrete and (row := atoms(site.law)) is not None:
            self.b.problems.append(errors.atoms(site.law.span, row, site.name))
            return None
        if symbol.reported:
            self.reports.append(ir.Report(site.name, None, site.law, site.dims, site.kind, site.span))
        else:
            self.sites.append(replace(site, auxiliary=symbol.auxiliary))
        return self.b.add(ir.Latent(site.name), (), site.dims, interior(site.kind), site.span)

    def _stand_in(self, statement: ast.Draw, name: ast.Ident, scope: Scope) -> ir.Id | None:
        """The value of a site whose law has an error, where its axes and kind are known all the same.

        What reads it can then be checked too.
        """
        first = statement.distributions[0]
        row = DISTRIBUTIONS.get(first.function.name) if isinstance(first, ast.Call) else None
        plain = row is not None and not row.event and row.bounds == (None, None) and row.finite_support is None
        if row is None or not plain or statement.type is not None or not row.normalised:
            return None
        return self.b.add(ir.Latent(name.name), (), scope.context, interior(row.support), name.span)

    # --- sites ---------------------------------------------------------------------------------------------------

    def site(self, statement: ast.Draw, name: ast.Ident, scope: Scope) -> ir.Site | None:
        """The law, axes and support of one random variable."""
        declared, extra, event = None, (), ()
        if statement.type is not None:
            if statement.type.optional:
                self.b.problems.append(errors.optional_latent(statement.type.span, name.name))
            declared = kind_of(self.e, statement.type, scope)
            dims = None if declared is None else dims_of(self.e, statement.type, declared[0], scope.context)
            if declared is None or dims is None:
                before = len(self.b.problems)
                self.laws.law(statement.distributions[0], scope)
                self._drop_dimension_errors(before)
                return None
            rank = _event_rank(statement.distributions[0])
            extra, event = dims[: len(dims) - rank], dims[len(dims) - rank :]
            if declared[0].member is not None:
                event = (Dim(declared[0].member),)
        typed = self.laws.law(statement.distributions[0], scope, extra, event)
        if len(statement.distributions) > 1:
            typed = self._steps(statement, name, typed, scope, extra, event)
        if typed is None:
            return None
        dims = (*scope.context, *extra, *typed.law.event)
        if clash := [d for d in typed.law.event if d in scope.context]:
            self.b.problems.append(errors.event_is_open_plate(typed.law.span, typed.law.row.name, clash[0].name))
            return None
        if any(not self.b.same_root(a, b) for a, b in zip(event, typed.law.event, strict=False)):
            assert statement.type is not None
            self.b.problems.append(errors.declared_over_other(statement.type.span, event, typed.law))
            return None
        site = ir.Site(name.name, typed.law, dims, len(scope.context), typed.kind, typed.bounds, span=name.span)
        return site if declared is None else self._narrow(site, typed, *declared, statement)

    def _steps(
        self, statement: ast.Draw, name: ast.Ident, first: Typed | None, scope: Scope, extra: Dims, event: Dims
    ) -> Typed | None:
        """The law of a chain; from its second part on the site may read itself one step back."""
        if scope.chain is None:
            self.b.problems.append(errors.then_outside_chain(statement.span))
            return None
        if first is None:
            self.resolved[name.name] = None
        elif nameless(first.kind.member):
            self.b.problems.append(errors.list_without_dimension(first.law.span, name.name))
            self.resolved[name.name] = None
            return None
        else:
            dims, kind = (*scope.context, *extra, *first.law.event), first.kind
            if statement.type is not None and (declared := kind_of(self.e, statement.type, scope)) is not None:
                kind = declared[0]
            self.resolved[name.name] = self.b.add(ir.Latent(name.name), (), dims, kind, name.span)
            event = event or first.law.event or (() if first.kind.member is None else (Dim(first.kind.member),))
        later = [
            self.laws.law(part, replace(scope, reach=i), extra, event)
            for i, part in enumerate(statement.distributions[1:], start=1)
        ]
        parts = [part for part in (first, *later) if part is not None]
        if len(parts) < len(statement.distributions):
            return None
        return self.laws.chained(parts, scope.chain, statement.span)

    def _narrow(
        self, site: ir.Site, typed: Typed, kind: Kind, bounds: ir.Bounds, statement: ast.Draw
    ) -> ir.Site | None:
        assert statement.type is not None
        span = statement.type.span
        if typed.kind.discrete and not kind.discrete and kind.structure is Structure.SCALAR and kind.member is None:
            closed = replace(kind.interval, lower_open=False, upper_open=False, integer=True)
            kind = replace(kind, interval=closed)
        if kind.member is not None and typed.kind.member is not None:
            if self.table.root(kind.member) != self.table.root(typed.kind.member):
                self.b.problems.append(errors.narrowing_apart(span, kind, typed.kind))
                return None
            return replace(site, kind=replace(typed.kind, member=kind.member))
        structured = typed.kind.structure is not Structure.SCALAR
        if structured and kind.structure not in (typed.kind.structure, Structure.SCALAR):
            self.b.problems.append(errors.narrowing_apart(span, kind, typed.kind))
            return None
        if not kind.interval.meets(typed.kind.interval) or kind.interval.integer != typed.kind.interval.integer:
            self.b.problems.append(errors.narrowing_apart(span, kind, typed.kind))
            return None
        if structured or (kind.holds(typed.kind) and bounds == ir.NO_BOUNDS):
            return site
        if kind.structure is Structure.ZERO_SUM and (law := self._centred(site, typed.law)) is not None:
            return replace(site, law=law, kind=kind)
        tied = kind.structure is not Structure.SCALAR
        cut = not _same_measure(kind.interval, typed.kind.interval) or bounds != ir.NO_BOUNDS
        improper = isinstance(typed.law.row, Distribution) and not typed.law.row.normalised
        narrowed = (tied or cut) and not improper
        normaliser = self._normaliser(site, typed.law, kind, tied, cut) if narrowed else None
        if narrowed and normaliser is None:
            constant = all(self.b.data_only(operand) for operand in law_operands(typed.law))
            self.b.warnings.append(errors.unnormalised(span, site.name, constant=constant))
        interval = kind.interval.meet(typed.kind.interval)
        merged = ir.Bounds(
            bounds.lower if bounds.lower is not None else typed.bounds.lower,
            bounds.upper if bounds.upper is not None else typed.bounds.upper,
        )
        return replace(
            site, kind=replace(kind, interval=interval), bounds=merged, narrowed=narrowed, normaliser=normaliser
        )

    def _cut(self, site: ir.Site) -> ir.Site | None:
        """A narrowed discrete site as a truncated one, whose values can be listed between the bounds."""
        if site.normaliser != "truncate":
            return None
        interval = site.kind.interval
        ends: list[ir.Id | None] = []
        for node, end in ((site.bounds.lower, interval.lower), (site.bounds.upper, interval.upper)):
            known = None if math.isinf(end) else self.b.constant(int(end), site.span)
            ends.append(known if node is None else node)
        law = ir.Law(COMBINATORS["Truncated"], 0, tuple(ends), (site.law,), site.law.event, None, site.law.span)
        return replace(site, law=law, narrowed=False, normaliser=None)

    def _centred(self, site: ir.Site, law: ir.Law) -> ir.Law | None:
        """The law of a vector given that it sums to 0, where a row stands for it; a common location drops out."""
        row, last = law.row, site.dims[-1]
        if isinstance(row, Combinator) or row.centred is None or law.form or law.event:
            return None
        if any(arg is not None and last in self.b.dims(arg) for arg in law.args):
            return None
        centred = DISTRIBUTIONS[row.centred]
        given = {param.name: arg for param, arg in zip(row.forms[0].params, law.args, strict=True)}
        args = tuple(given[param.name] for param in centred.forms[0].params)
        return ir.Law(centred, 0, args, event=(last,), span=law.span)

    def _normaliser(self, site: ir.Site, law: ir.Law, kind: Kind, tied: bool, cut: bool) -> str | None:
        """How the probability that narrowing takes away is put back, where a closed form is known."""
        row = law.row
        if isinstance(row, Combinator) or law.event:
            return None
        if tied:
            ordered = kind.structure in (Structure.ORDERED, Structure.POSITIVE_ORDERED)
            exchangeable = all(site.dims[-1] not in self.b.dims(arg) for arg in law.args if arg is not None)
            return "order" if ordered and exchangeable and not cut else None
        return "truncate" if cut and row.cdf is not None else None


def moving_edge(law: ir.Law) -> ir.Law | None:
    """A part of ``law`` whose support ends where its arguments together say, so that nothing constrains a latent."""
    moving = (inner for inner in laws(law) if isinstance(inner.row, Distribution) and inner.row.edge_moves)
    return next(moving, None)


def atoms(law: ir.Law) -> str | None:
    """A combinator in ``law`` that gives single values a probability."""
    rows = (inner.row for inner in laws(law))
    return next((row.name for row in rows if isinstance(row, Combinator) and row.atoms), None)


def _same_measure(first: Interval, second: Interval) -> bool:
    return first.lower <= second.lower and first.upper >= second.upper


def _event_rank(node: ast.Expr) -> int:
    """Event axes of the variate of the distribution that ``node`` names."""
    match node:
        case ast.Call(function=function, arguments=arguments):
            name = function.name
        case ast.Name(name=name):
            arguments = ()
        case _:
            return 0
    if name in DISTRIBUTIONS:
        return len(DISTRIBUTIONS[name].event)
    if name in COMBINATORS:
        inner = [a.value for a in arguments if isinstance(a.value, (ast.Call, ast.ListLiteral))]
        first = [i.items[0] if isinstance(i, ast.ListLiteral) and i.items else i for i in inner]
        return max((_event_rank(i) for i in first), default=0) + (COMBINATORS[name].along is not None)
    return 0
