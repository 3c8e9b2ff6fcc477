"""The items that are made from the missing entries of others: which are known, and where the missing ones stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..ir.nodes import Data, Gaps, Program
from .bound import Bound, Labels
from .table import Array


def plain(program: Program) -> Program:
    """The program without the items and dimensions that missing entries decide."""
    made = _slots(program)
    if not made:
        return program
    kept = tuple(item for item in program.data if item.gaps is None)
    return replace(program, data=kept, dimensions=tuple(d for d in program.dimensions if d.name not in made))


def with_gaps(bound: Bound) -> Bound:
    """The binding with the items that missing entries decide, and the sizes and labels of their dimensions."""
    program = bound.program
    items = {item.name: item for item in program.data}
    arrays, sizes, labels = dict(bound.arrays), dict(bound.sizes), dict(bound.labels)
    for item in program.data:
        if item.gaps is None or item.gaps.of not in bound.present:
            continue
        of, present = items[item.gaps.of], bound.present[item.gaps.of]
        arrays[item.name] = np.asarray(_part(item.gaps, of, present), np.int64, order="C")
        if item.gaps.part == "slot" and item.kind.member is not None:
            sizes[item.kind.member] = len(_places(of, present))
            labels[item.kind.member] = _labels(of, present, bound.labels)
    return replace(bound, arrays=arrays, sizes=sizes, labels=labels)


def _places(of: Data, present: Array) -> Array:
    """The positions of the missing entries.

    Discrete data without any have one that nothing reads, whose probabilities sum to 1: what is summed member by member
    needs a member.
    """
    places = np.argwhere(~present)
    discrete = of.kind.member is not None or of.kind.interval.integer
    return np.zeros((1, present.ndim), np.int64) if discrete and present.size and not len(places) else places


def _part(gaps: Gaps, of: Data, present: Array) -> Array:
    match gaps.part:
        case "known":
            return present
        case "slot":
            missing = ~present
            return np.where(missing, np.cumsum(missing.ravel()).reshape(present.shape) - 1, 0)
        case _:
            return _places(of, present)[:, gaps.axis]


def _labels(of: Data, present: Array, labels: Mapping[str, Labels | None]) -> Labels:
    """The places of the missing entries in the words of their dimensions."""
    if present.all():
        return ("none",) * len(_places(of, present))
    named = [labels.get(dim.name) for dim in of.dims]
    places: list[Any] = np.argwhere(~present).tolist()
    words = [[at if known is None else known[at] for at, known in zip(place, named, strict=True)] for place in places]
    return tuple(row[0] if len(row) == 1 else ", ".join(map(str, row)) for row in words)


def _slots(program: Program) -> set[str | None]:
    return {item.kind.member for item in program.data if item.gaps is not None and item.gaps.part == "slot"}
