"""Probabilities of half lines and intervals of one distribution, exact in both tails."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ...types import Interval
from ..distribution import AnyLaw, Bound
from .numeric import log1mexp, safe_log, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from jax import Array


def has_tails(law: AnyLaw) -> bool:
    """Whether the distribution function of ``law`` is known."""
    if isinstance(law, Bound):
        return law.row.cdf is not None
    return law.combinator.log_cdf is not None and all(map(has_tails, law.children))


def log_at_most(law: AnyLaw, x: Any) -> Array:
    """Log P(X <= x)."""
    if not isinstance(law, Bound):
        assert law.combinator.log_cdf is not None
        return law.combinator.log_cdf(x, law.children, *law.args)
    if _is_first(law, x):
        return law.log_prob(math.floor(x))
    return _away_from_the_ends(law, x, _leaf_at_most, -jnp.inf, 0)


def _leaf_at_most(law: Bound, x: Any) -> Array:
    row, params = law.row, law.canonical()
    if row.log_cdf is not None:
        return row.log_cdf(x, *params)
    assert row.cdf is not None
    return safe_log(row.cdf(x, *params))


def log_above(law: AnyLaw, x: Any) -> Array:
    """Log P(X > x)."""
    if not isinstance(law, Bound):
        assert law.combinator.log_sf is not None
        return law.combinator.log_sf(x, law.children, *law.args)
    if _is_first(law, x):
        return log_complement(law.log_prob(math.floor(x)))
    return _away_from_the_ends(law, x, _leaf_above, 0, -jnp.inf)


def _leaf_above(law: Bound, x: Any) -> Array:
    row, params = law.row, law.canonical()
    if row.log_sf is not None:
        return row.log_sf(x, *params)
    assert row.cdf is not None
    return safe_log(1 - row.cdf(x, *params))


def _is_first(law: Bound, x: Any) -> bool:
    """Whether a number that is known beforehand leaves one value at most below: what is above it is then told from the
    probability of that value, which costs less than a distribution function and its slopes.
    """
    row, first = law.row, law.row.support.interval.lower
    counted = row.support.discrete and row.bounds[0] is None
    return counted and isinstance(x, (int, float)) and first <= x < first + 1


def _away_from_the_ends(law: Bound, x: Any, tail: Callable[[Bound, Any], Array], first: Any, last: Any) -> Array:
    """``tail(x)``, and where x is infinite, as the bound of a row that has none, a number whose slopes are zero."""
    finite = jnp.isfinite(x)
    value = tail(law, jnp.where(finite, x, _inner(law.row.support.interval)))
    return jnp.where(finite, value, jnp.where(x < 0, first, last))


def _inner(support: Interval) -> float:
    """A point of a support that is no end of it."""
    if math.isfinite(support.lower):
        return 0.5 * (support.lower + support.upper) if math.isfinite(support.upper) else support.lower + 1
    return support.upper - 1 if math.isfinite(support.upper) else 0.0


def before(law: AnyLaw, lower: Any) -> Any:
    """The point with P(X <= point) = P(X < lower): one less for counts."""
    if not law.row.support.discrete:
        return lower
    known = isinstance(lower, (int, float)) and math.isfinite(lower)
    return math.ceil(lower) - 1 if known else jnp.ceil(lower) - 1


def log_difference(large: Any, small: Any) -> Array:
    """log(exp large - exp small); -inf with slope zero where they are equal."""
    apart = (large > small) & jnp.isfinite(large)
    safe_large = jnp.where(apart, large, 0)
    gap = safe_large - jnp.where(apart & jnp.isfinite(small), small, safe_large - 1)
    cut = jnp.where(jnp.isfinite(small), log1mexp(gap), 0)
    return within(apart, safe_large + cut)


def log_complement(log_p: Any) -> Array:
    """log(1 - exp(log_p)) for log_p <= 0."""
    some = jnp.isfinite(log_p)
    return jnp.where(some, log1mexp(jnp.where(some, -log_p, 1)), 0)


def log_mass(law: AnyLaw, lower: Any, upper: Any) -> Array:
    """Log P(lower <= X <= upper); an end that is ``None`` is infinite. Measured from the nearer tail."""
    if lower is None and upper is None:
        return jnp.zeros(())
    if lower is None:
        return log_at_most(law, upper)
    start = before(law, lower)
    if upper is None:
        return log_above(law, start)
    below, above = log_at_most(law, start), log_above(law, start)
    left = log_difference(log_at_most(law, upper), below)
    right = log_difference(above, log_above(law, upper))
    return jnp.where(below < above, left, right)
