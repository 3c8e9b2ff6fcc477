"""Tree to text: the one canonical layout.

Two columns a level, one statement a line, one blank line between blocks and at most one between statements, lines of up
to 100 columns, and no more brackets than the precedence asks for. Comments keep their place and their order. Nothing
recurses: a row of work is taken from a stack, and each piece of work gives texts or smaller pieces of work.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from ..diagnostics import Span
from . import ast
from .layout import STEP, Atom, Break, Close, End, Indent, Open, Remark, Text, layout
from .print_expression import expression_work
from .print_statement import names_work, statement_work, type_work
from .work import Apart, At, Body, ExprWork, Line, Work, Works


def unparse(file: ast.File) -> str:
    """The canonical text of a spec: parsing it gives an equal tree, and unparsing that the same text.

    Example:
        >>> from svilang.diagnostics import Source
        >>> from svilang.syntax import parse
        >>> print(unparse(parse(Source("a.svi", "model{x~Normal(0,(1))}"))), end="")
        model {
          x ~ Normal(0, 1)
        }
    """
    return f"{layout(_Printer(file).atoms(file_work(file)))}\n"


def unparse_expression(node: ast.Expr | ast.Type) -> str:
    """An expression or a type on one line, for messages.

    Example:
        >>> unparse_expression(ast.Binary("*", ast.Name("a"), ast.Binary("+", ast.Name("b"), ast.Name("c"))))
        'a * (b + c)'
    """
    work: Iterable[Work] = type_work(node) if isinstance(node, ast.Type) else (ExprWork(node),)
    return layout(_Printer(ast.File(None, ())).atoms(work), width=1 << 30)


class _Printer:
    """The atoms of a tree, with the comments of its file among them."""

    def __init__(self, file: ast.File) -> None:
        self._comments = file.comments
        self._blanks = file.blanks
        self._next = 0
        self._last = 0
        self._fresh = True
        self._apart = False
        self._out: list[Atom] = []

    def atoms(self, work: Iterable[Work]) -> list[Atom]:
        """Everything in order: the work that an item of work gives is done before the item after it."""
        stack = [iter(work)]
        while stack:
            item = next(stack[-1], None)
            match item:
                case None:
                    stack.pop()
                case str():
                    self._out.append(Text(item))
                case At(offset):
                    self._flush(offset)
                case Line(node):
                    stack.append(self._line(node))
                case Body(items, span):
                    stack.append(self._body(items, span))
                case Apart():
                    self._apart, self._fresh = True, False
                case ExprWork():
                    stack.append(expression_work(item))
                case ast.Node():
                    stack.append(node_work(item))
                case _:
                    self._out.append(item)
        self._flush(None)
        return self._out

    def _line(self, node: ast.Node) -> Works:
        self._flush(node.span.start)
        yield End(self._blank_before(node.span.start))
        self._fresh = self._apart = False
        yield node
        self._last = max(self._last, node.span.end)

    def _body(self, items: Sequence[ast.Node], span: Span) -> Works:
        closing = span.end - 1
        if not items and not self._comment_before(closing):
            yield "{}"
            return
        yield "{"
        yield Indent(STEP)
        self._fresh = True
        for item in items:
            yield Line(item)
        self._flush(closing)
        self._fresh = False
        yield Indent(-STEP)
        yield End()
        yield "}"

    def _comment_before(self, offset: int) -> bool:
        return self._next < len(self._comments) and self._comments[self._next].span.start < offset

    def _blank_before(self, start: int) -> bool:
        at = bisect_right(self._blanks, self._last)
        return not self._fresh and (self._apart or (at < len(self._blanks) and self._blanks[at] <= start))

    def _flush(self, offset: int | None) -> None:
        """The comments before ``offset``, or all that are left."""
        while self._next < len(self._comments) and (offset is None or self._comment_before(offset)):
            self._insert(self._comments[self._next])
            self._next += 1

    def _insert(self, comment: ast.Comment) -> None:
        """Put a comment before the breaks that came last, so that it can stand at the end of the line before."""
        blank = not comment.trailing and self._blank_before(comment.span.start)
        mark = "#" if not comment.text or comment.text[0] in "#!:" else "# "
        at = len(self._out)
        while at and isinstance(self._out[at - 1], Break | End):
            at -= 1
        self._out.insert(at, Remark(mark + comment.text, comment.trailing, blank))
        self._last = max(self._last, comment.span.end)
        if not comment.trailing:
            self._fresh = self._apart = False


def file_work(file: ast.File) -> Works:
    """The docstring and the blocks, each apart from the one before."""
    if file.doc is not None:
        yield At(file.span.start)
        yield End()
        yield _docstring(file.doc)
        yield Apart()
    for block in file.blocks:
        yield Line(block)
        yield Apart()


def _docstring(doc: str) -> str:
    if "\n" in doc:
        return f'"""{doc}\n"""'
    return f'"""{doc} """' if doc.endswith('"') else f'"""{doc}"""'


def node_work(node: ast.Node) -> Works:
    """The work for a block, a statement, or a part of one."""
    match node:
        case ast.DataBlock(source, items):
            yield "data "
            if source is not None:
                yield ExprWork(source)
                yield " "
            yield Body(items, node.span)
        case ast.ModelBlock(body):
            yield "model "
            yield Body(body, node.span)
        case ast.GuideBlock(inline=True):
            yield "guide = "
            (draw,) = node.body
            assert isinstance(draw, ast.Draw)
            yield ExprWork(draw.distributions[0])
        case ast.GuideBlock(name, body):
            yield f"guide {name.name} " if name is not None else "guide "
            yield Body(body, node.span)
        case ast.FitBlock(settings):
            yield "fit "
            yield Body(settings, node.span)
        case ast.Plate(dims, body):
            yield "plate "
            yield from names_work(dims)
            yield " "
            yield Body(body, node.span)
        case ast.Markov(dim, body):
            yield f"markov {dim.name} "
            yield Body(body, node.span)
        case ast.Ident(name):
            yield At(node.span.start)
            yield name
        case ast.Type():
            yield from type_work(node)
        case ast.Argument(name, value):
            if name is not None:
                yield name
                yield "="
            yield ExprWork(value)
        case ast.Signature(name, kind):
            yield name
            yield ": "
            yield kind
        case _:
            yield Open()
            yield from statement_work(node)
            yield Close()
