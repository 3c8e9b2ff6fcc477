"""What the names that a spec declares stand for, in Markdown."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from ..diagnostics import Span
from ..ir import nodes as ir
from ..sema.symbols import Symbol
from ..syntax import ast
from ..types import Dims, Kind
from .describe import fenced
from .document import Block, Names

_MOST_LINES = 4


@dataclass(frozen=True)
class Typed:
    """The kind and the dimensions of a name, as far as the compiler found them."""

    kind: Kind
    dims: Dims
    optional: bool = False

    def __str__(self) -> str:
        dims = ", ".join(map(str, self.dims))
        return f"{self.kind}{'?' if self.optional else ''}{f'[{dims}]' if dims else ''}"


def what(symbol: Symbol) -> str:
    """The sort of thing that a name is."""
    match symbol.statement:
        case ast.DataDecl():
            return "data"
        case ast.ParamDecl():
            return "parameter"
        case ast.Draw() if symbol.auxiliary:
            return "auxiliary variable of the guide"
        case ast.Draw():
            return "generated quantity" if symbol.reported else "latent variable"
        case ast.Define():
            return "reported quantity" if symbol.reported else "definition"
        case ast.FunctionDef():
            return "function"
        case ast.NetDecl():
            return "neural function"
        case ast.ExternDecl():
            return "function from outside"


def typed(name: str, block: Block) -> Typed | None:
    """The kind and dimensions of a name; ``None`` for a function, and where the text does not say yet."""
    program = block.program
    for item in program.data:
        if item.name == name:
            return Typed(item.kind, item.dims, item.optional)
    for item in (*program.sites, *program.params, *program.reports):
        if item.name == name:
            return Typed(item.kind, item.dims)
    node = dict(program.definitions).get(name)
    return None if node is None else Typed(program.nodes[node].kind, program.nodes[node].dims)


def symbol(found: Symbol, block: Block, names: Names) -> str:
    """Kind, dimensions, what it is, its distribution, and its statement."""
    name = found.name.name
    type_ = typed(name, block)
    head = name if type_ is None else f"{name}: {type_}"
    facts = [what(found).capitalize(), *_facts(name, found, block, names)]
    return "\n\n".join([fenced(head), ". ".join(facts) + ".", fenced(_shown(found, names))])


def _facts(name: str, found: Symbol, block: Block, names: Names) -> list[str]:
    site = next((site for site in block.program.sites if site.name == name), None)
    type_ = typed(name, block)
    facts = [] if type_ is None or not type_.dims else [f"One for each {_of(type_.dims)}"]
    if site is not None:
        narrowed = ", narrowed" if site.narrowed else ""
        facts.append(f"Distribution `{site.law.row.name}`: {site.law.row.summary}. Support: `{site.kind}`{narrowed}")
        facts += _covered(name, names)
    if isinstance(found.statement, ast.DataDecl) and found.source is not None:
        column = found.statement.column.value if found.statement.column else name
        facts.append(f"Column `{column}` of `{found.source}`")
    return facts


def _of(dims: Dims) -> str:
    return " and each ".join(f"`{dim}`" for dim in dims)


def _covered(name: str, names: Names) -> list[str]:
    """By which family a guide sees a latent variable."""
    found: list[str] = []
    for title, block in names.guides:
        parts = block.program.guide or ir.GuideParts()
        by = next((family.name for family in parts.families if name in family.sites), None)
        where = "the guide" if title is None else f"guide `{title}`"
        seen = ", noncentred" if name in parts.noncentered else ", by a fitted degree" if name in parts.learned else ""
        found += [f"In {where}: `{by}`{seen}"] if by else []
    return found


def _shown(found: Symbol, names: Names) -> str:
    """The statement, its first lines if it is long."""
    span = found.statement.span
    text = names.source.text
    start = text.rfind("\n", 0, span.start) + 1
    indent = " " * (span.start - start) if not text[start : span.start].strip() else ""
    lines = textwrap.dedent(indent + text[span.start : span.end]).splitlines()
    return "\n".join(lines if len(lines) <= _MOST_LINES else [*lines[:_MOST_LINES], "…"])


def dimension(name: str, names: Names) -> str | None:
    """A dimension: its size or labels, and the data that have it."""
    found = next((dim for dim in names.model.program.dimensions if dim.name == name), None)
    if found is None:
        return None
    carriers = [item.name for item in names.model.program.data if any(dim.name == name for dim in item.dims)]
    data = f" Data: {', '.join(f'`{carrier}`' for carrier in carriers)}." if carriers else ""
    return f"{fenced(f'dim {name}')}\n\nDimension: {_size(found, names)}.{data}"


def _size(dim: ir.Dimension, names: Names) -> str:
    program = names.model.program
    if dim.labels is not None:
        return f"{len(dim.labels)} members, " + ", ".join(f"`{label}`" for label in dim.labels[:20])
    if dim.alias is not None:
        return f"another axis over `{dim.alias}`"
    if dim.size is not None:
        op = program.nodes[dim.size].op
        return f"{op.value} members" if isinstance(op, ir.Const) else "its size follows from other dimensions"
    sizes = (
        _length(item.default, item.dims.index(d)) for item in program.data for d in item.dims if d.name == dim.name
    )
    size = next((size for size in sizes if size), None)
    return f"{size} members, by the data" if size else "its size comes from the data"


def _length(value: ir.Nested, axis: int) -> int | None:
    """The length of nested rows along an axis."""
    if not isinstance(value, tuple):
        return None
    return len(value) if axis == 0 else _length(value[0], axis - 1) if value else None


def parameter(name: str, offset: int, names: Names) -> tuple[str, Span] | None:
    """An argument in the head of a function, for a place inside that function."""
    for block in (names.model, *(block for _, block in names.guides)):
        for symbol in block.table.symbols.values():
            statement = symbol.statement
            if not statement.span.start <= offset <= statement.span.end:
                continue
            if isinstance(statement, (ast.FunctionDef, ast.NetDecl, ast.ExternDecl)):
                parts = [p if isinstance(p, ast.Ident) else p.name for p in statement.parameters]
                found = next((part for part in parts if part.name == name), None)
                if found is not None:
                    return f"{fenced(name)}\n\nArgument of `{statement.name.name}`.", found.span
    return None
