"""Tree building: one method for each rule of the grammar, called by the parser as the rule is completed.

In: the children of a rule in source order, that is tokens, nodes, and pieces of nodes. Out: a node of :mod:`.ast` with
the span of the whole construct. Nothing here recurses, so the depth of the text does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from lark import Token

from ..diagnostics import Span
from ..types import composed
from . import ast


class Piece(NamedTuple):
    """An optional part of a statement on its way into the node, such as ``= init`` or ``[obs, feature]``."""

    kind: str
    value: Any
    span: Span


Child = Token | ast.Node | Piece


def place(child: Child) -> Span:
    """The range of one child."""
    return Span(child.start_pos or 0, child.end_pos or 0) if isinstance(child, Token) else child.span


def _around(children: Sequence[Child]) -> Span:
    return Span(place(children[0]).start, place(children[-1]).end)


def _ident(token: Token) -> ast.Ident:
    return ast.Ident(composed(str(token)), span=place(token))


def _idents(children: Sequence[Child]) -> tuple[ast.Ident, ...]:
    return tuple(_ident(child) for child in children if isinstance(child, Token) and child.type == "NAME")


def _nodes(children: Sequence[Child]) -> tuple[Any, ...]:
    return tuple(child for child in children if isinstance(child, ast.Node))


def _pieces(children: Sequence[Child]) -> dict[str, Any]:
    return {child.kind: child.value for child in children if isinstance(child, Piece)}


def _string(token: Token) -> ast.String:
    text = token[1:-1]
    if "\\" in text:
        text = text.replace("\\\\", "\0").replace('\\"', '"').replace("\0", "\\")
    return ast.String(text, span=place(token))


def _first_string(children: Sequence[Child]) -> ast.String | None:
    return next((_string(c) for c in children if isinstance(c, Token) and c.type == "STRING"), None)


class Builder:
    """The callbacks of the parser."""

    # --- the file and its blocks

    def file(self, children: list[Any]) -> ast.File:
        first = children[0]
        doc = first[3:-3].strip() if isinstance(first, Token) else None
        return ast.File(doc, _nodes(children), span=_around(children))

    def data_block(self, children: list[Any]) -> ast.DataBlock:
        return ast.DataBlock(_first_string(children), _nodes(children), span=_around(children))

    def model_block(self, children: list[Any]) -> ast.ModelBlock:
        return ast.ModelBlock(_nodes(children), span=_around(children))

    def guide_block(self, children: list[Any]) -> ast.GuideBlock:
        names = _idents(children[1:2])
        return ast.GuideBlock(names[0] if names else None, _nodes(children), span=_around(children))

    def guide_line(self, children: list[Any]) -> ast.GuideBlock:
        word, _, family = children
        draw = ast.Draw((ast.Ident("rest", span=place(word)),), None, (family,), span=_around(children))
        return ast.GuideBlock(None, (draw,), True, span=_around(children))

    def fit_block(self, children: list[Any]) -> ast.FitBlock:
        return ast.FitBlock(_nodes(children), span=_around(children))

    def setting(self, children: list[Any]) -> ast.Setting:
        dims = _pieces(children).get("dims", ())
        return ast.Setting(_ident(children[0]), dims, children[-1], span=_around(children))

    # --- declarations

    def data_declaration(self, children: list[Any]) -> ast.DataDecl:
        found = _pieces(children)
        return ast.DataDecl(
            _ident(children[0]), children[2], found.get("initial"), found.get("column"), span=_around(children)
        )

    def initial(self, children: list[Any]) -> Piece:
        return Piece("initial", children[-1], _around(children))

    def column(self, children: list[Any]) -> Piece:
        return Piece("column", _string(children[-1]), _around(children))

    def dim_declaration(self, children: list[Any]) -> ast.DimDecl:
        return ast.DimDecl(_ident(children[1]), _pieces(children).get("initial"), span=_around(children))

    def type(self, children: list[Any]) -> ast.Type:
        found = _pieces(children)
        return ast.Type(
            _ident(children[0]),
            found.get("type_arguments", ()),
            "missing" in found,
            found.get("dims", ()),
            span=_around(children),
        )

    def type_arguments(self, children: list[Any]) -> Piece:
        return Piece("type_arguments", _nodes(children), _around(children))

    def missing(self, children: list[Any]) -> Piece:
        return Piece("missing", True, _around(children))

    def dims(self, children: list[Any]) -> Piece:
        return Piece("dims", _idents(children), _around(children))

    # --- statements

    def names(self, children: list[Any]) -> Piece:
        return Piece("names", _idents(children), _around(children))

    def draw(self, children: list[Any]) -> ast.Draw:
        kind = children[2] if isinstance(children[2], ast.Type) else None
        distributions = tuple(child for child in _nodes(children) if child is not kind)
        return ast.Draw(children[0].value, kind, distributions, span=_around(children))

    def observe(self, children: list[Any]) -> ast.Observe:
        value, *distributions = _nodes(children)
        found = _pieces(children)
        return ast.Observe(value, tuple(distributions), found.get("where"), found.get("weight"), span=_around(children))

    def where(self, children: list[Any]) -> Piece:
        return Piece("where", children[-1], _around(children))

    def weight(self, children: list[Any]) -> Piece:
        return Piece("weight", children[-1], _around(children))

    def define(self, children: list[Any]) -> ast.Define:
        return ast.Define(_ident(children[0]), _nodes(children), span=_around(children))

    def report(self, children: list[Any]) -> ast.Report:
        what = children[1]
        return ast.Report(_ident(what) if isinstance(what, Token) else what, span=_around(children))

    def factor(self, children: list[Any]) -> ast.Factor:
        return ast.Factor(children[1], span=_around(children))

    def param(self, children: list[Any]) -> ast.ParamDecl:
        found = _pieces(children)
        init = found.get("initial_draw", found.get("initial"))
        return ast.ParamDecl(_ident(children[1]), children[3], init, "initial_draw" in found, span=_around(children))

    def initial_draw(self, children: list[Any]) -> Piece:
        return Piece("initial_draw", children[-1], _around(children))

    def net(self, children: list[Any]) -> ast.NetDecl:
        parameters, returns = _head(children)
        return ast.NetDecl(_ident(children[1]), parameters, returns, children[-1], span=_around(children))

    def extern(self, children: list[Any]) -> ast.ExternDecl:
        parameters, returns = _head(children)
        return ast.ExternDecl(_ident(children[1]), parameters, returns, _string(children[-1]), span=_around(children))

    def signature(self, children: list[Any]) -> ast.Signature:
        return ast.Signature(_ident(children[0]), children[2], span=_around(children))

    def named_outputs(self, children: list[Any]) -> Piece:
        return Piece("outputs", _nodes(children), _around(children))

    def function(self, children: list[Any]) -> ast.FunctionDef:
        parameters = _pieces(children).get("names", ())
        return ast.FunctionDef(_ident(children[1]), parameters, children[-1], span=_around(children))

    def plate(self, children: list[Any]) -> ast.Plate:
        return ast.Plate(children[1].value, _nodes(children), span=_around(children))

    def markov(self, children: list[Any]) -> ast.Markov:
        return ast.Markov(_ident(children[1]), _nodes(children), span=_around(children))

    def impute(self, children: list[Any]) -> ast.Impute:
        return ast.Impute(children[-1].value, span=_around(children))

    def aux(self, children: list[Any]) -> ast.Aux:
        return ast.Aux(children[-1], span=_around(children))

    def reparameterise(self, children: list[Any]) -> ast.Reparameterise:
        degree = _pieces(children).get("degree")
        word: Any = str(children[0])
        return ast.Reparameterise(word, degree, children[-1].value, span=_around(children))

    def degree(self, children: list[Any]) -> Piece:
        return Piece("degree", children[1], _around(children))

    def score(self, children: list[Any]) -> ast.Score:
        return ast.Score(_pieces(children).get("baseline"), children[-1].value, span=_around(children))

    def baseline(self, children: list[Any]) -> Piece:
        _, word, _, value, _ = children
        name = _ident(word)
        option = ast.Argument(name, value, span=_around(children[1:-1]))
        return Piece("baseline", option, _around(children))

    # --- expressions

    def choice(self, children: list[Any]) -> ast.IfElse:
        then, _, condition, _, otherwise = children
        return ast.IfElse(then, condition, otherwise, span=_around(children))

    def binary(self, children: list[Any]) -> ast.Binary:
        left, op, right = children
        return ast.Binary(str(op), left, right, span=Span(left.span.start, right.span.end))  # type: ignore[arg-type]

    def unary(self, children: list[Any]) -> ast.Unary:
        op, operand = children
        return ast.Unary(str(op), operand, span=_around(children))  # type: ignore[arg-type]

    def index(self, children: list[Any]) -> ast.Index:
        base, *indices = _nodes(children)
        return ast.Index(base, tuple(indices), span=_around(children))

    def attribute(self, children: list[Any]) -> ast.Attribute:
        return ast.Attribute(children[0], _ident(children[-1]), span=_around(children))

    def over(self, children: list[Any]) -> ast.Over:
        return ast.Over(children[0], _ident(children[-1]), span=_around(children))

    def number(self, children: list[Any]) -> ast.Number:
        text = str(children[0])
        whole = text.replace("_", "").isdigit()
        return ast.Number(int(text) if whole else float(text), text, span=place(children[0]))

    def string(self, children: list[Any]) -> ast.String:
        return _string(children[0])

    def bool(self, children: list[Any]) -> ast.Bool:
        return ast.Bool(children[0] == "true", span=place(children[0]))

    def name(self, children: list[Any]) -> ast.Name:
        return ast.Name(composed(str(children[0])), span=place(children[0]))

    def list(self, children: list[Any]) -> ast.ListLiteral:
        return ast.ListLiteral(_nodes(children), span=_around(children))

    def group(self, children: list[Any]) -> ast.Expr:
        return _moved(children[1], _around(children))

    def call(self, children: list[Any]) -> ast.Call:
        return ast.Call(_ident(children[0]), _nodes(children), span=_around(children))

    def argument(self, children: list[Any]) -> ast.Argument:
        name = _ident(children[0]) if len(children) == 3 else None
        return ast.Argument(name, children[-1], span=_around(children))


def _head(children: Sequence[Child]) -> tuple[tuple[ast.Signature, ...], Any]:
    """The parameters and the outputs of a net or an extern."""
    nodes = _nodes(children)
    parameters = tuple(node for node in nodes if isinstance(node, ast.Signature))
    single = next((node for node in nodes if isinstance(node, ast.Type)), None)
    return parameters, single if single is not None else _pieces(children)["outputs"]


def _moved(node: Any, span: Span) -> Any:
    """``node`` with the span of the brackets around it. The node was just made and has no other owner yet."""
    object.__setattr__(node, "span", span)
    return node
