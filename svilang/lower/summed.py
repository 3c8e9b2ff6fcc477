"""Sizes of the axes that a guide's sums run over, and the nodes that these take."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..ir import nodes as ir
from ..ir.walk import law_operands
from ..plan import Drawn, Guided, Role, Treated, affordable, all_axes
from .bound import Bound, shape_of
from .eliminate import enumerated_sizes, extent
from .guide import guide_sizes


def guide_axes(guide: Guided, bound: Bound) -> dict[str, int]:
    """How many values or branches each axis has."""
    found: dict[str, int] = {}
    for one in guide.sites:
        if one.axis is not None:
            found[one.axis.name] = _branches(one, guide, bound) if one.ends is None else _values(one, guide, bound)
    return found


def all_sizes(treated: Treated, bound: Bound) -> dict[str, int]:
    """The sizes of all dimensions and of the axes of all discrete sites."""
    if treated.expected is None:
        return {**bound.sizes, **enumerated_sizes(treated.model, bound)}
    guide, model = treated.expected.guide, treated.expected.model
    return {**bound.sizes, **guide_axes(guide, bound), **enumerated_sizes(model, bound)}


def _values(one: Drawn, guide: Guided, bound: Bound) -> int:
    assert one.ends is not None
    return extent(one.site.name, *one.ends, guide.program, bound, one.site.span)


def _branches(one: Drawn, guide: Guided, bound: Bound) -> int:
    if one.space is not None:
        event = shape_of(one.site.law.event, guide_sizes(guide.program, bound.sizes))
        return one.space.count + one.space.each * math.prod(event)
    law = one.site.law
    if len(law.children) > 1:
        return len(law.children)
    assert law.mixed is not None
    return guide_sizes(guide.program, bound.sizes)[law.mixed.name]


def check_guide_tables(guide: Guided, sizes: Mapping[str, int]) -> None:
    """Refuse tables that no memory holds.

    Raises:
        SvilangError: naming the sites that meet in the first such table.
    """
    for one in guide.sites:
        affordable((*all_axes(one), *one.batch), sizes, one.site.span)


def guide_nodes(guide: Guided) -> tuple[ir.Id, ...]:
    """The nodes that draws, their densities and their baselines take, and the indexes of all routes and links."""
    found: list[ir.Id] = []
    baselines = {ir.baseline_of(one.site.name) for one in guide.sites}
    found.extend(node for name, node in guide.program.definitions if name in baselines)
    for one in guide.sites:
        found.extend(law_operands(one.site.law))
        found.extend([] if one.role is not Role.SUM or one.value is None else [one.value])
        found.extend(index for _, index in one.reach.route)
    for made in guide.made:
        found.extend((*made.nodes, *(index for _, index in made.reach.route)))
    return tuple(found)
