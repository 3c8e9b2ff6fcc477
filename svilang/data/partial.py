"""What is missing in part: entries of vectors whose law is one of whole ones, and covariates of what is observed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..diagnostics import Diagnostic
from ..ir.nodes import Data, Observation
from ..ir.walk import depends_on, knows_parts, law_operands
from . import errors
from .bound import Bound
from .scalars import over_plates
from .table import Array


def partial(bound: Bound) -> list[Diagnostic]:
    """One problem for each observation of vectors that are there in part, where their law is one of whole vectors, and
    for each covariate that is missing where the observation is there.
    """
    return [problem for one in bound.program.observations for problem in _problems(bound, one)]


def _problems(bound: Bound, observation: Observation) -> Iterator[Diagnostic]:
    optional = [item for item in bound.program.data if item.name in observation.optional]
    names = depends_on(bound.program, (observation.value,)).data
    outcomes = [item for item in optional if item.name in names]
    if not knows_parts(observation.law):
        yield from (problem for item in outcomes if (problem := _torn(bound, observation, item)) is not None)
    if not outcomes:
        return
    read = depends_on(bound.program, law_operands(observation.law)).data
    there = [over_plates(bound.present[item.name], item.dims, observation.plates, np.any) for item in outcomes]
    shape = tuple(bound.sizes[dim.name] for dim in observation.plates)
    observed = np.logical_and.reduce(np.broadcast_arrays(*there, np.ones(shape, bool)))
    for item in (item for item in optional if item.name in read):
        lost = observed & ~over_plates(bound.present[item.name], item.dims, observation.plates, np.all)
        if lost.any():
            places = _places(bound, [dim.name for dim in observation.plates], lost)
            yield errors.missing_covariate(item, observation.name, places, observation.law.span)


def _torn(bound: Bound, observation: Observation, item: Data) -> Diagnostic | None:
    event = {dim.name for dim in observation.law.event}
    axes = tuple(i for i, dim in enumerate(item.dims) if dim.name in event)
    if not axes:
        return None
    present = bound.present[item.name]
    torn = np.asarray(present.any(axes) & ~present.all(axes))
    rest = [dim.name for i, dim in enumerate(item.dims) if i not in axes]
    places = _places(bound, rest, torn)
    return errors.partly_missing(item.name, observation.law.row.name, places, observation.law.span) if places else None


def _places(bound: Bound, dims: list[str], mask: Array) -> list[str]:
    return [_place(bound, dims, index) for index in np.argwhere(mask)]


def _place(bound: Bound, dims: list[str], index: Array) -> str:
    labels = (bound.labels[dim] for dim in dims)
    names = [at if known is None else known[at] for known, at in zip(labels, index, strict=True)]
    return ", ".join(f"{dim} {name}" for dim, name in zip(dims, names, strict=True))
