"""Elementary functions that stay exact where the textbook formula rounds off, overflows or has no slope.

The pattern throughout: choose a harmless argument where the formula does not apply, evaluate, choose the result. A
reverse pass then never meets infinity times zero. The choice is ``where``, not ``minimum`` or ``abs``, whose slope at a
tie is that of neither side.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, random, special

if TYPE_CHECKING:
    from jax import Array

LOG_2 = math.log(2)
LOG_PI = math.log(math.pi)
LOG_2PI = math.log(2 * math.pi)
EULER = 0.5772156649015329

Sampler = Callable[..., Any]


def real(x: Any, *like: Any) -> Array:
    """``x`` as floating-point numbers, in the precision of ``like`` where ``x`` holds integers."""
    return jnp.asarray(x, jnp.result_type(float, x, *like))


def spread(value: Any, *params: Any) -> Array:
    """``value`` repeated over the common shape of ``params``."""
    shape = jnp.broadcast_shapes(jnp.shape(value), *(jnp.shape(p) for p in params))
    return jnp.broadcast_to(real(value, *params), shape)


def within(inside: Any, value: Any) -> Array:
    """A log density that is -inf outside the support."""
    return jnp.where(inside, value, -jnp.inf)


def is_count(x: Any) -> Array:
    """Whether each element is one of 0, 1, 2, …"""
    return (x >= 0) & (x == jnp.floor(x))


def safe_log(x: Any) -> Array:
    """Log x, and -inf with slope zero at 0 and below."""
    return within(x > 0, jnp.log(jnp.where(x > 0, x, 1)))


def xlogy(x: Any, y: Any) -> Array:
    """The product x log y with 0 log 0 = 0; at y = 0 the limit for the sign of x, with slope zero."""
    product = x * jnp.log(jnp.where(y > 0, y, 1))
    return jnp.where((y > 0) | (x == 0), product, jnp.where(x > 0, -jnp.inf, jnp.inf))


def xlog1py(x: Any, y: Any) -> Array:
    """The product x log(1 + y) with 0 log 0 = 0; at y = -1 the limit for the sign of x, with slope zero."""
    product = x * jnp.log1p(jnp.where(y > -1, y, 0))
    return jnp.where((y > -1) | (x == 0), product, jnp.where(x > 0, -jnp.inf, jnp.inf))


def log1mexp(t: Any) -> Array:
    """log(1 - exp(-t)) for t >= 0, exact for small and for large t; -inf with slope zero at 0.

    Mächler (2012), "Accurately computing log(1 - exp(-|a|))".
    """
    safe = jnp.where(t > 0, t, 1)
    small = jnp.log(-jnp.expm1(-jnp.minimum(safe, 1)))
    large = jnp.log1p(-jnp.exp(-jnp.maximum(safe, 0.5)))
    return within(t > 0, jnp.where(safe < LOG_2, small, large))


def log_sum_exp(a: Any, axis: int = -1) -> Array:
    """Log Σ exp a along an axis; -inf with slope zero where every element is -inf.

    The slope through the greatest element cancels. It is left out and not computed: a compiler that rounds that element
    differently in two places finds none that equals it.
    """
    top = jnp.max(lax.stop_gradient(a), axis=axis, keepdims=True)
    top = jnp.where(jnp.isfinite(top), top, 0)
    total = jnp.sum(jnp.exp(a - top), axis=axis)
    return safe_log(total) + jnp.squeeze(top, axis)


LARGE = 10
"""From here on a log Γ function is taken from Stirling's series."""


def stirling(x: Any) -> Array:
    """Log Γ(x + 1) - x log x + x: what remains of a log factorial without its large terms.

    It grows as log(2πx) / 2, so that differences of log factorials written with it do not cancel. From 10 on by the
    asymptotic series (Loader 2000, "Fast and accurate computation of binomial probabilities").
    """
    small = x < LARGE
    low = jnp.where(small, x, 1)
    direct = special.gammaln(low + 1) - xlogy(low, low) + low
    high = jnp.where(small, LARGE, x)
    inverse = 1 / high
    square = inverse * inverse
    series = square * (
        -1 / 360 + square * (1 / 1260 + square * (-1 / 1680 + square * (1 / 1188 - square * 691 / 360360)))
    )
    asymptotic = 0.5 * jnp.log(2 * math.pi * high) + inverse * (1 / 12 + series)
    return jnp.where(small, direct, asymptotic)


def betaln(a: Any, b: Any) -> Array:
    """Log of the beta function, without cancellation for large arguments."""
    correction = stirling(a) + stirling(b) - stirling(a + b)
    return correction - a * jnp.log1p(b / a) - b * jnp.log1p(a / b) + jnp.log(1 / a + 1 / b)


def log_choose(n: Any, k: Any) -> Array:
    """Log of the binomial coefficient for 0 <= k <= n, without cancellation."""
    rest = n - k
    inside = (k > 0) & (rest > 0)
    n, k, rest = jnp.where(inside, n, 2), jnp.where(inside, k, 1), jnp.where(inside, rest, 1)
    value = stirling(n) - stirling(k) - stirling(rest) + k * jnp.log1p(rest / k) + rest * jnp.log1p(k / rest)
    return jnp.where(inside, value, 0)


def count_terms(x: Any, expected: Any) -> Array:
    """The sum x log(m / x) - m + x for counts x and their expectation m: a Poisson log mass without its Stirling part.

    Written about m = x, where it is 0, so that counts of a million keep their digits in single precision (Loader 2000).
    At m = 0 it is 0 for x = 0 and -inf, with slope zero, for others.
    """
    some = x > 0
    possible = some & (expected > 0)
    safe = jnp.where(some, x, 1)
    distance = jnp.where(possible, expected - safe, 0) / safe
    near = jnp.abs(distance) < 0.5
    close, ratio = jnp.where(near, distance, 0), jnp.where(near | ~possible, 1, expected / safe)
    value = safe * (jnp.log1p(close) + jnp.log(ratio) - distance)
    return jnp.where(some, within(possible, value), -expected)


def count_terms_log(x: Any, log_expected: Any) -> Array:
    """The same from log m."""
    some = x > 0
    safe = jnp.where(some, x, 1)
    distance = jnp.where(some, log_expected, 0) - jnp.log(safe)
    return jnp.where(some, safe * (distance - jnp.expm1(distance)), -jnp.exp(jnp.where(some, 0, log_expected)))


def log_count_beta(concentration: Any, x: Any) -> Array:
    """Log of x B(concentration, x) for counts x, and 0 at x = 0: the factor that x outcomes bring to a Pólya urn."""
    safe = jnp.where(x > 0, x, 1)
    return jnp.where(x > 0, jnp.log(safe) + betaln(concentration, safe), 0)


def open_unit(u: Any) -> Array:
    """Numbers in [0, 1] moved off the two ends by the least representable step."""
    info = jnp.finfo(jnp.result_type(float, u))
    return jnp.clip(u, info.tiny, 1 - info.epsneg)


def off_zero(x: Any) -> Array:
    """Positive draws that underflowed, moved to the least positive number."""
    return jnp.maximum(x, jnp.finfo(jnp.result_type(float, x)).tiny)


def float_type(*params: Any) -> Any:
    """The floating-point type of draws made from these parameters."""
    return jnp.result_type(float, *params)


def normal_draws(from_noise: Callable[..., Any]) -> Sampler:
    """The sampler that feeds standard normal noise to ``from_noise``."""

    def sample(key: Any, shape: tuple[int, ...], *params: Any) -> Array:
        return from_noise(random.normal(key, shape, float_type(*params)), *params)

    return sample


def uniform_draws(from_noise: Callable[..., Any]) -> Sampler:
    """The sampler that feeds uniform noise to ``from_noise``."""

    def sample(key: Any, shape: tuple[int, ...], *params: Any) -> Array:
        return from_noise(random.uniform(key, shape, float_type(*params)), *params)

    return sample
