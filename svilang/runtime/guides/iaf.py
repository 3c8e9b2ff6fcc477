"""An inverse autoregressive flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import jnp, lax, np
from ..structure import Structure
from .family import COUNT, Family, FamilyRow, Settings, pieces
from .flow import Bijection, chained, flow, masked

if TYPE_CHECKING:
    from jax import Array


def _step(size: int, width: int, number: int) -> Bijection:
    """``y_i = x_i exp(s_i) + m_i`` with s and m from the coordinates before i; every other step counts backwards."""
    rank = np.arange(size) if number % 2 == 0 else np.arange(size)[::-1]
    network = masked(rank, np.concatenate([rank, rank]), width, number)

    def parts(params: Array, x: Array) -> tuple[Array, Array]:
        move, log_scale = pieces(network(params, x), size, size)
        return move, 3 * jnp.tanh(log_scale / 3)

    def forward(params: Array, x: Array) -> tuple[Array, Array]:
        move, log_scale = parts(params, x)
        return x * jnp.exp(log_scale) + move, jnp.sum(log_scale)

    def inverse(params: Array, y: Array) -> tuple[Array, Array]:
        """One more coordinate is right after each round."""

        def round_(_: int, x: Array) -> Array:
            move, log_scale = parts(params, x)
            return (y - move) * jnp.exp(-log_scale)

        x = lax.fori_loop(0, size, round_, y)
        return x, jnp.sum(parts(params, x)[1])

    return Bijection(network.params, network.init, forward, inverse)


def _over(structure: Structure, settings: Settings) -> Family:
    size, flows = structure.size, int(settings["flows"])
    width = max(int(settings["hidden"]), size)
    return flow(size, chained([_step(size, width, number) for number in range(flows)]))


IAF = FamilyRow(
    name="iaf",
    summary="inverse autoregressive flows: y[i] = x[i] exp(s(x[<i])) + m(x[<i]) by masked nets",
    over=_over,
    settings={"flows": 3, "hidden": 16},
    kinds={"flows": COUNT, "hidden": COUNT},
)
