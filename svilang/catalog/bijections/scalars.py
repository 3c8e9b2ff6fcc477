"""Increasing maps of one number. Because they increase, quantiles map to quantiles, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...lazy import jnp, nn
from ..bijector import Bijector, Shape


def _same_shape(shape: Shape) -> Shape:
    return shape


def _scalar(
    name: str,
    forward: Callable[..., Any],
    inverse: Callable[..., Any],
    log_det: Callable[..., Any],
    arguments: tuple[str, ...] = (),
) -> Bijector:
    return Bijector(name, 0, 0, _same_shape, forward, inverse, log_det, elementwise_monotone=True, arguments=arguments)


def chance(z: Any) -> Any:
    """The logistic function, kept off 0 and 1 so that a density that is zero there stays finite."""
    z = jnp.asarray(z)
    limits = jnp.finfo(z.dtype)
    return jnp.clip(nn.sigmoid(z), limits.tiny, 1 - limits.epsneg)


def _log_slope(z: Any) -> Any:
    """The logarithm of the slope of the logistic function."""
    return -nn.softplus(z) - nn.softplus(-z)


def _interval(z: Any, lower: Any, upper: Any) -> Any:
    return jnp.clip(lower + (upper - lower) * chance(z), lower, upper)


IDENTITY = _scalar("identity", lambda z: z, lambda x: x, lambda z, x: jnp.zeros_like(x))

EXP = _scalar("exp", lambda z: jnp.exp(z), lambda x: jnp.log(x), lambda z, x: z)

NEGATIVE_EXP = _scalar("negative exp", lambda z: -jnp.exp(-z), lambda x: -jnp.log(-x), lambda z, x: -z)

LOWER = _scalar(
    "lower bound",
    lambda z, lower: lower + jnp.exp(z),
    lambda x, lower: jnp.log(x - lower),
    lambda z, x, lower: z + jnp.zeros_like(x),
    ("lower",),
)

UPPER = _scalar(
    "upper bound",
    lambda z, upper: upper - jnp.exp(-z),
    lambda x, upper: -jnp.log(upper - x),
    lambda z, x, upper: -z + jnp.zeros_like(x),
    ("upper",),
)

LOGISTIC = _scalar("logistic", chance, lambda x: jnp.log(x) - jnp.log1p(-x), lambda z, x: _log_slope(z))

INTERVAL = _scalar(
    "interval",
    _interval,
    lambda x, lower, upper: jnp.log(x - lower) - jnp.log(upper - x),
    lambda z, x, lower, upper: _log_slope(z) + jnp.log(upper - lower),
    ("lower", "upper"),
)
