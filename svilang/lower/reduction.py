"""How a table loses axes: by the sum over their values, or by one value that stands for all.

The derivative of a contraction by the log weight of a state is what it owes to that state. Where axes are summed over,
that is the state's probability. Where the derivative goes through one entry only, the largest or one drawn in
proportion to its weight, it is 1 for the states of the best assignment or of a draw from all of them, and 0 for others.
So the density, its best assignment and exact draws come from the same contraction, in whatever order that runs.

Source: Eisner (2016), Inside-outside and forward-backward algorithms are just backprop; Rush (2020), Torch-Struct.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ..lazy import jax, jnp, nn, np, random
from .axes import Value
from .tables import log_sum

Axes = tuple[int, ...]


class Reduction(Protocol):
    """Takes axes out of a table of log weights.

    A contraction that runs step by step hands the entries of :meth:`sources` to its steps, and each uses ``at(entry)``.
    """

    def __call__(self, values: Value, axes: Axes) -> Value: ...

    def sources(self, steps: int) -> Value | None:
        """What each of so many steps needs of its own."""
        ...

    def at(self, source: Value | None) -> Reduction:
        """The reduction of one step."""
        ...


@dataclass(frozen=True)
class Total:
    """The log of the sum."""

    def __call__(self, values: Value, axes: Axes) -> Value:
        return log_sum(values, axes)

    def sources(self, steps: int) -> None:
        return None

    def at(self, source: Value | None) -> Total:
        return self


@dataclass(frozen=True)
class Largest:
    """The largest weight; the derivative is that of one entry that has it."""

    def __call__(self, values: Value, axes: Axes) -> Value:
        return _reduced(_largest)(values, np.zeros(0), axes)

    def sources(self, steps: int) -> None:
        return None

    def at(self, source: Value | None) -> Largest:
        return self


class Drawn:
    """The log of the sum; the derivative is that of one entry, drawn with the probability that is its share."""

    def __init__(self, key: Value) -> None:
        self.key = key
        self.used = 0

    def __call__(self, values: Value, axes: Axes) -> Value:
        return _reduced(_drawn)(values, random.key_data(self._fresh()), axes)

    def sources(self, steps: int) -> Value:
        return random.split(self._fresh(), steps)

    def at(self, source: Value | None) -> Drawn:
        return Drawn(source)

    def _fresh(self) -> Value:
        self.used += 1
        return random.fold_in(self.key, self.used)


Choice = Callable[[Value, Value], tuple[Value, Value]]
"""``(weights[…, entries], key) -> (reduced[…], position of one entry[…])``."""


def _largest(flat: Value, key: Value) -> tuple[Value, Value]:
    return jnp.max(flat, axis=-1), jnp.argmax(flat, axis=-1)


def _drawn(flat: Value, key: Value) -> tuple[Value, Value]:
    return nn.logsumexp(flat, axis=-1), random.categorical(random.wrap_key_data(key), flat)


@functools.cache
def _reduced(choice: Choice) -> Callable[[Value, Value, Axes], Value]:
    def plain(values: Value, key: Value, axes: Axes) -> Value:
        return choice(_flat(values, axes), key)[0]

    def forward(values: Value, key: Value, axes: Axes) -> tuple[Value, Any]:
        made, position = choice(_flat(values, axes), key)
        return made, (values, position)

    def backward(axes: Axes, kept: Any, slope: Value) -> tuple[Value, None]:
        values, position = kept
        hot = nn.one_hot(position, math.prod(values.shape[axis] for axis in axes), dtype=values.dtype)
        return _unflat(hot * slope[..., None], values.shape, axes), None

    reduced = jax.custom_vjp(plain, nondiff_argnums=(2,))
    reduced.defvjp(forward, backward)
    return reduced


def _flat(values: Value, axes: Axes) -> Value:
    """The axes as one, the last."""
    moved = jnp.moveaxis(values, axes, range(-len(axes), 0))
    kept = moved.shape[: moved.ndim - len(axes)]
    return jnp.reshape(moved, (*kept, math.prod(moved.shape[len(kept) :])))


def _unflat(flat: Value, shape: tuple[int, ...], axes: Axes) -> Value:
    rest = tuple(size for axis, size in enumerate(shape) if axis not in axes)
    parted = jnp.reshape(flat, (*rest, *(shape[axis] for axis in axes)))
    return jnp.moveaxis(parted, range(-len(axes), 0), axes)
