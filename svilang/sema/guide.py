"""The guide block as a program: which family or statement covers which latent, and whether it may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..catalog.distribution import Distribution
from ..catalog.distributions import COMBINATORS, DISTRIBUTIONS
from ..diagnostics import Span
from ..ir import nodes as ir
from ..ir.walk import law_operands, laws
from ..runtime.guides import FAMILIES
from ..runtime.guides.family import DIMENSION, FAMILY, PLATE, REQUIRED
from ..runtime.limit import Limit
from ..syntax import ast
from ..types import Dims, Structure
from . import errors
from .baselines import WORD, Told, problems
from .kinds import interior
from .model import ModelStatements
from .order import dependency_order
from .outputs import Outputs
from .scope import Scope
from .statements import Statements, moving_edge
from .symbols import Placed, Symbol, Table, collect_block

ATOMS = frozenset(["Censored", "Improper"])
"""Rows that no draw of a guide can come from."""

LAWS = frozenset([*DISTRIBUTIONS, *COMBINATORS])
FUNCTIONS = (ast.FunctionDef, ast.NetDecl, ast.ExternDecl)
REST = "rest"
LEARNED = "learned"
DEFAULT_FAMILY = "mean_field"


@dataclass
class Coverage:
    """Which statement covers each latent."""

    by: dict[str, Span] = field(default_factory=dict)
    families: list[ir.Family] = field(default_factory=list)
    rest: ir.Family | None = None
    noncentered: list[str] = field(default_factory=list)
    learned: list[str] = field(default_factory=list)
    centered: list[str] = field(default_factory=list)
    scored: list[ast.Ident] = field(default_factory=list)
    baselines: list[Told] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)


class GuideStatements(Statements):
    """Elaborates one guide against its model."""

    def __init__(self, model: ModelStatements, block: ast.GuideBlock | None) -> None:
        shared = model.table
        table = Table(dims=shared.dims, dim_spans=shared.dim_spans)
        self.latents = {site.name: site for site in model.sites}
        collect_block(() if block is None else block.body, table, guide=True, latents=frozenset(self.latents))
        super().__init__(table)
        self.model = model
        self.block = block
        self.cover = Coverage()
        self.drawn = {name.name for placed in table.placed for name in _drawn_names(placed.statement)}
        self._definitions: dict[str, ir.Id | Outputs | None] = {}

    def function(self, name: str, span: Span) -> Symbol | None:
        """The guide's own functions, and those of the model."""
        symbol = super().function(name, span)
        outer = self.model.table.symbols.get(name)
        if symbol is not None or outer is None or not isinstance(outer.statement, FUNCTIONS):
            return symbol
        self.model.b.used_names.add(name)
        return outer

    def call(self, node: ast.Call, symbol: Symbol, scope: Scope) -> ir.Id | Outputs | None:
        """A call of a net of the guide itself, or of an extern function."""
        if isinstance(symbol.statement, ast.NetDecl) and symbol.name.name not in self.table.symbols:
            self.b.problems.append(errors.model_net_in_guide(node.function, symbol.name.span))
            return None
        if isinstance(symbol.statement, ast.ExternDecl) and symbol.name.name not in self.externs.known:
            self.externs.declare(symbol.statement, Scope())
        return super().call(node, symbol, scope)

    def lookup(self, name: str, span: Span) -> ir.Id | Outputs | None:
        """Names of the guide first, then data, latents and definitions of the model."""
        if name in self.table.symbols:
            return super().lookup(name, span)
        if name in self.latents and self.latents[name].kind.discrete and name not in self.drawn:
            self.b.problems.append(errors.summed_out(name, span, self.latents[name].span))
            return None
        if name in self.model.data or name in self.latents:
            kind, dims = self._shared(name)
            op = ir.Input(name) if name in self.model.data else ir.Latent(name)
            self.model.b.used_names.add(name)
            return self.b.add(op, (), dims, kind, span)
        symbol = self.model.table.symbols.get(name)
        if (
            symbol is not None
            and isinstance(symbol.statement, ast.Define)
            and self.model.resolved.get(name) is not None
        ):
            self.model.b.used_names.add(name)
            return self._definition(symbol, symbol.statement, span)
        if symbol is not None and self.model.resolved.get(name, 0) is None:
            return None
        if symbol is not None and isinstance(symbol.statement, ast.ParamDecl):
            self.b.problems.append(errors.model_param_in_guide(name, span, symbol.name.span))
            return None
        known = {**self.table.symbols, **self.model.table.symbols}
        self.unknown(name, span, known)
        return None

    def _definition(self, symbol: Symbol, statement: ast.Define, span: Span) -> ir.Id | Outputs | None:
        """A definition of the model, made again from the guide's own draws, once."""
        name, model = symbol.name.name, self.model
        if name in self._definitions:
            return self._definitions[name]
        value = model.resolved[name]
        roots = value.values.values() if isinstance(value, Outputs) else () if value is None else (value,)
        param = next((self._params[root] for root in roots if self._params[root]), None)
        if param is not None:
            self.b.problems.append(errors.model_param_in_guide(param, span, model.table.symbols[param].name.span))
            self._definitions[name] = None
        else:
            self._definitions[name] = self.e.value(statement.values[0], Scope(symbol.context, symbol.chain))
        return self._definitions[name]

    @cached_property
    def _params(self) -> list[str | None]:
        """For each node of the model a parameter that it depends on, if any."""
        found: list[str | None] = []
        for node in self.model.b.nodes:
            own = node.op.name.partition(".")[0] if isinstance(node.op, ir.Parameter) else None
            found.append(own or next((found[arg] for arg in node.args if found[arg]), None))
        return found

    def _shared(self, name: str):
        if name in self.model.data:
            return self.model.data[name].kind, self.model.data[name].dims
        return interior(self.latents[name].kind), self.latents[name].dims

    def program(self) -> ir.Program:
        """The whole guide; what is wrong stands in ``b.problems``."""
        self._check_clashes()
        self.elaborate_all()
        for placed in self.table.placed:
            self._place(placed)
        for chain in self.table.chains:
            self.b.problems.append(errors.not_in_this_version("chains", chain.dim.span, chain.dim.name))
        families = self._families()
        self._sort_sites()
        explicit = {site.name for site in self.sites}
        baselines = [one for one in self.cover.baselines if one.site in explicit]
        name = "guide" if self.block is None or self.block.name is None else f"guide {self.block.name.name}"
        program = ir.Program(
            name,
            (*self.model_dimensions(), *self.b.extra_dimensions),
            tuple(replace(item, bounds=ir.NO_BOUNDS) for item in self.model.data.values()),  # ends are model nodes
            tuple(self.params),
            tuple(self.sites),
            definitions=(*self.definitions, *((ir.baseline_of(one.site), one.value) for one in baselines)),
            nodes=tuple(self.b.nodes),
            guide=ir.GuideParts(
                families,
                tuple(self.cover.noncentered),
                self._scored(),
                tuple(self.cover.formulas),
                tuple(self.cover.learned),
            ),
        )
        self.b.problems.extend(problems(program, baselines))
        return program

    def _check_clashes(self) -> None:
        """Only a formula may have the name of a latent variable of the model: anything else would hide it."""
        for name, symbol in self.table.symbols.items():
            if name in self.latents and not isinstance(symbol.statement, ast.Define):
                self.b.problems.append(errors.defined_twice(symbol.name, self.latents[name].span))

    def model_dimensions(self) -> tuple[ir.Dimension, ...]:
        """The dimensions shared with the model, sizes left to it."""
        shared = (*self.model.data.values(), *self.model.sites)
        entries = {dim.name for one in shared for dim in one.dims} - self.table.dim_spans.keys()
        made = (dimension for dimension in self.model.b.extra_dimensions if dimension.name in entries)
        return (*(ir.Dimension(name, span=span) for name, span in self.table.dim_spans.items()), *made)

    def _uses(self, symbol: Symbol) -> list[str]:
        """The names that a statement reads, those behind definitions of the model among them."""
        found, behind = super()._uses(symbol), self.model.table.symbols
        reached, pending = set(found), list(found)
        while pending:
            name = pending.pop()
            if name in self.table.symbols or name not in behind or not isinstance(behind[name].statement, ast.Define):
                continue
            further = [used for used in super()._uses(behind[name]) if used not in reached]
            reached.update(further)
            pending += further
            found += further
        return found

    def _define(self, statement: ast.Define, scope: Scope, symbol: Symbol) -> ir.Id | Outputs | None:
        value, latent = super()._define(statement, scope, symbol), self.latents.get(symbol.name.name)
        if latent is None:
            return value
        if latent.kind.discrete or latent.kind.structure is not Structure.SCALAR or isinstance(value, Outputs):
            self.b.problems.append(errors.formula_of_kind(symbol.name, latent))
        elif self._cover((symbol.name,)) and value is not None:
            self._formula(symbol.name, latent, value)
        return value

    def _formula(self, name: ast.Ident, latent: ir.Site, value: ir.Id) -> None:
        """A latent that a definition makes from other variables of the guide."""
        self.b.used_names.add(name.name)
        dims, interval = self.b.dims(value), self.b.interval(value)
        if set(dims) != set(latent.dims):
            self.b.problems.append(errors.guide_dimensions_differ(name, dims, latent.dims, latent.span))
        elif not latent.kind.interval.meets(interval):
            self.b.problems.append(errors.formula_outside(name, latent))
        else:
            if not latent.kind.interval.holds(interval) or latent.bounds != ir.NO_BOUNDS:
                self.b.warnings.append(errors.formula_may_leave(name, latent))
            self.cover.formulas.append(name.name)

    # --- statements ----------------------------------------------------------------------------------------------

    def _place(self, placed: Placed) -> None:
        match placed.statement:
            case ast.Draw() as statement:
                self._draw(statement, placed)
            case ast.Reparameterise() as statement:
                self._reparameterise(statement)
            case ast.Score(names=names) as statement:
                self.cover.scored.extend(names)
                self._baseline(statement, Scope(placed.context, placed.chain))
            case ast.Observe() | ast.Factor() | ast.Impute() | ast.Report() as statement:
                word = type(statement).__name__.lower()
                self.b.problems.append(errors.only_in_model(word, statement.span))
            case _:
                return

    def _draw(self, statement: ast.Draw, placed: Placed) -> None:
        distribution = statement.distributions[0]
        head = distribution.function.name if isinstance(distribution, ast.Call) else getattr(distribution, "name", "")
        if head in FAMILIES:
            self._family(statement, head, placed.context)
        elif statement.names[0].name == REST or (head not in LAWS and errors.means_family(head)):
            self._cover(statement.names)
            self.b.problems.append(errors.unknown_family(head, distribution.span, FAMILIES))
        else:
            self._explicit(statement, placed)

    def _cover(self, names: tuple[ast.Ident, ...]) -> list[str]:
        covered: list[str] = []
        for name in names:
            if name.name == REST:
                continue
            if self._failed(name.name):
                continue
            if name.name not in self.latents:
                self.b.problems.append(self._no_latent(name))
            elif name.name in self.cover.by:
                self.b.problems.append(errors.covered_twice(name, self.cover.by[name.name]))
            elif self.latents[name.name].kind.discrete and name.name not in self.drawn:
                self.b.problems.append(self._covers_discrete(name))
            else:
                self.cover.by[name.name] = name.span
                covered.append(name.name)
        return covered

    def _failed(self, name: str) -> bool:
        """Whether the model draws a variable of this name, and an error in it is reported already."""
        symbol = self.model.table.symbols.get(name)
        drawn = symbol is not None and isinstance(symbol.statement, ast.Draw) and not symbol.reported
        return drawn and name not in self.latents

    def _unknown(self, name: str, span: Span, known: Iterable[str]) -> errors.Diagnostic:
        declared = f"a number to be optimised is declared by `param {name}: real`"
        return errors.unknown_name(name, span, self.b.suggested(known), declared)

    def _covers_discrete(self, name: ast.Ident) -> errors.Diagnostic:
        """A family over a discrete latent: it is summed out, or it has no end."""
        site = self.latents[name.name]
        endless = isinstance(site.law.row, Distribution) and site.law.row.finite_support is None
        message = errors.family_of_discrete if endless else errors.summed_out
        return message(name.name, name.span, site.span)

    def _no_latent(self, name: ast.Ident) -> errors.Diagnostic:
        symbol = self.model.table.symbols.get(name.name)
        declared = None if symbol is None else symbol.name.span
        return errors.guides_no_latent(name, self.b.suggested(self.latents), declared)

    def _family(self, statement: ast.Draw, head: str, context: Dims) -> None:
        settings = self._family_settings(statement.distributions[0], head)
        rest = any(name.name == REST for name in statement.names)
        covered = self._cover(statement.names)
        if context:
            self.b.problems.append(errors.family_in_plate(statement.span, context[-1].name))
        if statement.type is not None:
            self.b.problems.append(errors.family_with_type(statement.type.span))
        family = ir.Family(head, tuple(covered), settings, statement.span)
        if not rest:
            self.cover.families.append(family)
        elif self.cover.rest is not None:
            self.b.problems.append(errors.covered_twice(statement.names[0], self.cover.rest.span))
        else:
            self.cover.rest = family

    def _family_settings(self, node: ast.Expr, head: str) -> tuple[tuple[str, float | str], ...]:
        row = FAMILIES[head]
        call = node if isinstance(node, ast.Call) else ast.Call(ast.Ident(head, span=node.span), (), span=node.span)
        optional = {name: default for name, default in row.settings.items() if default is not REQUIRED}
        given = self.e.arguments(call, tuple(row.settings), optional)
        settings: list[tuple[str, float | str]] = []
        for name, value in (given or {}).items():
            wanted = row.kinds.get(name)
            found = self._setting(name, value, wanted)
            if found is not None:
                settings.append((name, found))
        return tuple(settings)

    def _setting(self, name: str, value: ast.Expr, wanted: str | Limit | None) -> float | str | None:
        if wanted in (DIMENSION, PLATE):
            dim = self.e.dim(value)
            return None if dim is None else dim.name
        if wanted == FAMILY:
            if isinstance(value, ast.Name) and value.name in FAMILIES and FAMILIES[value.name].component:
                return value.name
            known = [f"`{row.name}`" for row in FAMILIES.values() if row.component]
            self.b.problems.append(errors.family_setting(value.span, name, f"one of {', '.join(known)}"))
            return None
        number = None if isinstance(value, ast.Bool) else self.b.number(self.e.expr(value, Scope()))
        if number is None:
            self.b.problems.append(errors.setting_is_no_number(value.span, name))
        elif isinstance(wanted, Limit) and not wanted.allows(number):
            self.b.problems.append(errors.family_setting(value.span, name, wanted.wanted(number)))
        else:
            return number
        return None

    def _explicit(self, statement: ast.Draw, placed: Placed) -> None:
        name, *others = statement.names
        if others:
            self._cover(statement.names)
            self.b.problems.append(errors.unknown_family(_head(statement), statement.distributions[0].span, FAMILIES))
            return
        covered = self._cover(statement.names)
        before = len(self.b.problems)
        site = self.site(statement, name, Scope(placed.context, placed.chain))
        if site is None or not covered or len(self.b.problems) > before:
            return
        latent = self.latents[name.name]
        if self._allowed(site, latent, statement):
            self.sites.append(site)

    def _allowed(self, site: ir.Site, latent: ir.Site, statement: ast.Draw) -> bool:
        span = statement.distributions[0].span
        if set(site.dims) != set(latent.dims):
            self.b.problems.append(
                errors.guide_dimensions_differ(statement.names[0], site.dims, latent.dims, latent.span)
            )
            return False
        if (moving := moving_edge(site.law)) is not None:
            self.b.problems.append(errors.moving_edge(moving.span, moving.row.name, site.name))
            return False
        if any(law.row.name in ATOMS for law in laws(site.law)):
            self.b.problems.append(errors.no_density(span, site))
            return False
        if not latent.kind.interval.closed.holds(site.kind.interval) or not self._same_structure(site, latent):
            self.b.problems.append(errors.guide_support(span, site, latent))
            return False
        if not site.kind.interval.closed.holds(latent.kind.interval):
            self.b.warnings.append(errors.guide_narrower(span, site, latent))
        return True

    def _reparameterise(self, statement: ast.Reparameterise) -> None:
        degree, learned = statement.degree, statement.degree is not None
        if degree is not None and not (isinstance(degree, ast.Name) and degree.name == LEARNED):
            self.b.problems.append(errors.degree_unknown(degree.span))
            return
        kind = "learned" if learned else statement.word
        places = (self.cover.noncentered, self.cover.learned, self.cover.centered)
        for name in statement.names:
            latent = self.latents.get(name.name)
            if self._failed(name.name):
                continue
            if latent is None:
                self.b.problems.append(self._no_latent(name))
            elif any(name.name in place for place in places):
                self.b.problems.append(errors.covered_twice(name, statement.span))
            elif kind == "centered":
                self.cover.centered.append(name.name)
            elif learned and (problem := errors.no_degree(name, latent)) is not None:
                self.b.problems.append(problem)
            elif not _standardises(latent.law):
                self.b.problems.append(errors.no_location_scale(name, latent))
            elif latent.narrowed:
                self.b.problems.append(errors.noncentered_narrowed(name, latent.span))
            else:
                (self.cover.learned if learned else self.cover.noncentered).append(name.name)

    def _baseline(self, statement: ast.Score, scope: Scope) -> None:
        option = statement.option
        if option is None or option.name is None:
            return
        if option.name.name != WORD:
            self.b.problems.append(errors.no_option_of_score(option.name))
            return
        value = self.e.value(option.value, scope)
        if isinstance(value, Outputs):
            self.b.problems.append(errors.baseline_of_kind(option.value.span, ", ".join(value.values)))
        elif value is not None and not self._is_number(value):
            self.b.problems.append(errors.baseline_of_kind(option.value.span))
        elif value is not None:
            self.cover.baselines += [Told(name.name, value, option.value.span) for name in statement.names]

    def _is_number(self, value: ir.Id) -> bool:
        kind = self.b.nodes[value].kind
        return kind.structure is Structure.SCALAR and kind.member is None

    # --- coverage ------------------------------------------------------------------------------------------------

    def _families(self) -> tuple[ir.Family, ...]:
        order = {name: i for i, name in enumerate(self.latents)}
        explicit = {site.name for site in self.sites}
        for word in ("noncentered", "learned"):
            for name in getattr(self.cover, word):
                if name in explicit:
                    self.b.problems.append(errors.noncentered_explicit(name, self.cover.by[name], word))
        families = [replace(f, sites=tuple(sorted(f.sites, key=order.__getitem__))) for f in self.cover.families]
        left = tuple(n for n, site in self.latents.items() if n not in self.cover.by and not site.kind.discrete)
        if left:
            rest = self.cover.rest or ir.Family(DEFAULT_FAMILY, ())
            families.append(replace(rest, sites=tuple(sorted((*rest.sites, *left), key=order.__getitem__))))
        elif self.cover.rest is not None and not self.cover.rest.sites and self.latents:
            self.b.warnings.append(errors.rest_is_empty(self.cover.rest.span))
        for family in families:
            self._fits(family)
        return tuple(f for f in families if f.sites)

    def _fits(self, family: ir.Family) -> None:
        """Whether what a family is made for is there among the variables that it covers."""
        row, settings = FAMILIES[family.name], dict(family.settings)
        sites = [self.latents[name] for name in family.sites]
        for name, wanted in row.kinds.items():
            plates = {dim.name for site in sites for dim in site.dims}
            if wanted == DIMENSION and sites and name in settings and settings[name] not in plates:
                self.b.problems.append(errors.family_without_dimension(family, str(settings[name])))
        chained = [self.model.table.symbols[site.name].chain for site in sites if site.name in self.model.table.symbols]
        if row.chain and sites and not any(chained):
            self.b.problems.append(errors.family_without_chain(family))

    def _scored(self) -> tuple[str, ...]:
        """The sites of all ``score`` statements, which the guide must draw."""
        explicit = {site.name for site in self.sites}
        for name in self.cover.scored:
            if name.name not in explicit and not self._failed(name.name) and name.name not in self.drawn:
                self.b.problems.append(errors.scores_no_draw(name))
        return tuple(dict.fromkeys(name.name for name in self.cover.scored if name.name in explicit))

    def _same_structure(self, site: ir.Site, latent: ir.Site) -> bool:
        if site.kind.discrete and latent.kind.member is not None:
            member = site.kind.member
            return member is not None and self.table.root(member) == self.table.root(latent.kind.member)
        return latent.kind.structure in (Structure.SCALAR, site.kind.structure)

    def _sort_sites(self) -> None:
        """Explicit sites are sorted so that each stands after those that it reads."""
        below = {
            site.name: [
                name
                for arg in law_operands(site.law)
                for name in sorted(self.b.latents(arg))
            ]
            for site in self.sites
        }
        order, cycles = dependency_order(below)
        for cycle in cycles:
            span = next(site.span for site in self.sites if site.name == cycle[0])
            self.b.problems.append(errors.cycle(cycle, span))
        self.sites.sort(key=lambda site: order.index(site.name))


def _standardises(law: ir.Law) -> bool:
    """Whether a variable is a location and a scale times a standard one, a chain at each of its steps."""
    if isinstance(law.row, Distribution):
        return law.row.location_scale is not None
    return law.row.name == "then" and not law.event and all(map(_standardises, law.children))


def _head(statement: ast.Draw) -> str:
    node = statement.distributions[0]
    return node.function.name if isinstance(node, ast.Call) else getattr(node, "name", "")


def _drawn_names(statement: ast.Statement) -> tuple[ast.Ident, ...]:
    """The variable that a statement gives a distribution of its own."""
    if not isinstance(statement, ast.Draw) or len(statement.names) != 1:
        return ()
    return () if _head(statement) in FAMILIES else statement.names
