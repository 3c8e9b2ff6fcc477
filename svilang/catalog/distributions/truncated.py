"""Truncated(D, lower, upper): a distribution known to lie between two bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, random
from ..distribution import AnyLaw, Bound, Combinator, Param
from .implicit import with_gradient
from .kinds import REAL
from .numeric import float_type, open_unit, within
from .tails import before, has_tails, log_above, log_at_most, log_mass

if TYPE_CHECKING:
    from jax import Array

_STEPS = 100


def between(x: Any, lower: Any, upper: Any) -> Array:
    """Whether x lies between two bounds, of which either may be ``None``."""
    inside = jnp.ones(jnp.shape(x), bool)
    inside = inside if lower is None else inside & (x >= lower)
    return inside if upper is None else inside & (x <= upper)


def numbers(law: AnyLaw) -> tuple[Any, ...]:
    """All arguments of a law and of those inside it."""
    if isinstance(law, Bound):
        return law.args
    return (*(arg for arg in law.args if arg is not None), *(n for child in law.children for n in numbers(child)))


def _log_prob(x: Any, children: tuple[AnyLaw, ...], lower: Any, upper: Any) -> Array:
    (child,) = children
    return within(between(x, lower, upper), child.log_prob(x) - log_mass(child, lower, upper))


def _sample(key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...], lower: Any, upper: Any) -> Array:
    """Invert the distribution function by bisection, from the tail that the target is nearer to.

    A draw that the bounds have cut stays within them; others move with the parameters as their level says.
    """
    (child,) = children
    dtype = float_type(*numbers(child), *(end for end in (lower, upper) if end is not None))
    u = open_unit(random.uniform(key, shape, dtype))
    target = _target(child, u, lower, upper)
    low, high = bracket(child, target, lower, upper, shape, dtype)

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = low + 0.5 * (high - low)
        short = _short(child, middle, target)
        return jnp.where(short, middle, low), jnp.where(short, high, middle)

    low, high = lax.fori_loop(0, _STEPS, halve, (low, high))
    if child.row.support.discrete:
        return jnp.clip(jnp.floor(high + 1e-3), lower, upper).astype(int)
    draws = jnp.clip(0.5 * (low + high), lower, upper)
    if not has_tails(child):
        return draws
    density = jnp.exp(_log_prob(draws, children, lower, upper))
    return with_gradient(draws, lambda x: jnp.exp(_log_cdf(x, children, lower, upper)), density)


def _log_cdf(x: Any, children: tuple[AnyLaw, ...], lower: Any, upper: Any) -> Array:
    (child,) = children
    x = x if upper is None else jnp.minimum(x, upper)
    below = log_mass(child, lower, x) - log_mass(child, lower, upper)
    return below if lower is None else within(x >= lower, below)


def _log_sf(x: Any, children: tuple[AnyLaw, ...], lower: Any, upper: Any) -> Array:
    (child,) = children
    x = jnp.floor(x) + 1 if child.row.support.discrete else x
    x = x if lower is None else jnp.maximum(x, lower)
    above = log_mass(child, x, upper) - log_mass(child, lower, upper)
    return above if upper is None else within(x <= upper, above)


def _target(child: AnyLaw, u: Any, lower: Any, upper: Any) -> tuple[Array, Array]:
    """Log P(X <= x) and log P(X > x) at the draw: u of the way through the mass between the bounds."""
    mass = log_mass(child, lower, upper)
    log_up, log_down = jnp.log(u) + mass, jnp.log1p(-u) + mass
    up = log_up if lower is None else jnp.logaddexp(log_at_most(child, before(child, lower)), log_up)
    down = log_down if upper is None else jnp.logaddexp(log_above(child, upper), log_down)
    return up, down


def _short(child: AnyLaw, x: Any, target: tuple[Array, Array]) -> Array:
    """Whether x still lies below the draw."""
    up, down = target
    x = jnp.floor(x) if child.row.support.discrete else x
    return jnp.where(up < down, log_at_most(child, x) < up, log_above(child, x) > down)


def bracket(child: AnyLaw, target: Any, lower: Any, upper: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Two points with the draw between them, found by doubling outwards where a bound is missing."""
    support = child.row.support.interval
    first = support.lower if lower is None else before(child, lower)
    last = support.upper if upper is None else upper
    first, last = (jnp.broadcast_to(jnp.asarray(end, dtype), shape) for end in (first, last))
    anchor = jnp.where(jnp.isfinite(first), first, jnp.where(jnp.isfinite(last), last, 0))
    low = jnp.where(jnp.isfinite(first), first, anchor - 1)
    high = jnp.where(jnp.isfinite(last), last, anchor + 1)
    step = jnp.ones(shape, dtype)

    def open_ended(state: tuple[Array, Array, Array]) -> Array:
        low, high, step = state
        down = ~_short(child, low, target) & (low > first)
        up = _short(child, high, target) & (high < last)
        return jnp.any((down | up) & jnp.isfinite(2 * step))

    def widen(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        low, high, step = state
        low = jnp.where(~_short(child, low, target), jnp.maximum(low - step, first), low)
        high = jnp.where(_short(child, high, target), jnp.minimum(high + step, last), high)
        return low, high, 2 * step

    low, high, _ = lax.while_loop(open_ended, widen, (low, high, step))
    return low, high


TRUNCATED = Combinator(
    name="Truncated",
    params=(Param("lower", REAL, "the least possible value"), Param("upper", REAL, "the greatest possible value")),
    inner="one",
    inner_first=True,
    log_prob=_log_prob,
    sample=_sample,
    support="meet",
    optional=("lower", "upper"),
    requires=("cdf",),
    log_cdf=_log_cdf,
    log_sf=_log_sf,
    pathwise="tails",
    summary="a distribution cut off at one or two bounds, and scaled up to make good",
    reference="Johnson, Kotz & Balakrishnan (1994), vol. 1, sec. 13.10",
)
