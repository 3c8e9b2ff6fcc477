"""A block neural autoregressive flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...lazy import jax, jnp, lax, np
from ..structure import Structure
from .family import COUNT, Family, FamilyRow, Settings, pieces
from .flow import Bijection, chained, flow, masked

if TYPE_CHECKING:
    from jax import Array

_NEAR = 0.1
"""How far one standard deviation moves the hidden units of a coordinate at the start: hardly out of the straight."""

_HALF = 0.5
"""Share of the slope that the net has at the start; the identity has the rest."""

_REACH = 1.5
"""Between minus this and this the units of a coordinate stand, so that some bend first on either side."""

_HALVINGS = 60


class _Layer(NamedTuple):
    """A linear layer: what each coordinate's units take from earlier coordinates, ``[D R, D C]``, and from its own,
    ``[D, R, C]``, and what is added, ``[D R]``.
    """

    past: Array
    own: Array
    bias: Array

    def __call__(self, value: Array, slope: Array) -> tuple[Array, Array]:
        """The units of all coordinates, and their slopes in the coordinates themselves, ``[D R]`` each."""
        return self.past @ value + self._within(value) + self.bias, self._within(slope)

    def _within(self, units: Array) -> Array:
        """By multiplying and adding, which is many times as fast on a CPU as a product of small matrices."""
        size, _, columns = self.own.shape
        return jnp.sum(self.own * units.reshape(size, 1, columns), axis=-1).ravel()


def _step(size: int, factor: int, backwards: bool) -> Bijection:
    """``y[i] = exp(a) x[i] + f(x[≤i]) + m(x[<i])`` with f a net whose weights within a coordinate are positive, and m a
    free one with a linear path beside it, so that every Gaussian is one of these.

    At the start line and net together have slope 1 almost everywhere. Weights of the first layer are in units of those
    within the coordinate, which are small there and grow together.

    Source: De Cao, Titov & Aziz (2019), Block neural autoregressive flow, with a line and a free net beside its own.
    """
    rank = np.arange(size)[::-1] if backwards else np.arange(size)
    earlier = (rank[:, None] > rank).astype(float)
    free = masked(rank, rank, max(2 * factor, size), int(backwards))
    shapes = [(factor, 1), (factor, factor), (1, factor)]
    before = [np.kron(earlier, np.ones(shape)) for shape in shapes]
    counts = [
        count
        for (rows, columns), mask in zip(shapes, before, strict=True)
        for count in (mask.size, size * rows * columns, size * rows)
    ]

    stands = _REACH * (2 * (np.arange(factor) + 0.5) / factor - 1)
    gain = np.sum(1 - np.tanh(stands) ** 2)
    gains = [_NEAR, 1 / gain, _HALF / (_NEAR * gain)]

    def init() -> np.ndarray:
        parts = [np.full(size, np.log(1 - _HALF)), free.init()]
        for weight, mask, (rows, columns) in zip(gains, before, shapes, strict=True):
            bias = np.tile(stands, size) if rows > 1 else np.zeros(size)
            parts += [np.zeros(mask.size), np.full(size * rows * columns, np.log(weight)), bias]
        return np.concatenate(parts)

    def layers(params: Array) -> tuple[Array, Array, list[_Layer]]:
        line, beside, *parts = pieces(params, size, free.params, *counts)
        found = [
            _Layer(past.reshape(mask.shape) * mask, jnp.exp(own).reshape(size, *shape), bias)
            for shape, mask, past, own, bias in zip(shapes, before, parts[::3], parts[1::3], parts[2::3], strict=True)
        ]
        first = found[0]
        found[0] = first._replace(past=first.past * first.own.reshape(-1, 1))
        return jnp.exp(line), beside, found

    def forward(params: Array, x: Array) -> tuple[Array, Array]:
        line, beside, (first, *further) = layers(params)
        value, slope = first(x, jnp.ones_like(x))
        for layer in further:
            value = jnp.tanh(value)
            value, slope = layer(value, slope * (1 - value * value))
        return line * x + free(beside, x) + value, jnp.sum(jnp.log(line + slope))

    def inverse(params: Array, y: Array) -> tuple[Array, Array]:
        """By halving, all coordinates at once with the others held fixed: after each round one more is right."""
        line, beside, (*_, last) = layers(params)
        reach, bias = jnp.sum(jnp.abs(last.past), axis=1) + jnp.sum(last.own, axis=(1, 2)) + 1, last.bias
        places = np.eye(size, dtype=bool)

        def settle(_: int, x: Array) -> Array:
            def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
                middle = (ends[0] + ends[1]) / 2
                points = jnp.where(places, middle, x)
                high = jnp.diagonal(jax.vmap(lambda point: forward(params, point)[0])(points)) > y
                return jnp.where(high, ends[0], middle), jnp.where(high, middle, ends[1])

            straight = y - bias - free(beside, x)
            low, high = lax.fori_loop(0, _HALVINGS, halve, ((straight - reach) / line, (straight + reach) / line))
            return (low + high) / 2

        x = lax.fori_loop(0, size, settle, y)
        return x, forward(params, x)[1]

    return Bijection(size + free.params + sum(counts), init, forward, inverse)


def _over(structure: Structure, settings: Settings) -> Family:
    flows, factor = int(settings["flows"]), int(settings["factor"])
    return flow(structure.size, chained([_step(structure.size, factor, bool(i % 2)) for i in range(flows)]))


BNAF = FamilyRow(
    name="bnaf",
    summary="block neural autoregressive flow: y[i] = a x[i] + f(x[≤i]) + m(x[<i]), f a net that rises in x[i]",
    over=_over,
    settings={"flows": 1, "factor": 8},
    kinds={"flows": COUNT, "factor": COUNT},
)
