"""The regularised incomplete beta function with slopes in its shapes, which JAX has not."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ..lazy import jax, jnp, lax, special
from .distributions.numeric import betaln

if TYPE_CHECKING:
    from collections.abc import Callable

    from jax import Array

_TERMS = 120
"""Pairs of partial quotients. They settle after about sqrt(max(a, b)) of them: enough up to shapes of ten thousand."""

_TINY = 1e-30


def betainc(a: Any, b: Any, x: Any) -> Array:
    """I_x(a, b) = ∫ from 0 to x of t^(a - 1) (1 - t)^(b - 1) dt / B(a, b)."""
    a, b, x = jnp.broadcast_arrays(a, b, x)
    dtype = (1.0 * (a + b + x)).dtype
    return _with_slopes()(a.astype(dtype), b.astype(dtype), x.astype(dtype))


@cache
def _with_slopes() -> Callable[..., Array]:
    function = jax.custom_jvp(special.betainc)

    def beside(primals: tuple[Array, ...], tangents: tuple[Any, ...]) -> tuple[Array, Array]:
        a, b, x = primals
        moved = jnp.zeros_like(x)
        for place, tangent in enumerate(tangents):
            if not isinstance(tangent, jax.custom_derivatives.SymbolicZero):
                slope = _density(a, b, x) if place == 2 else _slope(a, b, x, place)
                moved = moved + slope * tangent
        return function(a, b, x), moved

    function.defjvp(beside, symbolic_zeros=True)
    return function


def _density(a: Array, b: Array, x: Array) -> Array:
    return jnp.exp(special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - betaln(a, b))


def _slope(a: Array, b: Array, x: Array, place: int) -> Array:
    """The slope in a (``place`` 0) or in b (1), from the side on which the continued fraction settles."""
    inside = (x > 0) & (x < 1)
    x = jnp.where(inside, x, 0.5)
    near = x < (a + 1) / (a + b + 2)
    one, other, part = jnp.where(near, a, b), jnp.where(near, b, a), jnp.where(near, x, 1 - x)
    first = near if place == 0 else ~near
    moves = jnp.where(first, 1.0, 0.0).astype(x.dtype)
    _, slope = jax.jvp(lambda p, q: _by_fraction(p, q, part), (one, other), (moves, 1 - moves))
    return jnp.where(inside, jnp.where(near, slope, -slope), 0)


def _by_fraction(a: Array, b: Array, x: Array) -> Array:
    """DLMF 8.17.22, from its front by the method of Lentz."""

    def lengthen(m: Array, state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        even = (m + 1) * (b - m - 1) * x / ((a + 2 * m + 1) * (a + 2 * m + 2))
        for quotient in (odd, even):
            c, d, product = state
            c = _away_from_zero(1 + quotient / c)
            d = 1 / _away_from_zero(1 + quotient * d)
            state = c, d, product * c * d
        return state

    one = jnp.ones_like(x)
    product = lax.fori_loop(0, _TERMS, lambda m, state: lengthen(m.astype(x.dtype), state), (one, 0 * one, one))[2]
    front = a * jnp.log(x) + b * jnp.log1p(-x) - betaln(a, b) - jnp.log(a)
    return jnp.exp(front) / product


def _away_from_zero(x: Array) -> Array:
    return jnp.where(jnp.abs(x) < _TINY, _TINY, x)
