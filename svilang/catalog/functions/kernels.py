"""Covariance functions of one coordinate: the covariance matrix of a Gaussian process at given places.

Sums and products of kernels are kernels: ``rbf(x, 2, 1) + periodic(x, 7, 1, 0.5)``, and a product over two coordinates
is a kernel of both. White noise is ``s^2 * eye(n)``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ...types import KINDS, intervals
from ..function import Function, Role
from . import supports
from .numbers import reals

if TYPE_CHECKING:
    from jax import Array

_PI = 3.141592653589793


def _matrix(value: Any) -> Array:
    """A number of each batch, ready to meet matrices."""
    return jnp.asarray(value)[..., None, None]


def _distances(x: Any) -> Array:
    return jnp.abs(x[..., :, None] - x[..., None, :])


def _stationary(shape: Callable[[Any], Any]) -> Callable[..., Array]:
    """scale² k(|x - x'| / lengthscale)."""

    def kernel(x: Any, lengthscale: Any, scale: Any) -> Array:
        x, lengthscale, scale = reals(x, lengthscale, scale)
        return _matrix(scale) ** 2 * shape(_distances(x) / jnp.abs(_matrix(lengthscale)))

    return kernel


def _matern32(r: Any) -> Array:
    r = 3**0.5 * r
    return (1 + r) * jnp.exp(-r)


def _matern52(r: Any) -> Array:
    r = 5**0.5 * r
    return (1 + r + r * r / 3) * jnp.exp(-r)


def _periodic(x: Any, period: Any, lengthscale: Any, scale: Any) -> Array:
    x, period, lengthscale, scale = reals(x, period, lengthscale, scale)
    wave = jnp.sin(_PI * _distances(x) / _matrix(period)) / _matrix(lengthscale)
    return _matrix(scale) ** 2 * jnp.exp(-2 * wave * wave)


def _linear(x: Any, centre: Any, scale: Any) -> Array:
    x, centre, scale = reals(x, centre, scale)
    offset = x - jnp.asarray(centre)[..., None]
    return _matrix(scale) ** 2 * offset[..., :, None] * offset[..., None, :]


def _row(name: str, params: str, apply: Callable[..., Any], summary: str) -> Function:
    names = tuple(params.split())
    axes = ((("n",), *((),) * (len(names) - 1)), ("n", "n"))
    domain = tuple(intervals.POSITIVE if name in ("lengthscale", "period") else None for name in names)
    return Function(
        name,
        Role.MATRIX,
        names,
        apply,
        supports.anywhere,
        summary,
        domain=domain,
        signature=axes,
        result=KINDS["cov"].kind,
    )


ROWS = (
    _row(
        "rbf",
        "x lengthscale scale",
        _stationary(lambda r: jnp.exp(-0.5 * r * r)),
        "scale^2 e^(-r^2 / 2), r = d / lengthscale",
    ),
    _row("matern12", "x lengthscale scale", _stationary(lambda r: jnp.exp(-r)), "scale^2 e^-r, r = d / lengthscale"),
    _row(
        "matern32",
        "x lengthscale scale",
        _stationary(_matern32),
        "scale^2 (1 + r) e^-r, r = sqrt(3) d / lengthscale",
    ),
    _row(
        "matern52",
        "x lengthscale scale",
        _stationary(_matern52),
        "scale^2 (1 + r + r^2 / 3) e^-r, r = sqrt(5) d / lengthscale",
    ),
    _row(
        "periodic",
        "x period lengthscale scale",
        _periodic,
        "scale^2 e^(-2 sin(pi d / period)^2 / lengthscale^2)",
    ),
    _row("linear", "x centre scale", _linear, "scale^2 (x_i - centre) (x_j - centre)"),
)
