"""What the laws of a model are made of."""

from __future__ import annotations

from collections.abc import Iterator

from ..catalog.distribution import Distribution
from ..ir import nodes as ir
from ..types import Structure, intervals
from .model import ModelStatements


def laws(model: ModelStatements) -> Iterator[ir.Law]:
    """Every law of the model, and what those wrap."""
    stack = [*(o.law for o in model.observations), *(site.law for site in model.sites)]
    while stack:
        law = stack.pop()
        yield law
        stack.extend(law.children)


def named(law: ir.Law) -> dict[str, ir.Id]:
    """The arguments of a law by name."""
    params = law.row.forms[law.form].params if isinstance(law.row, Distribution) else law.row.params
    return {param.name: arg for param, arg in zip(params, law.args, strict=True) if arg is not None}


def latents_of_law(model: ModelStatements, law: ir.Law) -> set[str]:
    """The latents that the arguments of a law are computed from."""
    own = {name for arg in named(law).values() for name in model.b.latents(arg)}
    return own.union(*(latents_of_law(model, child) for child in law.children))


def flat_without_end(site: ir.Site) -> bool:
    """Whether a prior has no total, since it is flat on a range without an end."""
    ends = site.kind.interval
    endless = ends.lower == -intervals.inf or ends.upper == intervals.inf
    return site.law.row.name == "Improper" and site.kind.structure is Structure.SCALAR and endless
