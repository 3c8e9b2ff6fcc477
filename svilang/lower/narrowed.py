"""What narrowing by a kind does to the law of a site: the ends of the support, and the mass that is put back."""

from __future__ import annotations

import math

from ..catalog.distribution import AnyLaw, Distribution
from ..catalog.distribution import Bound as BoundLaw
from ..catalog.distributions.tails import log_mass
from ..ir import nodes as ir
from .axes import Value
from .run import Run


def normaliser(site: ir.Site, law: AnyLaw, run: Run) -> Value:
    """What narrowing adds for each element: ``-log(F(upper) - F(lower))``, or its share of the ``log n!`` of an ordered
    vector. ``law`` is that of the site, over all of its axes.
    """
    match site.normaliser:
        case "truncate":
            assert isinstance(law, BoundLaw)
            return -log_mass(law, *narrowed_ends(site, run))
        case "order":
            size = run.plan.sizes[site.dims[-1].name]
            return math.lgamma(size + 1) / size
        case _:
            return 0.0


def narrowed_ends(site: ir.Site, run: Run) -> tuple[Value | None, Value | None]:
    """The ends of a narrowed support, where they cut something off."""
    assert isinstance(site.law.row, Distribution)
    natural, own, values = site.law.row.support.interval, site.kind.interval, run.values
    ends: list[Value | None] = []
    for node, end, outer in (
        (site.bounds.lower, own.lower, natural.lower),
        (site.bounds.upper, own.upper, natural.upper),
    ):
        if node is not None:
            ends.append(values.aligned(node, site.dims))
        else:
            ends.append(None if math.isinf(end) or end == outer else float(end))
    return ends[0], ends[1]
