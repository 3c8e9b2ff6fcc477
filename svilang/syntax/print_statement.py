"""Statements and types as units of printing."""

from __future__ import annotations

from collections.abc import Sequence

from . import ast
from .layout import Break
from .work import ExprWork, Works, bracketed


def statement_work(node: ast.Node) -> Works:
    """One statement, declaration or setting without a body."""
    match node:
        case ast.Setting(name, dims, value):
            yield name
            yield from dims_work(dims)
            yield " = "
            yield ExprWork(value)
        case ast.DataDecl(name, kind, default, column):
            yield name
            yield ": "
            yield kind
            yield from _initial(default)
            if column is not None:
                yield " from "
                yield ExprWork(column)
        case ast.DimDecl(name, value):
            yield "dim "
            yield name
            yield from _initial(value)
        case ast.Draw():
            yield from _draw(node)
        case ast.Observe():
            yield from _observe(node)
        case ast.Define(name, values):
            yield name
            yield " = "
            yield from _then(values)
        case ast.Report(what):
            yield "report "
            yield from statement_work(what)
        case ast.Ident():
            yield node
        case ast.Factor(value):
            yield "factor "
            yield ExprWork(value)
        case ast.ParamDecl(name, kind, init, draw):
            yield "param "
            yield name
            yield ": "
            yield kind
            yield from _initial(init, " = draw " if draw else " = ")
        case ast.NetDecl(name, parameters, returns, body):
            yield "net "
            yield from _head(name, parameters, returns)
            yield " = "
            yield ExprWork(body)
        case ast.ExternDecl(name, parameters, returns, target):
            yield "extern "
            yield from _head(name, parameters, returns)
            yield " from "
            yield ExprWork(target)
        case ast.FunctionDef(name, parameters, body):
            yield "def "
            yield name
            yield from bracketed("(", parameters, ")")
            yield " = "
            yield ExprWork(body)
        case ast.Impute(names):
            yield "impute "
            yield from names_work(names)
        case ast.Aux(draw):
            yield "aux "
            yield from _draw(draw)
        case ast.Reparameterise(word, degree, names):
            yield word
            if degree is not None:
                yield "("
                yield ExprWork(degree)
                yield ")"
            yield " "
            yield from names_work(names)
        case ast.Score(option, names):
            yield "score"
            if option is not None:
                yield "("
                yield option
                yield ")"
            yield " "
            yield from names_work(names)
        case _:
            raise TypeError(f"{type(node).__name__} is not a statement")


def _draw(node: ast.Draw) -> Works:
    yield from names_work(node.names)
    if node.type is not None:
        yield ": "
        yield node.type
    yield " ~ "
    yield from _then(node.distributions)


def _observe(node: ast.Observe) -> Works:
    yield "observe "
    yield ExprWork(node.value)
    yield " ~ "
    yield from _then(node.distributions)
    for word, value in (("where ", node.where), ("weight ", node.weight)):
        if value is not None:
            yield Break()
            yield word
            yield ExprWork(value)


def _then(values: Sequence[ast.Expr]) -> Works:
    for i, value in enumerate(values):
        if i:
            yield Break()
            yield "then "
        yield ExprWork(value)


def _initial(value: ast.Expr | None, sign: str = " = ") -> Works:
    if value is not None:
        yield sign
        yield ExprWork(value)


def _head(name: ast.Ident, parameters: Sequence[ast.Signature], returns: ast.Type | Sequence[ast.Signature]) -> Works:
    yield name
    yield from bracketed("(", parameters, ")")
    yield " -> "
    if isinstance(returns, ast.Type):
        yield returns
    else:
        yield from bracketed("(", returns, ")")


def type_work(node: ast.Type) -> Works:
    """``kind(arguments)?[dims]``."""
    yield node.kind
    if node.arguments:
        yield from bracketed("(", node.arguments, ")")
    if node.optional:
        yield "?"
    yield from dims_work(node.dims)


def dims_work(dims: Sequence[ast.Ident]) -> Works:
    """``[a, b]``, or nothing."""
    if dims:
        yield from bracketed("[", dims, "]")


def names_work(names: Sequence[ast.Ident]) -> Works:
    """``a, b``."""
    for i, name in enumerate(names):
        if i:
            yield ", "
        yield name
