"""Gaussian processes of one coordinate in few numbers: sines on an interval, weighted by the spectrum of a kernel.

``sine_basis(k, x, a, b) @ (rbf_spectrum(k, b - a, lengthscale, scale) * z)`` with independent standard normals ``z`` is
nearly a Gaussian process with the kernel of that name, where ``x`` stays about a lengthscale away from both ends. The
columns are data; only their weights move.

Source: Solin & Särkkä (2020), Hilbert space methods for reduced-rank Gaussian process regression; Riutort-Mayol et al.
(2023), Practical Hilbert space approximate Bayesian Gaussian processes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...lazy import jnp
from ...types.intervals import NONNEGATIVE, POSITIVE
from ..function import Function, Role
from . import supports
from .numbers import reals

Sizes = tuple[int, ...]


def _sine_basis(sizes: Sizes, x: Any, lower: Any, upper: Any) -> Any:
    """Eigenfunctions of the second derivative that are 0 at both ends, of norm 1."""
    x, lower, upper = (jnp.asarray(value)[..., None] for value in reals(x, lower, upper))
    width = upper - lower
    return jnp.sqrt(2 / width) * jnp.sin(math.pi * (jnp.arange(sizes[0]) + 1) * (x - lower) / width)


def _spectrum(density: Callable[[Any], Any]) -> Callable[..., Any]:
    """The root of scale² lengthscale s(lengthscale w) at the frequencies w of the sines."""

    def roots(sizes: Sizes, width: Any, lengthscale: Any, scale: Any) -> Any:
        width, lengthscale, scale = (jnp.asarray(value)[..., None] for value in reals(width, lengthscale, scale))
        frequency = math.pi * (jnp.arange(sizes[0]) + 1) / width
        return scale * jnp.sqrt(lengthscale) * density(lengthscale * frequency)

    return roots


def _root_rbf(w: Any) -> Any:
    return (2 * math.pi) ** 0.25 * jnp.exp(-0.25 * w * w)


def _root_matern(order: float) -> Callable[[Any], Any]:
    """Rasmussen & Williams (2006), eq. 4.15, in one dimension."""
    log_height = math.log(2) + 0.5 * math.log(math.pi) + order * math.log(2 * order)
    height = math.exp(0.5 * (log_height + math.lgamma(order + 0.5) - math.lgamma(order)))
    return lambda w: height * (2 * order + w * w) ** (-0.5 * (order + 0.5))


def _row(name: str, density: Callable[[Any], Any]) -> Function:
    values = ("width", "lengthscale", "scale")
    return Function(
        f"{name}_spectrum",
        Role.FILL,
        ("dim", *values),
        _spectrum(density),
        lambda width, lengthscale, scale: NONNEGATIVE if NONNEGATIVE.holds(scale) else supports.anywhere(),
        f"standard deviations of the weights of `sine_basis` over that width for the kernel `{name}`",
        domain=(None, POSITIVE, POSITIVE, None),
        signature=(((),) * len(values), ("dim",)),
        dims=("dim",),
    )


ROWS = (
    Function(
        "sine_basis",
        Role.FILL,
        ("dim", "x", "lower", "upper"),
        _sine_basis,
        supports.anywhere,
        "sines that are 0 at both ends, of half a period between these, of two halves, …, and of norm 1",
        signature=(((), (), ()), ("dim",)),
        dims=("dim",),
    ),
    _row("rbf", _root_rbf),
    *(_row(f"matern{round(2 * order)}2", _root_matern(order)) for order in (0.5, 1.5, 2.5)),
)
