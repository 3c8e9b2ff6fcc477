"""What is legal and suspicious in data: badly scaled columns, collinear designs, digits that single precision drops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ..diagnostics import Diagnostic
from ..ir.nodes import Data, Input, Program
from ..ir.walk import laws
from ..runtime.limit import DIGITS, OUT_OF_DIGITS
from ..types import Structure
from . import errors
from .bound import Bound
from .designs import dependent_columns, matrices, multiplied
from .scalars import align, evaluate, over_plates
from .table import NEGATIVE_MARKS, Array, shown

FARTHEST_MEAN = 50
"""In standard deviations."""
SMALLEST_SPREAD, LARGEST_SPREAD = 1e-3, 1e3
_CONSTANT = 1e-12
"""Standard deviation of values that do not vary, by their mean."""
WIDEST_DESIGN = 200
"""Columns beyond which the rank of a design is not worth its time."""


def of_observations(
    program: Program, arrays: Mapping[str, Array], present: Mapping[str, Array], sizes: Mapping[str, int]
) -> tuple[Diagnostic, ...]:
    """Warnings about every observation none of whose entries counts."""
    items, found = {item.name: item for item in program.data}, list[Diagnostic]()
    for one in program.observations:
        counts: Array = np.ones((1,) * len(one.plates), bool)
        why: list[str] = []
        with np.errstate(all="ignore"):
            for node, clause in ((one.mask, "`where`"), (one.weight, "`weight`")):
                value = None if node is None else evaluate(program, node, arrays, sizes.get)
                if node is not None and value is not None and set(program.nodes[node].dims) <= set(one.plates):
                    counts = counts & align(value != 0, program.nodes[node].dims, one.plates)
                    why.append(clause)
        for name in one.optional:
            if (known := present.get(name)) is not None:
                counts = counts & over_plates(known, items[name].dims, one.plates, np.any)
                why.append(f"missing entries of `{name}`")
        if why and counts.size and not counts.any():
            found.append(errors.nothing_counts(one.name, why, one.span))
    return tuple(found)


def of_columns(program: Program, arrays: Mapping[str, Array], present: Mapping[str, Array]) -> tuple[Diagnostic, ...]:
    """Warnings about every real-valued item that varies."""
    seen = {node.op.name for one in program.observations if isinstance((node := program.nodes[one.value]).op, Input)}
    found: list[Diagnostic] = [
        errors.nothing_observed(item.name, item.dims[arrays[item.name].shape.index(0)].name, item.span)
        for item in program.data
        if item.name in arrays and 0 in arrays[item.name].shape and item.name in seen
    ]
    designs = matrices(program)
    scaled = designs | multiplied(program)
    for item in program.data:
        continuous = item.kind.structure is Structure.SCALAR and not item.kind.discrete and item.kind.member is None
        if item.name not in arrays or not continuous or not item.dims or arrays[item.name].shape[0] < 3:
            continue
        with np.errstate(all="ignore"):
            found.extend(_marks(item, arrays[item.name], present.get(item.name)))
            if item.name in scaled:
                found.extend(_scale(item, arrays[item.name], present.get(item.name)))
            if item.name in designs:
                found.extend(_rank(item, arrays[item.name]))
    return (*found, *_censored(program, present), *dependent_columns(program, arrays, present))


def _censored(program: Program, present: Mapping[str, Array]) -> Iterator[Diagnostic]:
    """Gaps in outcomes that may be censored: other programs write censored values so."""
    items = {item.name: item for item in program.data}
    for one in program.observations:
        op = program.nodes[one.value].op
        if isinstance(op, Input) and any(law.row.name == "Censored" for law in laws(one.law)):
            missing = int((~present[op.name]).sum()) if op.name in present else 0
            if missing:
                yield errors.censored_missing(items[op.name], missing)


MARKS = (*NEGATIVE_MARKS, -99999, 99, 999, 9999, 99999, 999999)
"""Numbers that survey files write where nothing is known."""
FAR = 3
"""How many ranges of all other values a mark lies beyond them."""


def _marks(item: Data, values: Array, present: Array | None) -> list[Diagnostic]:
    """Numbers that stand for missing entries, as their value and their distance from all others tell."""
    known = values.ravel() if present is None else values[present]
    for mark in (known.min(initial=np.inf), known.max(initial=-np.inf)):
        rest = known[known != mark]
        if mark not in MARKS or len(rest) < 3:
            continue
        low, high = rest.min(), rest.max()
        if high > low and max(low - mark, mark - high) > FAR * (high - low):
            return [errors.stands_for_missing(item, shown(mark), "the data", int((known == mark).sum()))]
    return []


def of_digits(bound: Bound) -> tuple[Diagnostic, ...]:
    """Warnings about every item of whose variation single precision leaves few digits."""
    found: list[Diagnostic] = []
    for item in bound.program.data:
        if item.name in bound.arrays and item.dims and item.kind.member is None:
            columns = _columns(bound.arrays[item.name], bound.present.get(item.name))
            if not columns.size:
                continue
            spread, mean = columns.std(0), columns.mean(0)
            varies = spread > _CONSTANT * np.abs(mean)
            ratio = np.where(varies, np.abs(mean) / np.where(varies, spread, 1), 0)
            worst = int(np.argmax(ratio))
            if ratio[worst] > OUT_OF_DIGITS:
                left = max(0, int(DIGITS - np.log10(ratio[worst])))
                found.append(errors.few_digits(item, _which(columns, worst), mean[worst], spread[worst], left))
    return tuple(found)


def _columns(values: Array, present: Array | None) -> Array:
    """The columns of a matrix, or all entries that are known as one column."""
    if present is not None:
        return values[present].reshape(-1, 1)
    return values.reshape(len(values), -1) if values.ndim == 2 and values.size else values.reshape(-1, 1)


def _scale(item: Data, values: Array, present: Array | None) -> list[Diagnostic]:
    columns = _columns(values, present)
    if len(columns) < 3:
        return []
    spread, mean = columns.std(0), np.abs(columns.mean(0))
    varies = spread > _CONSTANT * mean
    far = varies & (mean > FARTHEST_MEAN * spread)
    odd = varies & ((spread < SMALLEST_SPREAD) | (spread > LARGEST_SPREAD))
    if far.any():
        worst = int(np.argmax(np.where(far, mean / np.where(varies, spread, 1), 0)))
        why = f"{_which(columns, worst)}mean {mean[worst]:.3g}, standard deviation {spread[worst]:.3g}"
        return [errors.badly_scaled(item, why)]
    if odd.any():
        worst = int(np.argmax(odd))
        return [errors.badly_scaled(item, f"{_which(columns, worst)}standard deviation {spread[worst]:.3g}")]
    return []


def _which(columns: Array, index: int) -> str:
    return f"column {shown(index + 1)} has " if columns.shape[1] > 1 else ""


def _rank(item: Data, values: Array) -> list[Diagnostic]:
    if values.ndim != 2 or not 2 <= values.shape[1] <= min(WIDEST_DESIGN, values.shape[0]):
        return []
    size = np.sqrt(np.square(values).sum(0))
    if not ((size > 0) & np.isfinite(size)).all():
        return []
    # The singular values of the design are the square roots of those of its Gram matrix, which is small.
    unit = values / size
    rank = int(np.linalg.matrix_rank(unit.T @ unit, tol=1e-12 * values.shape[1], hermitian=True))
    return [errors.collinear(item, rank, values.shape[1])] if rank < values.shape[1] else []
