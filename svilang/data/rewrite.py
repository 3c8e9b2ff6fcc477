"""Exact rewrites that need the data: the same log density from fewer rows.

*Sufficient statistics*: where the parameters of an exponential-family likelihood do not differ between some rows, those
rows enter through their statistics (their number, mean and squared deviations, say). *Row compression*: rows that are
equal in every covariate and in the outcome become one row that counts as many times. *Gram form*: a Gaussian likelihood
that is linear in its coefficients, from as many combinations of rows as it has columns (:mod:`svilang.data.gram`).

The first two rest on the same proof: along the dimension of the rows nothing enters the likelihood but columns of data,
each at its own row. Then rows that are equal in those columns have equal parameters, whatever the latents are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import numpy as np

from ..catalog.distribution import Distribution
from ..ir.nodes import Apply, Const, Id, Input, Observation, Program
from ..ir.walk import law_operands, laws, reachable
from ..runtime.settings import REWRITES
from ..types import Dim
from .along import columns_along
from .bound import Bound
from .draft import Draft
from .gram import gram
from .groups import Groups, group_rows
from .scalars import align
from .table import Array

SMALLEST_GAIN = 2
"""How many rows a group must hold on average for a rewrite to be worth its gathers."""


def compress(
    bound: Bound, *, keep: Collection[str] = (), rewrites: Collection[str] = REWRITES
) -> tuple[Bound, tuple[str, ...]]:
    """The same model with fewer rows, and a line on each rewrite.

    Args:
        bound: a program with its data.
        keep: dimensions whose rows must stay (those that are read in minibatches).
        rewrites: which rewrites may be used; none leaves everything as it is.

    Returns:
        A program whose log density is equal at every point, with the new data; predictions and pointwise log
        likelihoods are to be taken from the old one.
    """
    notes: list[str] = []
    for index, observation in enumerate(bound.program.observations):
        plates = [dim for dim in observation.plates if dim.name not in keep]
        for dim in sorted(plates, key=lambda dim: -bound.sizes[dim.name]):
            made = _compress_one(bound, index, dim, rewrites)
            if made is not None:
                bound, note = made
                notes.append(note)
                break
    return bound, tuple(notes)


@dataclass(frozen=True, eq=False)
class _Rows:
    """One observation seen as rows along one of its plates."""

    bound: Bound
    index: int
    dim: Dim
    kept: Array
    weight: Array | None

    @property
    def observation(self) -> Observation:
        return self.bound.program.observations[self.index]

    @property
    def program(self) -> Program:
        return self.bound.program

    def groups(self, names: Iterable[str]) -> Groups | None:
        """Groups of the rows that count, equal in the columns ``names``; ``None`` if there are too many."""
        columns = [self.column(name)[self.kept] for name in names]
        return group_rows(columns, int(self.kept.sum()), len(self.kept) // SMALLEST_GAIN)

    def draft(self, groups: Groups) -> Draft:
        """The start of the program over groups."""
        return Draft(self.bound, self.index, self.dim, np.flatnonzero(self.kept)[groups.first])

    def column(self, name: str) -> Array:
        """A data item with the rows first."""
        item = next(item for item in self.program.data if item.name == name)
        return np.moveaxis(self.bound.arrays[name], item.dims.index(self.dim), 0)


def _compress_one(bound: Bound, index: int, dim: Dim, rewrites: Collection[str]) -> tuple[Bound, str] | None:
    rows = _rows(bound, index, dim)
    if rows is None or not rows.kept.any():
        return None
    columns = columns_along(bound.program, law_operands(rows.observation.law), dim)
    made = [
        _statistics(rows, columns) if columns is not None and "statistics" in rewrites else None,
        _gram(rows) if "gram" in rewrites else None,
    ]
    found = [one for one in made if one is not None]
    if found:
        return min(found, key=lambda one: one[0].sizes[f"{dim.name}@{rows.observation.name}"])
    return _weights(rows, columns) if columns is not None and "rows" in rewrites else None


def _rows(bound: Bound, index: int, dim: Dim) -> _Rows | None:
    """The rows that count and their weights, where data alone says so row by row."""
    observation = bound.program.observations[index]
    events = [axis for law in laws(observation.law) for axis in (*law.event, *((law.mixed,) if law.mixed else ()))]
    if observation.grouped or any(axis.name == dim.name for axis in events):
        return None
    rows = bound.sizes[dim.name]
    kept = np.ones(rows, bool)
    if observation.mask is not None:
        mask = _per_row(bound, observation.mask, dim, rows)
        if mask is None:
            return None
        kept &= mask != 0
    for name in observation.optional:
        if not _only_outcome(bound.program, observation, name, dim):
            return None
        kept &= bound.present[name]
    weight = None if observation.weight is None else _per_row(bound, observation.weight, dim, rows)
    if observation.weight is not None and weight is None:
        return None
    return _Rows(bound, index, dim, kept, weight)


def _per_row(bound: Bound, node: Id, dim: Dim, rows: int) -> Array | None:
    if not set(bound.program.nodes[node].dims) <= {dim}:
        return None
    value = bound.value(bound.program, node)
    return None if value is None else np.broadcast_to(value, (rows,))


def _only_outcome(program: Program, observation: Observation, name: str, dim: Dim) -> bool:
    """Whether an item that may be missing is in the outcome alone, one for each row and for no other."""
    node = program.nodes[observation.value]
    below = reachable(program, law_operands(observation.law))
    used = {program.nodes[i].op for i in below if isinstance(program.nodes[i].op, Input)}
    made = [program.nodes[i].op for i in reachable(program, (observation.value,))]
    row_by_row = all(isinstance(op, (Apply, Const, Input)) for op in made)
    return row_by_row and node.dims == (dim,) and Input(name) not in used


# --- the rewrites ------------------------------------------------------------------------------------------------


def _statistics(rows: _Rows, columns: tuple[str, ...]) -> tuple[Bound, str] | None:
    observation = rows.observation
    row = observation.law.row
    grouped = row.forms[observation.law.form].grouped if isinstance(row, Distribution) else None
    if grouped is None or rows.weight is not None:
        return None
    outcome = _outcome(rows)
    groups = None if outcome is None else rows.groups(columns)
    if outcome is None or groups is None:
        return None
    with np.errstate(all="ignore"):
        statistics = [np.asarray(s, float) for s in grouped.collapse(outcome[rows.kept], groups.of, groups.count)]
    rest = tuple(axis for axis in observation.plates if axis != rows.dim)
    lead = (groups.count, *(rows.bound.sizes[axis.name] for axis in rest))
    # Outcomes outside the support have no finite statistics; the rows then say by themselves that they are impossible.
    if any(s.shape[: len(lead)] != lead or not np.isfinite(s).all() for s in statistics):
        return None
    draft = rows.draft(groups)
    names = [draft.add(f"{observation.name}@{j}", s, (draft.dim, *rest)) for j, s in enumerate(statistics)]
    law = draft.law(observation.law, draft.substitute(law_operands(observation.law), columns))
    value = draft.input(names[0])
    made = replace(observation, value=value, law=law, plates=draft.plates, mask=None, optional=(), grouped=tuple(names))
    return draft.finish(made), (
        f"observe `{observation.name}`: {rows.kept.sum()} rows in {groups.count} groups of equal parameters, "
        f"as sufficient statistics of {row.name}"
    )


def _gram(rows: _Rows) -> tuple[Bound, str] | None:
    outcome = _outcome(rows) if rows.observation.plates == (rows.dim,) else None
    return None if outcome is None else gram(rows.bound, rows.index, rows.dim, outcome, rows.kept, rows.weight)


def _outcome(rows: _Rows) -> Array | None:
    """The outcomes with rows first, the other plates next, then the event; ``None`` where they are not data alone."""
    observation, sizes = rows.observation, rows.bound.sizes
    wanted = (rows.dim, *(axis for axis in observation.plates if axis != rows.dim), *observation.law.event)
    dims = rows.program.nodes[observation.value].dims
    value = rows.bound.value(rows.program, observation.value)
    if value is None or not set(dims) <= set(wanted):
        return None
    return np.broadcast_to(align(np.asarray(value, float), dims, wanted), tuple(sizes[axis.name] for axis in wanted))


def _weights(rows: _Rows, columns: tuple[str, ...]) -> tuple[Bound, str] | None:
    observation = rows.observation
    outcome = columns_along(rows.program, (observation.value,), rows.dim)
    if outcome is None:
        return None
    used = tuple(dict.fromkeys((*columns, *outcome)))
    groups = rows.groups(used)
    if groups is None:
        return None
    draft = rows.draft(groups)
    given = None if rows.weight is None else rows.weight[rows.kept]
    count = np.bincount(groups.of, weights=given, minlength=groups.count).astype(float)
    weight = draft.input(draft.add(f"{observation.name}@weight", count, (draft.dim,)))
    mapping = draft.substitute((observation.value, *law_operands(observation.law)), used)
    made = replace(
        observation,
        value=mapping.get(observation.value, observation.value),
        law=draft.law(observation.law, mapping),
        plates=draft.plates,
        mask=None,
        optional=(),
        weight=weight,
    )
    note = f"{rows.kept.sum()} rows as {groups.count} distinct ones with their counts"
    return draft.finish(made), f"observe `{observation.name}`: {note}"
