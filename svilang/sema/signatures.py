"""The heads of nets and extern functions: typed inputs and outputs, and arguments that fit them."""

from __future__ import annotations

from dataclasses import dataclass

from ..diagnostics import Span
from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dim, Dims, Kind
from . import errors
from .expressions import Expressions
from .kinds import dims_of, kind_of
from .laws import Laws
from .scope import Scope

SINGLE = "out"
"""What an output without a name is called."""


@dataclass(frozen=True)
class Typed:
    """One input or output."""

    name: str
    kind: Kind
    dims: Dims
    bounds: ir.Bounds
    span: Span


def typed(e: Expressions, signatures: tuple[ast.Signature, ...], scope: Scope) -> tuple[Typed, ...] | None:
    """The inputs or outputs that a signature declares, or ``None`` after reports."""
    found: list[Typed] = []
    seen: dict[str, Span] = {}
    for one in signatures:
        name = one.name
        if name.name in seen:
            e.b.problems.append(errors.defined_twice(name, seen[name.name]))
            continue
        seen[name.name] = name.span
        if one.type.optional:
            e.b.problems.append(errors.optional_in_signature(one.type.span, name.name))
            continue
        kind = kind_of(e, one.type, scope)
        dims = None if kind is None else dims_of(e, one.type, kind[0], scope.context)
        if kind is not None and dims is not None:
            found.append(Typed(name.name, kind[0], dims, kind[1], one.type.span))
    return tuple(found) if len(found) == len(signatures) else None


def named_returns(statement: ast.NetDecl | ast.ExternDecl) -> tuple[ast.Signature, ...]:
    """The outputs of a head, a single one under the name ``out``."""
    returns = statement.returns
    if isinstance(returns, tuple):
        return returns
    return (ast.Signature(ast.Ident(SINGLE, span=statement.name.span), returns, span=returns.span),)


def arguments(laws: Laws, node: ast.Call, inputs: tuple[Typed, ...], scope: Scope) -> dict[str, ir.Id] | None:
    """The value of each input, in their order, with the axes that the signature names; ``None`` after reports."""
    names = tuple(one.name for one in inputs)
    given = laws.e.arguments(node, names, {})
    if given is None:
        return None
    values = {one.name: _argument(laws, node, one, given[one.name], scope) for one in inputs}
    found = {name: value for name, value in values.items() if value is not None}
    return found if len(found) == len(inputs) else None


def _argument(laws: Laws, node: ast.Call, one: Typed, given: ast.Expr, scope: Scope) -> ir.Id | None:
    e, function = laws.e, node.function.name
    value = e.expr(given, scope, one.dims)
    if value is None:
        return None
    for dim in one.dims:
        if dim in scope.context:
            e.b.problems.append(errors.net_inside_its_plate(given.span, function, one.name, dim.name))
            return None
        if dim not in e.b.dims(value):
            alias = [d for d in e.free(value, scope) if e.b.same_root(d, dim) and d not in one.dims]
            if len(alias) != 1:
                free = e.free(value, scope)
                e.b.problems.append(errors.net_lacks_dimension(given.span, function, one.name, one.dims, free))
                return None
            value = e.relabel(value, alias[0], dim, given.span)
    return value if _fits(laws, function, one, value, given.span, scope) else None


def _fits(laws: Laws, function: str, one: Typed, value: ir.Id, span: Span, scope: Scope) -> bool:
    b, before = laws.b, len(laws.b.problems)
    member = b.kind(value).member
    if one.kind.member is None:
        what = f"the `{one.name}` of `{function}`"
        laws.check_support(value, one.kind, what, span, tuple(d for d in b.dims(value) if d not in scope.context))
    elif member is None or not b.same_root(Dim(member), Dim(one.kind.member)):
        b.problems.append(errors.net_wants_member(span, function, one.name, one.kind.member, member))
    return len(b.problems) == before
