"""Latents that the model only ever adds up, so that what is observed tells their sum alone.

A latent stands for a column in each sum that it is a term of. Two latents whose columns are equal, or opposite,
everywhere can be moved against each other without a change of any predictor. Where such a latent has a use of another
kind, or a prior with latents of its own (as the parts of a convolution have), nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from ..ir import nodes as ir
from . import errors
from .model import ModelStatements

_MOST_TERMS = 100_000
"""How many terms of sums are looked at; in a longer program nothing is said."""

_SIGNS = {"+": 1, "-": -1}


@dataclass(frozen=True)
class _Term:
    """A latent as it stands in a sum: whole, or picked by indexes that are data."""

    name: str
    indexes: tuple[str, ...] = ()


def confounded(model: ModelStatements) -> Iterator[Diagnostic]:
    """A warning for each latent that is always added to another one with a fixed prior too."""
    found = _columns(model)
    fixed = [s for s in model.sites if not s.kind.discrete and not _reads_latents(model, s) and not s.narrowed]
    first: dict[tuple[object, ...], ir.Site] = {}
    for site in fixed:
        columns = {term: column for term, column in found.items() if term.name == site.name}
        if len(columns) != 1:
            continue
        ((term, column),) = columns.items()
        lead = next(iter(column.values()))
        key = (term.indexes, site.dims, frozenset((top, number / lead) for top, number in column.items()))
        if key in first:
            yield errors.always_added(site.name, site.span, first[key].name, first[key].span)
        else:
            first[key] = site


def _reads_latents(model: ModelStatements, site: ir.Site) -> bool:
    return any(not model.b.data_only(node) for node in _operands(site.law))


def _operands(law: ir.Law) -> list[ir.Id]:
    own = [arg for arg in law.args if arg is not None]
    return [*own, *(arg for child in law.children for arg in _operands(child))]


def _columns(model: ModelStatements) -> Mapping[_Term, dict[ir.Id, int]]:
    """For each term that stands in sums alone: how often it is added in each of them."""
    roots = [arg for part in (*model.sites, *model.observations) for arg in _operands(part.law)]
    roots += [end for site in model.sites for end in (site.bounds.lower, site.bounds.upper) if end is not None]
    roots += [factor.value for factor in model.factors]
    nodes = model.b.nodes
    below = model.b.below(*roots)
    sums = {i for i in below if _sign(nodes[i]) is not None}
    tops = set(roots) & sums
    elsewhere = {*roots}
    for i in below:
        if i not in sums:
            tops.update(arg for arg in nodes[i].args if arg in sums)
            elsewhere.update(nodes[i].args)
    found: dict[_Term, dict[ir.Id, int]] = {}
    lost: set[str] = set()
    picked = {nodes[i].args[0] for i in below if _term(nodes, i) is not None and isinstance(nodes[i].op, ir.Gather)}
    for i in sorted(elsewhere - sums - picked):
        term = _term(nodes, i)
        lost |= set() if term is None else {term.name}
    left = _MOST_TERMS
    for top in sorted(tops):
        stack = [(top, 1)]
        while stack:
            at, sign = stack.pop()
            left -= 1
            if left < 0:
                return {}
            if at in sums:
                one, other = nodes[at].args
                stack += [(one, sign), (other, sign * (_sign(nodes[at]) or 1))]
            elif (term := _term(nodes, at)) is not None:
                column = found.setdefault(term, {})
                column[top] = column.get(top, 0) + sign
    whole = {term: {top: n for top, n in column.items() if n} for term, column in found.items()}
    return {term: column for term, column in whole.items() if column and term.name not in lost}


def _sign(node: ir.Node) -> int | None:
    """The sign of the second operand of a sum."""
    return _SIGNS.get(node.op.function.name) if isinstance(node.op, ir.Apply) else None


def _term(nodes: list[ir.Node], at: ir.Id) -> _Term | None:
    match nodes[at].op:
        case ir.Latent(name=name):
            return _Term(name)
        case ir.Gather():
            base, index = nodes[at].args
            inner, by = _term(nodes, base), nodes[index].op
            if inner is None or not isinstance(by, ir.Input):
                return None
            return _Term(inner.name, (*inner.indexes, by.name))
        case _:
            return None
