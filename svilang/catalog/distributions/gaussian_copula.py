"""GaussianCopula(D, correlation_cholesky): numbers of any continuous law that go together as Normal ones do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, random, special
from ..distribution import AnyLaw, Combinator, Param
from .implicit import with_gradient
from .kinds import CORR, CORR_CHOLESKY
from .multivariate_normal import among, colour, half_log_det, whiten
from .numeric import LOG_2PI, float_type, within
from .tails import log_above, log_at_most
from .truncated import bracket, numbers

if TYPE_CHECKING:
    from jax import Array

_STEPS = 120
"""At most, of the search for a value; the second half of them are halvings."""


def _far_quantile(log_p: Any) -> Array:
    """Solve log Φ(z) = log_p where Φ is the asymptotic series: z = -sqrt(-2 (log_p + log(-z √2π) - log series)).

    Each round divides the error by z², which is above 100.
    """
    z = -jnp.sqrt(-2 * log_p)
    for _ in range(6):
        square = 1 / (z * z)
        series = 1 - square * (1 - square * (3 - square * (15 - square * 105)))
        z = -jnp.sqrt(-2 * (log_p + jnp.log(-z) + 0.5 * LOG_2PI - jnp.log(series)))
    return z


def normal_quantile(log_p: Any) -> Array:
    """The z with log Φ(z) = log_p <= log 1/2, however small; -inf, with slope zero, for -inf."""
    log_p = jnp.asarray(log_p)
    least = 0.95 * math.log(float(jnp.finfo(log_p.dtype).tiny))
    near, some = log_p > least, jnp.isfinite(log_p)
    close = special.ndtri(jnp.exp(jnp.where(near, log_p, least)))
    far = _far_quantile(jnp.where(near | ~some, least, log_p))
    return within(some, jnp.where(near, close, far))


def _scores(child: AnyLaw, x: Any) -> Array:
    """The standard normal numbers at the levels of ``x``, from the nearer tail."""
    below, above = log_at_most(child, x), log_above(child, x)
    left = below < above
    z = normal_quantile(jnp.where(left, below, above))
    return jnp.where(left, z, -z)


def _factor(correlation_cholesky: Any, correlation_matrix: Any) -> Array:
    return jnp.linalg.cholesky(correlation_matrix) if correlation_cholesky is None else correlation_cholesky


def _density(z: Any, marginal: Any, factor: Any) -> Array:
    """The margins' log densities, and what the scores have together above what they have apart.

    At an end of a margin the scores are infinite; there is no density.
    """
    inside = jnp.all(jnp.isfinite(z), -1)
    z = jnp.where(jnp.isfinite(z), z, 0)
    white = whiten(factor, z)
    together = 0.5 * (jnp.sum(z * z, -1) - jnp.sum(white * white, -1)) - half_log_det(factor)
    return within(inside, jnp.sum(marginal, -1) + together)


def _log_prob(x: Any, children: tuple[AnyLaw, ...], *structure: Any) -> Array:
    (child,) = children
    return _density(_scores(child, x), child.log_prob(x), _factor(*structure))


def _marginal(x: Any, present: Any, children: tuple[AnyLaw, ...], *structure: Any) -> Array:
    """That of the entries that are present: their margins, and their part of the correlation."""
    (child,) = children
    z = jnp.where(present, _scores(child, x), 0)
    margins = jnp.where(present, child.log_prob(x), 0)
    return _density(z, margins, among(present, _factor(*structure)))


def _slope(child: AnyLaw, x: Any, z: Any) -> Array:
    """dz/dx where the score of x is z."""
    return jnp.exp(child.log_prob(x) + 0.5 * (z * z + LOG_2PI))


def _at_score(child: AnyLaw, z: Any) -> Array:
    """The x whose score is z: by Newton's rule, and by halving where that leads out of what is known to hold it.

    Above a lower end everything goes by the log of the distance from it.
    """
    z = lax.stop_gradient(z)
    info, end = jnp.finfo(z.dtype), child.row.support.interval.lower
    room, least, ended = 8 * float(info.eps), float(info.tiny), math.isfinite(end)
    low, high = bracket(child, (special.log_ndtr(z), special.log_ndtr(-z)), None, None, z.shape, z.dtype)
    if ended:
        low, high = (jnp.log(jnp.maximum(side - end, least)) for side in (low, high))

    def there(gap: Array) -> Array:
        return jnp.abs(gap) <= room * (1 + jnp.abs(z))

    def going(state: tuple[Array, ...]) -> Array:
        low, high, at, gap, step = state
        wide = high - low > room * jnp.maximum(jnp.abs(at), least)
        return jnp.any(wide & ~there(gap)) & (step < _STEPS)

    def closer(state: tuple[Array, ...]) -> tuple[Array, ...]:
        low, high, at, _, step = state
        x = end + jnp.exp(at) if ended else at
        gap = _scores(child, x) - z
        low, high = jnp.where(gap < 0, at, low), jnp.where(gap < 0, high, at)
        slope = _slope(child, x, z + gap) * (jnp.exp(at) if ended else 1)
        near = at - gap / slope
        inside = (near > low) & (near < high) & (step < _STEPS // 2)
        moved = jnp.where(inside, near, low + 0.5 * (high - low))
        return low, high, jnp.where(there(gap), at, moved), gap, step + 1

    start = (low, high, low + 0.5 * (high - low), jnp.full_like(z, jnp.inf), jnp.zeros((), int))
    at = lax.while_loop(going, closer, start)[2]
    return jnp.maximum(end + jnp.exp(at), end + least) if ended else at


def _sample(key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...], *structure: Any) -> Array:
    """Correlated normal numbers, and for each the value of the margin at the same level."""
    (child,) = children
    factor = _factor(*structure)
    dtype = float_type(factor, *numbers(child))
    z = colour(factor.astype(dtype), random.normal(key, shape, dtype))
    draws = _at_score(child, z)
    return with_gradient(draws, lambda x: _scores(child, x) - z, _slope(child, draws, z))


GAUSSIAN_COPULA = Combinator(
    name="GaussianCopula",
    params=(
        Param("correlation_cholesky", CORR_CHOLESKY, "the Cholesky factor of the correlation", ("k", "k")),
        Param("correlation_matrix", CORR, "the correlation of the normal scores", ("k", "k")),
    ),
    inner="one",
    inner_first=True,
    along="k",
    log_prob=_log_prob,
    sample=_sample,
    marginal=_marginal,
    support="same",
    optional=("correlation_cholesky", "correlation_matrix"),
    one_of=("correlation_cholesky", "correlation_matrix"),
    requires=("cdf", "continuous"),
    pathwise="tails",
    summary="several numbers of one law, each with its own arguments, that go together as Normal ones do",
    reference="Song (2000), Scandinavian Journal of Statistics 27(2)",
)
