"""FisherSnedecor, the law of a ratio of two variances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, nn, random, special
from ..beta_function import betainc
from ..distribution import Distribution, Form, Param
from .gamma import log_gamma_draws
from .kinds import POSITIVE
from .numeric import betaln, float_type, off_zero, real, safe_log, within

if TYPE_CHECKING:
    from jax import Array


def _log_odds(x: Any, df1: Any, df2: Any) -> tuple[Array, Array, Array]:
    """Whether x is positive, its log, and the log odds of the Beta variate df1 x / (df1 x + df2)."""
    inside = x > 0
    log_x = jnp.log(jnp.where(inside, x, 1))
    return inside, log_x, log_x + jnp.log(real(df1)) - jnp.log(real(df2))


def _log_prob(x: Any, df1: Any, df2: Any) -> Array:
    inside, log_x, odds = _log_odds(x, df1, df2)
    powers = 0.5 * (df1 * nn.softplus(-odds) + df2 * nn.softplus(odds))
    return within(inside, -powers - log_x - betaln(0.5 * real(df1), 0.5 * real(df2)))


def _sample(key: Any, shape: tuple[int, ...], df1: Any, df2: Any) -> Array:
    dtype = float_type(df1, df2)
    first, second = random.split(key)
    above = log_gamma_draws(first, shape, 0.5 * df1, dtype)
    below = log_gamma_draws(second, shape, 0.5 * df2, dtype)
    return off_zero(jnp.exp(above - below + jnp.log(real(df2)) - jnp.log(real(df1))))


def _tail(lower: bool) -> Any:
    def tail(x: Any, df1: Any, df2: Any) -> Array:
        inside, _, odds = _log_odds(x, df1, df2)
        own, other = (df1, df2) if lower else (df2, df1)
        value = betainc(0.5 * real(own), 0.5 * real(other), nn.sigmoid(odds if lower else -odds))
        return jnp.where(inside, value, 0 if lower else 1)

    return tail


def _log_tail(lower: bool) -> Any:
    """The log of a tail, by the other one where that is the smaller."""

    def log_tail(x: Any, df1: Any, df2: Any) -> Array:
        below, above = _tail(lower=True)(x, df1, df2), _tail(lower=False)(x, df1, df2)
        own, other = (below, above) if lower else (above, below)
        near = own < other
        return jnp.where(near, safe_log(own), jnp.log1p(-jnp.where(near, 0, other)))

    return log_tail


def _mean(df1: Any, df2: Any) -> Array:
    finite = df2 > 2
    return jnp.where(finite, df2 / jnp.where(finite, df2 - 2, 1), jnp.inf) + 0 * real(df1)


def _variance(df1: Any, df2: Any) -> Array:
    finite = df2 > 4
    safe = jnp.where(finite, df2, 5)
    value = 2 * safe**2 * (df1 + safe - 2) / (df1 * (safe - 2) ** 2 * (safe - 4))
    return jnp.where(finite, value, jnp.where(df2 > 2, jnp.inf, jnp.nan))


def _entropy(df1: Any, df2: Any) -> Array:
    a, b = 0.5 * real(df1), 0.5 * real(df2)
    digamma = special.digamma
    mean_log = jnp.log(b / a) + digamma(a) - digamma(b)
    return mean_log - a * digamma(a) - b * digamma(b) + (a + b) * digamma(a + b) + betaln(a, b)


FISHER_SNEDECOR = Distribution(
    name="FisherSnedecor",
    forms=(
        Form(
            (
                Param("df1", POSITIVE, "degrees of freedom of the numerator"),
                Param("df2", POSITIVE, "degrees of freedom of the denominator"),
            ),
            _log_prob,
        ),
    ),
    support=POSITIVE,
    sample=_sample,
    reparameterised=True,
    mean=_mean,
    variance=_variance,
    entropy=_entropy,
    cdf=_tail(lower=True),
    log_cdf=_log_tail(lower=True),
    log_sf=_log_tail(lower=False),
    summary="a ratio of two estimated variances",
    reference="Johnson, Kotz & Balakrishnan (1995), vol. 2, ch. 27",
)
