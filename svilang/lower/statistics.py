"""Likelihoods of exponential families over the states of enumerated sites, as a product of two matrices.

Where parameters vary over states and data over rows, ``<natural(state), statistics(row)> - log_partition(state)`` is a
matrix product, over the statistics and over the plates whose members are added up before states are summed out. Its
derivative is another one: what each state owes to each row, times the statistics.

Of data far from the origin the parts are large and cancel. A family that a shift leaves what it is gets the middle of
the data as its origin; where the parts are large all the same, the density is evaluated as it is written.

Source: Wainwright & Jordan (2008), Graphical models, exponential families, and variational inference, section 3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..catalog.distribution import Bound as BoundLaw
from ..catalog.distribution import Distribution, ExponentialFamily
from ..ir import nodes as ir
from ..ir.walk import law_operands
from ..lazy import jax, jnp, lax
from ..plan import Elimination
from ..types import Dim, Dims
from .agree import everywhere
from .axes import Value, align, fill
from .bound import shape_of
from .laws import bind_law
from .observe import Keep, counted, elements, keeps_early
from .run import Run
from .tables import product_sum, tight
from .values import Plan

Statistics = Mapping[str, Any]
"""What is made from data alone: ``stack`` of statistics, with axes :attr:`Split.stacked`; ``largest`` of each over the
rows; ``base``, the part of the density that is the same for all states; ``centre``, the new origin, if any; ``sound``,
whether all of that is finite."""

LARGEST = 1 << 13
"""How large parts of a log density may be: a row is then right to a thousandth of a nat in single precision, and to the
eleventh decimal in double."""

SMALL = 1 << 12
"""Entries of a table up to which the density is evaluated as it is written, and nothing else is compiled."""

_PART = Dim("a statistic")


@dataclass(frozen=True)
class Split:
    """How the axes of a likelihood are used.

    Args:
        observation: the likelihood.
        family: of its law.
        table: the axes of enumerated sites and the plates that are left apart.
        late: all axes along which parameters vary.
    """

    observation: ir.Observation
    family: ExponentialFamily
    table: Dims
    late: frozenset[Dim]

    @property
    def left(self) -> Dims:
        """Axes of the table along which parameters vary."""
        return tuple(dim for dim in self.table if dim in self.late)

    @property
    def rows(self) -> Dims:
        """Axes of the table along which they do not."""
        return tuple(dim for dim in self.table if dim not in self.late)

    @property
    def inner(self) -> Dims:
        """Plates that are added up, along which parameters vary."""
        return tuple(dim for dim in self.observation.plates if dim in self.late and dim not in self.table)

    @property
    def gone(self) -> Dims:
        """Plates that are added up, along which they do not."""
        return tuple(dim for dim in self.observation.plates if dim not in self.late and dim not in self.table)

    @property
    def stacked(self) -> Dims:
        """Axes of the stack of statistics: the rows along memory."""
        return (*self.left, _PART, *self.inner, *self.rows)

    def weighted(self, kept: Keep | None) -> bool:
        """Whether members count differently."""
        return kept is not None or self.observation.weight is not None


def splits(plan: Plan, elimination: Elimination | None) -> dict[int, Split]:
    """The likelihoods that may be such a product, by their place in the program."""
    if elimination is None or not elimination.tabled:
        return {}
    found: dict[int, Split] = {}
    for i, observation in enumerate(plan.program.observations):
        reach = elimination.observations[i]
        kept = elimination.outside(reach.axes)
        if kept and not reach.route and not reach.links and _is_split(plan, observation):
            table = tuple(dim for dim in observation.plates if dim in reach.axes or dim in kept)
            late = frozenset(dim for arg in law_operands(observation.law) for dim in plan.program.nodes[arg].dims)
            assert isinstance(observation.law.row, Distribution)
            family = observation.law.row.exponential_family
            assert family is not None
            split = Split(observation, family, table, late & frozenset(observation.plates))
            found |= {i: split} if split.left and split.rows else {}
    return found


def _is_split(plan: Plan, observation: ir.Observation) -> bool:
    """Whether all but the parameters is known from data alone."""
    law, operands = observation.law, law_operands(observation.law)
    if not isinstance(law.row, Distribution) or law.row.exponential_family is None or observation.grouped:
        return False
    fixed = {observation.value, *(() if observation.weight is None else (observation.weight,))}
    if law.event and observation.optional:
        return False
    whole = any(param.kind.interval.integer for param in law.row.forms[law.form].params)
    return not whole and not plan.late & fixed and bool(plan.late & set(operands)) and keeps_early(observation, plan)


# --- from data alone --------------------------------------------------------------------------------------------------


def statistics(split: Split, run: Run, kept: Keep | None) -> Statistics | None:
    """What the product takes of the data; ``None`` where there is nothing to gain."""
    sizes, batch = run.plan.sizes, split.observation.plates
    x = counted(split.observation, run, kept)
    centre = None
    if split.family.shifted is not None:
        centre = jnp.mean(x, axis=tuple(i for i, dim in enumerate(batch) if dim not in split.late), keepdims=True)
        x = x - centre
    parts = _flat(split.family.statistics(x), len(batch))
    base = split.family.log_base(x)
    if split.weighted(kept):
        count = _count(split, run, kept, x.dtype)
        parts = jnp.concatenate([*jnp.broadcast_arrays(count * parts), jnp.broadcast_to(count, parts.shape[1:])[None]])
        base = jnp.where(count == 0, 0, count * base)
    stack, dims = added(parts, (_PART, *batch), split.gone, sizes)
    stack = align(stack, dims, split.stacked)
    apart = len(split.left), len(split.stacked) - len(split.rows)
    states = [dim for dim, length in zip(split.left, stack.shape, strict=False) if length == 1 < sizes[dim.name]]
    if not states or max(stack.shape[apart[1] :]) == 1 or math.prod(shape_of(split.table, sizes)) < SMALL:
        return None
    base, _ = added(base, batch, (*split.inner, *split.gone), sizes)
    return {
        "stack": stack,
        "base": base,
        "centre": centre,
        "largest": jnp.max(jnp.abs(stack), axis=tuple(range(apart[1], stack.ndim))),
        "sound": jnp.all(jnp.isfinite(stack)) & jnp.all(jnp.isfinite(base)),
    }


def _count(split: Split, run: Run, kept: Keep | None, dtype: Any) -> Value:
    """How much each member counts."""
    batch, weight = split.observation.plates, split.observation.weight
    count = jnp.ones((1,) * len(batch), dtype)
    if weight is not None:
        count = count * run.values.aligned(weight, batch)
    return count if kept is None else jnp.where(kept["mask"], count, 0)


def _flat(parts: Sequence[Value], rank: int) -> Value:
    """Parts with axes of their own behind the first ``rank`` ones as one array: their entries first."""
    apart = [jnp.reshape(part, (*part.shape[:rank], -1)) for part in parts]
    shape = jnp.broadcast_shapes(*(part.shape[:-1] for part in apart))
    return jnp.moveaxis(jnp.concatenate([fill(part, (*shape, part.shape[-1])) for part in apart], axis=-1), -1, 0)


def added(value: Value, dims: Dims, over: Dims, sizes: Mapping[str, int]) -> tuple[Value, Dims]:
    """The sum over some axes, and the axes that are left; one of size 1 stands for all of its members."""
    at = tuple(i for i, dim in enumerate(dims) if dim in over)
    same = math.prod(sizes[dims[i].name] for i in at if value.shape[i] == 1)
    return jnp.sum(value, axis=at) * same, tuple(dim for dim in dims if dim not in over)


# --- for each point ---------------------------------------------------------------------------------------------------


def multiplied(split: Split, made: Statistics, run: Run, kept: Keep | None) -> Value:
    """The log density for each state and row, with the axes :attr:`Split.table`."""
    law = bind_law(split.observation.law, run.values, split.observation.plates)
    assert isinstance(law, BoundLaw)
    product = _Product(split, made, run, kept, law)
    args = [jnp.asarray(arg, run.values.dtype) for arg in law.args]
    # What is written out is large and made again where it is needed on the way back, so that the choice keeps nothing.
    return lax.cond(product.accurate(args), product.multiplied, jax.checkpoint(product.as_written), *args)


@dataclass(frozen=True, eq=False)
class _Product:
    """One likelihood at one point."""

    split: Split
    made: Statistics
    run: Run
    kept: Keep | None
    law: BoundLaw

    def accurate(self, args: Sequence[Value]) -> Value:
        """Whether all parts are small enough that nothing which matters cancels."""
        natural, log_partition = map(lax.stop_gradient, self._natural(args))
        parts = jnp.sum(jnp.abs(natural) * self.made["largest"], axis=len(self.split.left))
        largest = jnp.maximum(jnp.max(parts), jnp.max(jnp.abs(log_partition)))
        return everywhere()(self.made["sound"] & (largest <= LARGEST))

    def _natural(self, args: Sequence[Value]) -> tuple[Value, Value]:
        """Natural parameters with the axes of the stack but for the rows, and log partitions with those of elements."""
        family, batch = self.split.family, self.split.observation.plates
        params = replace(self.law, args=tuple(args)).canonical()
        if family.shifted is not None:
            params = family.shifted(self.made["centre"], *params)
        log_partition = jnp.asarray(family.log_partition(*params))
        log_partition = jnp.reshape(log_partition, (1,) * (len(batch) - log_partition.ndim) + log_partition.shape)
        natural = _flat(family.natural(*params), len(batch))
        if self.split.weighted(self.kept):
            natural = jnp.concatenate([natural, jnp.broadcast_to(-log_partition, natural.shape[1:])[None]])
        axes = tuple(i + 1 for i, dim in enumerate(batch) if dim not in self.split.late)
        left = tuple(dim for dim in batch if dim in self.split.late)
        wanted = (*self.split.left, _PART, *self.split.inner)
        return align(jnp.squeeze(natural, axes), (_PART, *left), wanted), log_partition

    def multiplied(self, *args: Value) -> Value:
        split, sizes = self.split, {**self.run.plan.sizes, _PART.name: self.made["stack"].shape[len(self.split.left)]}
        natural, log_partition = self._natural(args)
        parts = [
            tight(natural, (*split.left, _PART, *split.inner), sizes),
            tight(self.made["stack"], split.stacked, sizes),
        ]
        found = tuple(dim for dim in split.table if any(dim in dims for _, dims in parts))
        value = align(product_sum(parts, found), found, split.table) + self.made["base"]
        if not split.weighted(self.kept):
            summed, _ = added(log_partition, split.observation.plates, (*split.inner, *split.gone), sizes)
            value = value - summed
        return fill(value, shape_of(split.table, sizes))

    def as_written(self, *args: Value) -> Value:
        split, sizes = self.split, self.run.plan.sizes
        value = elements(split.observation, self.run, self.kept, args)
        value, _ = added(value, split.observation.plates, (*split.inner, *split.gone), sizes)
        return fill(value, shape_of(split.table, sizes))
