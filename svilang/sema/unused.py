"""What is declared and never used, and latents that no observation reaches."""

from __future__ import annotations

from ..diagnostics import Diagnostic
from ..ir import nodes as ir
from ..syntax import ast
from . import errors
from .parts import flat_without_end
from .settings import NAMES
from .statements import Statements


def unused(block: Statements, *, guide: bool) -> list[Diagnostic]:
    """Warnings about one block, after all blocks were elaborated."""
    found = [*_unused_names(block)]
    return found if guide else [*found, *_unused_dims(block), *_unconnected(block)]


def _unused_names(block: Statements) -> list[Diagnostic]:
    words: dict[type, str] = {
        ast.DataDecl: "data",
        ast.Define: "definition",
        ast.ParamDecl: "parameter",
        ast.FunctionDef: "function",
        ast.NetDecl: "net",
        ast.ExternDecl: "extern function",
    }
    return [
        errors.never_used(words[type(symbol.statement)], symbol.name, _instead(block, symbol.statement))
        for name, symbol in block.table.symbols.items()
        if type(symbol.statement) in words
        and name not in block.b.used_names
        and not symbol.reported
        and not _gives_labels(block, symbol.statement)
    ]


def _gives_labels(block: Statements, statement: object) -> bool:
    """A label column that names the rows of its own dimension is of use by being there."""
    return isinstance(statement, ast.DataDecl) and statement.type.kind.name in (d.name for d in statement.type.dims)


def _instead(block: Statements, statement: object) -> str | None:
    """What was meant by an unused definition with the name of a setting, or by data with that of a dimension."""
    if isinstance(statement, ast.Define) and statement.name.name in NAMES:
        return "a setting stands in the `fit { … }` block"
    if isinstance(statement, ast.DataDecl) and statement.name.name in block.table.dims:
        return f"leave it out: the size of the dimension `{statement.name.name}` comes with the data over it"
    return None


def _unused_dims(block: Statements) -> list[Diagnostic]:
    return [
        errors.never_used("dimension", declared.name)
        for name, declared in block.table.dims.items()
        if declared is not None and name not in block.b.used_dims and name not in _plates(block)
    ]


def _plates(block: Statements) -> set[str]:
    placed = (dim.name for p in block.table.placed for dim in p.context)
    return {*placed, *(dim.name for s in block.table.symbols.values() for dim in s.context)}


def _unconnected(block: Statements) -> list[Diagnostic]:
    """Latents whose posterior is their prior, because nothing that is observed depends on them."""
    observed = [*getattr(block, "observations", ()), *getattr(block, "factors", ())]
    if not observed:
        return []
    reached: set[str] = set()
    stack = [i for term in observed for i in _roots(term)]
    seen = set(stack)
    sites = {site.name: site for site in block.sites}
    while stack:
        node = block.b.nodes[stack.pop()]
        ahead = list(node.args)
        if isinstance(node.op, ir.Latent) and node.op.name not in reached:
            reached.add(node.op.name)
            ahead += _site_nodes(sites[node.op.name]) if node.op.name in sites else ()
        ahead = [i for i in ahead if i not in seen]
        seen.update(ahead)
        stack += ahead
    imputed = {item.kind.member for item in block.data.values() if item.gaps is not None}
    asked = [site for site in block.sites if not imputed.intersection(dim.name for dim in site.dims)]
    alone = [site for site in asked if site.name not in reached and not flat_without_end(site)]
    return [errors.unconnected(site.name, site.span) for site in alone]


def _roots(term: ir.Observation | ir.Factor) -> list[ir.Id]:
    return [term.value] if isinstance(term, ir.Factor) else [term.value, *_law_nodes(term.law)]


def _site_nodes(site: ir.Site) -> list[ir.Id]:
    return [*_law_nodes(site.law), *site.bounds.ends]


def _law_nodes(law: ir.Law) -> list[ir.Id]:
    own = [arg for arg in law.args if arg is not None]
    return [*own, *(i for child in law.children for i in _law_nodes(child))]
