"""Expressions: from the tree to typed nodes with named axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from ..catalog.functions import FUNCTIONS
from ..diagnostics import Span
from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dim, Dims, union
from . import errors
from .builder import Builder
from .calls import call
from .elementwise import apply, equality, operator, unary
from .indexing import indexed
from .inlining import Inlining
from .lists import list_of, nested_over, squared
from .matrices import contract
from .outputs import Outputs
from .polynomials import Polynomials
from .scope import Scope
from .symbols import Symbol

CONSTANTS = {"pi": math.pi, "inf": math.inf}
"""Names that have a value unless the spec gives them another."""


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
        self.functions = Inlining(self)
        self.polynomials = Polynomials(builder.nodes, self.size)
        self.density: Callable[[ast.Call, Scope], ir.Id | None]
        """A call of ``log_prob``; who knows the distributions gives it."""
        self.unstarted: dict[ir.Id, int] = {}
        """Lags that were given no start, with their steps: an observation that reads one begins that much later."""

    # --- entry ---------------------------------------------------------------------------------------------------

    def expr(self, node: ast.Expr, scope: Scope, hint: Dims = ()) -> ir.Id | None:
        """The node of an expression; ``hint`` gives the axes a list literal takes."""
        made = self.value(node, scope, hint)
        if isinstance(made, Outputs):
            return self.fail(errors.which_output(node.span, made.function, made.values))
        return made

    def value(self, node: ast.Expr, scope: Scope, hint: Dims = ()) -> ir.Id | Outputs | None:
        """What an expression stands for: a node, or the outputs of a net by name."""
        match node:
            case ast.Number(value=value) | ast.Bool(value=value):
                return self.b.constant(value, node.span)
            case ast.String():
                return self.fail(errors.label_out_of_place(node))
            case ast.Name(name=name):
                return self.name(name, node.span, scope)
            case ast.ListLiteral():
                return list_of(self, node, scope, hint)
            case ast.Unary(op=op, operand=operand):
                return unary(self, node, op, operand, scope, hint)
            case ast.Binary(op="@"):
                return contract(self, node, scope)
            case ast.Binary(op="==" | "!="):
                return equality(self, node, scope, hint)
            case ast.Binary():
                return operator(self, node, scope, hint)
            case ast.IfElse(then=then, condition=condition, otherwise=otherwise):
                return apply(self, FUNCTIONS["if"], (condition, then, otherwise), node.span, scope, hint)
            case ast.Call():
                return call(self, node, scope, hint)
            case ast.Index():
                return indexed(self, node, scope, hint)
            case ast.Attribute():
                return self._attribute(node, scope)
            case ast.Over():
                return self._over(node, scope)

    def number(self, node: ast.Expr, scope: Scope, hint: Dims = ()) -> ir.Id | None:
        """The node of an expression that must not be a member of a dimension."""
        value = self.expr(node, scope, hint)
        member = None if value is None else self.b.kind(value).member
        return value if member is None else self.fail(errors.member_is_no_number(node.span, member))

    def free(self, node: ir.Id, scope: Scope) -> Dims:
        """The axes of a node that are not open plates."""
        return tuple(dim for dim in self.b.dims(node) if dim not in scope.context)

    def dim(self, ident: ast.Ident | ast.Expr) -> Dim | None:
        """A dimension named by an argument."""
        if not isinstance(ident, (ast.Ident, ast.Name)):
            return self.fail(errors.dimension_expected(ident))
        if ident.name not in self.b.table.dims:
            return self.fail(errors.unknown_dimension(ident.name, ident.span, self.b.suggested(self.b.table.dims)))
        self.b.used_dims.add(ident.name)
        return Dim(ident.name)

    def fail(self, diagnostic: errors.Diagnostic) -> None:
        """Report a problem; what has one stands for ``None``."""
        self.b.problems.append(diagnostic)

    # --- names and literals --------------------------------------------------------------------------------------

    def _attribute(self, node: ast.Attribute, scope: Scope) -> ir.Id | None:
        made = self.value(node.base, scope)
        if made is None:
            return None
        if not isinstance(made, Outputs):
            return self.fail(errors.attribute_of_no_net(node))
        if node.name.name not in made.values:
            return self.fail(errors.unknown_output(node.name, made.function, made.values))
        return made.values[node.name.name]

    def name(self, name: str, span: Span, scope: Scope) -> ir.Id | Outputs | None:
        """What a name stands for in its place."""
        if name in scope.locals:
            return scope.locals[name]
        if scope.step is not None and name in scope.step.names:
            self.b.used_names.add(name)
            return scope.step.now(name, span)
        if name in CONSTANTS and name not in self.b.table.symbols:
            return self.b.constant(CONSTANTS[name], span)
        return self.lookup(name, span)

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
            return list_of(self, node.value, scope, (dim,))
        if isinstance(node.value, ast.Over) and (nested := nested_over(node)) is not None:
            literal, names = nested
            dims = tuple(dim for dim in map(self.dim, names) if dim is not None)
            return list_of(self, literal, scope, squared(dims)) if len(dims) == len(names) else None
        value = self.expr(node.value, scope)
        if value is None:
            return None
        matches = [old for old in self.b.dims(value) if self.b.same_root(old, dim)]
        if dim in self.b.dims(value) or len(matches) != 1:
            return self.fail(errors.nothing_to_relabel(node.span, dim.name, self.b.dims(value)))
        return self.relabel(value, matches[0], dim, node.span)

    def relabel(self, value: ir.Id, old: Dim, new: Dim, span: Span) -> ir.Id:
        """The same values with an axis under another name."""
        dims = tuple(new if dim == old else dim for dim in self.b.dims(value))
        return self.b.add(ir.Relabel(old, new), (value,), dims, self.b.kind(value), span)

    def labels(self, dim: str) -> tuple[str | int | float, ...] | None:
        """The labels that the text fixes for a dimension."""
        declared = self.b.table.dims.get(self.b.table.root(dim))
        if declared is None or not isinstance(declared.value, ast.ListLiteral):
            return None
        return tuple(item.value for item in declared.value.items if isinstance(item, (ast.String, ast.Number)))

    def arguments(
        self, node: ast.Call, params: tuple[str, ...], optional: Mapping[str, object], *, variadic: bool = False
    ) -> dict[str, ast.Expr] | None:
        """Arguments by name; reports the unknown, the doubled and the missing."""
        given: dict[str, ast.Expr] = {}
        position = 0
        for argument in node.arguments:
            if argument.name is None:
                if position >= len(params) and not variadic:
                    return self.fail(errors.too_many_arguments(node, argument.span, params))
                name = params[position] if position < len(params) else f"{params[-1]}{position}"
                position += 1
            else:
                name = argument.name.name
                if name not in params:
                    return self.fail(errors.unknown_argument(node.function.name, argument.name, params))
            if name in given:
                return self.fail(errors.argument_twice(node.function.name, name, argument.span))
            given[name] = argument.value
        missing = [name for name in params if name not in given and name not in optional]
        if missing:
            return self.fail(errors.missing_argument(node, missing[0]))
        return given

    def settled(self, value: ir.Id, scope: Scope) -> ir.Id:
        """A value with what is left of a square under the square's own name."""
        for dim in self.b.dims(value):
            if dim.prime and Dim(dim.name) not in self.b.dims(value) and Dim(dim.name) not in scope.context:
                value = self.relabel(value, dim, Dim(dim.name), self.b.nodes[value].span)
        return value

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


