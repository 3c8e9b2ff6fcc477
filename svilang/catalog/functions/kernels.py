"""Covariance functions: the covariance matrix of a Gaussian process at given places.

Places are numbers, or for kernels of the distance alone points with several coordinates, ``xy: real[site, axis]``, all
with one lengthscale or each with its own. Sums and products of kernels are
kernels: ``rbf(x, 2, 1) + periodic(x, 7, 1, 0.5)``, and a product over two coordinates is a kernel of both. White noise
is ``s^2 * eye(n)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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


def _between_points(x: Any) -> Array:
    """Euclidean; the slope between equal points is 0."""
    squares = jnp.sum(jnp.square(x[..., :, None, :] - x[..., None, :, :]), axis=-1)
    apart = squares > 0
    return jnp.where(apart, jnp.sqrt(jnp.where(apart, squares, 1)), 0)


def _stationary(shape: Callable[[Any], Any], distances: Callable[[Any], Array]) -> Callable[..., Array]:
    """scale² k(d / lengthscale)."""

    def kernel(x: Any, lengthscale: Any, scale: Any) -> Array:
        x, lengthscale, scale = reals(x, lengthscale, scale)
        return _matrix(scale) ** 2 * shape(distances(x) / jnp.abs(_matrix(lengthscale)))

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


def _row(
    name: str,
    params: str,
    apply: Callable[..., Any],
    summary: str,
    first: tuple[tuple[str, ...], ...] = (("n",),),
) -> Function:
    names = tuple(params.split())
    axes = ((*first, *((),) * (len(names) - len(first))), ("n", "n"))
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


def _of_distance(name: str, shape: Callable[[Any], Any], summary: str) -> Function:
    params = "x lengthscale scale"
    isotropic = _stationary(shape, _between_points)

    def of_each(x: Any, lengthscale: Any, scale: Any) -> Array:
        return isotropic(x / jnp.asarray(lengthscale)[..., None, :], 1.0, scale)

    each = _row(name, params, of_each, summary, (("n", "c"), ("c",)))
    points = _row(name, params, isotropic, summary, (("n", "c"),))
    summary = f"{summary}; x: places or points, these with one lengthscale or one for each coordinate"
    return replace(_row(name, params, _stationary(shape, _distances), summary), wider=(points, each))


ROWS = (
    _of_distance("rbf", lambda r: jnp.exp(-0.5 * r * r), "scale^2 e^(-r^2 / 2), r = d / lengthscale"),
    _of_distance("matern12", lambda r: jnp.exp(-r), "scale^2 e^-r, r = d / lengthscale"),
    _of_distance("matern32", _matern32, "scale^2 (1 + r) e^-r, r = sqrt(3) d / lengthscale"),
    _of_distance("matern52", _matern52, "scale^2 (1 + r + r^2 / 3) e^-r, r = sqrt(5) d / lengthscale"),
    _row(
        "periodic",
        "x period lengthscale scale",
        _periodic,
        "scale^2 e^(-2 sin(pi d / period)^2 / lengthscale^2)",
    ),
    _row("linear", "x centre scale", _linear, "scale^2 (x_i - centre) (x_j - centre)"),
)
