"""Whether the tables that a sum goes through can be held, found from sizes alone.

At check time some sizes are known, from the text; when the data are there all of them are. A size that is not known yet
counts as one, so that what is refused early would be refused later too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..diagnostics import NOWHERE, Span
from ..ir import nodes as ir
from ..types import MOST_AXES, MOST_ENTRIES, Dims
from . import errors
from .enumerate import AtAxis, Elimination
from .fronts import fronts
from .guided import batch_of


def check_tables(elimination: Elimination, sizes: Mapping[str, int]) -> None:
    """Refuse the tables that no memory holds, those of terms and those of sums, before one is made.

    A sum over chains is taken step by step and chain by chain: its tables are those of one step, and the states of all.

    Raises:
        SvilangError: naming the sites that meet in the first such table.
    """
    program = elimination.program
    for variable in elimination.variables:
        affordable((variable.dim, *variable.reach.axes, *variable.plates), sizes, variable.span)
    for site, reach in zip(program.sites, elimination.sites, strict=True):
        affordable((*reach.axes, *batch_of(site)), sizes, site.span)
    for observation, reach in zip(program.observations, elimination.observations, strict=True):
        affordable((*reach.axes, *observation.plates), sizes, observation.span)
    for factor, reach in zip(program.factors, elimination.factors, strict=True):
        affordable((*reach.axes, *factor.plates), sizes, factor.span)
    found = fronts(elimination, {}, sizes)
    if not all(dim.name in sizes for front in found for _, axes in front.sums for dim in axes):
        return  # the order of the sums depends on sizes that are not known yet
    for front in found:
        beside = tuple(dim for dim in front.plates if dim != front.chain)
        for _, axes in front.sums:
            affordable((*sorted(axes), *beside), sizes, front.span)
        affordable((*front.summed, *front.plates), sizes, front.span)


def affordable(dims: Dims, sizes: Mapping[str, int], span: Span = NOWHERE) -> None:
    """Refuse a table that no memory holds.

    Raises:
        SvilangError: naming the sites that meet in it, and how many values each has.
    """
    dims = tuple(dict.fromkeys(dims))
    summed = dict.fromkeys(dim.name for dim in dims if dim.name.endswith("~"))
    entries = math.prod(sizes.get(dim.name, 1) for dim in dims)
    if summed and (entries > MOST_ENTRIES or len(dims) > MOST_AXES):
        met = [(name.removesuffix("~"), sizes.get(name)) for name in summed]
        raise errors.too_wide(met, entries, MOST_ENTRIES, span)


def known_sizes(elimination: Elimination, *, settable: bool = False) -> dict[str, int]:
    """The sizes that the text of a spec alone decides, of dimensions with labels and of the axes of its discrete sites.

    The size of another dimension may be set when the spec is run; ``settable`` takes the one that is written.
    """
    program = elimination.program
    found: dict[str, int] = {}
    for one in program.dimensions:
        if one.labels is not None:
            found[one.name] = len(one.labels)
        elif one.alias in found:
            found[one.name] = found[one.alias]
        elif settable and one.size is not None and isinstance(size := program.nodes[one.size].op, ir.Const):
            found[one.name] = int(size.value)
    for variable in elimination.variables:
        match variable.lower, variable.upper:
            case int(low), int(high):
                found[variable.dim.name] = high - low + 1
            case int(low), AtAxis(dim, offset) if dim.name in found:
                found[variable.dim.name] = found[dim.name] + offset - low + 1
            case _:
                pass
    return found
