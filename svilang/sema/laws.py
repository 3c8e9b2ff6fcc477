"""Distributions with their arguments: which row, which parameters, which axes, and whether the supports fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

from ..catalog.distribution import Combinator, Distribution, Form, Param
from ..catalog.distributions import COMBINATORS, DISTRIBUTIONS
from ..catalog.functions import FUNCTIONS
from ..diagnostics import Span
from ..ir import nodes as ir
from ..ir.walk import laws
from ..runtime.guides import FAMILIES
from ..syntax import ast
from ..types import KINDS, Dim, Dims, Interval, Kind, Structure, intervals, union
from . import errors
from .compose import Compose
from .constants import constant, misfit
from .densities import density
from .expressions import Expressions
from .kinds import kind_of
from .order import nodes_in
from .scope import Scope
from .squares import TRIANGULAR, fits, is_scaled_diagonal, matrices_of, shape
from .weights import certain_sum

_NO_SQUARES: errors.Squares = MappingProxyType({})


@dataclass(frozen=True)
class Typed:
    """A law, the kind of its variate and the nodes of its bounds."""

    law: ir.Law
    kind: Kind
    bounds: ir.Bounds = ir.NO_BOUNDS

FREELY = {"probs": ("logits",), "rate": ("log_rate",), "mean": ("log_mean",)}
"""Parameters that any number can stand for, by names of those with bounds."""

PROBABILITIES = frozenset(["expit", "sigmoid", "ndtr"])
"""Functions that make a probability of any number."""


class Laws:
    """Elaborates distribution calls. Errors are reported, and ``None`` returned."""

    def __init__(self, expressions: Expressions) -> None:
        self.e = expressions
        self.b = expressions.b
        self._reported: set[tuple[ir.Id, Kind]] = set()
        expressions.density = partial(density, self)

    def law(self, node: ast.Expr, scope: Scope, extra: Dims = (), event: Dims = ()) -> Typed | None:
        """The law of ``node``.

        Args:
            node: a call, or the name of a row that needs no arguments.
            scope: the open plates.
            extra: axes that the declared type adds and that act as plates.
            event: axes that the variate has besides, or the dimension that it is a member of; hints for lists and the
                choice among aliases.
        """
        call = node if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Name):
            call = ast.Call(ast.Ident(node.name, span=node.span), (), span=node.span)
        if call is None:
            self.b.problems.append(errors.not_a_distribution(node.span))
            return None
        name = call.function.name
        if name == "Improper":
            return self._improper(call, scope)
        if name in DISTRIBUTIONS:
            return self._distribution(call, DISTRIBUTIONS[name], scope, extra, event)
        if name in COMBINATORS:
            return self._combinator(call, COMBINATORS[name], scope, extra, event)
        own = [n for n, symbol in self.b.table.symbols.items() if isinstance(symbol.statement, ast.FunctionDef)]
        known = [*DISTRIBUTIONS, *COMBINATORS]
        self.b.problems.append(errors.unknown_distribution(call.function, known, FAMILIES, own))
        return None

    def _improper(self, call: ast.Call, scope: Scope) -> Typed | None:
        row = DISTRIBUTIONS["Improper"]
        law = ir.Law(row, 0, (), span=call.span)
        if not call.arguments:
            return Typed(law, Kind())
        first, *more = call.arguments
        if more:
            self.b.problems.append(errors.too_many_arguments(call, more[0].span, ("kind",)))
            return None
        value = first.value
        match value:
            case ast.Name(name=name):
                wanted = ast.Type(ast.Ident(name, span=value.span), span=value.span)
            case ast.Call(function=function, arguments=arguments):
                wanted = ast.Type(function, arguments, span=value.span)
            case _:
                self.b.problems.append(errors.kind_expected(value.span))
                return None
        if wanted.kind.name not in KINDS:
            self.b.problems.append(errors.unknown_kind(wanted.kind, KINDS))
            return None
        found = kind_of(self.e, wanted, scope)
        return None if found is None else Typed(law, *found)

    # --- arguments -----------------------------------------------------------------------------------------------

    def _choose(self, call: ast.Call, row: Distribution) -> tuple[int, dict[str, ast.Expr]] | None:
        """The first form that the arguments fit, and the arguments by name."""
        positional = [a for a in call.arguments if a.name is None]
        named = {a.name.name: a for a in call.arguments if a.name is not None}
        if row.dimension_first:
            positional = positional[1:]
        names = {p.name for form in row.forms for p in form.params}
        for argument in named.values():
            assert argument.name is not None
            if argument.name.name not in names:
                self.b.problems.append(errors.unknown_parameter(row, argument.name))
                return None
        if len(named) + len(positional) < len([a for a in call.arguments]) - row.dimension_first:
            doubled = [a for a in call.arguments if a.name is not None]
            self.b.problems.append(errors.argument_twice(row.name, doubled[-1].name.name, doubled[-1].span))  # type: ignore[union-attr]
            return None
        for i, form in enumerate(row.forms):
            own = [p.name for p in form.params]
            if len(positional) > len(own) or not set(named) <= set(own):
                continue
            given = dict(zip(own, (a.value for a in positional), strict=False))
            if set(given) & set(named):
                continue
            given |= {name: argument.value for name, argument in named.items()}
            if all(p.name in given or p.default is not None for p in form.params):
                return i, given
        self.b.problems.append(self._no_form(call, row, [a.span for a in positional], list(named)))
        return None

    def _no_form(
        self, call: ast.Call, row: Distribution, positional: list[Span], named: list[str]
    ) -> errors.Diagnostic:
        most = max(len(form.params) for form in row.forms)
        if len(positional) > most:
            return errors.too_many_arguments(call, positional[most], tuple(p.name for p in row.forms[0].params))
        fitting = [f for f in row.forms if set(named) <= {p.name for p in f.params}]
        if not fitting:
            return errors.mixed_parameters(call, row, named)
        form = fitting[0]
        own = [p.name for p in form.params]
        doubled = [name for name in named if name in own[: len(positional)]]
        if doubled:
            return errors.said_twice(call, row, doubled[0], own.index(doubled[0]))
        missing = [p for p in form.params[len(positional) :] if p.default is None and p.name not in named]
        return errors.missing_parameter(call, row, missing[0])

    def _is_value(self, argument: ast.Expr) -> bool:
        """Whether an argument is the name of something else than a dimension."""
        table = self.b.table
        return isinstance(argument, ast.Name) and argument.name in table.symbols and argument.name not in table.dims

    def _distribution(self, call: ast.Call, row: Distribution, scope: Scope, extra: Dims, event: Dims) -> Typed | None:
        axes: dict[tuple[str, int], Dim] = {}
        if row.dimension_first:
            first = next((a for a in call.arguments if a.name is None), None)
            if first is None or self._is_value(first.value):
                plate = scope.context[-1].name if scope.context else None
                self.b.problems.append(errors.dimension_first(call, row, plate))
                return None
            dim = self.e.dim(first.value)
            if dim is None:
                return None
            if dim in scope.context:
                self.b.problems.append(errors.event_is_open_plate(call.span, row.name, dim.name))
                return None
            for i in range(row.event.count(row.event[0])):
                axes[row.event[0], i] = Dim(dim.name, i)
        chosen = self._choose(call, row)
        if chosen is None:
            return None
        index, given = chosen
        form = row.forms[index]
        plates = (*scope.context, *extra)
        if event and not row.dimension_first:
            for i, (axis, dim) in enumerate(zip(row.event, event, strict=False)):
                axes.setdefault((axis, row.event[:i].count(axis)), dim)
            if (counted := _counted_axis(row)) is not None:
                axes.setdefault((counted, 0), event[-1])
        args: list[ir.Id | None] = [None] * len(form.params)
        hinted = set(axes) if not row.dimension_first else set[tuple[str, int]]()
        start = len(self.b.problems)
        unfit: list[int] = []
        # A list or a number takes its dimension from the parameters beside it, and so comes after them: numbers as
        # matrices are rare, and those as vectors frequent.
        bare = [_is_bare(given.get(param.name)) for param in form.params]
        for at in sorted(range(len(args)), key=lambda at: (bare[at], -len(form.params[at].event))):
            param, before = form.params[at], len(self.b.problems)
            value = given.get(param.name)
            args[at] = self._argument(call, row, param, value, scope, plates, axes, extra, hinted)
            if any(problem.code == "E0402" for problem in self.b.problems[before:]):
                unfit.append(at)
            if any(problem.code.startswith("E03") for problem in self.b.problems[start:before]):
                # The first of them says what is missing around the call, and the others say it again.
                self.b.problems[before:] = [p for p in self.b.problems[before:] if not p.code.startswith("E03")]
        if any(value is None for value in args):
            return None
        if unfit and len(self.b.problems) == start + len(unfit):
            self._see_order(call, form, args, unfit)
        out = tuple(self._axis(axes, axis, row.event[:i].count(axis)) for i, axis in enumerate(row.event))
        if twice := [dim for i, dim in enumerate(out) if dim in out[:i]]:
            self.b.problems.append(errors.event_twice(call.span, row, twice[0]))
            return None
        for axis, wanted in row.sizes:
            dim = axes[axis, 0]
            if (size := self.e.size(dim.name)) is not None and size != wanted:
                self.b.problems.append(errors.other_size(call.span, row, dim, wanted, size))
                return None
        law = ir.Law(row, index, tuple(args), event=out, span=call.span)
        return self._typed(law, form, row, axes)

    def _see_order(self, call: ast.Call, form: Form, args: Sequence[ir.Id | None], unfit: list[int]) -> None:
        """Where arguments by position fit in each other's place, say that instead of what each lacks."""
        count = sum(argument.name is None for argument in call.arguments)

        def fits(place: int, other: int) -> bool:
            value = args[other]
            return value is not None and form.params[place].kind.interval.holds(self.b.nodes[value].kind.interval)

        def pair(one: int, other: int) -> bool:
            scalars = not form.params[one].event and not form.params[other].event
            return one != other and scalars and fits(one, other) and fits(other, one)

        first, found = unfit[0], range(min(count, len(args)))
        others = [other for other in found if first in found and pair(first, other)]
        if len(unfit) == 2 and unfit[1] in others:
            spans = [call.arguments[place].span for place in unfit]
            self.b.problems[-2:] = [errors.in_other_order(call, form, spans[0].to(spans[1]))]
        elif len(unfit) == 1 and others and self.b.number(args[others[0]] or 0) is None:  # type: ignore[arg-type]
            self.b.problems[-1] = errors.perhaps_in_other_order(self.b.problems[-1], call, form)

    def _axis(self, axes: dict[tuple[str, int], Dim], axis: str, occurrence: int) -> Dim:
        return axes.get((axis, occurrence)) or axes[axis, 0].primed

    def _argument(
        self,
        call: ast.Call,
        row: Distribution,
        param: Param,
        given: ast.Expr | None,
        scope: Scope,
        plates: Dims,
        axes: dict[tuple[str, int], Dim],
        extra: Dims,
        hinted: set[tuple[str, int]],
    ) -> ir.Id | None:
        if given is None:
            assert param.default is not None
            return self.b.constant(param.default, call.span)
        hint = tuple(self._axis(axes, a, param.event[:i].count(a)) for i, a in enumerate(param.event) if (a, 0) in axes)
        value = self.e.expr(given, scope, hint if param.event else extra)
        if value is None:
            return None
        free = tuple(dim for dim in self.b.dims(value) if dim not in plates)
        scalar, fills = self.b.nodes[value].kind.member is None and not free, param.kind.element == param.kind
        if scalar and fills and len(hint) == len(param.event) == 1 and hint[0] not in plates:
            full, interval = ir.Fill(FUNCTIONS["full"], hint), self.b.interval(value)
            value = self.b.add(full, (value,), (*self.b.dims(value), *hint), Kind(interval=interval), given.span)
            free = hint
        if not self._bind_axes(given.span, row, param, value, free, axes, scope, hinted):
            return None
        what, freely = f"the {param.name} of {row.name}", _taken_freely(row, param)
        self.check_support(value, param.kind, what, given.span, free, freely, matrices_of(row))
        named = any(argument.name is not None and argument.value is given for argument in call.arguments)
        if not named and param.kind.structure in TRIANGULAR and is_scaled_diagonal(self.b.nodes, value):
            self.b.warnings += errors.diagonal_factor(given.span, what, matrices_of(row))
        op = self.b.nodes[value].op
        if param.name.endswith("logits") and isinstance(op, ir.Apply) and op.function.name in PROBABILITIES:
            self.b.warnings.append(errors.link_twice(given.span, what, op.function.name))
        ends = self.b.nodes[value].kind.interval
        if param.name == "logits" and isinstance(op, ir.Latent | ir.Input) and (ends.lower, ends.upper) == (0, 1):
            self.b.warnings.append(errors.probability_as_logit(given.span, what, op.name))
        return value

    def _bind_axes(
        self,
        span: Span,
        row: Distribution,
        param: Param,
        value: ir.Id,
        free: Dims,
        axes: dict[tuple[str, int], Dim],
        scope: Scope,
        hinted: set[tuple[str, int]],
    ) -> bool:
        if not param.event:
            if free:
                self.b.problems.append(errors.free_dimension(span, row, param, free, self._fix(value, free[0], scope)))
                return False
            return True
        if len(free) != len(param.event):
            in_plate = [dim for dim in self.b.dims(value) if dim in scope.context]
            self.b.problems.append(errors.wrong_event(span, row, param, free, in_plate, alike=self._one_root(free)))
            return False
        for i, (axis, dim) in enumerate(zip(param.event, free, strict=True)):
            place = (axis, param.event[:i].count(axis))
            first = axes.setdefault(place, dim)
            if not self.b.same_root(first, dim) and place in hinted:
                first = axes[place] = dim
            hinted.discard(place)
            if not self.b.same_root(first, dim):
                self.b.problems.append(errors.event_sizes_differ(span, row, param, first, dim))
                return False
        return True

    def check_support(
        self,
        value: ir.Id,
        wanted: Kind,
        what: str,
        span: Span,
        free: Dims = (),
        freely: str | None = None,
        squares: errors.Squares = _NO_SQUARES,
    ) -> None:
        """An error where ``value`` is provably, or by its declaration, not of kind ``wanted``; else at most a warning.

        ``span`` is where the value is used, ``what`` the role it plays there, ``free`` the dimensions it has there, and
        ``freely`` how any number can be given for the same purpose; ``squares`` names the places of matrices.
        """
        node = self.b.nodes[value]
        declared = self._declared_at(node)
        if node.kind.member is not None and wanted.member is None:
            self.b.problems.append(errors.member_is_no_number(span, node.kind.member))
            return
        if (number := self.b.number(value)) is not None and not math.isfinite(number):
            self.b.problems.append(errors.wrong_support(node, span, what, wanted, None, freely, squares))
            return
        if isinstance(node.op, ir.Input):
            wanted = _with_ends(wanted)
        if wanted.holds(node.kind) or (wanted.element.holds(node.kind) and wanted.structure is Structure.SCALAR):
            return
        array = constant(self.b.nodes, value)
        # A sum is told of by itself.
        sums = array is not None and wanted.structure is Structure.SIMPLEX and bool((array >= 0).all())
        why = None if array is None or sums else misfit(array, wanted)
        inside = wanted.interval.holds(node.kind.interval)
        if inside and wanted.structure is not Structure.SCALAR:
            # The elements fit; whether they make a matrix as they should is seen when the values are known.
            if isinstance(node.op, (ir.Input, ir.Latent, ir.Parameter)) and node.kind.structure is not wanted.structure:
                self.b.problems.append(errors.wrong_structure(node, span, what, wanted, declared, squares))
            elif wanted.structure is Structure.SIMPLEX and free:
                self._check_sum(value, wanted, what, span, free[0], inside=True)
            elif (found := shape(self.b.nodes, value)) is not None and not fits(found, wanted.structure):
                self.b.problems.append(errors.wrong_square(span, what, wanted, found, squares))
            elif why is not None:
                self.b.problems.append(errors.wrong_constant(span, what, wanted, why, squares))
            elif array is None and found is None and wanted.structure in TRIANGULAR:
                self.b.warnings.append(errors.undecided_factor(span, what, wanted, squares))
            return
        bare = isinstance(node.op, (ir.Input, ir.Latent, ir.Parameter, ir.Const))
        apart = not wanted.interval.meets(node.kind.interval)
        if bare and (value, wanted) in self._reported:
            return
        self._reported.add((value, wanted))
        if bare or apart:
            self.b.problems.append(errors.wrong_support(node, span, what, wanted, declared, freely, squares))
        elif why is not None:
            self.b.problems.append(errors.wrong_constant(span, what, wanted, why, squares))
        elif wanted.structure is Structure.SIMPLEX and free:
            self._check_sum(value, wanted, what, span, free[0], inside=False)
        elif node.kind.interval != intervals.REAL or wanted.interval != intervals.REAL:
            self.b.warnings.append(errors.undecided_support(span, what, wanted, node))

    def _check_sum(self, value: ir.Id, wanted: Kind, what: str, span: Span, dim: Dim, *, inside: bool) -> None:
        total = certain_sum(self.b.nodes, value, dim, self.e.polynomials)
        if total is None or (total == 1 and not inside and self.b.interval(value).lower < 0):
            self.b.warnings.append(errors.undecided_support(span, what, wanted))
        elif total != 1:
            self.b.problems.append(errors.wrong_sum(span, what, total))

    def _declared_at(self, node: ir.Node) -> Span | None:
        match node.op:
            case ir.Input(name=name) | ir.Latent(name=name) | ir.Parameter(name=name):
                symbol = self.b.table.symbols.get(name)
                return None if symbol is None else symbol.name.span
            case _:
                return None

    def _typed(self, law: ir.Law, form: Form, row: Distribution, axes: dict[tuple[str, int], Dim]) -> Typed:
        kind = row.support
        finite = row.finite_support
        if finite is not None and isinstance(finite.upper, tuple) and finite.upper[2] == -1:
            dim = axes[finite.upper[1], 0]
            return Typed(law, replace(kind, member=dim.name))
        by_name = dict(zip((p.name for p in form.params), law.args, strict=True))
        ends = [by_name.get(name) if name else None for name in row.bounds]
        self._check_bounds(law.span, ends[0], ends[1], integer=kind.interval.integer)
        return Typed(law, *self.bounded(kind, ends[0], ends[1]))

    def _check_bounds(self, span: Span, lower: ir.Id | None, upper: ir.Id | None, *, integer: bool) -> bool:
        """Whether the lower bound can lie below the upper one."""
        if lower is None or upper is None or lower == upper:
            return True
        least, most = self.b.interval(lower).lower, self.b.interval(upper).upper
        if least < most or (integer and least == most):
            return True
        self.b.problems.append(errors.bounds_inverted(span))
        return False

    def bounded(self, kind: Kind, lower: ir.Id | None, upper: ir.Id | None) -> tuple[Kind, ir.Bounds]:
        """``kind`` cut to the two ends: as numbers where they are constants, as nodes where they are not."""
        interval = kind.interval
        low, high = self.b.number(lower), self.b.number(upper)
        if lower is not None:
            at = self.b.interval(lower)
            cut = Interval(at.lower, lower_open=at.lower_open and low is None, integer=interval.integer)
            interval = interval.meet(cut) if interval.meets(cut) else interval
        if upper is not None:
            at = self.b.interval(upper)
            cut = Interval(upper=at.upper, upper_open=at.upper_open and high is None, integer=interval.integer)
            interval = interval.meet(cut) if interval.meets(cut) else interval
        nodes = ir.Bounds(lower if low is None else None, upper if high is None else None)
        return replace(kind, interval=interval), nodes

    def chained(self, parts: list[Typed], chain: Dim, span: Span) -> Typed | None:
        """The law of ``A then B``: one part for each of the first steps, the last for all others."""
        first = parts[0]
        for part in parts[1:]:
            members = {m and self.b.table.root(m) for m in (part.kind.member, first.kind.member)}
            if part.law.event != first.law.event or len(members) > 1 or part.kind.discrete != first.kind.discrete:
                self.b.problems.append(errors.steps_differ(part.law.span))
                return None
        position = self.b.add(
            ir.Fill(FUNCTIONS["position"], (chain,)), (), (chain,), Kind(interval=intervals.COUNT), span
        )
        laws = tuple(part.law for part in parts)
        law = ir.Law(COMBINATORS["then"], 0, (position,), laws, first.law.event, None, span)
        interval = first.kind.interval
        for part in parts[1:]:
            interval = interval.hull(part.kind.interval)
        same = all(part.bounds == first.bounds for part in parts)
        return Typed(law, replace(first.kind, interval=interval), first.bounds if same else ir.NO_BOUNDS)

    # --- combinators ---------------------------------------------------------------------------------------------

    def _combinator(self, call: ast.Call, row: Combinator, scope: Scope, extra: Dims, event: Dims) -> Typed | None:
        own = tuple(p.name for p in row.params)
        order = ("distribution", *own) if row.inner_first else (*own, "distribution")
        order = (*order, "function") if row.functions else order
        given = self.e.arguments(call, order, dict.fromkeys(row.optional))
        if given is None:
            return None
        if row.one_of and len(chosen := [name for name in row.one_of if name in given]) != 1:
            self.b.problems.append(errors.one_of(call, row, chosen))
            return None
        if row.functions:
            function = given.pop("function")
            if not isinstance(function, ast.Name) or function.name not in row.functions:
                self.b.problems.append(errors.no_such_map(function.span, row))
                return None
            row = row.functions[function.name]
        inner = given.pop("distribution")
        place = (inner, scope, extra, event)
        early = [p for p in row.params if p.name != row.each]
        values = {p.name: self._own_argument(row, p, given.get(p.name), *place) for p in early}
        if any(values[name] is None and name in given for name in values):
            return None
        vector = self._vector(row, given, values, (*scope.context, *extra))
        if vector is None:
            return None
        mixed = None
        if row.mixes is not None:
            mixed = self._mixed(values[row.mixes], scope, extra)
            if mixed is None or not self._as_many(given[row.mixes], mixed, inner):
                return None
        if vector and (name := _vector_law(inner)) is not None:
            self.b.problems.append(errors.child_lacks(inner.span, row.name, name, "continuous"))
            return None
        children = self._children(row, inner, scope, (*extra, *vector), () if vector else event, mixed)
        if children is None or not all(self._fits(row, child) for child in children):
            return None
        out = vector or children[0].law.event
        for param in (p for p in row.params if p.name == row.each):
            values[param.name] = self._own_argument(row, param, given[param.name], inner, scope, extra, out)
            if values[param.name] is None:
                return None
        law = ir.Law(
            row, 0, tuple(values[name] for name in own), tuple(c.law for c in children), out, mixed, call.span
        )
        return self._combined(row, law, children, values)

    def _fits(self, row: Combinator, child: Typed) -> bool:
        """Whether ``child`` has what ``row`` needs of it."""
        if "cdf" in row.requires:
            for law in laws(child.law):
                known = law.row.cdf if isinstance(law.row, Distribution) else law.row.log_cdf
                if known is None:
                    self.b.problems.append(errors.child_lacks(law.span, row.name, law.row.name, "cdf"))
                    return False
        if "number" in row.requires and child.law.event:
            self.b.problems.append(errors.child_lacks(child.law.span, row.name, child.law.row.name, "number"))
            return False
        inside = child.law.row
        centred = isinstance(inside, Distribution) and _has_centre(inside.forms[child.law.form], child.kind)
        if "centred" in row.requires and not centred:
            others = [name for name, other in DISTRIBUTIONS.items() if _has_centre(other.forms[0], other.support)]
            self.b.problems.append(errors.not_centred(child.law.span, row.name, inside.name, others))
            return False
        one = not child.kind.discrete and child.kind.structure is Structure.SCALAR
        if "continuous" in row.requires and not (one and (row.along is None or not child.law.event)):
            self.b.problems.append(errors.child_lacks(child.law.span, row.name, child.law.row.name, "continuous"))
            return False
        if row.domain is not None and not row.domain.holds(child.kind.interval):
            wanted = Kind(interval=row.domain)
            self.b.problems.append(errors.child_outside(child.law.span, row, child.law.row.name, wanted, child.kind))
            return False
        return True

    def _vector(
        self, row: Combinator, given: dict[str, ast.Expr], values: dict[str, ir.Id | None], plates: Dims
    ) -> Dims | None:
        """The dimension over which a combinator makes a vector, that of its square; none where it makes none."""
        if row.along is None:
            return ()
        param, value = next((p, value) for p in row.params if (value := values[p.name]) is not None)
        first, second = (dim for dim in self.b.dims(value) if dim not in plates)
        if self.b.same_root(first, second):
            return (first,)
        self.b.problems.append(errors.event_sizes_differ(given[param.name].span, row, param, first, second))
        return None

    def _own_argument(
        self,
        row: Combinator,
        param: Param,
        given: ast.Expr | None,
        inner: ast.Expr,
        scope: Scope,
        extra: Dims,
        event: Dims,
    ) -> ir.Id | None:
        """The argument for ``param``; ``event`` are the axes of the variate, as far as they are known."""
        if given is None:
            return None
        hint: Dims = extra
        if param.name == row.mixes:
            hint = self._mixing_hint(given, inner, scope, extra)
        elif param.name == row.each:
            hint = event or extra
        elif row.along is not None and event:
            hint = event[-1], event[-1].primed
        wanted = event if param.name == row.each else param.event
        value = self.e.expr(given, scope, hint)
        if value is None:
            return None
        free = tuple(d for d in self.b.dims(value) if d not in (*scope.context, *extra))
        if not wanted and free:
            self.b.problems.append(
                errors.free_dimension(given.span, row, param, free, self._fix(value, free[0], scope))
            )
            return None
        if len(free) != len(wanted):
            in_plate = [dim for dim in self.b.dims(value) if dim in scope.context]
            alike = self._one_root(free)
            self.b.problems.append(errors.wrong_event(given.span, row, param, free, in_plate, alike=alike))
            return None
        if param.name == row.each and not all(map(self.b.same_root, free, event)):
            self.b.problems.append(errors.event_sizes_differ(given.span, row, param, event[0], free[0]))
            return None
        what = f"the {param.name} of {row.name}"
        self.check_support(value, param.kind, what, given.span, free, None, matrices_of(row))
        return value

    def _one_root(self, dims: Dims) -> bool:
        """Whether all of them are names of one dimension."""
        return all(self.b.same_root(dims[0], dim) for dim in dims[1:])

    def _mixing_hint(self, given: ast.Expr, inner: ast.Expr, scope: Scope, extra: Dims) -> Dims:
        """What a list of weights runs over: the parts, or the one dimension of the arguments of the only part."""
        if isinstance(given, ast.ListLiteral) and isinstance(inner, ast.ListLiteral):
            return (self.b.anonymous(len(inner.items), given.span),)
        if not isinstance(inner, ast.Call) or not nodes_in(given, ast.ListLiteral):
            return ()
        told = len(self.b.problems), len(self.b.warnings)
        inside = [call for call in nodes_in(inner, ast.Call) if _is_law(call)]
        plain = [argument.value for call in inside for argument in call.arguments if not _is_law(argument.value)]
        values = [self.e.expr(value, scope) for value in plain if not isinstance(value, ast.ListLiteral)]
        # The arguments are looked at again in their places, and then are told of.
        del self.b.problems[told[0] :], self.b.warnings[told[1] :]
        free = union(*(self.e.free(value, scope) for value in values if value is not None))
        spread = tuple(dim for dim in free if dim not in extra)
        return spread if len(spread) == 1 else ()

    def _mixed(self, weights: ir.Id | None, scope: Scope, extra: Dims) -> Dim | None:
        """The one dimension over which the weights run."""
        if weights is None:
            return None
        return next(d for d in self.b.dims(weights) if d not in (*scope.context, *extra))

    def _as_many(self, weights: ast.Expr, mixed: Dim, inner: ast.Expr) -> bool:
        """Whether a list of parts has one for each weight, where the text fixes the number of weights."""
        size = len(weights.items) if isinstance(weights, ast.ListLiteral) else self.e.size(mixed.name)
        if not isinstance(inner, ast.ListLiteral) or size is None or size == len(inner.items):
            return True
        self.b.problems.append(errors.parts_and_weights(inner.span, len(inner.items), size))
        return False

    def _fix(self, value: ir.Id, dim: Dim, scope: Scope) -> str | None:
        """What to do about ``dim``: a label column of the open plates indexes it, or a product should sum it."""
        node = self.b.nodes[value]
        if (
            isinstance(node.op, ir.Apply)
            and node.op.function.name == "*"
            and all(dim in self.b.dims(a) for a in node.args)
        ):
            return errors.by_product(dim.name)
        for name, symbol in self.b.suggested(self.b.table.symbols.items()):
            if isinstance(symbol.statement, ast.DataDecl) and symbol.statement.type.dims:
                wanted = symbol.statement.type
                if wanted.kind.name == dim.name and all(Dim(d.name) in scope.context for d in wanted.dims):
                    return errors.by_index(name)
        return None

    def _children(
        self, row: Combinator, inner: ast.Expr, scope: Scope, extra: Dims, event: Dims, mixed: Dim | None
    ) -> list[Typed] | None:
        if isinstance(inner, ast.ListLiteral) and row.inner != "one":
            found: list[Typed | None] = []
            for item in inner.items:
                first = found[0] if found else None
                found.append(self.law(item, scope, extra, event or (first.law.event if first else ())))
        else:
            # A single child is mixed over the weights' own dimension, which its arguments may have.
            before = len(self.b.problems)
            found = [self.law(inner, scope, extra if mixed is None else (*extra, mixed), event)]
            if mixed is not None:
                told = self.b.problems[before:]
                self.b.problems[before:] = [errors.parts_over_weights(one, row.name, mixed) for one in told]
        if not found or any(child is None for child in found):
            return None
        children = [child for child in found if child is not None]
        if len({len(child.law.event) for child in children}) > 1:
            self.b.problems.append(errors.mixed_events(inner.span, row.name))
            return None
        spread = [child for child in children if not _is_point(child.law)]
        for child in spread[1:]:
            if not self._alike(spread[0], child):
                parts = [(one.law, one.kind) for one in (spread[0], child)]
                self.b.problems.append(errors.parts_differ(child.law.span, row.name, *parts))
                return None
        for child in children:
            if _is_point(child.law) and not (spread and spread[0].kind.discrete and child.kind.interval.integer):
                self.b.problems.append(errors.point_in_mixture(child.law.span, row.name, child.law.row.name))
                return None
        return children

    def _alike(self, first: Typed, other: Typed) -> bool:
        """Whether two laws are over the same numbers, so that a mixture adds up what can be added up."""
        axes = zip(first.law.event, other.law.event, strict=True)
        members = {kind.member and self.b.table.root(kind.member) for kind in (first.kind, other.kind)}
        same = (first.kind.discrete, first.kind.structure) == (other.kind.discrete, other.kind.structure)
        return same and len(members) == 1 and all(self.b.same_root(one, two) for one, two in axes)

    def _check_cut(self, law: ir.Law, kind: Kind, values: dict[str, ir.Id | None]) -> None:
        lower, upper = values.get("lower"), values.get("upper")
        if not self._check_bounds(law.span, lower, upper, integer=kind.interval.integer):
            return
        low = -intervals.inf if lower is None else self.b.interval(lower).lower
        high = intervals.inf if upper is None else self.b.interval(upper).upper
        if kind.interval.upper <= low or high <= kind.interval.lower:
            self.b.problems.append(errors.nothing_left(law.span, law.children[0].row.name))

    def _combined(self, row: Combinator, law: ir.Law, children: list[Typed], values: dict[str, ir.Id | None]) -> Typed:
        kind, bounds = children[0].kind, children[0].bounds
        if row.support == "meet":
            self._check_cut(law, children[0].kind, values)
            kind, cut = self.bounded(kind, values.get("lower"), values.get("upper"))
            bounds = ir.Bounds(
                cut.lower if values.get("lower") is not None else bounds.lower,
                cut.upper if values.get("upper") is not None else bounds.upper,
            )
        elif row.moves is not None:
            kind, bounds = self._moved(law.span, children[0], values[row.moves])
        elif callable(row.support):
            kind, bounds = replace(kind, interval=row.support(kind.interval), member=None), ir.NO_BOUNDS
        elif row.support == "hull":
            for child in children[1:]:
                kind = replace(kind, interval=kind.interval.hull(child.kind.interval))
                bounds = bounds if child.bounds == bounds else ir.NO_BOUNDS
        return Typed(law, kind, bounds)

    def _moved(self, span: Span, child: Typed, by: ir.Id | None) -> tuple[Kind, ir.Bounds]:
        """The kind and the ends of a law whose variate has ``by`` added to it."""
        assert by is not None
        compose, interval = Compose(self.b, span), child.kind.interval
        ends: list[ir.Id | None] = []
        for node, number in ((child.bounds.lower, interval.lower), (child.bounds.upper, interval.upper)):
            if node is None and number == 0:
                ends.append(by)
            elif node is not None or math.isfinite(number):
                ends.append(compose.apply("+", compose.number(number) if node is None else node, by))
            else:
                ends.append(None)
        return self.bounded(replace(child.kind, interval=intervals.REAL), *ends)


def _with_ends(wanted: Kind) -> Kind:
    """An interval with its ends: no kind of data says that they are left out, and the numbers themselves will tell."""
    if not wanted.interval.lower > -intervals.inf or not wanted.interval.upper < intervals.inf:
        return wanted
    return replace(wanted, interval=replace(wanted.interval, lower_open=False, upper_open=False))


def _is_point(law: ir.Law) -> bool:
    """Whether a law has one value only."""
    return isinstance(law.row, Distribution) and None is not law.row.bounds[0] == law.row.bounds[1]


def _is_law(node: ast.Expr) -> bool:
    """Whether ``node`` calls a distribution or a combinator."""
    return isinstance(node, ast.Call) and (node.function.name in DISTRIBUTIONS or node.function.name in COMBINATORS)


def _vector_law(node: ast.Expr) -> str | None:
    """The name of the distribution that ``node`` calls, if it is one of vectors."""
    name = node.function.name if isinstance(node, ast.Call) else ""
    return name if name in DISTRIBUTIONS and DISTRIBUTIONS[name].event else None


def _has_centre(form: Form, kind: Kind) -> bool:
    """Whether a law is that of angles around a centre, and the same on both of its sides."""
    return kind.interval == intervals.CIRCULAR and any(param.name == "loc" for param in form.params)


def _counted_axis(row: Distribution) -> str | None:
    """The axis whose members are the variate's values, as those of the probabilities of a Categorical are."""
    upper = None if row.finite_support is None else row.finite_support.upper
    return upper[1] if isinstance(upper, tuple) and upper[2] == -1 else None


def _is_bare(value: ast.Expr | None) -> bool:
    """Whether a value names no dimension: a list, a number, or arithmetic on these."""
    if isinstance(value, ast.Binary):
        return _is_bare(value.left) and _is_bare(value.right)
    return isinstance(value, (ast.ListLiteral, ast.Number, ast.Unary))


def _taken_freely(row: Distribution, param: Param) -> str | None:
    """Another way to give the distribution that has a real number in the place of a parameter with bounds."""
    if param.event or param.kind.interval == intervals.REAL:
        return None
    for form in row.forms:
        for other in form.params:
            if other.kind.interval == intervals.REAL and not other.event and other.name in FREELY.get(param.name, ()):
                return f"{row.name}({other.name}=…)"
    return None
