"""Whether the terms of the latents can have a weight of their own: not where a sum over values stands around them."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Diagnostic, SvilangError
from . import errors
from .enumerate import Elimination


def check_annealing(elimination: Elimination) -> None:
    """Refuse a weight for priors that a sum over a discrete variable takes in.

    Raises:
        SvilangError: naming each such latent with the variable.
    """
    if found := list(_problems(elimination)):
        raise SvilangError(found)


def _problems(elimination: Elimination) -> Iterator[Diagnostic]:
    owners = {one.dim.name: one.name for one in elimination.variables}
    for site, reach in zip(elimination.program.sites, elimination.sites, strict=True):
        summed = [owners[axis.name] for axis in reach.axes if axis.name in owners]
        if summed:
            yield errors.annealed_in_a_sum(site.name, summed[0], site.span)
