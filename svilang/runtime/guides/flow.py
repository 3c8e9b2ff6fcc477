"""What normalising flows share: a bijection of the noise, then a linear map, then the whitening of the start.

Every flow starts as the identity, so that the guide starts as the Gaussian of the start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...lazy import jnp, np
from .family import Density, Family, Whiten, pieces
from .gaussian import log_det, spread, standard_log_prob, unspread

if TYPE_CHECKING:
    from jax import Array


@dataclass(frozen=True, slots=True)
class Bijection:
    """A bijection of R^D.

    Args:
        params: how many parameters it has.
        init: them, where it is the identity.
        forward: ``(parameters, x) -> (y, log |det dy/dx|)``.
        inverse: ``(parameters, y) -> (x, log |det dy/dx|)``.
    """

    params: int
    init: Callable[[], np.ndarray]
    forward: Callable[[Array, Array], tuple[Array, Array]]
    inverse: Callable[[Array, Array], tuple[Array, Array]]


def flow(size: int, bijection: Bijection) -> Family:
    """The family of ``z = loc + F (m + exp(r) f(ε))``, with F the root of the start's covariance."""

    def path(params: Array, normals: Array, whiten: Whiten, density: Density | None = None) -> tuple[Array, Array]:
        move, log_ratio, own = pieces(params, size, size, bijection.params)
        moved, log_slope = bijection.forward(own, normals)
        z = whiten.loc + spread(move + jnp.exp(log_ratio) * moved, whiten)
        return z, standard_log_prob(normals) - log_slope - jnp.sum(log_ratio) - log_det(whiten)

    def log_prob(params: Array, z: Array, whiten: Whiten) -> Array:
        move, log_ratio, own = pieces(params, size, size, bijection.params)
        moved = (unspread(z - whiten.loc, whiten) - move) * jnp.exp(-log_ratio)
        noise, log_slope = bijection.inverse(own, moved)
        return standard_log_prob(noise) - log_slope - jnp.sum(log_ratio) - log_det(whiten)

    return Family(
        params=2 * size + bijection.params,
        normals=size,
        init=lambda whiten: np.concatenate([np.zeros(2 * size), bijection.init()]),
        sample=lambda params, normals, whiten: path(params, normals, whiten)[0],
        log_prob=log_prob,
        path=path,
    )


def chained(steps: Sequence[Bijection]) -> Bijection:
    """One bijection after another."""
    sizes = [step.params for step in steps]

    def forward(params: Array, x: Array) -> tuple[Array, Array]:
        total = jnp.zeros((), x.dtype)
        for step, own in zip(steps, pieces(params, *sizes), strict=True):
            x, more = step.forward(own, x)
            total = total + more
        return x, total

    def inverse(params: Array, y: Array) -> tuple[Array, Array]:
        total = jnp.zeros((), y.dtype)
        for step, own in zip(reversed(steps), reversed(pieces(params, *sizes)), strict=True):
            y, more = step.inverse(own, y)
            total = total + more
        return y, total

    return Bijection(sum(sizes), lambda: np.concatenate([np.zeros(0), *(s.init() for s in steps)]), forward, inverse)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A net of one hidden layer and a linear path beside it; zero at the start.

    Args:
        hidden: which inputs each hidden unit reads, ``[H, in]``.
        out: which hidden units each output reads, ``[out, H]``.
        direct: which inputs each output reads past them, ``[out, in]``.
        seed: of the hidden weights.
    """

    hidden: np.ndarray
    out: np.ndarray
    direct: np.ndarray
    seed: int

    @property
    def params(self) -> int:
        return sum(self._sizes())

    def _sizes(self) -> list[int]:
        return [self.hidden.size, len(self.hidden), self.out.size, self.direct.size, len(self.out)]

    def init(self) -> np.ndarray:
        reach = np.sqrt(np.maximum(1, np.sum(self.hidden, axis=1, keepdims=True)))
        weights = np.random.default_rng(self.seed).standard_normal(self.hidden.shape) * self.hidden / reach
        return np.concatenate([weights.ravel(), np.zeros(self.params - weights.size)])

    def __call__(self, params: Array, x: Array) -> Array:
        hidden, before, out, direct, after = pieces(params, *self._sizes())
        inner = jnp.tanh((hidden.reshape(self.hidden.shape) * self.hidden) @ x + before)
        beside = (direct.reshape(self.direct.shape) * self.direct) @ x
        return (out.reshape(self.out.shape) * self.out) @ inner + beside + after


def dense(inputs: int, outputs: int, width: int, seed: int) -> Network:
    """A net in which everything reads everything."""
    return Network(np.ones((width, inputs)), np.ones((outputs, width)), np.ones((outputs, inputs)), seed)


def masked(inputs: np.ndarray, outputs: np.ndarray, width: int, seed: int) -> Network:
    """A net in which an output of some rank reads inputs of lower rank alone.

    Source: Germain, Gregor, Murray & Larochelle (2015), MADE.
    """
    unit = np.arange(width) % max(1, len(inputs) - 1)
    hidden, out, direct = unit[:, None] >= inputs, outputs[:, None] > unit, outputs[:, None] > inputs
    return Network(hidden.astype(float), out.astype(float), direct.astype(float), seed)
