"""Expressions as units of printing, with the brackets that the precedence asks for."""

from __future__ import annotations

from . import ast
from .layout import Break, Close, Open
from .work import CHOICE, At, ExprWork, Works, bracketed

_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _POWER, _SUFFIX, _ATOM = range(CHOICE + 1, CHOICE + 11)
_LEVELS = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), _COMPARE),
    **dict.fromkeys(("+", "-"), _SUM),
    **dict.fromkeys(("*", "/", "@"), _PRODUCT),
    "^": _POWER,
}


def expression_work(item: ExprWork) -> Works:
    """An expression, in round brackets where its place binds more tightly than it does."""
    node, own = item.node, _level(item.node)
    yield At(node.span.start)
    if own >= item.level:
        yield from _bare(node, own, item.inline)
        return
    yield "("
    yield from _bare(node, own, False)
    yield ")"


def _level(node: ast.Expr) -> int:
    match node:
        case ast.IfElse():
            return CHOICE
        case ast.Binary(op):
            return _LEVELS[op]
        case ast.Unary(op):
            return _NOT if op == "not" else _SIGN
        case ast.Index() | ast.Attribute() | ast.Over():
            return _SUFFIX
        case _:
            return _ATOM


def _bare(node: ast.Expr, own: int, inline: bool) -> Works:
    match node:
        case ast.Number():
            yield node.text
        case ast.String(value):
            text = value.replace("\\", "\\\\").replace('"', '\\"')
            yield f'"{text}"'
        case ast.Bool(value):
            yield "true" if value else "false"
        case ast.Name(name):
            yield name
        case ast.ListLiteral(items):
            nested = any(isinstance(item, ast.ListLiteral | ast.Call) for item in items)
            yield from bracketed("[", [ExprWork(i) for i in items], "]", node.span.end - 1, filled=not nested)
        case ast.Call(function, arguments):
            yield function.name
            yield from bracketed("(", arguments, ")", node.span.end - 1)
        case ast.Unary(op, operand):
            yield "not " if op == "not" else op
            yield ExprWork(operand, own)
        case ast.Binary("^", left, right):
            yield ExprWork(left, _SUFFIX)
            yield "^"
            yield ExprWork(right, _SIGN)
        case ast.Binary():
            yield from _binary(node, own, inline)
        case ast.IfElse():
            yield from _if_else(node, inline)
        case ast.Index(base, indices):
            yield ExprWork(base, _base_level(base))
            yield from bracketed("[", [ExprWork(i) for i in indices], "]", node.span.end - 1)
        case ast.Attribute(base, name):
            yield ExprWork(base, _ATOM + 1 if isinstance(base, ast.Number) else _base_level(base))
            yield f".{name.name}"
        case ast.Over(value, dim):
            yield ExprWork(value, _SUFFIX)
            yield f" over {dim.name}"


def _base_level(base: ast.Expr) -> int:
    """``(x over d)[i]`` is legal without its brackets, and hard to read."""
    return _ATOM if isinstance(base, ast.Over) else _SUFFIX


def _binary(node: ast.Binary, own: int, inline: bool) -> Works:
    """A row of operators of one level shares one group."""
    chained = own != _COMPARE and isinstance(node.left, ast.Binary) and _level(node.left) == own
    if not inline:
        yield Open(filled=True)
    yield ExprWork(node.left, own if own != _COMPARE else _SUM, chained)
    yield Break()
    yield f"{node.op} "
    yield ExprWork(node.right, own + 1)
    if not inline:
        yield Close()


def _if_else(node: ast.IfElse, inline: bool) -> Works:
    if not inline:
        yield Open(filled=True)
    yield ExprWork(node.then, _OR)
    yield Break()
    yield "if "
    yield ExprWork(node.condition, _OR)
    yield Break()
    yield "else "
    yield ExprWork(node.otherwise, CHOICE, isinstance(node.otherwise, ast.IfElse))
    if not inline:
        yield Close()
