"""What one step sees of a target: all of it, or some members of some axes, drawn by the epoch on the host."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..lazy import jax, jnp, np
from . import effort
from . import layout as layouts
from .guides import Whiten, entries
from .guides.family import shift
from .layout import Layout, Pieces, Whitens
from .noise import Stream, generator
from .target import Axis, Noise, Rows, Target

if TYPE_CHECKING:
    from jax import Array


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The guide as one step sees it, of the whole guide ``whole``."""

    whole: Layout

    @property
    def layout(self) -> Layout:
        """The guide over the coordinates that one step sees."""
        batch = self.whole.target.batch
        return self.whole if batch is None else layouts.make(batch.target, batch.families)

    def at(self, params: Array, whitens: Whitens, prepared: Any, rows: Rows) -> tuple[Pieces, Whitens, Any]:
        """Parameters, whitenings and data of :attr:`layout` from those of the whole."""
        batch, whole = self.whole.target.batch, self.whole
        *own, phi, theta = whole.cut(params)
        if batch is None:
            return (*own, phi, theta), whitens, prepared
        chosen, seen, last = batch.members(rows), list(whitens[:-1]), whitens[-1]
        for i, (part, index) in enumerate(zip(whole.parts, chosen.families, strict=True)):
            if index is not None:
                assert part.row.restrict is not None
                own[i], seen[i] = part.row.restrict(own[i], seen[i], index)
        if chosen.theta is not None:
            theta = entries(shift(theta, last), chosen.theta)
            last = Whiten(jnp.zeros_like(theta), jnp.ones_like(theta))
        phi = phi if chosen.phi is None else entries(phi, chosen.phi)
        return (*own, phi, theta), (*seen, last), batch.select(prepared, rows)

    # --- members apart -----------------------------------------------------------------------------------------------

    @property
    def apart(self) -> bool:
        """Whether a bound is taken for each member by itself."""
        batch = self.whole.target.batch
        return batch is not None and batch.apart

    @property
    def noise(self) -> Noise:
        """What a draw of all members of a step takes."""
        batch, one = self.whole.target.batch, self.layout.noise
        count = math.prod(axis.rows for axis in batch.axes) if batch is not None and batch.apart else 1
        return Noise(count * one.normal, count * one.uniform, count * one.keys)

    @property
    def share(self) -> int:
        """How many times its own log weight the estimate from one member is."""
        batch = self.whole.target.batch
        return math.prod(axis.size for axis in batch.axes) if batch is not None and batch.apart else 1

    def members(self, rows: Rows, noise: Mapping[str, Array]) -> tuple[Rows, dict[str, Array]]:
        """Rows and noise of each member of a step, along a new first axis.

        Args:
            rows: of the step; those of an axis that is seen whole are left out.
            noise: ``[particles, …]`` of all members.
        """
        batch = self.whole.target.batch
        assert batch is not None
        axes = batch.axes
        each = [jnp.arange(one.size, dtype=jnp.int32) if batch.knows(one) else rows[one.name] for one in axes]
        grid = [jnp.reshape(one, (-1, 1)) for one in jnp.meshgrid(*each, indexing="ij")]

        def shared(values: Array) -> Array:
            own = (len(grid[0]), values.shape[1] // len(grid[0]))
            return jnp.moveaxis(jnp.reshape(values, (values.shape[0], *own, *values.shape[2:])), 1, 0)

        found = {axis.name: one for axis, one in zip(axes, grid, strict=True)}
        return found, {name: shared(values) for name, values in noise.items()}


def sample(target: Target, numbers: int, seed: int) -> Target:
    """A target that estimates this one from the same few rows each time, of about ``numbers`` numbers.

    It is the target itself where there are no more numbers, and where each row has coordinates of its own.
    """
    batch, share = target.batch, numbers / max(1, effort.count(target.data))
    if batch is None or not target.partial or share >= 1 or batch.resized is None or batch.own:
        return target
    each = share ** (1 / len(batch.axes))
    axes = tuple(replace(axis, rows=min(axis.size, max(axis.rows, int(each * axis.size)))) for axis in batch.axes)
    some = batch.resized(axes)
    rows = {name: own[0] for name, own in rows_of(replace(target, batch=some), 1, seed, Stream.START, 0).items()}
    with jax.enable_x64(True):
        prepared = jax.jit(lambda data, rows: some.select(some.target.prepare(data), rows))(target.data, rows)
    explicit = target.explicit and some.target.explicit and replace(some.target.explicit, init=target.explicit.init)
    return replace(some.target, data=prepared, prepare=lambda data: data, theta=target.theta, explicit=explicit)


# --- rows ------------------------------------------------------------------------------------------------------------


def rows_of(target: Target, steps: int, seed: int, stream: Stream, chunk: int) -> dict[str, np.ndarray]:
    """The rows of ``steps`` steps by axis, ``[steps, rows]`` int32; a function of seed, stream and chunk alone."""
    batch = target.batch
    axes = () if batch is None else [(i, one) for i, one in enumerate(batch.axes) if not batch.knows(one)]
    return {axis.name: _rows(axis, i, steps, seed, stream, chunk) for i, axis in axes}


def _rows(axis: Axis, number: int, steps: int, seed: int, stream: Stream, chunk: int) -> np.ndarray:
    """The part of an endless sequence of permutations that belongs to a chunk, cut into steps.

    Each epoch is a permutation of all members, and a step that ends one begins the next: so every member has the same
    share of the steps, and the mean over ``lcm(size, rows) / rows`` steps is that of the whole, exactly.
    """
    first, last = chunk * steps * axis.rows, (chunk + 1) * steps * axis.rows
    epochs = range(first // axis.size, -(-last // axis.size))
    whole = np.concatenate([_permutation(axis.size, number, seed, stream, epoch) for epoch in epochs])
    start = first - epochs[0] * axis.size
    return whole[start : start + last - first].reshape(steps, axis.rows)


@lru_cache(maxsize=8)
def _permutation(size: int, number: int, seed: int, stream: Stream, epoch: int) -> np.ndarray:
    return generator(seed, stream, epoch, purpose=1 + number).permutation(size).astype(np.int32)
