"""Probabilities of half lines and intervals of one distribution, exact in both tails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ..distribution import Bound
from .numeric import log1mexp, safe_log, within

if TYPE_CHECKING:
    from jax import Array


def log_at_most(child: Bound, x: Any) -> Array:
    """Log P(X <= x)."""
    row, params = child.row, child.canonical()
    if row.log_cdf is not None:
        return row.log_cdf(x, *params)
    assert row.cdf is not None
    return safe_log(row.cdf(x, *params))


def log_above(child: Bound, x: Any) -> Array:
    """Log P(X > x)."""
    row, params = child.row, child.canonical()
    if row.log_sf is not None:
        return row.log_sf(x, *params)
    assert row.cdf is not None
    return safe_log(1 - row.cdf(x, *params))


def before(child: Bound, lower: Any) -> Any:
    """The point with P(X <= point) = P(X < lower): one less for counts."""
    return jnp.ceil(lower) - 1 if child.row.support.discrete else lower


def _log_difference(large: Any, small: Any) -> Array:
    """log(exp large - exp small); -inf with slope zero where they are equal."""
    apart = (large > small) & jnp.isfinite(large)
    safe_large = jnp.where(apart, large, 0)
    gap = safe_large - jnp.where(apart & jnp.isfinite(small), small, safe_large - 1)
    cut = jnp.where(jnp.isfinite(small), log1mexp(gap), 0)
    return within(apart, safe_large + cut)


def log_mass(child: Bound, lower: Any, upper: Any) -> Array:
    """Log P(lower <= X <= upper); an end that is ``None`` is infinite. Measured from the nearer tail."""
    if lower is None and upper is None:
        return jnp.zeros(())
    if lower is None:
        return log_at_most(child, upper)
    start = before(child, lower)
    if upper is None:
        return log_above(child, start)
    below, above = log_at_most(child, start), log_above(child, start)
    left = _log_difference(log_at_most(child, upper), below)
    right = _log_difference(above, log_above(child, upper))
    return jnp.where(below < above, left, right)
