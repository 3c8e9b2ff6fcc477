"""Arrays whose axes have names: alignment, and indexing by arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..lazy import jnp, lax
from ..types import Dim, Dims, union
from .bound import shape_of

Value = Any
"""An array, or a Python number for a constant."""


def align(value: Value, dims: Dims, wanted: Dims) -> Value:
    """The value with its axes in the order of ``wanted``, of size 1 where it has none. Numbers stay numbers."""
    if dims == wanted or jnp.ndim(value) == 0:
        return value
    order = [dim for dim in wanted if dim in dims]
    assert len(order) == len(dims), f"{dims} do not fit into {wanted}"
    moved = permute(value, [dims.index(dim) for dim in order])
    return lax.expand_dims(moved, [i for i, dim in enumerate(wanted) if dim not in dims])


def permute(value: Value, order: Sequence[int]) -> Value:
    """Transpose, where there is something to transpose."""
    return value if list(order) == sorted(order) else lax.transpose(value, list(order))


def fill(value: Value, shape: tuple[int, ...]) -> Value:
    """The value with exactly this shape."""
    return value if jnp.shape(value) == shape else jnp.broadcast_to(value, shape)


def total(values: Value, shape: tuple[int, ...]) -> Value:
    """The sum over ``shape`` of values of which some axes are missing or of size 1, since all members share them."""
    found = math.prod(jnp.shape(values))
    wanted = math.prod(shape)
    summed = values if jnp.ndim(values) == 0 else jnp.sum(values)
    return summed if found == wanted else summed * (wanted // found if found else 0)


@dataclass(frozen=True, slots=True)
class Pick:
    """One index: along ``dim``, a position or an array of positions with axes ``dims``."""

    dim: Dim
    index: Value
    dims: Dims = ()


def gather(value: Value, dims: Dims, picks: Sequence[Pick], wanted: Dims, sizes: Mapping[str, int]) -> Value:
    """``value[i, j, …]``: the axes of the indexes replace those picked, and align by name with each other and the rest.

    All indexes are used at once, as one position in the flattened picked axes, so that nothing larger than the result
    is made. They were checked when the data was bound.
    """
    for pick in picks:
        if isinstance(pick.index, int):
            value = lax.index_in_dim(value, pick.index, dims.index(pick.dim), keepdims=False)
            dims = tuple(dim for dim in dims if dim != pick.dim)
    arrays = [pick for pick in picks if not isinstance(pick.index, int)]
    if not arrays:
        return permute(value, [dims.index(dim) for dim in wanted])
    picked = [pick.dim for pick in arrays]
    reached = union(*(pick.dims for pick in arrays))
    shared = [dim for dim in dims if dim in reached and dim not in picked]
    flat = _flat_position(arrays, shared, reached, sizes)
    gone = [*picked, *shared]
    if len(gone) == 1:
        axis = dims.index(gone[0])
        made = (*dims[:axis], *reached, *dims[axis + 1 :])
    else:
        rest = tuple(dim for dim in dims if dim not in gone)
        value = permute(value, [dims.index(dim) for dim in (*gone, *rest)])
        value = lax.reshape(value, (math.prod(shape_of(tuple(gone), sizes)), *shape_of(rest, sizes)))
        axis, made = 0, (*reached, *rest)
    taken = take(value, flat, axis)
    return permute(taken, [made.index(dim) for dim in wanted])


def _flat_position(picks: Sequence[Pick], shared: Sequence[Dim], reached: Dims, sizes: Mapping[str, int]) -> Value:
    flat: Value = None
    for pick in picks:
        index = align(jnp.asarray(pick.index).astype(jnp.int32), pick.dims, reached)
        flat = index if flat is None else flat * sizes[pick.dim.name] + index
    for dim in shared:
        along = lax.broadcasted_iota(jnp.int32, shape_of(reached, sizes), reached.index(dim))
        flat = flat * sizes[dim.name] + along
    return fill(flat, shape_of(reached, sizes))


def take(value: Value, index: Value, axis: int) -> Value:
    """Entries of ``value`` along ``axis``; the axes of ``index`` take its place. The positions must exist.

    Of an axis without members nothing is taken, and the values do not matter: they are 0.
    """
    rank, inner = value.ndim, index.ndim
    if not value.shape[axis]:
        return jnp.zeros((*value.shape[:axis], *index.shape, *value.shape[axis + 1 :]), value.dtype)
    numbers = lax.GatherDimensionNumbers(
        offset_dims=(*range(axis), *range(axis + inner, rank - 1 + inner)),
        collapsed_slice_dims=(axis,),
        start_index_map=(axis,),
    )
    return lax.gather(
        value,
        lax.expand_dims(index, [inner]),
        numbers,
        slice_sizes=(*value.shape[:axis], 1, *value.shape[axis + 1 :]),
        mode=lax.GatherScatterMode.PROMISE_IN_BOUNDS,
    )
