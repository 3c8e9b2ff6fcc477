"""Vectors of which some entries are missing: their law must know the density of the others."""

from __future__ import annotations

import numpy as np

from ..diagnostics import Diagnostic
from ..ir.nodes import Observation
from ..ir.walk import knows_parts
from . import errors
from .bound import Bound


def partial(bound: Bound) -> list[Diagnostic]:
    """One problem for each observation of vectors that are there in part, where their law is one of whole vectors."""
    found = (_partial(bound, one) for one in bound.program.observations if not knows_parts(one.law))
    return [problem for problem in found if problem is not None]


def _partial(bound: Bound, observation: Observation) -> Diagnostic | None:
    event = {dim.name for dim in observation.law.event}
    for item in bound.program.data:
        axes = tuple(i for i, dim in enumerate(item.dims) if dim.name in event)
        if item.name not in observation.optional or not axes:
            continue
        present = bound.present[item.name]
        torn = present.any(axes) & ~present.all(axes)
        if torn.any():
            rest = [dim.name for i, dim in enumerate(item.dims) if i not in axes]
            places = [_place(bound, rest, index) for index in np.argwhere(torn)]
            return errors.partly_missing(item.name, observation.law.row.name, places, observation.law.span)
    return None


def _place(bound: Bound, dims: list[str], index: np.ndarray) -> str:
    labels = (bound.labels[dim] for dim in dims)
    names = [at if known is None else known[at] for known, at in zip(labels, index, strict=True)]
    return ", ".join(f"{dim} {name}" for dim, name in zip(dims, names, strict=True))
