"""Log densities over the values of enumerated sites and the members of plates, and how they are put together."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..lazy import jnp, lax
from ..plan import Links, Waits
from ..types import Dim, Dims, union
from .axes import Value, align, fill
from .bound import shape_of


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A log density over the axes of some enumerated sites and the members of some plates, in this order.

    Args:
        value: of rank ``len(dims)``; an axis along which nothing varies may be of size 1.
        axes: those of enumerated sites.
        plates: those of plates.
        steps: for a part of a chain the first step that it belongs to and the first that it does not, ``None`` for no
            end; at all others it adds nothing.
        chain: the dimension of these steps.
        links: the sampled sites without a pathwise gradient that it depends on.
        waits: along which indexes its members are still to be added up.
    """

    value: Value
    axes: Dims
    plates: Dims
    steps: tuple[int, int | None] | None = None
    chain: Dim | None = None
    links: Links = field(default_factory=dict[str, Any])
    waits: Waits | None = None

    @property
    def dims(self) -> Dims:
        """All axes in order."""
        return (*self.axes, *self.plates)

    def holds_at(self, step: int) -> bool:
        """Whether it belongs to a step of its chain."""
        first, end = self.steps or (0, None)
        return first <= step and (end is None or step < end)

    def full(self, sizes: Mapping[str, int]) -> Table:
        """The same for all steps of its chain, and with every axis at its full size."""
        value = fill(self.value, shape_of(self.dims, sizes))
        if self.steps is not None and self.chain is not None:
            position = jnp.arange(sizes[self.chain.name])
            first, end = self.steps
            inside = (position >= first) & (position < (sizes[self.chain.name] if end is None else end))
            value = jnp.where(align(inside, (self.chain,), self.dims), value, 0)
        return replace(self, value=value, steps=None, chain=None)


def log_sum(value: Value, over: tuple[int, ...]) -> Value:
    """``log(sum(exp(value)))`` over some axes; minus infinity, with a derivative of zero, where all are impossible."""
    top = largest(value, over)
    total = jnp.sum(jnp.exp(value - top), axis=over)
    none = total == 0
    return jnp.where(none, -jnp.inf, jnp.log(jnp.where(none, 1, total)) + jnp.squeeze(top, over))


def plus(tables: Iterable[tuple[Value, Dims]], dims: Dims) -> Value:
    """The sum of some values with named axes."""
    return functools.reduce(operator.add, (align(value, own, dims) for value, own in tables))


def largest(value: Value, over: tuple[int, ...]) -> Value:
    """The largest of some values, or 0 where all are impossible; a mere scale, without a derivative."""
    top = jnp.max(lax.stop_gradient(value), axis=over, keepdims=True)
    return jnp.where(jnp.isfinite(top), top, 0)


def product(tables: Sequence[Table], sizes: Mapping[str, int]) -> Table:
    """The product of the tables of one plate."""
    if len({table.steps for table in tables}) > 1:
        tables = [table.full(sizes) if table.steps is not None else table for table in tables]
    axes, plates = union(*(table.axes for table in tables)), tables[0].plates
    value = plus(((table.value, table.dims) for table in tables), (*axes, *plates))
    return replace(tables[0], value=value, axes=axes)


def tight(value: Value, dims: Dims, sizes: Mapping[str, int]) -> tuple[Value, Dims]:
    """A table without the axes along which it does not vary."""
    loose = tuple(i for i, dim in enumerate(dims) if value.shape[i] < sizes[dim.name])
    return jnp.squeeze(value, loose), tuple(dim for i, dim in enumerate(dims) if i not in loose)


def product_sum(parts: Sequence[tuple[Value, Dims]], dims: Dims) -> Value:
    """The product of some values, summed over the axes that are not among ``dims``."""
    number = {dim: i for i, dim in enumerate(union(*(other for _, other in parts)))}
    operands = [part for value, other in parts for part in (value, [number[dim] for dim in other])]
    return jnp.einsum(*operands, [number[dim] for dim in dims], precision=lax.Precision.HIGHEST)


def over_plates(table: Table, kept: Dims, sizes: Mapping[str, int]) -> Table:
    """The product of the members of all plates but those ``kept``."""
    table = table.full(sizes) if table.steps is not None else table
    over = tuple(i for i, dim in enumerate(table.dims) if dim in table.plates and dim not in kept)
    value, same = table.value, 1
    for i in over:
        same *= sizes[table.dims[i].name] if value.shape[i] == 1 else 1
    value = jnp.sum(value, axis=over)
    return Table(value if same == 1 else value * same, table.axes, kept)
