"""Special functions with their exponential taken out, where it would overflow or cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, special
from .numeric import LOG_2PI, real

if TYPE_CHECKING:
    from jax import Array

_MILLS_FAR = -14.0
_EXP1_FAR = 45.0


def log_mills(z: Any) -> Array:
    """Log of Φ(z) / φ(z); below -14 by the asymptotic series, whose terms are (2k - 1)!! / z^2k."""
    far = z < _MILLS_FAR
    near = jnp.where(far, 0, z)
    low = near < 0
    lower = special.log_ndtr(jnp.where(low, near, 0))
    upper = jnp.log1p(-special.ndtr(jnp.where(low, 0, -near)))
    direct = jnp.where(low, lower, upper) + 0.5 * (near * near + LOG_2PI)
    distance = jnp.where(far, -z, -_MILLS_FAR)
    return jnp.where(far, jnp.log1p(_alternating(1 / distance**2, 2, 9)) - jnp.log(distance), direct)


def _alternating(u: Any, step: int, terms: int) -> Array:
    """The sum of (-u)^k 1 (1 + step) (1 + 2 step) … over k = 1 … terms, by Horner's rule."""
    total = jnp.zeros_like(u)
    for k in reversed(range(terms)):
        total = -(1 + step * k) * u * (1 + total)
    return total


def scaled_exp1(x: Any) -> Array:
    """exp(x) E1(x) for x > 0, the exponential integral without its fall."""
    x = real(x)
    far = x > _EXP1_FAR
    near = jnp.where(far, 1, x)
    large = jnp.where(far, x, _EXP1_FAR)
    return jnp.where(far, (1 + _alternating(1 / large, 1, 12)) / large, jnp.exp(near) * special.exp1(near))


def log1p_ratio(shape: Any, z: Any) -> Array:
    """log(1 + shape z) / shape, which is z at shape = 0; needs 1 + shape z > 0."""
    near = jnp.abs(shape * z) < 1e-3
    u = jnp.where(near, shape * z, 0)
    series = z * (1 + u * (-1 / 2 + u * (1 / 3 + u * (-1 / 4 + u * (1 / 5 - u / 6)))))
    safe = jnp.where(near, 1, shape)
    return jnp.where(near, series, jnp.log1p(jnp.where(near, 0, shape * z)) / safe)


def expm1_ratio(shape: Any, t: Any) -> Array:
    """(exp(shape t) - 1) / shape, which is t at shape = 0."""
    near = jnp.abs(shape * t) < 1e-3
    u = jnp.where(near, shape * t, 0)
    series = t * (1 + u * (1 / 2 + u * (1 / 6 + u * (1 / 24 + u / 120))))
    safe = jnp.where(near, 1, shape)
    return jnp.where(near, series, jnp.expm1(jnp.where(near, 0, shape * t)) / safe)
