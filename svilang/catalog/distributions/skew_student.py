"""SkewStudentT: Student's law with tails of two weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random, special
from ..beta_function import betainc
from ..distribution import Distribution, Form, LocationScale, Param
from .gamma import log_gamma_draws
from .kinds import LOC, POSITIVE, REAL, SCALE
from .numeric import LOG_2, float_type, real, safe_log, spread, stirling
from .standard import AFFINE

if TYPE_CHECKING:
    from jax import Array

_PARAMS = (
    Param("lower_df", POSITIVE, "degrees of freedom of the lower tail: small for a heavy one"),
    Param("upper_df", POSITIVE, "degrees of freedom of the upper tail"),
    LOC,
    SCALE,
)


def _radius(z: Any, a: Any, b: Any) -> tuple[Array, Array, Array]:
    """Whether z is at least 0, its size, and sqrt(a + b + z²)."""
    up = z >= 0
    return up, jnp.where(up, z, -z), jnp.hypot(jnp.sqrt(a + b), z)


def _log_constant(a: Any, b: Any) -> Array:
    """Log of 2^(a + b - 1) B(a, b) sqrt(a + b), without cancellation for large a and b."""
    total, gap = a + b, a - b
    shapes = a * jnp.log1p(gap / total) + b * jnp.log1p(-gap / total)
    series = stirling(a) + stirling(b) - stirling(total)
    return shapes + series + jnp.log(1 / a + 1 / b) - LOG_2 + 0.5 * jnp.log(total)


def _standard_log_prob(z: Any, lower_df: Any, upper_df: Any) -> Array:
    """(1 + u)^(a + 1/2) (1 - u)^(b + 1/2) over its constant, with u = z / sqrt(a + b + z²); 1 - u² = (1 - u)(1 + u)."""
    a, b = 0.5 * real(lower_df), 0.5 * real(upper_df)
    up, size, radius = _radius(z, a, b)
    far = jnp.log1p(size / radius)
    close = size * size < a + b
    square = jnp.where(close, size, 0) ** 2 / (a + b)
    near = jnp.where(close, -jnp.log1p(square), jnp.log(a + b) - 2 * jnp.log(radius)) - far
    above, below = jnp.where(up, far, near), jnp.where(up, near, far)
    return (a + 0.5) * above + (b + 0.5) * below - _log_constant(a, b)


def _log_prob(x: Any, lower_df: Any, upper_df: Any, loc: Any, scale: Any) -> Array:
    return _standard_log_prob((x - loc) / scale, lower_df, upper_df) - jnp.log(scale)


def _sample(key: Any, shape: tuple[int, ...], lower_df: Any, upper_df: Any, loc: Any, scale: Any) -> Array:
    """By two Gamma draws X and Y: z = sqrt(a + b) sinh(log(X / Y) / 2)."""
    dtype = float_type(lower_df, upper_df, loc, scale)
    first, second = random.split(key)
    half = 0.5 * (
        log_gamma_draws(first, shape, 0.5 * real(lower_df), dtype)
        - log_gamma_draws(second, shape, 0.5 * real(upper_df), dtype)
    )
    return (loc + scale * jnp.sqrt(0.5 * (real(lower_df) + upper_df)) * jnp.sinh(half)).astype(dtype)


def _nearer_tail(z: Any, lower_df: Any, upper_df: Any) -> tuple[Array, Array]:
    """Whether z >= 0, and then P(Z > z), else P(Z <= z), by the beta law of (1 + u) / 2."""
    a, b = 0.5 * real(lower_df), 0.5 * real(upper_df)
    up, size, radius = _radius(z, a, b)
    share = 0.5 * (a + b) / (radius * (radius + size))
    return up, betainc(jnp.where(up, b, a), jnp.where(up, a, b), share)


def _log_cdf(x: Any, lower_df: Any, upper_df: Any, loc: Any, scale: Any) -> Array:
    up, tail = _nearer_tail((x - loc) / scale, lower_df, upper_df)
    return safe_log(jnp.where(up, 1 - tail, tail))


def _log_sf(x: Any, lower_df: Any, upper_df: Any, loc: Any, scale: Any) -> Array:
    up, tail = _nearer_tail((x - loc) / scale, lower_df, upper_df)
    return safe_log(jnp.where(up, tail, 1 - tail))


def _standard_mean(a: Any, b: Any) -> Array:
    finite = (a > 0.5) & (b > 0.5)
    a, b = jnp.where(finite, a, 1), jnp.where(finite, b, 1)
    ratio = special.gammaln(a - 0.5) - special.gammaln(a) + special.gammaln(b - 0.5) - special.gammaln(b)
    return jnp.where(finite, 0.5 * (a - b) * jnp.sqrt(a + b) * jnp.exp(ratio), jnp.nan)


def _mean(lower_df: Any, upper_df: Any, loc: Any, scale: Any) -> Array:
    return loc + scale * _standard_mean(0.5 * real(lower_df), 0.5 * real(upper_df))


def _variance(lower_df: Any, upper_df: Any, loc: Any, scale: Any) -> Array:
    a, b = 0.5 * real(lower_df), 0.5 * real(upper_df)
    finite = (a > 1) & (b > 1)
    p, q = jnp.where(finite, a, 2), jnp.where(finite, b, 2)
    second = 0.25 * (p + q) * ((p - q) ** 2 + p + q - 2) / ((p - 1) * (q - 1))
    value = scale**2 * (second - _standard_mean(p, q) ** 2)
    return spread(jnp.where(finite, value, jnp.where((a > 0.5) & (b > 0.5), jnp.inf, jnp.nan)), loc)


SKEW_STUDENT_T = Distribution(
    name="SkewStudentT",
    forms=(Form(_PARAMS, _log_prob),),
    support=REAL,
    sample=_sample,
    reparameterised=True,
    location_scale=LocationScale(
        forward=lambda z, lower_df, upper_df, loc, scale: AFFINE.forward(z, loc, scale),
        inverse=lambda x, lower_df, upper_df, loc, scale: AFFINE.inverse(x, loc, scale),
        log_det=lambda z, lower_df, upper_df, loc, scale: AFFINE.log_det(z, loc, scale),
        log_prob=lambda z, lower_df, upper_df, loc, scale: _standard_log_prob(z, lower_df, upper_df),
    ),
    mean=_mean,
    variance=_variance,
    cdf=lambda x, *params: jnp.exp(_log_cdf(x, *params)),
    log_cdf=_log_cdf,
    log_sf=_log_sf,
    summary="errors with outliers, more of them on one side",
    reference="Jones & Faddy (2003), Journal of the Royal Statistical Society B 65(1)",
)
