"""Whether what a guide takes from the costs of a score function leaves the gradient without bias.

``E[b ∇ log q(z)]`` is zero for every ``b`` that the draw ``z`` has no part in. A baseline is computed from data, from
what ``z`` is drawn from, and from parameters of its own, which follow the costs by least squares and not the bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..diagnostics import Diagnostic, Span
from ..ir import nodes as ir
from ..ir.walk import depends_on, law_operands
from . import errors
from .order import reached

WORD = "baseline"


@dataclass(frozen=True, slots=True)
class Told:
    """What a statement takes from the costs of a site."""

    site: str
    value: ir.Id
    span: Span


def problems(guide: ir.Program, baselines: Sequence[Told]) -> Iterator[Diagnostic]:
    """What is wrong with each baseline of a guide whose definitions hold them."""
    sites = {site.name: site for site in guide.sites}
    reads = {name: depends_on(guide, _operands(site)).latents for name, site in sites.items()}
    others = [node for site in guide.sites for node in _operands(site)]
    others += [node for name, node in guide.definitions if name in (guide.guide or ir.GuideParts()).formulas]
    shared = {name.partition(".")[0] for name in depends_on(guide, others).params}
    seen: set[str] = set()
    for one in baselines:
        if one.site in seen:
            yield errors.baseline_twice(one.site, one.span)
        seen.add(one.site)
        below = depends_on(guide, [one.value])
        above = reached(one.site, reads)
        for name in sorted(below.latents - above):
            yield errors.baseline_reads(one.site, name, one.site in (name, *reached(name, reads)), one.span)
        for name in sorted({name.partition(".")[0] for name in below.params} & shared):
            yield errors.baseline_shares(one.site, name, one.span)
        site, node = sites[one.site], guide.nodes[one.value]
        plates = site.dims[: len(site.dims) - len(site.law.event)]
        if more := [dim.name for dim in node.dims if dim not in plates]:
            yield errors.baseline_over(one.site, more, one.span)


def of_objective(guide: ir.Program, objective: str) -> Iterator[Diagnostic]:
    """The baselines of a guide under a bound that has one of its own."""
    for name, node in guide.definitions:
        for site in guide.sites:
            if name == ir.baseline_of(site.name):
                yield errors.baseline_of_bound(site.name, objective, guide.nodes[node].span)


def _operands(site: ir.Site) -> list[ir.Id]:
    return [*law_operands(site.law), *site.bounds.ends]
