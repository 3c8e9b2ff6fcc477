"""The law on [0, L] whose density is proportional to exp(beta t), uniform at beta = 0.

Power laws between two bounds are such a law of the logarithm, a continuous Bernoulli is one on [0, 1]. Everything goes
by y = beta L, and near y = 0 by its series, so that no formula divides zero by zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from .numeric import log1mexp, safe_log

if TYPE_CHECKING:
    from jax import Array

_NEAR = 0.2
_STEEP = 30.0


def _split(y: Any) -> tuple[Array, Array, Array]:
    """Whether y is near 0, y there, and |y| elsewhere; a harmless number in the other place."""
    near = jnp.abs(y) < _NEAR
    return near, jnp.where(near, y, 0), jnp.where(near, 1, jnp.where(y < 0, -y, y))


def log_mean_exp(y: Any) -> Array:
    """Log of the mean of exp(y u) over u in [0, 1]: log((exp(y) - 1) / y)."""
    near, small, large = _split(y)
    square = (0.5 * small) ** 2
    series = 0.5 * small + square * (1 / 6 + square * (-1 / 180 + square * (1 / 2835 - square / 37800)))
    return jnp.where(near, series, jnp.where(y < 0, 0, y) + log1mexp(large) - jnp.log(large))


def mean_share(y: Any) -> Array:
    """The mean of t / L: the slope of :func:`log_mean_exp`."""
    near, small, large = _split(y)
    square = small**2
    series = 0.5 + small * (1 / 12 + square * (-1 / 720 + square * (1 / 30240 - square / 1209600)))
    from_end = 1 / large - jnp.exp(-large) / -jnp.expm1(-large)
    return jnp.where(near, series, jnp.where(y < 0, from_end, 1 - from_end))


def variance_share(y: Any) -> Array:
    """The variance of t / L."""
    near, small, large = _split(y)
    square = small**2
    series = 1 / 12 + square * (-1 / 240 + square * (1 / 6048 - square / 172800))
    return jnp.where(near, series, 1 / large**2 - jnp.exp(-large) / jnp.expm1(-large) ** 2)


def log_integral(beta: Any, length: Any) -> Array:
    """Log of the integral of exp(beta t) over [0, length]."""
    return safe_log(length) + log_mean_exp(beta * length)


def log_prob(t: Any, beta: Any, length: Any) -> Array:
    """Log density at t in [0, length]."""
    return beta * t - log_integral(beta, length)


def log_cdf(t: Any, beta: Any, length: Any) -> Array:
    """Log P(T <= t), t in [0, length]."""
    return log_integral(beta, t) - log_integral(beta, length)


def log_sf(t: Any, beta: Any, length: Any) -> Array:
    """Log P(T > t), t in [0, length]."""
    return beta * t + log_integral(beta, length - t) - log_integral(beta, length)


def icdf(q: Any, beta: Any, length: Any) -> Array:
    """The t with P(T <= t) = q: log(1 + q (exp(y) - 1)) / y, and the same without its overflow."""
    y = beta * length
    near = jnp.abs(y) < 1e-3
    steep = y > _STEEP
    slope = jnp.where(near | steep, 1, y)
    share = jnp.log1p(q * jnp.expm1(slope)) / slope
    top = jnp.where(steep, y, _STEEP)
    steep_share = jnp.logaddexp(jnp.log1p(-q), safe_log(q) + top) / top
    small = jnp.where(near, y, 0)
    rest = q * (1 - q)
    cubic = 1 - 6 * rest
    series = q + rest * small * (0.5 + (1 - 2 * q) * small / 6 + cubic * small**2 / 24)
    return length * jnp.where(near, series, jnp.where(steep, steep_share, share))
