"""StudentT and HalfStudentT."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random, special
from ..beta_function import betainc
from ..distribution import Distribution, Form, LocationScale, Param
from .forms import PRECISION, written_as
from .kinds import LOC, POSITIVE, REAL, SCALE
from .numeric import LOG_2, LOG_PI, float_type, off_zero, real, safe_log, spread, stirling, within
from .standard import AFFINE

if TYPE_CHECKING:
    from jax import Array

DF = Param("df", POSITIVE, "degrees of freedom: small for heavy tails")


def _log_half_ratio(a: Any) -> Array:
    """Log Γ(a + 1/2) - log Γ(a) - log(a) / 2, without cancellation for large a."""
    return stirling(a + 0.5) - stirling(a) + (a - 0.5) * jnp.log1p(0.5 / a) - 0.5


def _standard_log_prob(z: Any, df: Any) -> Array:
    return _log_half_ratio(0.5 * df) - 0.5 * (LOG_PI + LOG_2) - 0.5 * (df + 1) * jnp.log1p(z * z / df)


def _log_prob(x: Any, df: Any, loc: Any, scale: Any) -> Array:
    return _standard_log_prob((x - loc) / scale, df) - jnp.log(scale)


def _standard_draw(key: Any, shape: tuple[int, ...], df: Any, dtype: Any) -> Array:
    normal_key, gamma_key = random.split(key)
    log_gamma = random.loggamma(gamma_key, jnp.broadcast_to(jnp.asarray(0.5 * df, dtype), shape), shape, dtype)
    return random.normal(normal_key, shape, dtype) * jnp.exp(0.5 * (jnp.log(0.5 * df) - log_gamma))


def _sample(key: Any, shape: tuple[int, ...], df: Any, loc: Any, scale: Any) -> Array:
    return loc + scale * _standard_draw(key, shape, df, float_type(df, loc, scale))


def _lower_tail(z: Any, df: Any) -> Array:
    """P(Z <= z) for z <= 0, by the symmetric beta law of (1 + z / sqrt(df + z²)) / 2, which is smooth at 0."""
    radius = jnp.sqrt(df + z * z)
    share = 0.5 * df / (radius * (radius - z))
    return betainc(0.5 * real(df), 0.5 * real(df), share)


def _standard_cdf(z: Any, df: Any) -> Array:
    low = z < 0
    tail = _lower_tail(jnp.where(low, z, -z), df)
    return jnp.where(low, tail, 1 - tail)


def _standard_log_cdf(z: Any, df: Any) -> Array:
    return safe_log(_standard_cdf(z, df))


def _mean(df: Any, loc: Any, scale: Any) -> Array:
    return jnp.where(df > 1, spread(loc, df, scale), jnp.nan)


def _standard_variance(df: Any) -> Array:
    finite = df > 2
    return jnp.where(finite, df / jnp.where(finite, df - 2, 1), jnp.where(df > 1, jnp.inf, jnp.nan))


def _standard_entropy(df: Any) -> Array:
    half = 0.5 * (df + 1)
    slope = half * (special.digamma(half) - special.digamma(0.5 * df))
    return slope + 0.5 * (LOG_PI + LOG_2) - _log_half_ratio(0.5 * df)


_FIRST = Form((DF, LOC, SCALE), _log_prob)

STUDENT_T = Distribution(
    name="StudentT",
    forms=(_FIRST, written_as((DF, LOC, PRECISION), lambda df, loc, p: (df, loc, 1 / jnp.sqrt(p)), _FIRST)),
    support=REAL,
    sample=_sample,
    reparameterised=True,
    location_scale=LocationScale(
        forward=lambda z, df, loc, scale: AFFINE.forward(z, loc, scale),
        inverse=lambda x, df, loc, scale: AFFINE.inverse(x, loc, scale),
        log_det=lambda z, df, loc, scale: AFFINE.log_det(z, loc, scale),
        log_prob=lambda z, df, loc, scale: _standard_log_prob(z, df),
    ),
    mean=_mean,
    variance=lambda df, loc, scale: spread(_standard_variance(df) * scale**2, loc),
    entropy=lambda df, loc, scale: spread(_standard_entropy(df) + jnp.log(scale), loc),
    cdf=lambda x, df, loc, scale: _standard_cdf((x - loc) / scale, df),
    log_cdf=lambda x, df, loc, scale: _standard_log_cdf((x - loc) / scale, df),
    log_sf=lambda x, df, loc, scale: _standard_log_cdf((loc - x) / scale, df),
    summary="errors with outliers",
    reference="Johnson, Kotz & Balakrishnan (1995), vol. 2, ch. 28",
)


def _half_log_prob(x: Any, df: Any, scale: Any) -> Array:
    return within(x >= 0, LOG_2 + _standard_log_prob(x / scale, df) - jnp.log(scale))


def _half_sample(key: Any, shape: tuple[int, ...], df: Any, scale: Any) -> Array:
    return off_zero(jnp.abs(scale * _standard_draw(key, shape, df, float_type(df, scale))))


def _half_tails(x: Any, df: Any, scale: Any) -> tuple[Array, Array]:
    """P(X <= x) and P(X > x) by the beta law of z² / (df + z²), the smaller of the two to full precision."""
    positive = x > 0
    square = (jnp.where(positive, x, 1) / scale) ** 2
    near = square < df
    inside = betainc(0.5, 0.5 * real(df), jnp.where(near, square / (square + df), 0.5))
    outside = betainc(0.5 * real(df), 0.5, jnp.where(near, 0.5, df / (df + square)))
    below = jnp.where(positive, jnp.where(near, inside, 1 - outside), 0)
    return below, jnp.where(positive, jnp.where(near, 1 - inside, outside), 1)


def _half_mean(df: Any, scale: Any) -> Array:
    finite = df > 1
    ratio = math.sqrt(2 / math.pi) * jnp.exp(_log_half_ratio(0.5 * df))
    return jnp.where(finite, scale * ratio * df / jnp.where(finite, df - 1, 1), jnp.inf)


def _half_variance(df: Any, scale: Any) -> Array:
    finite = df > 2
    second = _standard_variance(jnp.where(finite, df, 3)) * scale**2
    first = _half_mean(jnp.where(finite, df, 3), scale)
    return jnp.where(finite, second - first**2, jnp.where(df > 1, jnp.inf, jnp.nan))


HALF_STUDENT_T = Distribution(
    name="HalfStudentT",
    forms=(Form((DF, SCALE), _half_log_prob),),
    support=POSITIVE,
    sample=_half_sample,
    reparameterised=True,
    mean=_half_mean,
    variance=_half_variance,
    entropy=lambda df, scale: _standard_entropy(df) - LOG_2 + jnp.log(scale),
    cdf=lambda x, df, scale: _half_tails(x, df, scale)[0],
    log_sf=lambda x, df, scale: safe_log(_half_tails(x, df, scale)[1]),
    summary="a prior for a scale, with a tail as heavy as its degrees of freedom say",
    reference="Gelman (2006), Bayesian Analysis 1(3)",
)
