"""Particles moved by Stein variational gradient descent: each goes uphill with its neighbours and away from them."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from ...lazy import jax, jnp, lax, np, special
from ..structure import Structure
from .family import COUNT, Family, FamilyRow, Settings, Whiten, shift

if TYPE_CHECKING:
    from jax import Array


def stein(particles: Array, slopes: Array) -> Array:
    """The direction in which the particles together approach a law fastest, ``[n, D]``.

    ``phi_d(x_i) = mean_j [k_d(x_j, x_i) s_jd + d/dx_jd k_d(x_j, x_i)]`` with ``k_d(x, y) = exp(-(x_d - y_d)² / h_d)``
    and ``h_d`` half the squared interquartile range over ``log(n + 1)``, a kernel for each coordinate. One over all of
    them sees no neighbours in more than a few dimensions, and its particles shrink together; with one for each,
    correlations are those that the start has found.

    Args:
        particles: ``[n, D]``.
        slopes: of the log density at each, ``[n, D]``.

    Source: Liu & Wang (2016), Stein variational gradient descent; Zhuo et al. (2018), Message passing SVGD.
    """
    count = particles.shape[0]
    low, high = jnp.quantile(particles, jnp.asarray((0.25, 0.75)), axis=0)
    width = jnp.maximum((high - low) ** 2 / (2 * math.log(count + 1)), jnp.finfo(particles.dtype).tiny)
    apart = particles[:, None] - particles
    kernel = jnp.exp(-(apart**2) / width)
    return jnp.mean(kernel * (slopes + 2 * apart / width), 1)


def _steered(particles: Array) -> Array:
    """The particles themselves, with Stein's direction in the place of the gradient of the mean log density."""

    @jax.custom_vjp
    def same(x: Array) -> Array:
        return x

    def forward(x: Array) -> tuple[Array, Array]:
        return x, x

    def backward(x: Array, falls: Array) -> tuple[Array]:
        return (-stein(x, -x.shape[0] * falls) / x.shape[0],)

    same.defvjp(forward, backward)
    return same(particles)


def _branch(count: int, params: Array, normals: Array, whiten: Whiten, which: Array) -> Array:
    particles = _steered(params.reshape(count, -1))
    return shift(lax.dynamic_index_in_dim(particles, which, keepdims=False), whiten)


def _sample(count: int, params: Array, normals: Array, whiten: Whiten) -> Array:
    which = jnp.minimum(jnp.floor(count * special.ndtr(normals[-1])), count - 1).astype(int)
    return _branch(count, params, normals, whiten, which)


def _nothing(params: Array, whiten: Whiten) -> Array:
    return jnp.zeros((), params.dtype)


def _init(count: int, size: int, whiten: Whiten) -> np.ndarray:
    """Draws of the Gaussian of the start."""
    return np.random.default_rng(0).standard_normal(count * size)


def _places(count: int, params: np.ndarray, whiten: Whiten) -> np.ndarray:
    return np.stack([shift(own, whiten) for own in params.reshape(count, -1)])


def _moments(count: int, params: np.ndarray, whiten: Whiten) -> tuple[np.ndarray, np.ndarray]:
    places = _places(count, params, whiten)
    return np.mean(places, axis=0), np.std(places, axis=0)


def _over(structure: Structure, settings: Settings) -> Family:
    count, size = int(settings["particles"]), structure.size
    return Family(
        params=count * size,
        normals=1,
        init=partial(_init, count, size),
        sample=partial(_sample, count),
        log_prob=lambda params, z, whiten: _nothing(params, whiten),
        entropy=_nothing,
        moments=partial(_moments, count),
        covariance=lambda params, whiten: np.atleast_2d(np.cov(_places(count, params, whiten).T, ddof=0)),
        branches=count,
        branch=partial(_branch, count),
        log_weights=lambda params: jnp.full(count, -math.log(count), params.dtype),
    )


SVGD = FamilyRow(
    name="svgd",
    summary="particles that climb together and keep apart, by Stein's gradient; their entropy is counted as 0",
    over=_over,
    settings={"particles": 50},
    kinds={"particles": COUNT},
    flow=True,
    density=False,
)
