"""A block neural autoregressive flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import jax, jnp, lax, np
from ..structure import Structure
from .family import COUNT, Family, FamilyRow, Settings
from .flow import Bijection, chained, flow

if TYPE_CHECKING:
    from jax import Array

_SMALL = (-3.0, -3.0, -5.0)
"""Log weights of each layer on the diagonal at the start; off it, weights are zero."""

_HALVINGS = 60


def _step(size: int, factor: int, backwards: bool) -> Bijection:
    """``y = x + f(x)`` with f a net whose weights within a coordinate are positive, and from later ones zero.

    Source: De Cao, Titov & Aziz (2019), Block neural autoregressive flow, with the identity beside the net.
    """
    rank = np.arange(size)[::-1] if backwards else np.arange(size)
    layers = [(factor, 1), (factor, factor), (1, factor)]
    own = [np.kron(np.eye(size), np.ones(shape)) for shape in layers]
    before = [np.kron((rank[:, None] > rank).astype(float), np.ones(shape)) for shape in layers]
    shapes = [mask.shape for mask in own]
    counts = [rows * columns + rows for rows, columns in shapes]

    def init() -> np.ndarray:
        source = np.random.default_rng(0)
        parts: list[np.ndarray] = []
        for small, mask, (rows, _) in zip(_SMALL, own, shapes, strict=True):
            bias = source.standard_normal(rows) if rows > size else np.zeros(rows)
            parts += [(small * mask + 0.1 * mask * source.standard_normal(mask.shape)).ravel(), bias]
        return np.concatenate(parts)

    def weights(params: Array) -> list[tuple[Array, Array, Array]]:
        found: list[tuple[Array, Array, Array]] = []
        first = 0
        for mask, past, (rows, columns), count in zip(own, before, shapes, counts, strict=True):
            raw = params[first : first + rows * columns].reshape(rows, columns)
            positive = jnp.exp(raw) * mask
            found.append((positive + raw * past, positive, params[first + rows * columns : first + count]))
            first += count
        return found

    def forward(params: Array, x: Array) -> tuple[Array, Array]:
        value, slope = x, jnp.ones((size, 1), x.dtype)
        for i, (weight, positive, bias) in enumerate(weights(params)):
            rows = layers[i][0]
            blocks = positive.reshape(size, rows, size, -1)[np.arange(size), :, np.arange(size)]
            value, slope = weight @ value + bias, jnp.einsum("drc,dc->dr", blocks, slope)
            if i < 2:
                value = jnp.tanh(value)
                slope = slope * (1 - value * value).reshape(size, rows)
        return x + value, jnp.sum(jnp.log1p(slope[:, 0]))

    def inverse(params: Array, y: Array) -> tuple[Array, Array]:
        """By halving, all coordinates at once with the others held fixed: after each round one more is right."""
        last, _, bias = weights(params)[2]
        reach = jnp.sum(jnp.abs(last), axis=1) + 1
        places = np.eye(size, dtype=bool)

        def settle(_: int, x: Array) -> Array:
            def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
                middle = (ends[0] + ends[1]) / 2
                points = jnp.where(places, middle, x)
                high = jnp.diagonal(jax.vmap(lambda point: forward(params, point)[0])(points)) > y
                return jnp.where(high, ends[0], middle), jnp.where(high, middle, ends[1])

            low, high = lax.fori_loop(0, _HALVINGS, halve, (y - bias - reach, y - bias + reach))
            return (low + high) / 2

        x = lax.fori_loop(0, size, settle, y)
        return x, forward(params, x)[1]

    return Bijection(sum(counts), init, forward, inverse)


def _over(structure: Structure, settings: Settings) -> Family:
    flows, factor = int(settings["flows"]), int(settings["factor"])
    return flow(structure.size, chained([_step(structure.size, factor, bool(i % 2)) for i in range(flows)]))


BNAF = FamilyRow(
    name="bnaf",
    summary="block neural autoregressive flow: y[i] = x[i] + f(x[≤i]), f a net that rises in x[i]",
    over=_over,
    settings={"flows": 1, "factor": 8},
    kinds={"flows": COUNT, "factor": COUNT},
)
