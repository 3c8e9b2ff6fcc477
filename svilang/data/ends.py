"""Bounds that the data give: each lower one must lie below its upper one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..catalog.distribution import Distribution
from ..diagnostics import Diagnostic, Span
from ..ir.nodes import Id, Law
from ..types import union
from . import errors
from .bound import Bound
from .scalars import align


def crossed(bound: Bound) -> list[Diagnostic]:
    """What is wrong with the bounds of supports, as far as they can be known here."""
    return [
        problem
        for name, lower, upper, whole, span in _pairs(bound)
        if (problem := _crossed(bound, name, lower, upper, whole, span)) is not None
    ]


def _pairs(bound: Bound) -> Iterator[tuple[str, Id, Id, bool, Span]]:
    """Each pair of bounds, whose it is, whether the values between are whole numbers, and where it stands."""
    laws: list[tuple[str, Law]] = [(one.law.row.name, one.law) for one in bound.program.observations]
    for site in bound.program.sites:
        lower, upper = site.bounds.lower, site.bounds.upper
        if lower is not None and upper is not None:
            yield site.name, lower, upper, site.kind.interval.integer, site.span
        else:
            laws.append((site.name, site.law))
    while laws:
        name, law = laws.pop()
        lower, upper = _ends(law)
        if lower is not None and upper is not None:
            yield name, lower, upper, True, law.span
        laws += [(name, child) for child in law.children]


def _ends(law: Law) -> tuple[Id | None, Id | None]:
    row = law.row
    params = row.forms[law.form].params if isinstance(row, Distribution) else row.params
    named = dict(zip((param.name for param in params), law.args, strict=True))
    lower, upper = row.bounds if isinstance(row, Distribution) else ("lower", "upper")
    return named.get(lower or ""), named.get(upper or "")


def _crossed(bound: Bound, name: str, lower: Id, upper: Id, whole: bool, span: Span) -> Diagnostic | None:
    nodes = bound.program.nodes
    low, high = (bound.value(bound.program, end) for end in (lower, upper))
    if low is None or high is None:
        return None
    dims = union(nodes[lower].dims, nodes[upper].dims)
    low, high = align(np.asarray(low), nodes[lower].dims, dims), align(np.asarray(high), nodes[upper].dims, dims)
    wrong = low > high if whole else low >= high
    if not wrong.any():
        return None
    first = tuple(np.argwhere(wrong)[0])
    least, most = (float(np.broadcast_to(end, wrong.shape)[first]) for end in (low, high))
    return errors.crossed_bounds(name, least, most, span)
