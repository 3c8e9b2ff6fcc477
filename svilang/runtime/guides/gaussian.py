"""Arithmetic that the Gaussian families share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...lazy import jnp, lax, linalg

if TYPE_CHECKING:
    from jax import Array

    from .family import Whiten

LOG_2PI = math.log(2 * math.pi)


def standard_entropy(size: int) -> float:
    """Entropy of ``size`` independent standard normals, in nats."""
    return 0.5 * size * (1 + LOG_2PI)


def standard_log_prob(noise: Array) -> Array:
    """Log density of independent standard normals at ``noise``."""
    return -0.5 * jnp.sum(noise * noise) - 0.5 * noise.shape[0] * LOG_2PI


def spread(noise: Array, whiten: Whiten) -> Array:
    """``F @ noise``, with F the root of the conditional covariance."""
    factor = whiten.tril if whiten.factor is None else whiten.factor
    return whiten.scale * noise if factor is None else factor @ noise


def unspread(deviation: Array, whiten: Whiten) -> Array:
    """The inverse of :func:`spread`."""
    factor = whiten.tril if whiten.factor is None else whiten.factor
    return deviation / whiten.scale if factor is None else linalg.solve_triangular(factor, deviation, lower=True)


def quadratic(deviation: Array, whiten: Whiten) -> Array:
    """``d' C d / 2`` for a deviation in units of ``scale``, with C the precision in these units."""
    if whiten.precision is None:
        return 0.5 * jnp.sum(deviation * deviation)
    # C is symmetric, so that its product with d is the gradient too; derived as it stands it would be taken twice.
    fixed = lax.stop_gradient(deviation)
    image = whiten.precision @ fixed
    return jnp.sum(deviation * image) - 0.5 * jnp.sum(fixed * image)


def log_det(whiten: Whiten) -> Array:
    """``log |det F|``."""
    factor = whiten.tril if whiten.factor is None else whiten.factor
    return jnp.sum(jnp.log(whiten.scale if factor is None else jnp.diagonal(factor)))
