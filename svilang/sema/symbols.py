"""What the names of a block stand for, before any of them is elaborated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..diagnostics import MOST_SHOWN, Diagnostic, Span
from ..syntax import ast
from ..types import KINDS, Dim, Dims
from . import errors


@dataclass(frozen=True)
class Symbol:
    """A declared name: its statement, and the plates (and chains) that stand open around it."""

    name: ast.Ident
    statement: ast.DataDecl | ast.Draw | ast.Define | ast.ParamDecl | ast.FunctionDef | ast.NetDecl | ast.ExternDecl
    context: Dims = ()
    chain: Dim | None = None
    source: str | None = None
    reported: bool = False
    auxiliary: bool = False


@dataclass(frozen=True)
class Placed:
    """A statement that declares no name of its own, with its context."""

    statement: ast.Statement
    context: Dims
    chain: Dim | None


@dataclass
class Table:
    """The names of the data blocks and of one model or guide, its other statements, and all dimensions."""

    symbols: dict[str, Symbol] = field(default_factory=dict)
    placed: list[Placed] = field(default_factory=list)
    dims: dict[str, ast.DimDecl | None] = field(default_factory=dict)
    dim_spans: dict[str, Span] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    chains: list[ast.Markov] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)

    def aliases(self, dim: str) -> list[str]:
        """The dimension, the one that it is an alias of, and so on; the last is the root, or closes a cycle."""
        chain, seen = [dim], set[str]()
        while chain[-1] not in seen:
            seen.add(chain[-1])
            declared = self.dims.get(chain[-1])
            if declared is None or not isinstance(declared.value, ast.Name) or declared.value.name not in self.dims:
                break
            chain.append(declared.value.name)
        return chain

    def root(self, dim: str) -> str:
        """The dimension at the end of a chain of aliases."""
        return self.aliases(dim)[-1]

    def declare(self, symbol: Symbol) -> None:
        """Enter a name, once."""
        first = self.symbols.get(symbol.name.name)
        if first is not None:
            drawn = isinstance(first.statement, ast.DataDecl) and isinstance(symbol.statement, ast.Draw)
            told = errors.draws_data if drawn and not symbol.reported else errors.defined_twice
            self.problems.append(told(symbol.name, first.name.span))
            return
        self.symbols[symbol.name.name] = symbol


def collect_data(blocks: list[ast.DataBlock]) -> Table:
    """The names and dimensions of all data blocks."""
    table = Table()
    for block in blocks:
        for item in block.items:
            if isinstance(item, ast.DimDecl):
                if table.dims.get(item.name.name) is not None:
                    table.problems.append(errors.dimension_twice(item.name, table.dim_spans[item.name.name]))
                table.dims[item.name.name] = item
                table.dim_spans[item.name.name] = item.name.span
    for block in blocks:
        for item in block.items:
            if isinstance(item, ast.DataDecl):
                source = block.source.value if block.source else None
                table.declare(Symbol(item.name, item, source=source))
                for dim in (*item.type.dims, *_in_round_brackets(item.type)):
                    table.dims.setdefault(dim.name, None)
                    table.dim_spans.setdefault(dim.name, dim.span)
    for block in blocks:
        for item in block.items:
            if isinstance(item, ast.DataDecl) and item.type.kind.name not in KINDS:
                table.dims.setdefault(item.type.kind.name, None)
                table.dim_spans.setdefault(item.type.kind.name, item.type.kind.span)
    return table


def _in_round_brackets(wanted: ast.Type) -> list[ast.Ident]:
    """Names given to a kind that takes none: reported there, and meant as dimensions."""
    row = KINDS.get(wanted.kind.name)
    names = (argument.value for argument in wanted.arguments if row is not None and not row.arguments)
    return [ast.Ident(value.name, span=value.span) for value in names if isinstance(value, ast.Name)]


def collect_block(body: tuple[ast.Statement, ...], table: Table, *, guide: bool, latents: frozenset[str]) -> None:
    """Enter the statements of a model or a guide into ``table``.

    In a guide a draw for a latent of the model declares nothing new: ``latents`` names them.
    """
    for statement in body:
        if isinstance(statement, ast.DimDecl):  # reported where it stands; its uses are no mistakes of their own
            _enter_dim(statement, table)
    _collect(body, (), None, table, guide, latents)


def _collect(
    body: tuple[ast.Statement, ...],
    context: Dims,
    chain: Dim | None,
    table: Table,
    guide: bool,
    latents: frozenset[str],
) -> None:
    for statement in body:
        match statement:
            case ast.Plate(dims=dims, body=inner):
                _collect(inner, _opened(dims, context, table), chain, table, guide, latents)
            case ast.Markov(dim=dim, body=inner):
                table.chains.append(statement)
                _collect(inner, _opened((dim,), context, table), Dim(dim.name), table, guide, latents)
            case ast.Draw(names=names) if not guide:
                for name in names:
                    table.declare(Symbol(name, statement, context, chain))
                if len(names) > 1:
                    table.problems.append(errors.joint_draw_in_model(names))
            case (
                ast.Define(name=name)
                | ast.ParamDecl(name=name)
                | ast.FunctionDef(name=name)
                | ast.NetDecl(name=name)
                | ast.ExternDecl(name=name)
            ):
                table.declare(Symbol(name, statement, context, chain))
                if isinstance(statement, ast.FunctionDef):
                    _check_parameters(statement, table)
            case ast.Aux(draw=draw) if guide:
                table.declare(Symbol(draw.names[0], draw, context, chain, auxiliary=True))
            case ast.Report(what=ast.Define() | ast.Draw() as what):
                if guide:
                    table.problems.append(errors.only_in_model("report", statement.span))
                    continue
                name = what.name if isinstance(what, ast.Define) else what.names[0]
                table.declare(Symbol(name, what, context, chain, reported=True))
            case ast.DimDecl():
                table.problems.append(errors.dim_outside_data(statement))
                _enter_dim(statement, table)
            case _:
                table.placed.append(Placed(statement, context, chain))


def _data_dims(name: str, table: Table) -> tuple[str, ...] | None:
    """The dimensions of a data item, or ``None`` where the name is something else."""
    statement = table.symbols[name].statement if name in table.symbols else None
    return tuple(d.name for d in statement.type.dims) if isinstance(statement, ast.DataDecl) else None


def _no_plate(ident: ast.Ident, known: Iterable[str], table: Table) -> Diagnostic:
    """A plate over something that is no dimension."""
    of_data = _data_dims(ident.name, table)
    statement = table.symbols[ident.name].statement if of_data else None
    if of_data and isinstance(statement, ast.DataDecl) and statement.type.kind.name in ("integer", "count"):
        return errors.plate_of_codes(ident, of_data)
    return errors.unknown_plate(ident, known, of_data)


def _check_parameters(function: ast.FunctionDef, table: Table) -> None:
    seen: dict[str, ast.Ident] = {}
    for parameter in function.parameters:
        if parameter.name in seen:
            table.problems.append(errors.defined_twice(parameter, seen[parameter.name].span))
        seen.setdefault(parameter.name, parameter)


def _enter_dim(declared: ast.DimDecl, table: Table) -> None:
    table.dims.setdefault(declared.name.name, declared)
    table.dim_spans.setdefault(declared.name.name, declared.name.span)


def _opened(dims: tuple[ast.Ident, ...], context: Dims, table: Table) -> Dims:
    for ident in dims:
        dim = Dim(ident.name)
        if ident.name not in table.dims:
            known = table.dims if len(table.problems) < MOST_SHOWN else ()
            table.problems.append(_no_plate(ident, known, table))
            table.unknown.add(ident.name)
            table.dims[ident.name] = None
            table.dim_spans[ident.name] = ident.span
        if dim in context:
            table.problems.append(errors.plate_already_open(ident))
            continue
        context = (*context, dim)
    return context
