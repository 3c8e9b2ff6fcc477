"""A Gaussian likelihood that is linear in its coefficients, from as many rows as there are coefficients.

With ``loc = A b`` for rows ``A`` of data and any ``b``, the rows enter through ``|y - A b|^2`` alone. An orthogonal map
of the rows keeps that length, and the one of the QR decomposition of ``[A, y]`` leaves as many rows as it has
columns: ``|[A, y] v|^2 = |R v|^2``. It is the Gram form ``(b - b0)' X'X (b - b0)`` about the least-squares solution
without squaring a condition number, and its last row is the residual.

Source: Golub & Van Loan (2013), Matrix Computations, section 5.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ..catalog.distribution import Distribution
from ..catalog.functions import FUNCTIONS
from ..ir.nodes import Apply, Contract, Id, Node, Observation, Program, Reduce, Relabel
from ..ir.walk import acts_on, late_nodes
from ..types import Dim
from .bound import Bound
from .draft import Draft
from .table import Array

WIDEST = 1_000
"""Columns beyond which the decomposition is not worth its time."""

_CHUNK = 16_384
"""Rows that are decomposed at once."""


@dataclass(frozen=True, eq=False)
class Linear:
    """How a location is linear in data along a dimension.

    Args:
        columns: values of data alone that differ along the rows, rows first.
        sums: the nodes above them, each linear in its varying operands.
        constant: operands of sums that are the same in each row.
    """

    columns: dict[Id, Array] = field(default_factory=dict[Id, Array])
    sums: set[Id] = field(default_factory=set[Id])
    constant: set[Id] = field(default_factory=set[Id])

    @property
    def width(self) -> int:
        """Columns with those of the outcome and the constant."""
        return sum(int(np.prod(one.shape[1:])) for one in self.columns.values()) + 1 + bool(self.constant)


def linear(bound: Bound, loc: Id, dim: Dim) -> Linear | None:
    """A location as sums of data along ``dim`` times values that are the same for all rows; ``None`` if it is not."""
    program, late = bound.program, late_nodes(bound.program)
    found = Linear()
    ahead = [loc]
    while ahead:
        i = ahead.pop()
        if dim not in program.nodes[i].dims:
            found.constant.add(i)
            continue
        if i in found.sums or i in found.columns:
            continue
        value = None if i in late else bound.value(program, i)
        if value is not None:
            found.columns[i] = _rows_first(bound, i, value, dim)
            continue
        operands = _linear_operands(program, i, dim)
        if operands is None:
            return None
        found.sums.add(i)
        ahead.extend(operands)
    return found


def _rows_first(bound: Bound, node: Id, value: Array, dim: Dim) -> Array:
    dims = bound.program.nodes[node].dims
    whole = np.broadcast_to(value, tuple(bound.sizes[axis.name] for axis in dims))
    return np.moveaxis(np.asarray(whole, float), dims.index(dim), 0)


def _linear_operands(program: Program, i: Id, dim: Dim) -> tuple[Id, ...] | None:
    """The operands in which a node is linear, row by row; ``None`` where it is not."""
    node = program.nodes[i]
    varies = [arg for arg in node.args if dim in program.nodes[arg].dims]
    if acts_on(node, dim) or sum(axis.name == dim.name for axis in node.dims) > 1:
        return None
    match node.op:
        case Apply(function) if function.name in ("+", "-", "negate"):
            return node.args
        case Apply(function) if function.name == "*" and len(varies) == 1:
            return tuple(varies)
        case Apply(function) if function.name == "/" and varies == [node.args[0]]:
            return tuple(varies)
        case Contract() if len(varies) == 1:
            return tuple(varies)
        case Relabel():
            return node.args
        case Reduce(function, _) if function.name == "sum":
            return node.args
        case _:
            return None


def gram(
    bound: Bound, index: int, dim: Dim, outcome: Array, kept: Array, weight: Array | None
) -> tuple[Bound, str] | None:
    """The program in which one observation runs over orthogonal combinations of its rows.

    Args:
        bound: the program with its data.
        index: of the observation.
        dim: its only plate.
        outcome: of each row.
        kept: which rows count.
        weight: of each row.

    Returns:
        The program and a note; ``None`` where the location is not linear in the data.
    """
    observation = bound.program.observations[index]
    row = observation.law.row
    form = row.forms[observation.law.form] if isinstance(row, Distribution) else None
    if form is None or form.grouped is None or not form.grouped.rotates or observation.plates != (dim,):
        return None
    loc, *rest = observation.law.args
    if loc is None or any(arg is None or dim in bound.program.nodes[arg].dims for arg in rest):
        return None
    found = linear(bound, loc, dim)
    number = int(kept.sum())
    if found is None or found.width > min(WIDEST, number // 2):
        return None
    weights = np.ones(len(kept)) if weight is None else np.asarray(weight, float)
    weights = np.where(kept, weights, 0)
    if np.any(weights < 0) or not np.sum(weights) > 0:
        return None
    triangle = _triangle([*found.columns.values(), *([np.ones(len(kept))] if found.constant else []), outcome], weights)
    if not np.isfinite(triangle).all():
        return None
    made = _Rotated(bound, index, dim, found, triangle, float(np.sum(weights))).run(observation, loc)
    assert isinstance(row, Distribution)
    note = f"{number} rows as {found.width} orthogonal combinations, the Gram form of {row.name}"
    return made, f"observe `{observation.name}`: {note}"


def _triangle(columns: list[Array], weights: Array) -> Array:
    """The triangle R of the QR decomposition of all columns, each row times the root of its weight."""
    flat = [column.reshape(len(weights), -1) for column in columns]
    triangle = np.zeros((0, sum(column.shape[1] for column in flat)))
    for start in range(0, len(weights), _CHUNK):
        rows = slice(start, start + _CHUNK)
        some = np.hstack([column[rows] for column in flat]) * np.sqrt(weights[rows])[:, None]
        triangle = np.asarray(np.linalg.qr(np.vstack([triangle, some[weights[rows] > 0]]), mode="r"))
    return triangle


class _Rotated:
    """The program in the making: copies of the sums over the combinations."""

    def __init__(self, bound: Bound, index: int, dim: Dim, found: Linear, triangle: Array, total: float) -> None:
        self.draft = Draft(bound, index, dim, np.zeros(len(triangle), np.int64))
        self.found, self.dim = found, dim
        # The sum of squares is that of all rows, and each combination counts for its share of them.
        self.share = total / len(triangle)
        self.parts = self._parts(triangle / np.sqrt(self.share))
        self.name = self.draft.observation.name

    def _parts(self, triangle: Array) -> Iterator[Array]:
        start = 0
        for column in self.found.columns.values():
            size = int(np.prod(column.shape[1:]))
            yield triangle[:, start : start + size].reshape(len(triangle), *column.shape[1:])
            start += size
        yield from (triangle[:, i] for i in range(start, triangle.shape[1]))

    def run(self, observation: Observation, loc: Id) -> Bound:
        """The finished program."""
        draft, nodes = self.draft, self.draft.bound.program.nodes
        made: dict[Id, Id] = {}
        for j, i in enumerate(self.found.columns):
            rest = tuple(axis for axis in nodes[i].dims if axis != self.dim)
            made[i] = draft.input(draft.add(f"{self.name}@x{j}", next(self.parts), (draft.dim, *rest)))
        if self.found.constant:
            ones = draft.input(draft.add(f"{self.name}@one", next(self.parts), (draft.dim,)))
            made |= {i: self._times(ones, i) for i in self.found.constant}
        for i in sorted(self.found.sums):
            made[i] = self._copy(nodes[i], made)
        outcome = next(self.parts)
        statistics = (np.full(len(outcome), self.share), outcome, np.zeros(len(outcome)))
        names = [draft.add(f"{self.name}@{j}", one, (draft.dim,)) for j, one in enumerate(statistics)]
        law = draft.law(observation.law, {loc: made[loc]})
        value = draft.input(names[0])
        kept = replace(observation, value=value, law=law, plates=draft.plates, mask=None, weight=None, optional=())
        return draft.finish(replace(kept, grouped=tuple(names)))

    def _times(self, ones: Id, i: Id) -> Id:
        one = self.draft.nodes[i]
        dims = (self.draft.dim, *one.dims)
        self.draft.nodes.append(replace(one, op=Apply(FUNCTIONS["*"]), args=(ones, i), dims=dims))
        return len(self.draft.nodes) - 1

    def _copy(self, node: Node, made: dict[Id, Id]) -> Id:
        nodes = self.draft.bound.program.nodes
        sums = isinstance(node.op, Apply) and node.op.function.name in ("+", "-")
        args = tuple(made[arg] if sums or self.dim in nodes[arg].dims else arg for arg in node.args)
        dims = tuple(self.draft.dim if axis == self.dim else axis for axis in node.dims)
        self.draft.nodes.append(replace(node, args=args, dims=dims))
        return len(self.draft.nodes) - 1
