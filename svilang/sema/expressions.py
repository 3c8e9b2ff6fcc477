"""Expressions: from the tree to typed nodes with named axes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..catalog.distributions import COMBINATORS, DISTRIBUTIONS
from ..catalog.function import Function, Role
from ..catalog.functions import FUNCTIONS
from ..diagnostics import Note, Span
from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dim, Dims, Interval, Kind, Structure, intervals, union
from . import errors
from .builder import Builder
from .flow import ode
from .order import calls_in, names_in
from .outputs import Outputs
from .symbols import Symbol


@dataclass(frozen=True, eq=False)
class Step:
    """What carried definitions stand for at one step: in its expressions, and behind ``prev``."""

    names: tuple[str, ...]
    now: Callable[[str, Span], ir.Id | None]
    before: Callable[[str, int, Span], ir.Id | None]


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: the open plates, the chain, and the arguments of an inlined function.

    ``reach`` is how many steps back ``prev`` may look: 0 at the start of a chain, one more after each ``then``.
    ``step`` says what carried definitions stand for inside of one of them.
    """

    context: Dims = ()
    chain: Dim | None = None
    locals: Mapping[str, ir.Id | Outputs | None] = field(default_factory=dict)
    reach: int = 0
    step: Step | None = None


CONSTANTS = {"pi": math.pi, "inf": math.inf}
"""Names that have a value unless the spec gives them another."""

_OF_INFINITY = ("if", "negate")
"""What may take an infinite number: a choice between bounds, and the sign."""

MOST_FAILURES = 20
"""How many calls of one function with a mistake inside are told of; what the others would say is much the same."""

MOST_INLINED = 20_000
"""How many calls of functions a block may hold, those inside of functions counted at each call."""

MOST_DEEP = 200
"""How many functions may stand in each other's bodies."""


class Expressions:
    """Elaborates expressions into a builder. ``None`` stands for an expression with an error, already reported."""

    def __init__(
        self,
        builder: Builder,
        lookup: Callable[[str, Span], ir.Id | Outputs | None],
        declared: Callable[[str, Span], Symbol | None],
        call_declared: Callable[[ast.Call, Symbol, Scope], ir.Id | Outputs | None],
    ) -> None:
        """Take the ways from names to what they stand for.

        Args:
            builder: takes the nodes.
            lookup: the node of a name declared in the block, after a report of why there is none.
            declared: the symbol of a name that is called.
            call_declared: a call of a net or an extern function.
        """
        self.b = builder
        self.lookup = lookup
        self.declared = declared
        self.call_declared = call_declared
        self.recursive: set[str] = set()
        self._inlined: dict[tuple[object, ...], ir.Id | Outputs | None] = {}
        self._failed: Counter[str] = Counter()
        self._outermost: ast.Call | None = None
        self._depth = 0

    # --- entry ---------------------------------------------------------------------------------------------------

    def expr(self, node: ast.Expr, scope: Scope, hint: Dims = ()) -> ir.Id | None:
        """The node of an expression; ``hint`` gives the axes a list literal takes."""
        made = self.value(node, scope, hint)
        if isinstance(made, Outputs):
            return self._fail(errors.which_output(node.span, made.function, made.values))
        return made

    def value(self, node: ast.Expr, scope: Scope, hint: Dims = ()) -> ir.Id | Outputs | None:
        """What an expression stands for: a node, or the outputs of a net by name."""
        match node:
            case ast.Number(value=value) | ast.Bool(value=value):
                return self.b.constant(value, node.span)
            case ast.String():
                return self._fail(errors.label_out_of_place(node))
            case ast.Name(name=name):
                return self._name(name, node.span, scope)
            case ast.ListLiteral():
                return self._list(node, scope, hint)
            case ast.Unary(op=op, operand=operand):
                return self._unary(node, op, operand, scope, hint)
            case ast.Binary(op="@"):
                return self._contract(node, scope)
            case ast.Binary(op="==" | "!="):
                return self._equality(node, scope, hint)
            case ast.Binary():
                return self._operator(node, scope, hint)
            case ast.IfElse(then=then, condition=condition, otherwise=otherwise):
                return self.apply(FUNCTIONS["if"], (condition, then, otherwise), node.span, scope, hint)
            case ast.Call():
                return self._call(node, scope, hint)
            case ast.Index():
                return self._index(node, scope)
            case ast.Attribute():
                return self._attribute(node, scope)
            case ast.Over():
                return self._over(node, scope)

    def number(self, node: ast.Expr, scope: Scope, hint: Dims = ()) -> ir.Id | None:
        """The node of an expression that must not be a member of a dimension."""
        value = self.expr(node, scope, hint)
        member = None if value is None else self.b.kind(value).member
        return value if member is None else self._fail(errors.member_is_no_number(node.span, member))

    def free(self, node: ir.Id, scope: Scope) -> Dims:
        """The axes of a node that are not open plates."""
        return tuple(dim for dim in self.b.dims(node) if dim not in scope.context)

    def dim(self, ident: ast.Ident | ast.Expr) -> Dim | None:
        """A dimension named by an argument."""
        if not isinstance(ident, (ast.Ident, ast.Name)):
            return self._fail(errors.dimension_expected(ident))
        if ident.name not in self.b.table.dims:
            return self._fail(errors.unknown_dimension(ident.name, ident.span, self.b.suggested(self.b.table.dims)))
        self.b.used_dims.add(ident.name)
        return Dim(ident.name)

    def _fail(self, diagnostic: errors.Diagnostic) -> None:
        self.b.problems.append(diagnostic)

    # --- names and literals --------------------------------------------------------------------------------------

    def _attribute(self, node: ast.Attribute, scope: Scope) -> ir.Id | None:
        made = self.value(node.base, scope)
        if made is None:
            return None
        if not isinstance(made, Outputs):
            return self._fail(errors.attribute_of_no_net(node))
        if node.name.name not in made.values:
            return self._fail(errors.unknown_output(node.name, made.function, made.values))
        return made.values[node.name.name]

    def _name(self, name: str, span: Span, scope: Scope) -> ir.Id | Outputs | None:
        if name in scope.locals:
            return scope.locals[name]
        if scope.step is not None and name in scope.step.names:
            self.b.used_names.add(name)
            return scope.step.now(name, span)
        if name in CONSTANTS and name not in self.b.table.symbols:
            return self.b.constant(CONSTANTS[name], span)
        return self.lookup(name, span)

    def _list(self, node: ast.ListLiteral, scope: Scope, hint: Dims) -> ir.Id | None:
        if hint:
            dim = hint[0]
            self._check_length(node, dim)
        else:
            dim = self.b.anonymous(len(node.items), node.span)
        ids = self._items(node, scope, hint[1:])
        if len(ids) < len(node.items):
            return None
        dims = (dim, *union(*(self.b.dims(item) for item in ids)))
        if len(set(dims)) < len(dims):
            return self._fail(errors.list_along_its_own_dimension(node.span, dim.name))
        interval = self.b.interval(ids[0])
        for item in ids[1:]:
            interval = interval.hull(self.b.interval(item))
        return self.b.add(ir.Stack(dim), ids, dims, Kind(interval=interval), node.span)

    def _items(self, node: ast.ListLiteral, scope: Scope, hint: Dims) -> tuple[ir.Id, ...]:
        """The elements; lists among them have one dimension, that of the first which names its own."""
        named = [item for item in node.items if isinstance(item, ast.Over) and item.dim.name in self.b.table.dims]
        found: dict[int, ir.Id | None] = {}
        for item in (*named, *node.items):
            if id(item) not in found:
                value = found[id(item)] = self.expr(item, scope, hint)
                hint = hint or (() if value is None else self._of_list(item, value))
        ids = [found[id(item)] for item in node.items]
        return tuple(value for value in ids if value is not None)

    def _of_list(self, item: ast.Expr, value: ir.Id) -> Dims:
        inner = item.value if isinstance(item, ast.Over) else item
        return self.b.dims(value)[:1] if isinstance(inner, ast.ListLiteral) else ()

    def _check_length(self, node: ast.ListLiteral, dim: Dim) -> None:
        size = self.size(dim.name)
        if size is not None and size != len(node.items):
            declared = self.b.table.dim_spans[self.b.table.root(dim.name)]
            self._fail(errors.list_of_wrong_length(node, dim.name, size, declared))

    def size(self, dim: str) -> int | float | None:
        """The size that the text fixes for a dimension."""
        declared = self.b.table.dims.get(self.b.table.root(dim))
        match None if declared is None else declared.value:
            case ast.Number(value=value):
                return value
            case ast.ListLiteral(items=items):
                return len(items)
            case _:
                return None

    def _over(self, node: ast.Over, scope: Scope) -> ir.Id | None:
        dim = self.dim(node.dim)
        if dim is None:
            return None
        if isinstance(node.value, ast.ListLiteral):
            return self._list(node.value, scope, (dim,))
        value = self.expr(node.value, scope)
        if value is None:
            return None
        matches = [old for old in self.b.dims(value) if self.b.same_root(old, dim)]
        if dim in self.b.dims(value) or len(matches) != 1:
            return self._fail(errors.nothing_to_relabel(node.span, dim.name, self.b.dims(value)))
        return self.relabel(value, matches[0], dim, node.span)

    def relabel(self, value: ir.Id, old: Dim, new: Dim, span: Span) -> ir.Id:
        """The same values with an axis under another name."""
        dims = tuple(new if dim == old else dim for dim in self.b.dims(value))
        return self.b.add(ir.Relabel(old, new), (value,), dims, self.b.kind(value), span)

    # --- operators -----------------------------------------------------------------------------------------------

    def _unary(self, node: ast.Unary, op: str, operand: ast.Expr, scope: Scope, hint: Dims) -> ir.Id | None:
        if isinstance(operand, ast.Number) and op == "-":
            return self.b.constant(-operand.value, node.span)
        if op == "+":
            return self.expr(operand, scope, hint)
        return self.apply(FUNCTIONS["negate" if op == "-" else op], (operand,), node.span, scope, hint)

    def _operator(self, node: ast.Binary, scope: Scope, hint: Dims) -> ir.Id | None:
        # Long sums lean to the left, so that walking down the left side keeps the stack flat.
        spine = [node]
        while isinstance(spine[-1].left, ast.Binary) and spine[-1].left.op not in ("@", "==", "!="):
            spine.append(spine[-1].left)
        inner = spine[-1]
        value = self.apply(FUNCTIONS[inner.op], (inner.left, inner.right), inner.span, scope, hint)
        for outer in reversed(spine[:-1]):
            if value is None:
                self.expr(outer.right, scope, hint)
                continue
            right = self.expr(outer.right, scope, self.free(value, scope) or hint)
            spans = (outer.left.span, outer.right.span)
            value = None if right is None else self._elementwise(FUNCTIONS[outer.op], (value, right), outer.span, spans)
        return value

    def _equality(self, node: ast.Binary, scope: Scope, hint: Dims) -> ir.Id | None:
        sides = (node.left, node.right)
        for literal, other in (sides, sides[::-1]):
            if not isinstance(literal, (ast.String, ast.Number)):
                continue
            value = self.expr(other, scope, hint)
            if value is None:
                return None
            member = self.b.kind(value).member
            if member is None:
                if isinstance(literal, ast.String):
                    return self._fail(errors.label_out_of_place(literal))
                break
            label = self._label(member, literal)
            if label is None:
                return None
            return self._elementwise(FUNCTIONS[node.op], (value, label), node.span, (other.span, literal.span))
        return self.apply(FUNCTIONS[node.op], sides, node.span, scope, hint)

    def _label(self, dim: str, literal: ast.String | ast.Number) -> ir.Id | None:
        if not isinstance(literal.value, (str, int)):
            return self._fail(errors.label_out_of_place(literal))
        known, size = self.labels(dim), self.size(dim)
        coded = known is not None and any(isinstance(label, int) for label in known)
        if known is not None and literal.value not in known and (coded or isinstance(literal.value, str)):
            return self._fail(errors.unknown_label(literal, dim, known))
        if isinstance(literal.value, int) and size is not None and not coded and not -size <= literal.value < size:
            return self._fail(errors.no_such_position(literal, dim, size))
        kind = Kind(interval=intervals.COUNT, member=dim)
        return self.b.add(ir.Label(dim, literal.value), (), (), kind, literal.span)

    def labels(self, dim: str) -> tuple[str | int | float, ...] | None:
        """The labels that the text fixes for a dimension."""
        declared = self.b.table.dims.get(self.b.table.root(dim))
        if declared is None or not isinstance(declared.value, ast.ListLiteral):
            return None
        return tuple(item.value for item in declared.value.items if isinstance(item, (ast.String, ast.Number)))

    # --- elementwise ---------------------------------------------------------------------------------------------

    def apply(
        self, function: Function, operands: tuple[ast.Expr, ...], span: Span, scope: Scope, hint: Dims = ()
    ) -> ir.Id | None:
        """An elementwise function; list literals among the operands take the axes of the others."""
        values: dict[int, ir.Id | None] = {
            i: self.expr(operand, scope)
            for i, operand in enumerate(operands)
            if not isinstance(operand, ast.ListLiteral)
        }
        known = [value for value in values.values() if value is not None]
        axes = union(*(self.free(value, scope) for value in known)) or hint
        for i, operand in enumerate(operands):
            if isinstance(operand, ast.ListLiteral):
                of_list = self._axes_of(operand, axes)
                values[i] = made = None if of_list is None else self.expr(operand, scope, of_list)
                axes = axes or (() if made is None else self.free(made, scope))
        ids = [values[i] for i in range(len(operands))]
        if any(value is None for value in ids):
            return None
        spans = tuple(operand.span for operand in operands)
        return self._elementwise(function, tuple(value for value in ids if value is not None), span, spans)

    def _axes_of(self, node: ast.ListLiteral, axes: Dims) -> Dims | None:
        """Those of the other operands' axes that a list has: all, or the one that the text gives as many members."""
        if len(axes) <= _depth(node):
            return axes
        alike = tuple(dim for dim in axes if self.size(dim.name) == len(node.items))
        if _depth(node) == len(alike) == 1:
            return alike
        return self._fail(errors.list_without_dimension(node.span, axes=axes))

    def _elementwise(
        self, function: Function, args: tuple[ir.Id, ...], span: Span, spans: tuple[Span, ...]
    ) -> ir.Id | None:
        members = {self.b.kind(arg).member for arg in args}
        kind = Kind(interval=function.support(*(self.b.interval(arg) for arg in args)))
        if function.name == "if":
            members = {self.b.kind(arg).member for arg in args[1:]}
            if members != {None}:
                if len(members) > 1:
                    return self._fail(errors.members_mixed(span, members))
                kind = replace(kind, member=members.pop())
        elif members != {None}:
            roots = {None if member is None else self.b.table.root(member) for member in members}
            if function.name in ("==", "!=") and len(roots) > 1:
                return self._fail(errors.members_mixed(span, members))
            if function.name not in ("==", "!="):
                culprit = next(i for i, arg in enumerate(args) if self.b.kind(arg).member is not None)
                return self._fail(errors.member_is_no_number(spans[culprit], str(self.b.kind(args[culprit]).member)))
        if function.name == "+":
            kind = replace(kind, interval=self._weighted(args) or kind.interval)
        self._check_domain(function, args, spans)
        infinite = (i for i, arg in enumerate(args) if self._infinite(arg))
        if function.name not in _OF_INFINITY and (culprit := next(infinite, None)) is not None:
            return self._fail(errors.calculates_with_infinity(spans[culprit]))
        dims = union(*(self.b.dims(arg) for arg in args))
        if clash := self._mixed_squares([self.b.dims(arg) for arg in args]):
            return self._fail(errors.squares_apart(span, *clash))
        return self.b.add(ir.Apply(function), args, dims, kind, span)

    def _weighted(self, args: tuple[ir.Id, ...]) -> Interval | None:
        """Where ``p * a + (1 - p) * b`` lies: between a and b, which interval arithmetic cannot see."""
        pairs = [self._parts(arg, "*") for arg in args]
        for first in (pairs[0], pairs[0][::-1]):
            for second in (pairs[1], pairs[1][::-1]):
                for (p, a), (q, b) in ((first, second), (second, first)) if first and second else ():
                    whole = self._parts(q, "-")
                    unit = intervals.UNIT.holds(self.b.interval(p))
                    if unit and whole and self.b.number(whole[0]) == 1 and self._same(whole[1], p):
                        return self.b.interval(a).hull(self.b.interval(b))
        return None

    def _parts(self, node: ir.Id, function: str) -> tuple[ir.Id, ...]:
        op = self.b.nodes[node].op
        return self.b.nodes[node].args if isinstance(op, ir.Apply) and op.function.name == function else ()

    def _same(self, first: ir.Id, second: ir.Id, depth: int = 8) -> bool:
        """Whether two nodes are the same expression, as far as a short look tells."""
        if first == second:
            return True
        x, y = self.b.nodes[first], self.b.nodes[second]
        alike = depth > 0 and x.op == y.op and x.dims == y.dims and len(x.args) == len(y.args) > 0
        return alike and all(self._same(a, b, depth - 1) for a, b in zip(x.args, y.args, strict=True))

    def _mixed_squares(self, many: list[Dims]) -> tuple[Dims, Dims] | None:
        """Two operands of which one is a square of one name, and the other a square of that name and an alias."""
        for one in many:
            twice = [dim for dim in one if dim.prime]
            for other in many:
                for dim in twice:
                    names = {d.name for d in other if self.b.same_root(d, dim)}
                    if dim.name in names and len(names) > 1:
                        return one, other
        return None

    def _infinite(self, node: ir.Id) -> bool:
        op = self.b.nodes[node].op
        return isinstance(op, ir.Const) and math.isinf(op.value)

    def _check_domain(self, function: Function, args: tuple[ir.Id, ...], spans: tuple[Span, ...]) -> None:
        for arg, domain, name, span in zip(args, function.domain or (), function.params, spans, strict=False):
            if domain is not None and not domain.meets(self.b.interval(arg)):
                self._fail(errors.outside_domain(span, function.name, name, domain))

    # --- calls ---------------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call, scope: Scope, hint: Dims) -> ir.Id | Outputs | None:
        name = node.function.name
        symbol = self.declared(name, node.function.span)
        if symbol is not None and isinstance(symbol.statement, ast.FunctionDef):
            self.b.used_names.add(name)
            return self._inline(node, symbol.statement, scope, hint)
        if symbol is not None and isinstance(symbol.statement, (ast.NetDecl, ast.ExternDecl)):
            self.b.used_names.add(name)
            return self.call_declared(node, symbol, scope)
        if name == "lag":
            return self._lag(node, scope)
        if name == "prev":
            return self._prev(node, scope)
        if name == "one_hot":
            return self._one_hot(node, scope)
        if name == "ode":
            return ode(self, node, scope)
        function = FUNCTIONS.get(name)
        if name in DISTRIBUTIONS or name in COMBINATORS:
            return self._fail(errors.distribution_as_value(name, node.function.span))
        if function is None and symbol is not None:
            return self._fail(errors.variable_as_function(node.function, symbol.name.span))
        if function is None:
            return self._fail(errors.unknown_function(node.function, self._function_names()))
        match function.role:
            case Role.ELEMENTWISE:
                return self._call_elementwise(node, function, scope, hint)
            case Role.REDUCE | Role.ALONG:
                return self._call_over(node, function, scope)
            case Role.MATRIX:
                return self._call_matrix(node, function, scope)
            case Role.FILL:
                return self._call_fill(node, function, scope)

    def _function_names(self) -> list[str]:
        functions = (ast.FunctionDef, ast.NetDecl, ast.ExternDecl)
        own = [n for n, s in self.b.suggested(self.b.table.symbols.items()) if isinstance(s.statement, functions)]
        return [*own, *(name for name in FUNCTIONS if name.isidentifier()), "lag", "prev", "one_hot", "ode"]

    def arguments(
        self, node: ast.Call, params: tuple[str, ...], optional: Mapping[str, object], *, variadic: bool = False
    ) -> dict[str, ast.Expr] | None:
        """Arguments by name; reports the unknown, the doubled and the missing."""
        given: dict[str, ast.Expr] = {}
        position = 0
        for argument in node.arguments:
            if argument.name is None:
                if position >= len(params) and not variadic:
                    return self._fail(errors.too_many_arguments(node, argument.span, params))
                name = params[position] if position < len(params) else f"{params[-1]}{position}"
                position += 1
            else:
                name = argument.name.name
                if name not in params:
                    return self._fail(errors.unknown_argument(node.function.name, argument.name, params))
            if name in given:
                return self._fail(errors.argument_twice(node.function.name, name, argument.span))
            given[name] = argument.value
        missing = [name for name in params if name not in given and name not in optional]
        if missing:
            return self._fail(errors.missing_argument(node, missing[0]))
        return given

    def _call_elementwise(self, node: ast.Call, function: Function, scope: Scope, hint: Dims) -> ir.Id | None:
        given = self.arguments(node, function.params, dict(function.optional), variadic=function.variadic)
        if given is None:
            return None
        operands = [given.pop(name) if name in given else None for name in function.params]
        defaults = dict(function.optional)
        filled = [
            ast.Number(defaults[name], repr(defaults[name]), span=node.span) if operand is None else operand
            for name, operand in zip(function.params, operands, strict=True)
        ]
        return self.apply(function, (*filled, *given.values()), node.span, scope, hint)

    def _call_over(self, node: ast.Call, function: Function, scope: Scope) -> ir.Id | None:
        given = self.arguments(node, (function.params[0], "over"), {"over": None})
        if given is None:
            return None
        value = self.number(given[function.params[0]], scope)
        if value is None:
            return None
        free = self.free(value, scope)
        if "over" in given:
            if not isinstance(given["over"], ast.Name):
                return self._fail(errors.no_dimension_to_reduce(node, given["over"]))
            dim = self.dim(given["over"])
            if dim is None:
                return None
            if dim not in self.b.dims(value):
                return self._fail(errors.reduces_missing(node, dim.name, self.b.dims(value)))
            if dim in scope.context:
                return self._fail(errors.reduces_open_plate(given["over"].span, function.name, dim.name))
            if dim.primed in self.b.dims(value):
                return self._fail(errors.which_axis(given["over"].span, dim.name))
            over: Dims = (dim,)
        elif len(free) == 1 or (function.role is Role.REDUCE and free):
            over = free
        elif not free and (inside := [d for d in self.b.dims(value) if d in scope.context]):
            return self._fail(errors.reduces_open_plate(node.span, function.name, inside[-1].name))
        else:
            return self._fail(errors.which_dimension(node, free))
        for dim in over:
            value = self._over_one(function, value, dim, node.span)
        return value

    def _over_one(self, function: Function, value: ir.Id, dim: Dim, span: Span) -> ir.Id:
        interval = function.support(self.b.interval(value))
        dims = self.b.dims(value)
        if function.role is Role.REDUCE:
            kept = tuple(d for d in dims if d != dim)
            return self.b.add(ir.Reduce(function, dim), (value,), kept, Kind(interval=interval), span)
        kind = replace(function.result or Kind(), interval=interval)
        if kind.structure is not Structure.SCALAR:
            # A structure is bound by the last axes, so the axis that the function acts along goes there.
            dims = (*(d for d in dims if d != dim), dim)
        return self.b.add(ir.Along(function, dim), (value,), dims, kind, span)

    def _call_fill(self, node: ast.Call, function: Function, scope: Scope) -> ir.Id | None:
        assert function.signature is not None
        wanted = len(function.dims)
        positional = [argument.value for argument in node.arguments if argument.name is None]
        named = {argument.name.name for argument in node.arguments if argument.name is not None}
        values = [name for name in function.params if name not in function.dims]
        # ones(a, b): one dimension or more, then the values.
        heads = positional[: max(len(positional) - len(set(values) - named), wanted)]
        if not heads:
            return self._fail(errors.missing_argument(node, function.dims[0]))
        over = self._all_dims(heads)
        if over is None:
            return None
        if not function.variadic and len(over) > max(len(function.signature[1]), 1):
            return self._fail(errors.too_many_arguments(node, heads[-1].span, function.params))
        rest = [a for a in node.arguments if a.name is None][len(heads) :] + [a for a in node.arguments if a.name]
        given = self.arguments(replace(node, arguments=tuple(rest)), tuple(values), {})
        args = [] if given is None else [self.expr(given[name], scope) for name in values]
        if given is None or any(arg is None for arg in args):
            return None
        ids = tuple(arg for arg in args if arg is not None)
        if function.name == "size":
            return self.b.add(ir.Fill(function, over), ids, (), Kind(interval=function.support()), node.span)
        out = over if len(function.signature[1]) <= 1 else (over[0], over[0].primed)
        if clash := [dim for dim in over if dim in scope.context]:
            return self._fail_fill(node, function, clash[0], scope, ids)
        held = [dim for i, dim in enumerate(over) if dim in over[:i] or any(dim in self.b.dims(value) for value in ids)]
        if held and function.name != "eye":
            return self._fail(errors.fills_twice(node.span, function.name, held[0].name))
        interval = function.support(*(self.b.interval(i) for i in ids))
        dims_out = union(*(self.b.dims(i) for i in ids), out)
        kind = replace(function.result or Kind(), interval=interval)
        if len(out) > len(over) or out == over:
            return self.b.add(ir.Fill(function, over), ids, dims_out, kind, node.span)
        return self._square(node, function, over, kind)

    def _all_dims(self, nodes: list[ast.Expr]) -> Dims | None:
        dims: list[Dim] = []
        for node in nodes:
            dim = self.dim(node)
            if dim is None:
                return None
            dims.append(dim)
        return tuple(dims)

    def _square(self, node: ast.Call, function: Function, over: Dims, kind: Kind) -> ir.Id | None:
        """``eye(d, other)``: a square whose second axis is an alias."""
        if len(over) != 2 or not self.b.same_root(over[0], over[1]):
            return self._fail(errors.not_the_right_matrix(node.span, function.name, ("d", "d"), over))
        square = (over[0], over[0].primed)
        value = self.b.add(ir.Fill(function, over[:1]), (), square, kind, node.span)
        return value if over[0] == over[1] else self.relabel(value, square[1], over[1], node.span)

    def _fail_fill(
        self, node: ast.Call, function: Function, dim: Dim, scope: Scope, ids: tuple[ir.Id, ...]
    ) -> ir.Id | None:
        if function.name == "position":  # inside its own plate: this member's position
            return self.b.add(ir.Fill(function, (dim,)), ids, (dim,), Kind(interval=function.support()), node.span)
        return self._fail(errors.fills_open_plate(node.span, function.name, dim.name))

    def _call_matrix(self, node: ast.Call, function: Function, scope: Scope) -> ir.Id | None:
        assert function.signature is not None
        given = self.arguments(node, function.params, dict(function.optional))
        if given is None:
            return None
        ids: list[ir.Id] = []
        events: list[Dims] = []
        for name, event in zip(function.params, function.signature[0], strict=True):
            value = self.number(given[name], scope, events[0][-max(len(event), 1) :] if events else ())
            if value is None:
                return None
            ids.append(value)
            events.append(self.free(value, scope))
        function = function.suited([*map(len, events)])
        assert function.signature is not None
        inputs, output = function.signature
        axes: dict[tuple[str, int], Dim] = {}
        for name, event, free in zip(function.params, inputs, events, strict=True):
            if len(free) != len(event) or not self._is_square(event, free):
                return self._fail(errors.not_the_right_matrix(given[name].span, function.name, event, free))
            for i, (axis, dim) in enumerate(zip(event, free, strict=True)):
                first = axes.setdefault((axis, event[:i].count(axis)), dim)
                if not self.b.same_root(first, dim):
                    return self._fail(errors.matrix_sizes_differ(node.span, function.name, first, dim))
        self._check_domain(function, tuple(ids), tuple(given[name].span for name in function.params))
        out = self._matrix_out(output, axes, inputs, events)
        batch = union(*(tuple(d for d in self.b.dims(i) if d not in e) for i, e in zip(ids, events, strict=True)))
        if set(batch) & set(out):
            return self._fail(errors.not_the_right_matrix(node.span, function.name, output, out))
        interval = function.support(*(self.b.interval(i) for i in ids))
        kind = replace(function.result or Kind(), interval=interval)
        return self.b.add(ir.Matrix(function, tuple(events), out), tuple(ids), (*batch, *out), kind, node.span)

    def _is_square(self, event: tuple[str, ...], free: Dims) -> bool:
        return all(
            self.b.same_root(free[i], free[j])
            for i in range(len(event))
            for j in range(i)
            if event[i] == event[j] and i < len(free)
        )

    def _matrix_out(
        self,
        output: tuple[str, ...],
        axes: dict[tuple[str, int], Dim],
        inputs: tuple[tuple[str, ...], ...],
        events: list[Dims],
    ) -> Dims:
        if len(output) == 1:
            for event, dims in zip(inputs, events, strict=True):
                if event == output:
                    return dims
        out = tuple(axes[axis, 0] for axis in output)
        if len(out) == 2 and self.b.same_root(*out):
            # Rows and columns of a square keep their names; what a function does to it is done to the values.
            first = axes[inputs[0][0], 0]
            second = axes.get((inputs[0][-1], 0), first)
            return (first, second) if second != first and output[0] != output[-1] else (first, first.primed)
        return out

    def _inline(
        self, node: ast.Call, function: ast.FunctionDef, scope: Scope, hint: Dims
    ) -> ir.Id | Outputs | None:
        names = tuple(parameter.name for parameter in function.parameters)
        given = None if len(set(names)) < len(names) else self.arguments(node, names, {})
        if given is None or function.name.name in self.recursive:
            return None
        values = {name: self.value(value, scope) for name, value in given.items()}
        if any(value is None for value in values.values()):
            return None
        place = (scope.context, scope.chain, scope.reach, scope.step)
        key = (function.name.name, tuple(values[name] for name in names), place, hint)
        if key not in self._inlined:
            if len(self._inlined) >= MOST_INLINED or self._depth >= MOST_DEEP:
                return self._too_long(node)
            if self._failed[function.name.name] >= MOST_FAILURES:
                return None
            self._inlined[key] = None
            self._outermost = self._outermost or node
            self._inlined[key] = self._written_out(node, function, replace(scope, locals=values), hint)
            self._outermost = None if self._outermost is node else self._outermost
        return self._inlined[key]

    def _too_long(self, node: ast.Call) -> None:
        if () not in self._inlined:
            self._inlined[()] = None
            self._fail(errors.written_out_too_long(self._outermost or node))

    def _written_out(
        self, node: ast.Call, function: ast.FunctionDef, scope: Scope, hint: Dims
    ) -> ir.Id | Outputs | None:
        before = len(self.b.problems)
        self._depth += 1
        result = self.value(function.body, scope, hint)
        self._depth -= 1
        for i in range(before, len(self.b.problems)):
            problem = self.b.problems[i]
            if not any(note.span == node.span for note in problem.notes) and len(problem.notes) < 2:
                note = Note(f"in this call of `{function.name.name}`", node.span)
                self.b.problems[i] = replace(problem, notes=(*problem.notes, note))
        self._failed[function.name.name] += len(self.b.problems) > before
        return result

    def _lag(self, node: ast.Call, scope: Scope) -> ir.Id | None:
        given = self.arguments(node, ("x", "steps", "start"), {"steps": 1, "start": None})
        if given is None:
            return None
        value = self.expr(given["x"], scope)
        steps = self.b.number(self.expr(given["steps"], scope)) if "steps" in given else 1
        if value is None:
            return None
        if not isinstance(steps, int) or steps < 1:
            return self._fail(errors.lag_not_positive(node.span))
        dims = self.b.dims(value)
        along = scope.chain or next((dim for dim in reversed(scope.context) if dim in dims), None)
        if along is None or along not in dims:
            return self._fail(errors.lag_without_plate(node.span, dims))
        if not self.b.data_only(value) or any(isinstance(self.b.nodes[i].op, ir.Before) for i in self.b.below(value)):
            return self._fail(errors.lag_of_latent(node.span))
        start = self.expr(given["start"], scope) if "start" in given else self.b.constant(0, node.span)
        if start is None:
            return None
        op = ir.Lag(along, steps)
        interval = self.b.interval(value).hull(self.b.interval(start)) if "start" in given else self.b.interval(value)
        node_id = self.b.add(op, (value, start), union(dims, self.b.dims(start)), Kind(interval=interval), node.span)
        if "start" not in given and steps > scope.reach:
            self.unstarted[node_id] = steps
        return node_id

    @property
    def unstarted(self) -> dict[ir.Id, int]:
        """Lags that were given no start, with their steps: an observation that reads one begins that much later."""
        return self.__dict__.setdefault("_unstarted", {})

    def _of_data(self, node: ast.Call) -> str | None:
        """The data item whose earlier value a call asks for, if it is one."""
        value = node.arguments[0].value if node.arguments else None
        symbol = self.b.table.symbols.get(value.name) if isinstance(value, ast.Name) else None
        return symbol.name.name if symbol is not None and isinstance(symbol.statement, ast.DataDecl) else None

    def _prev(self, node: ast.Call, scope: Scope) -> ir.Id | None:
        """``prev(x, k)``: the value k steps back; at the first steps, where it is not used, that of the first one."""
        if scope.chain is None:
            return self._fail(errors.prev_outside_chain(node.span, self._of_data(node)))
        given = self.arguments(node, ("x", "steps"), {"steps": 1})
        if given is None:
            return None
        steps = self.b.number(self.expr(given["steps"], scope)) if "steps" in given else 1
        if not isinstance(steps, int) or steps < 1:
            return self._fail(errors.prev_not_positive(node.span))
        if steps > scope.reach:
            return self._fail(errors.prev_before_start(node.span, steps, scope.reach, self._of_data(node)))
        if scope.step is not None and self._reads_carried(given["x"], scope.step):
            return self._prev_of_carried(given["x"], steps, scope, scope.step)
        value = self.expr(given["x"], scope)
        if value is None:
            return None
        if scope.chain not in self.b.dims(value):
            return self._fail(errors.prev_without_chain(node.span, scope.chain.name))
        return self.gather(value, scope.chain, self._earlier(scope.chain, steps, node.span), node.span)

    def _reads_carried(self, node: ast.Expr, step: Step) -> bool:
        return any(name.name in step.names for name in names_in(node, earlier=True))

    def _prev_of_carried(self, node: ast.Expr, steps: int, scope: Scope, step: Step) -> ir.Id | None:
        """``prev`` of an expression with carried definitions: every name in it as it was so many steps earlier."""
        found: dict[str, ir.Id | Outputs | None] = {}
        for name in names_in(node, earlier=True):
            if name.name in step.names:
                self.b.used_names.add(name.name)
                found[name.name] = step.before(name.name, steps, name.span)
                continue
            value = self._name(name.name, name.span, scope)
            if isinstance(value, int) and scope.chain in self.b.dims(value):
                assert scope.chain is not None
                value = self.gather(value, scope.chain, self._earlier(scope.chain, steps, name.span), name.span)
            found[name.name] = value
        for call in calls_in(node):
            if call.function.name in ("prev", "lag"):
                return self._fail(errors.prev_within_prev(call.span))
        return self.expr(node, replace(scope, locals={**scope.locals, **found}))

    def _one_hot(self, node: ast.Call, scope: Scope) -> ir.Id | None:
        """``one_hot(g)``: 1 for the member that ``g`` is, 0 for the others, over the dimension of the members."""
        given = self.arguments(node, ("x",), {})
        value = None if given is None else self.expr(given["x"], scope)
        if given is None or value is None:
            return None
        member = self.b.kind(value).member
        if member is None:
            return self._fail(errors.one_hot_of_number(given["x"].span))
        dim = Dim(member)
        if dim in scope.context or dim in self.b.dims(value):
            return self._fail(errors.fills_open_plate(node.span, "one_hot", member))
        binary = Kind(interval=intervals.BINARY)
        eye = self.b.add(ir.Fill(FUNCTIONS["eye"], (dim,)), (), (dim, dim.primed), binary, node.span)
        picked = self.b.add(ir.Gather(dim), (eye, value), (*self.b.dims(value), dim.primed), binary, node.span)
        return self.relabel(picked, dim.primed, dim, node.span)

    def _earlier(self, chain: Dim, steps: int, span: Span) -> ir.Id:
        """The position ``steps`` before each one, or the first."""
        count, whole = Kind(interval=intervals.COUNT), Kind(interval=intervals.INTEGER)
        here = self.b.add(ir.Fill(FUNCTIONS["position"], (chain,)), (), (chain,), count, span)
        back = self.b.constant(steps, span)
        moved = self.b.add(ir.Apply(FUNCTIONS["-"]), (here, back), (chain,), whole, span)
        zero = self.b.constant(0, span)
        return self.b.add(ir.Apply(FUNCTIONS["maximum"]), (moved, zero), (chain,), count, span)

    # --- contraction and indexing --------------------------------------------------------------------------------

    def _contract(self, node: ast.Binary, scope: Scope) -> ir.Id | None:
        if isinstance(node.left, ast.ListLiteral):
            y = self.number(node.right, scope)
            x = self.number(node.left, scope, () if y is None else self.free(y, scope)[:1])
        else:
            x = self.number(node.left, scope)
            y = self.number(node.right, scope, () if x is None else self.free(x, scope)[-1:])
        if x is None or y is None:
            return None
        left_free, right_free = self.free(x, scope), self.free(y, scope)
        names = [n for n in dict.fromkeys(d.name for d in left_free) if n in {d.name for d in right_free}]
        if len(names) != 1:
            return self._fail(errors.cannot_contract(node, left_free, right_free, names))
        if self._crosswise(names[0], left_free, last=False) or self._crosswise(names[0], right_free, last=True):
            return self._fail(errors.crosswise_product(node, names[0], left_free, right_free))
        left = max((d for d in left_free if d.name == names[0]), key=lambda d: d.prime)
        right = min((d for d in right_free if d.name == names[0]), key=lambda d: d.prime)
        rest_x = tuple(d for d in self.b.dims(x) if d != left)
        rest_y = tuple(d for d in self.b.dims(y) if d != right)
        dims = union(rest_x, rest_y)
        interval = _product_sum(self.b.interval(x), self.b.interval(y))
        value = self.b.add(ir.Contract(left, right), (x, y), dims, Kind(interval=interval), node.span)
        return self._settled(value, scope)

    def _crosswise(self, name: str, free: Dims, *, last: bool) -> bool:
        """Whether ``free`` is a square of two names, and ``name`` the one that a matrix product would not sum over."""
        if len(free) != 2 or free[0].name == free[1].name or not self.b.same_root(*free):
            return False
        return free[1 if last else 0].name == name

    def _settled(self, value: ir.Id, scope: Scope) -> ir.Id:
        """A value with what is left of a square under the square's own name."""
        for dim in self.b.dims(value):
            if dim.prime and Dim(dim.name) not in self.b.dims(value) and Dim(dim.name) not in scope.context:
                value = self.relabel(value, dim, Dim(dim.name), self.b.nodes[value].span)
        return value

    def _index(self, node: ast.Index, scope: Scope) -> ir.Id | None:
        base = self.expr(node.base, scope)
        if base is None:
            for index in node.indices:
                if not isinstance(_literal(index), (ast.String, ast.Number)):
                    self.expr(index, scope)
            return None
        free = list(self.free(base, scope))
        literals = sum(_literal(index) is not None for index in node.indices)
        for index in node.indices:
            literal = _literal(index)
            if literal is None:
                base = self._gather(node, base, index, scope)
            else:
                base = self._literal_index(node, base, literal, free, literals)
                literals -= 1
            if base is None:
                return None
        return self._settled(base, scope)

    def _literal_index(
        self, node: ast.Index, base: ir.Id, literal: ast.String | ast.Number, free: list[Dim], literals: int
    ) -> ir.Id | None:
        candidates = [dim for dim in free if dim in self.b.dims(base)]
        if isinstance(literal, ast.String) and len(candidates) > 1:
            holding = [dim for dim in candidates if literal.value in (self.labels(dim.name) or ())]
            candidates = holding or candidates
        if len(candidates) == literals:
            candidates = candidates[:1]
        if len(candidates) != 1:
            return self._fail(errors.which_index(node, literal, candidates))
        dim = candidates[0]
        free.remove(dim)
        label = self._label(dim.name, literal)
        return None if label is None else self.gather(base, dim, label, node.span)

    def _gather(self, node: ast.Index, base: ir.Id, index: ast.Expr, scope: Scope) -> ir.Id | None:
        if isinstance(index, ast.Name) and Dim(index.name) in scope.context and index.name not in self.b.table.symbols:
            return self._fail(errors.index_by_open_plate(index))
        if isinstance(index, ast.Binary) and isinstance(index.left, ast.Name) and index.op in ("+", "-"):
            left = self.expr(index.left, scope)
            member = None if left is None else self.b.kind(left).member
            if member is not None and isinstance(index.right, ast.Number):
                return self._fail(errors.shifted_member(index, member))
        value = self.expr(index, scope)
        if value is None:
            return None
        member = self.b.kind(value).member
        if member is None:
            return self._fail(errors.index_is_no_member(index, self.free(base, scope)))
        dims = self.b.dims(base)
        target = next((dim for dim in dims if dim.name == member), None)
        target = target or next((dim for dim in dims if self.b.same_root(dim, Dim(member))), None)
        if target is None:
            return self._fail(errors.index_of_other_dimension(index, member, node.base, dims))
        return self.gather(base, target, value, node.span)

    def gather(self, base: ir.Id, dim: Dim, index: ir.Id, span: Span) -> ir.Id:
        """``base[index]`` along ``dim``."""
        dims = self.b.dims(base)
        at = dims.index(dim)
        kind = self.b.kind(base)
        if kind.structure.rank and dim in dims[len(dims) - kind.structure.rank :]:
            kind = kind.element
        out = union(dims[:at], self.b.dims(index), dims[at + 1 :])
        if kind.structure.rank:
            tail = dims[len(dims) - kind.structure.rank :]
            out = (*(d for d in out if d not in tail), *tail)
        return self.b.add(ir.Gather(dim), (base, index), out, kind, span)


def _depth(node: ast.Expr) -> int:
    """How many dimensions a list of lists has."""
    return 1 + max(map(_depth, node.items), default=0) if isinstance(node, ast.ListLiteral) else 0


def _literal(index: ast.Expr) -> ast.String | ast.Number | None:
    match index:
        case ast.String() | ast.Number():
            return index
        case ast.Unary(op="-", operand=ast.Number(value=value, text=text)):
            return ast.Number(-value, f"-{text}", span=index.span)
        case _:
            return None


def _product_sum(x: Interval, y: Interval) -> Interval:
    product = x * y
    if product.lower >= 0:
        return Interval(0, intervals.inf, integer=product.integer)
    if product.upper <= 0:
        return Interval(-intervals.inf, 0, integer=product.integer)
    return Interval(integer=product.integer)
