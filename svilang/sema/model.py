"""The model block as a program."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ..catalog.functions import FUNCTIONS
from ..diagnostics import Span
from ..ir import nodes as ir
from ..ir.walk import laws
from ..syntax import ast
from ..types import Dim, Dims, Kind, intervals, union
from . import errors
from .densities import fits
from .impute import Imputed
from .kinds import interior
from .laws import Typed
from .missing import Reads
from .order import names_in
from .outputs import Outputs
from .scope import Scope
from .statements import Statements, atoms, moving_edge
from .symbols import Placed, Table


class ModelStatements(Statements):
    """Elaborates the data blocks and the model block."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._named: Counter[str] = Counter()
        self._named_imputed: set[str] = set()
        self._imputing: dict[str, Placed] = {}
        self._completed: dict[str, ir.Id | None] = {}
        self.observations: list[ir.Observation] = []
        self.factors: list[ir.Factor] = []

    def program(self) -> ir.Program:
        """The whole block; what is wrong stands in ``b.problems``."""
        self._find_imputed()
        self.elaborate_all()
        dimensions = self._dimensions()
        for placed in self.table.placed:
            before = len(self.b.problems)
            self._place(placed)
            if self.table.unknown.intersection(dim.name for dim in placed.context):
                self._drop_dimension_errors(before)
        self._check_missing()
        self._check_generated()
        return ir.Program(
            "model",
            (*dimensions, *self.b.extra_dimensions),
            tuple(self.data.values()),
            tuple(self.params),
            tuple(self.sites),
            tuple(self.observations),
            tuple(self.factors),
            tuple(self.reports),
            tuple(self.definitions),
            tuple(self.b.nodes),
        )

    # --- dimensions ----------------------------------------------------------------------------------------------

    def _dimensions(self) -> tuple[ir.Dimension, ...]:
        return tuple(self._dimension(name, declared) for name, declared in self.table.dims.items())

    def _dimension(self, name: str, declared: ast.DimDecl | None) -> ir.Dimension:
        span = self.table.dim_spans[name]
        if declared is None or declared.value is None:
            return ir.Dimension(name, span=span)
        match declared.value:
            case ast.ListLiteral(items=items):
                labels = tuple(x.value for x in items if isinstance(x, (ast.String, ast.Number)) and not _fraction(x))
                if len(set(labels)) < len(items) or len({type(label) for label in labels}) > 1:
                    self.b.problems.append(errors.labels_are_no_list(declared.value.span, name))
                return ir.Dimension(name, labels=tuple(x for x in labels if isinstance(x, (str, int))), span=span)
            case ast.Name(name=other) if other in self.table.dims:
                chain = self.table.aliases(name)
                if chain[-1] == name and name == min(chain):
                    self.b.problems.append(errors.cycle(chain, span))
                self.b.used_dims.add(other)
                return ir.Dimension(name, alias=other, span=span)
            case value:
                size = self.e.expr(value, Scope())
                if size is not None and not self._is_size(size):
                    self.b.problems.append(errors.size_is_no_count(value.span, name))
                return ir.Dimension(name, size=size, span=span)

    def _is_size(self, size: ir.Id) -> bool:
        number = self.b.number(size)
        if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < 1):
            return False
        return self.b.data_only(size) and not self.b.dims(size) and self.b.interval(size).integer

    # --- statements ----------------------------------------------------------------------------------------------

    def _place(self, placed: Placed) -> None:
        scope = Scope(placed.context, placed.chain)
        match placed.statement:
            case ast.Observe() as statement if placed not in self._imputing.values():
                self._observe(statement, scope)
            case ast.Factor() as statement:
                self._factor(statement, scope)
            case ast.Report(what=ast.Ident() as name):
                value = self.e.expr(ast.Name(name.name, span=name.span), scope)
                if value is not None:
                    self.report(name.name, value, name.span)
            case ast.Impute(names=names):
                for name in names:
                    if name.name in self._imputing:
                        self.lookup(name.name, name.span)
            case ast.Aux() | ast.Reparameterise() | ast.Score() as statement:
                words: dict[type, str] = {ast.Aux: "aux", ast.Score: "score"}
                word = words.get(type(statement), getattr(statement, "word", ""))
                self.b.problems.append(errors.only_in_guide(word, statement.span))
            case _:
                return

    def _observe(self, statement: ast.Observe, scope: Scope, value: ir.Id | None = None) -> Typed | None:
        value = self.e.expr(statement.value, scope) if value is None else value
        event = () if value is None else self.e.free(value, scope)
        member = None if value is None else self.b.kind(value).member
        if member is not None:
            event = (Dim(member),)
        parts = [
            self.laws.law(part, replace(scope, reach=i), (), event) for i, part in enumerate(statement.distributions)
        ]
        typed = parts[0]
        if len(parts) > 1 and scope.chain is None:
            self.b.problems.append(errors.then_outside_chain(statement.span))
            return None
        if len(parts) > 1 and scope.chain is not None:
            whole = [part for part in parts if part is not None]
            typed = self.laws.chained(whole, scope.chain, statement.span) if len(whole) == len(parts) else None
        mask = self._mask(statement.where, scope)
        weight = self._weight(statement.weight, scope)
        if value is None or typed is None:
            return None
        if not self._fits(value, typed, scope, statement):
            return None
        mask = self._conditioned(mask, value, typed.law, scope)
        name = self._observation_name(statement.value)
        optional = tuple(dict.fromkeys(d.name for d in self._data_below(value) if d.optional))
        self.observations.append(
            ir.Observation(name, value, typed.law, scope.context, mask, weight, optional, span=statement.span)
        )
        return typed

    def _own_bound(self, observed: ir.Node, law: ir.Law) -> bool:
        """Whether the observed values themselves stand as a bound, at which each of them lies then."""
        ends = (self.b.nodes[arg].op for arg in law.args if arg is not None)
        return isinstance(observed.op, ir.Input) and observed.op in ends

    def _observation_name(self, value: ast.Expr) -> str:
        name = next((n.name for n in names_in(value)), "observation")
        self._named[name] += 1
        return name if self._named[name] == 1 else f"{name}#{self._named[name]}"

    def _fits(self, value: ir.Id, typed: Typed, scope: Scope, statement: ast.Observe) -> bool:
        node, span = self.b.nodes[value], statement.value.span
        if not self.b.data_only(value):
            latents = [self.b.nodes[i].op for i in self.b.below(value)]
            culprit = next(op.name for op in latents if isinstance(op, (ir.Latent, ir.Parameter)))
            self.b.problems.append(errors.observes_latent(span, culprit))
            return False
        if not self._data_below(value):
            self.b.problems.append(errors.observes_constant(span))
            return False
        if any(law.row.name == "Censored" and self._own_bound(node, law) for law in laws(typed.law)):
            self.b.problems.append(errors.censored_by_itself(typed.law.span, statement.value))
            return False
        free = self.e.free(value, scope)
        if len(free) != len(typed.law.event) or not all(
            self.b.same_root(a, b) for a, b in zip(free, typed.law.event, strict=True)
        ):
            self.b.problems.append(self._observed_elsewhere(span, free, typed.law, scope))
            return False
        if missing := [dim for dim in scope.context if dim not in node.dims]:
            self.b.problems.append(errors.observed_once_per_member(span, missing[0].name))
            return False
        return fits(self.laws, value, typed, statement.value, "what is observed")

    def _observed_elsewhere(self, span: Span, free: Dims, law: ir.Law, scope: Scope) -> errors.Diagnostic:
        """An observation whose dimensions are not those of its law and its plates."""
        for plate in reversed(scope.context):
            for item in self.data.values():
                if item.kind.member == plate.name and item.dims == free and not law.event:
                    return errors.observed_in_plate_of_labels(span, plate.name, item.name, free)
        return errors.variate_dimension(span, free, law)

    def _conditioned(self, mask: ir.Id | None, value: ir.Id, law: ir.Law, scope: Scope) -> ir.Id | None:
        """A likelihood that reads ``lag(y, k)`` without a start begins at step k: the first k are conditioned on."""
        reached = set(self.b.below(value, *_law_args(law))) if self.e.unstarted else set[ir.Id]()
        for lag in sorted(reached & set(self.e.unstarted)):
            op, span = self.b.nodes[lag].op, self.b.nodes[lag].span
            assert isinstance(op, ir.Lag)
            kind = Kind(interval=intervals.COUNT)
            position = self.b.add(ir.Fill(FUNCTIONS["position"], (op.dim,)), (), (op.dim,), kind, span)
            steps = self.b.constant(op.steps, span)
            binary = Kind(interval=intervals.BINARY)
            late = self.b.add(ir.Apply(FUNCTIONS[">="]), (position, steps), (op.dim,), binary, span)
            if mask is None:
                mask = late
            else:
                dims = union(self.b.dims(mask), (op.dim,))
                mask = self.b.add(ir.Apply(FUNCTIONS["and"]), (mask, late), dims, binary, span)
        return mask

    def _mask(self, node: ast.Expr | None, scope: Scope) -> ir.Id | None:
        value = None if node is None else self.e.expr(node, scope)
        if value is None or node is None:
            return None
        latent = not self.b.data_only(value)
        if latent or not intervals.BINARY.holds(self.b.interval(value)):
            self.b.problems.append(errors.mask_is_no_condition(node.span, latent=latent))
            return None
        return value if self._in_plates(value, node, scope, "where") else None

    def _weight(self, node: ast.Expr | None, scope: Scope) -> ir.Id | None:
        value = None if node is None else self.e.expr(node, scope)
        if value is None or node is None:
            return None
        if not self.b.data_only(value):
            self.b.problems.append(errors.weight_of_latent(node.span))
            return None
        self.laws.check_support(value, Kind(interval=intervals.NONNEGATIVE), "the weight", node.span)
        return value if self._in_plates(value, node, scope, "weight") else None

    def _in_plates(self, value: ir.Id, node: ast.Expr, scope: Scope, word: str) -> bool:
        free = self.e.free(value, scope)
        if free:
            self.b.problems.append(errors.free_in_clause(node.span, word, free))
        return not free

    def _factor(self, statement: ast.Factor, scope: Scope) -> None:
        value = self.e.expr(statement.value, scope)
        if value is None:
            return
        if free := self.e.free(value, scope):
            self.b.problems.append(errors.factor_with_dimension(statement.value.span, free))
            return
        if missing := [dim for dim in scope.context if dim not in self.b.dims(value)]:
            self.b.problems.append(errors.factor_once_per_member(statement.value.span, missing[0].name))
            return
        self.factors.append(ir.Factor(value, scope.context, statement.span))

    # --- imputed data --------------------------------------------------------------------------------------------

    def _find_imputed(self) -> None:
        """The one observation of each item that is imputed."""
        named = [name for p in self.table.placed if isinstance(p.statement, ast.Impute) for name in p.statement.names]
        self._named_imputed = {name.name for name in named}
        for name in named:
            symbol = self.table.symbols.get(name.name)
            data = None if symbol is None else symbol.statement
            if not isinstance(data, ast.DataDecl) or not data.type.optional:
                self.b.problems.append(errors.imputes_nothing(name, data=isinstance(data, ast.DataDecl)))
                continue
            observed = [p for p in self.table.placed if _observes(p.statement, name.name)]
            dims = tuple(Dim(dim.name) for dim in data.type.dims)
            if len(observed) != 1 or set(observed[0].context) != set(dims):
                self.b.problems.append(errors.imputed_observation(name, len(observed), dims))
            elif observed[0].chain is not None:
                span = observed[0].statement.span
                states = data.type.kind.name in self.table.dims
                self.b.problems.append(errors.imputed_law(name.name, "an observation in a chain", span, states=states))
            else:
                self._imputing[name.name] = observed[0]

    def lookup(self, name: str, span: Span) -> ir.Id | Outputs | None:
        """The node of a declared name; of imputed data the completed values."""
        if name not in self._imputing:
            return super().lookup(name, span)
        if name not in self._completed:
            self._completed[name] = None
            self._completed[name] = self._complete(name, self._imputing[name])
        if self._completed[name] is None and not self.b.problems:
            self.b.problems.append(errors.imputed_by_itself(name, span))
        return self._completed[name]

    def _complete(self, name: str, placed: Placed) -> ir.Id | None:
        assert isinstance(placed.statement, ast.Observe)
        statement, count = placed.statement, len(self.observations)
        value = super().lookup(name, statement.value.span)
        if value is None or isinstance(value, Outputs):
            return None
        typed = self._observe(statement, Scope(placed.context, placed.chain), value)
        if typed is None or len(self.observations) == count:
            return None
        law = typed.law
        unfit: tuple[str, Span] | None = None
        if law.event:
            unfit = "a law of vectors", law.span
        elif statement.where is not None:
            unfit = "a `where`", statement.where.span
        elif statement.weight is not None:
            unfit = "a `weight`", statement.weight.span
        elif not typed.kind.discrete and (row := atoms(law)) is not None:
            unfit = f"`{row}`, a law with both densities and probabilities,", law.span
        if unfit is not None:
            self.b.problems.append(errors.imputed_law(name, *unfit))
            return None
        if (moving := moving_edge(law)) is not None:
            self.b.problems.append(errors.moving_edge(moving.span, moving.row.name, name))
            return None
        made = Imputed(self.e, self.data[name], value, statement.value.span)
        site = made.site(typed)
        self.sites.append(site)
        self.data |= {item.name: item for item in made.data}
        self.b.extra_dimensions.append(made.dimension)
        return made.completed(self.b.add(ir.Latent(site.name), (), site.dims, interior(site.kind), site.span))

    # --- what holds for the whole --------------------------------------------------------------------------------

    def _data_below(self, value: ir.Id) -> list[ir.Data]:
        ops = (self.b.nodes[i].op for i in self.b.below(value))
        return [self.data[op.name] for op in ops if isinstance(op, ir.Input) and op.name in self.data]

    def _check_generated(self) -> None:
        """What is drawn after the fit stands in reports only."""
        drawn = {report.name: report.span for report in self.reports if report.law is not None}
        if not drawn:
            return
        terms = [(one.law.span, [*_law_args(one.law), one.mask, one.weight]) for one in self.observations]
        terms += [(site.law.span, [*_law_args(site.law), site.bounds.lower, site.bounds.upper]) for site in self.sites]
        terms += [(factor.span, [factor.value]) for factor in self.factors]
        for span, args in terms:
            read = {name for arg in args if arg is not None for name in self.b.latents(arg)} & drawn.keys()
            self.b.problems += [errors.made_after_the_fit(name, span, drawn[name]) for name in sorted(read)]

    def _check_missing(self) -> None:
        """Data that may be missing stands in what is observed, and as covariates of what may be missing with it."""
        optional = {name for name, data in self.data.items() if data.optional} - self._named_imputed
        if not optional:
            return
        plates = tuple(dict.fromkeys(dim for one in self.observations for dim in one.plates))
        read = Reads(self.b.nodes, optional, plates)
        needed: set[ir.Id] = set()
        covariates: set[str] = set()
        for i, one in enumerate(self.observations):
            args, others = read(*_law_args(one.law)), read(one.mask, one.weight)
            needed |= others.beside | others.apart | args.apart
            if optional.isdisjoint(one.optional):
                needed |= args.beside
            else:
                own = {read.name(at) for at in args.beside}
                covariates |= own
                self.observations[i] = replace(one, optional=(*one.optional, *sorted(own - {*one.optional})))
        others = [arg for one in (*self.sites, *self.reports) if one.law is not None for arg in _law_args(one.law)]
        others += [end for site in self.sites for end in site.bounds.ends]
        rest = read(*others, *(factor.value for factor in self.factors))
        reported = read(*(report.value for report in self.reports))
        needed |= rest.beside | rest.apart | reported.apart
        needed |= {at for at in reported.beside if read.name(at) not in covariates}
        used = sorted((read.name(at), self.b.nodes[at].span) for at in needed)
        first = dict(reversed(used))
        self.b.problems += [errors.missing_used(first[name], name) for name in sorted(first)]


def _observes(statement: ast.Statement, name: str) -> bool:
    return isinstance(statement, ast.Observe) and isinstance(statement.value, ast.Name) and statement.value.name == name


def _fraction(label: ast.String | ast.Number) -> bool:
    return isinstance(label.value, float)


def _law_args(law: ir.Law) -> list[ir.Id]:
    own = [arg for arg in law.args if arg is not None]
    return [*own, *(arg for child in law.children for arg in _law_args(child))]
