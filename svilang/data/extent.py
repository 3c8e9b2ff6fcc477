"""Values that no memory holds, found from sizes alone before anything of their size is made."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from ..diagnostics import Diagnostic, Span
from ..ir.nodes import Program
from ..types import MOST_AXES, MOST_ENTRIES, Dims
from . import errors
from .bound import Bound


def too_large(bound: Bound) -> list[Diagnostic]:
    """What is wrong with the sizes of latents, of other values, and of all latents together.

    A value that is no larger than the data themselves is never too large.
    """
    most = max([MOST_ENTRIES, *(array.size for array in bound.arrays.values())])
    found: dict[Dims, Diagnostic] = {}
    for name, dims, span in _values(bound.program):
        count = _count(dims, bound.sizes)
        if dims not in found and len(dims) > MOST_AXES:
            found[dims] = errors.too_many_axes(name, len(dims), MOST_AXES, span)
        elif dims not in found and count > most:
            sizes = {str(dim): bound.sizes[dim.name] for dim in dims}
            found[dims] = errors.too_large(name, count, sizes, most, span)
    latents = [(site, _count(site.dims, bound.sizes)) for site in bound.program.sites]
    total = sum(count for _, count in latents)
    if not found and total > most:
        largest, _ = max(latents, key=lambda one: one[1])
        return [errors.too_large("all latent variables together", total, {}, most, largest.span)]
    return list(found.values())


def _values(program: Program) -> Iterator[tuple[str, Dims, Span]]:
    """Everything that has axes, what has a name first."""
    for one in (*program.sites, *program.params, *program.reports):
        yield f"`{one.name}`", one.dims, one.span
    for node in program.nodes:
        yield "this value", node.dims, node.span


def _count(dims: Dims, sizes: Mapping[str, int]) -> int:
    return math.prod(sizes[dim.name] for dim in dims)
