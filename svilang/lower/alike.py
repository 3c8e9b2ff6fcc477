"""Latents that are single numbers with laws of one row: their densities and draws as one vector."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from ..catalog.distribution import Bound as BoundLaw
from ..catalog.distribution import Distribution
from ..ir import nodes as ir
from ..ir.walk import law_operands, law_params
from ..lazy import jnp
from .axes import Value, fill
from .laws import is_improper, numbers, variate
from .layout import FEWEST
from .run import Latents, Run
from .values import Values


def row_of(program: ir.Program, site: ir.Site) -> Hashable | None:
    """What sites have in common whose laws can be one; ``None`` for a site that is no single number of a simple law."""
    law = site.law
    if site.dims or site.narrowed or is_improper(law) or not isinstance(law.row, Distribution):
        return None
    args = law_operands(law)
    if any(program.nodes[arg].dims for arg in args):
        return None
    # Whole numbers are no entries of a vector of real ones: those that are shared stay as they are.
    whole = (arg for arg, param in zip(args, law_params(law), strict=True) if param.kind.interval.integer)
    return law.row.name, law.form, *whole


def law_of(sites: Sequence[ir.Site], values: Values) -> BoundLaw:
    """The law of sites that have :func:`row_of` in common."""
    law = sites[0].law
    assert isinstance(law.row, Distribution)
    form, of_sites = law.row.forms[law.form], zip(*(law_operands(site.law) for site in sites), strict=True)
    args = (numbers(nodes, param, values) for nodes, param in zip(of_sites, form.params, strict=True))
    return BoundLaw(law.row, form, tuple(args))


def together(program: ir.Program, sites: Iterable[ir.Site], latents: Latents) -> list[list[ir.Site]]:
    """Groups of sites seen as they are declared that have :func:`row_of` in common, where many have."""
    alike: dict[Hashable, list[ir.Site]] = {}
    for site in sites:
        piece, row = latents.layout.pieces.get(site.name), row_of(program, site)
        if row is not None and (piece is None or piece.bare):
            alike.setdefault(row, []).append(site)
    return [many for many in alike.values() if len(many) >= FEWEST]


def log_prob_together(sites: Sequence[ir.Site], run: Run, latents: Latents) -> Value:
    """The log density of each of the sites of one group."""
    names = [site.name for site in sites]
    x = latents.numbers(names)
    if x is None:
        x = jnp.stack([jnp.reshape(latents(name), ()) for name in names])
    law = law_of(sites, run.values)
    return fill(law.log_prob(variate(x, sites[0].law, 1, run.values.dtype)), (len(sites),))
