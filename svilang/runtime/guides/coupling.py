"""Affine coupling flows (real NVP)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import jnp, np
from ..structure import Structure
from .family import COUNT, Family, FamilyRow, Settings, pieces
from .flow import Bijection, chained, dense, flow

if TYPE_CHECKING:
    from jax import Array


def halves(size: int, number: int) -> tuple[np.ndarray, np.ndarray]:
    """The coordinates that a layer reads and those that it moves; neighbouring layers change places."""
    order = np.arange(size)
    return (order[::2], order[1::2]) if number % 2 == 0 else (order[1::2], order[::2])


def _layer(size: int, width: int, number: int) -> Bijection:
    read, moved = halves(size, number)
    network = dense(len(read), 2 * len(moved), width, number)

    def parts(params: Array, x: Array) -> tuple[Array, Array]:
        move, log_scale = pieces(network(params, x[read]), len(moved), len(moved))
        return move, 3 * jnp.tanh(log_scale / 3)

    def forward(params: Array, x: Array) -> tuple[Array, Array]:
        move, log_scale = parts(params, x)
        return x.at[moved].set(x[moved] * jnp.exp(log_scale) + move), jnp.sum(log_scale)

    def inverse(params: Array, y: Array) -> tuple[Array, Array]:
        move, log_scale = parts(params, y)
        return y.at[moved].set((y[moved] - move) * jnp.exp(-log_scale)), jnp.sum(log_scale)

    return Bijection(network.params, network.init, forward, inverse)


def _over(structure: Structure, settings: Settings) -> Family:
    size = structure.size
    layers = [_layer(size, int(settings["hidden"]), number) for number in range(int(settings["layers"]))]
    return flow(size, chained(layers))


COUPLING = FamilyRow(
    name="coupling",
    summary="affine coupling flows: one half of the coordinates moves and scales the other, by nets, in turn",
    over=_over,
    settings={"layers": 4, "hidden": 16},
    kinds={"layers": COUNT, "hidden": COUNT},
)
