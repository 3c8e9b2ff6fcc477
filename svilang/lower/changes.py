"""The log determinant of a change of variables, for each member of its plates."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..lazy import jax, jnp
from ..types import Dim, Dims
from .axes import Value, align, fill
from .bound import shape_of

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Map:
    """A change of variables in a program.

    Args:
        inputs: the axes of each variable that it starts from.
        outputs: the axes of each value that it makes.
        batch: the axes along which it is member by member; those of enumerated sites and then the plates.
    """

    inputs: Mapping[str, Dims]
    outputs: Sequence[Dims]
    batch: Dims


def log_det(one: Map, at: Values, make: Callable[[Values], list[Value]], sizes: Mapping[str, int]) -> Value:
    """The log of the absolute determinant of the Jacobian of ``make`` at the point ``at``, with the axes ``one.batch``.

    All members are differentiated at once: a direction moves the same coordinate of each.
    """
    directions = _directions(one, sizes, at)
    _, derivative = jax.linearize(make, dict(at))
    columns = jax.vmap(derivative)(directions)
    rows = [_rows(column, dims, one.batch, sizes) for column, dims in zip(columns, one.outputs, strict=True)]
    matrix = jnp.moveaxis(jnp.concatenate(rows, axis=-1), 0, -1)
    if matrix.shape[-1] == 1:
        return jnp.log(jnp.abs(matrix[..., 0, 0]))
    return jnp.linalg.slogdet(matrix)[1]


def _directions(one: Map, sizes: Mapping[str, int], at: Values) -> dict[str, Value]:
    """For each coordinate of a member a direction along it, ``[coordinates, …]`` of every variable."""
    inner = {name: tuple(dim for dim in dims if dim not in one.batch) for name, dims in one.inputs.items()}
    counts = {name: math.prod(shape_of(dims, sizes)) for name, dims in inner.items()}
    total, start = sum(counts.values()), 0
    found: dict[str, Value] = {}
    for name, dims in one.inputs.items():
        hot = jnp.eye(counts[name], total, start, dtype=at[name].dtype).T
        step = Dim("->")
        moved = align(jnp.reshape(hot, (total, *shape_of(inner[name], sizes))), (step, *inner[name]), (step, *dims))
        found[name] = fill(moved, (total, *shape_of(dims, sizes)))
        start += counts[name]
    return found


def _rows(column: Value, dims: Dims, batch: Dims, sizes: Mapping[str, int]) -> Value:
    """The derivatives of one value, ``[coordinates, batch …, numbers of a member]``."""
    inner = tuple(dim for dim in dims if dim not in batch)
    step = Dim("->")
    moved = align(column, (step, *dims), (step, *batch, *inner))
    whole = fill(moved, (column.shape[0], *shape_of((*batch, *inner), sizes)))
    return jnp.reshape(whole, (column.shape[0], *shape_of(batch, sizes), -1))
