"""A block neural autoregressive flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import jax, jnp, lax, np
from ..structure import Structure
from .family import COUNT, Family, FamilyRow, Settings
from .flow import Bijection, chained, flow

if TYPE_CHECKING:
    from jax import Array

_NEAR = 0.1
"""How far one standard deviation moves the hidden units of a coordinate at the start: hardly out of the straight."""

_HALF = 0.5
"""Share of the slope that the net has at the start; the identity has the rest."""

_REACH = 1.5
"""Between minus this and this the units of a coordinate stand, so that some bend first on either side."""

_HALVINGS = 60


def _step(size: int, factor: int, backwards: bool) -> Bijection:
    """``y = exp(a) x + f(x)`` with f a net whose weights within a coordinate are positive, and from later ones zero.

    At the start line and net together have slope 1 almost everywhere.

    Source: De Cao, Titov & Aziz (2019), Block neural autoregressive flow, with a line beside the net.
    """
    rank = np.arange(size)[::-1] if backwards else np.arange(size)
    layers = [(factor, 1), (factor, factor), (1, factor)]
    own = [np.kron(np.eye(size), np.ones(shape)) for shape in layers]
    before = [np.kron((rank[:, None] > rank).astype(float), np.ones(shape)) for shape in layers]
    shapes = [mask.shape for mask in own]
    counts = [rows * columns + rows for rows, columns in shapes]

    stands = _REACH * (2 * (np.arange(factor) + 0.5) / factor - 1)
    gain = np.sum(1 - np.tanh(stands) ** 2)
    gains = [_NEAR, 1 / gain, _HALF / (_NEAR * gain)]

    def init() -> np.ndarray:
        parts = [np.full(size, np.log(1 - _HALF))]
        for weight, mask, (rows, _) in zip(gains, own, shapes, strict=True):
            parts += [(np.log(weight) * mask).ravel(), np.tile(stands, size) if rows > size else np.zeros(rows)]
        return np.concatenate(parts)

    def weights(params: Array) -> list[tuple[Array, Array, Array]]:
        found: list[tuple[Array, Array, Array]] = []
        first = size
        for mask, past, (rows, columns), count in zip(own, before, shapes, counts, strict=True):
            raw = params[first : first + rows * columns].reshape(rows, columns)
            positive = jnp.exp(raw) * mask
            found.append((positive + raw * past, positive, params[first + rows * columns : first + count]))
            first += count
        return found

    def forward(params: Array, x: Array) -> tuple[Array, Array]:
        line = jnp.exp(params[:size])
        value, slope = x, jnp.ones((size, 1), x.dtype)
        for i, (weight, positive, bias) in enumerate(weights(params)):
            rows = layers[i][0]
            blocks = positive.reshape(size, rows, size, -1)[np.arange(size), :, np.arange(size)]
            value, slope = weight @ value + bias, jnp.einsum("drc,dc->dr", blocks, slope)
            if i < 2:
                value = jnp.tanh(value)
                slope = slope * (1 - value * value).reshape(size, rows)
        return line * x + value, jnp.sum(jnp.log(line + slope[:, 0]))

    def inverse(params: Array, y: Array) -> tuple[Array, Array]:
        """By halving, all coordinates at once with the others held fixed: after each round one more is right."""
        last, _, bias = weights(params)[2]
        reach, line = jnp.sum(jnp.abs(last), axis=1) + 1, jnp.exp(params[:size])
        places = np.eye(size, dtype=bool)

        def settle(_: int, x: Array) -> Array:
            def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
                middle = (ends[0] + ends[1]) / 2
                points = jnp.where(places, middle, x)
                high = jnp.diagonal(jax.vmap(lambda point: forward(params, point)[0])(points)) > y
                return jnp.where(high, ends[0], middle), jnp.where(high, middle, ends[1])

            low, high = lax.fori_loop(0, _HALVINGS, halve, ((y - bias - reach) / line, (y - bias + reach) / line))
            return (low + high) / 2

        x = lax.fori_loop(0, size, settle, y)
        return x, forward(params, x)[1]

    return Bijection(size + sum(counts), init, forward, inverse)


def _over(structure: Structure, settings: Settings) -> Family:
    flows, factor = int(settings["flows"]), int(settings["factor"])
    return flow(structure.size, chained([_step(structure.size, factor, bool(i % 2)) for i in range(flows)]))


BNAF = FamilyRow(
    name="bnaf",
    summary="block neural autoregressive flow: y[i] = a x[i] + f(x[≤i]), f a net that rises in x[i]",
    over=_over,
    settings={"flows": 1, "factor": 8},
    kinds={"flows": COUNT, "factor": COUNT},
)
