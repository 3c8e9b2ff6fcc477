"""Bases of curves: columns along a dimension, made from a number for each row.

``curve = bspline(knot, x, 0, 1) @ weight`` is a smooth function of ``x`` with a weight for each member of ``knot``.
"""

from __future__ import annotations

import math
from typing import Any

from ...lazy import jnp
from ...types import Interval
from ...types.intervals import UNIT
from ..function import Function, Role
from . import supports
from .numbers import reals

Sizes = tuple[int, ...]


def _cardinal(degree: int, u: Any) -> Any:
    """The B-spline of a degree with whole steps between its knots, around 0."""
    size = jnp.abs(u)
    match degree:
        case 0:
            return jnp.ones_like(u)
        case 1:
            return jnp.maximum(0.0, 1 - size)
        case 2:
            middle = 0.75 - jnp.square(u)
            return jnp.where(size < 0.5, middle, jnp.square(jnp.maximum(0.0, 1.5 - size)) / 2)
        case _:
            middle = 2 / 3 - jnp.square(u) + size**3 / 2
            return jnp.where(size < 1, middle, jnp.maximum(0.0, 2 - size) ** 3 / 6)


def _bspline(sizes: Sizes, x: Any, lower: Any, upper: Any) -> Any:
    """Equally spaced knots, of which those beyond the ends are as far apart (Eilers and Marx 1996)."""
    (count,) = sizes
    degree = min(3, count - 1)
    x, lower, upper = (jnp.asarray(value)[..., None] for value in reals(x, lower, upper))
    step = (upper - lower) / (count - degree)
    centre = lower + (jnp.arange(count) - (degree - 1) / 2) * step
    return _cardinal(degree, (x - centre) / step)


def _fourier(sizes: Sizes, x: Any, period: Any) -> Any:
    x, period = (jnp.asarray(value)[..., None] for value in reals(x, period))
    column = jnp.arange(sizes[0])
    angle = 2 * math.pi * (column // 2 + 1) * x / period
    return jnp.where(column % 2 == 0, jnp.sin(angle), jnp.cos(angle))


def _legendre(sizes: Sizes, x: Any, lower: Any, upper: Any) -> Any:
    """``(n + 1) P_{n+1} = (2n + 1) u P_n - n P_{n-1}`` (Abramowitz and Stegun 1964, 22.7.10)."""
    x, lower, upper = (jnp.asarray(value) for value in reals(x, lower, upper))
    u = 2 * (x - lower) / (upper - lower) - 1
    before, now = jnp.ones_like(u), u
    columns = [now]
    for n in range(1, sizes[0]):
        before, now = now, ((2 * n + 1) * u * now - n * before) / (n + 1)
        columns.append(now)
    return jnp.stack(columns, axis=-1)


def _row(name: str, values: str, apply: Any, support: supports.Rule, summary: str) -> Function:
    names = tuple(values.split())
    signature = (((),) * len(names), ("dim",))
    return Function(name, Role.FILL, ("dim", *names), apply, support, summary, signature=signature, dims=("dim",))


ROWS = (
    _row(
        "bspline",
        "x lower upper",
        _bspline,
        supports.always(UNIT),
        "cubic B-splines with equally spaced knots, which sum to 1 between the two ends",
    ),
    _row(
        "fourier",
        "x period",
        _fourier,
        supports.always(Interval(-1, 1)),
        "sine and cosine of the period, of half of it, of a third, …",
    ),
    _row(
        "legendre",
        "x lower upper",
        _legendre,
        supports.anywhere,
        "Legendre polynomials of degree 1, 2, … between the two ends, where they are orthogonal",
    ),
)
