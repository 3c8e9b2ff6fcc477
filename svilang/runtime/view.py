"""What one step sees of a target: all of it, or some members of some axes, drawn by the epoch on the host."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..lazy import jax, jnp, np
from . import effort
from . import layout as layouts
from .guides import Whiten, entries
from .guides.family import shift
from .layout import Layout, Whitens
from .noise import Stream, generator
from .target import Axis, Rows, Target

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

    def at(self, params: Array, whitens: Whitens, prepared: Any, rows: Rows) -> tuple[Array, Whitens, Any]:
        """Parameters, whitenings and data of :attr:`layout` from those of the whole."""
        batch = self.whole.target.batch
        if batch is None:
            return params, whitens, prepared
        chosen, whole = batch.members(rows), self.whole
        parts: list[Array] = []
        seen: list[Whiten] = []
        for part, whiten, index in zip(whole.parts, whitens, chosen.families, strict=False):
            own = params[part.params]
            if index is not None:
                assert part.row.restrict is not None
                own, whiten = part.row.restrict(own, whiten, index)
            parts.append(own)
            seen.append(whiten)
        phi, theta, last = params[whole.phi], params[whole.theta], whitens[-1]
        if chosen.theta is not None:
            theta = entries(shift(theta, last), chosen.theta)
            last = Whiten(jnp.zeros_like(theta), jnp.ones_like(theta))
        parts += [phi if chosen.phi is None else entries(phi, chosen.phi), theta]
        return jnp.concatenate(parts), (*seen, last), batch.select(prepared, rows)


def sample(target: Target, numbers: int, seed: int) -> Target:
    """A target that estimates this one from the same few rows each time, of about ``numbers`` numbers.

    It is the target itself where there are no more numbers, and where each row has coordinates of its own.
    """
    batch, share = target.batch, numbers / max(1, effort.count(target.data))
    if batch is None or share >= 1 or batch.resized is None or batch.own:
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
    axes = () if target.batch is None else target.batch.axes
    return {axis.name: _rows(axis, i, steps, seed, stream, chunk) for i, axis in enumerate(axes)}


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
