"""SkewNormal and ExGaussian: Normal errors with one longer tail."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random, special
from ..distribution import Distribution, Form, LocationScale, Param
from .kinds import LOC, RATE, REAL, SCALE
from .normal import STANDARD, log_ndtr
from .numeric import LOG_2, float_type, safe_log, spread
from .scaled import log_mills
from .standard import AFFINE

if TYPE_CHECKING:
    from jax import Array


def _standard_log_prob(z: Any, alpha: Any) -> Array:
    return LOG_2 + STANDARD.log_prob(z) + log_ndtr(alpha * z)


def _log_prob(x: Any, loc: Any, scale: Any, alpha: Any) -> Array:
    return _standard_log_prob((x - loc) / scale, alpha) - jnp.log(scale)


def _lean(alpha: Any) -> Array:
    """The correlation of the variate with the variable whose sign it is selected by."""
    return alpha / jnp.sqrt(1 + alpha**2)


def _sample(key: Any, shape: tuple[int, ...], loc: Any, scale: Any, alpha: Any) -> Array:
    first, second = random.split(key)
    dtype = float_type(loc, scale, alpha)
    half = jnp.abs(random.normal(first, shape, dtype))
    rest = random.normal(second, shape, dtype) / jnp.sqrt(1 + alpha**2)
    return loc + scale * (_lean(alpha) * half + rest)


SKEW_NORMAL = Distribution(
    name="SkewNormal",
    forms=(
        Form(
            (LOC, SCALE, Param("alpha", REAL, "0 for Normal, positive for a longer right tail", default=0.0)),
            _log_prob,
        ),
    ),
    support=REAL,
    sample=_sample,
    reparameterised=True,
    location_scale=LocationScale(
        forward=lambda z, loc, scale, alpha: AFFINE.forward(z, loc, scale),
        inverse=lambda x, loc, scale, alpha: AFFINE.inverse(x, loc, scale),
        log_det=lambda z, loc, scale, alpha: AFFINE.log_det(z, loc, scale),
        log_prob=lambda z, loc, scale, alpha: _standard_log_prob(z, alpha),
    ),
    mean=lambda loc, scale, alpha: loc + scale * math.sqrt(2 / math.pi) * _lean(alpha),
    variance=lambda loc, scale, alpha: spread(scale**2 * (1 - 2 / math.pi * _lean(alpha) ** 2), loc),
    summary="errors with one longer tail",
    reference="Azzalini (1985), Scandinavian Journal of Statistics 12(2)",
)


def _parts(x: Any, loc: Any, scale: Any, rate: Any) -> tuple[Array, Array]:
    """The Normal deviate of x, and log P(X <= x) short of the Normal one: the log of the density over the rate.

    The density is rate φ(z) Φ(w) / φ(w) with w = z - rate · scale, which does not cancel for w < 0.
    """
    z, shift = (x - loc) / scale, rate * scale
    w = z - shift
    left = w < 0
    direct = shift * (0.5 * shift - z) + log_ndtr(jnp.where(left, 0, w))
    return z, jnp.where(left, STANDARD.log_prob(jnp.where(left, z, 0)) + log_mills(jnp.where(left, w, 0)), direct)


def _ex_log_prob(x: Any, loc: Any, scale: Any, rate: Any) -> Array:
    return jnp.log(rate) + _parts(x, loc, scale, rate)[1]


def _ex_sample(key: Any, shape: tuple[int, ...], loc: Any, scale: Any, rate: Any) -> Array:
    first, second = random.split(key)
    dtype = float_type(loc, scale, rate)
    return loc + scale * random.normal(first, shape, dtype) + random.exponential(second, shape, dtype) / rate


def _ex_log_cdf(x: Any, loc: Any, scale: Any, rate: Any) -> Array:
    z, log_rest = _parts(x, loc, scale, rate)
    low = z < 0
    below = jnp.where(low, z, 0)
    gap = log_mills(below) - log_mills(below - rate * scale)
    left = log_ndtr(below) + safe_log(-jnp.expm1(-gap))
    right = jnp.log1p(-special.ndtr(-jnp.where(low, 0, z)) - jnp.exp(jnp.where(low, -1, log_rest)))
    return jnp.where(low, left, right)


def _ex_log_sf(x: Any, loc: Any, scale: Any, rate: Any) -> Array:
    z, log_rest = _parts(x, loc, scale, rate)
    return jnp.logaddexp(log_ndtr(-z), log_rest)


EX_GAUSSIAN = Distribution(
    name="ExGaussian",
    forms=(Form((LOC, SCALE, Param("rate", RATE.kind, "of the exponential part", default=1.0)), _ex_log_prob),),
    support=REAL,
    sample=_ex_sample,
    reparameterised=True,
    mean=lambda loc, scale, rate: spread(loc + 1 / rate, scale),
    variance=lambda loc, scale, rate: spread(scale**2 + rate**-2.0, loc),
    cdf=lambda x, loc, scale, rate: jnp.exp(_ex_log_cdf(x, loc, scale, rate)),
    log_cdf=_ex_log_cdf,
    log_sf=_ex_log_sf,
    summary="reaction times: a Normal part and an Exponential one added",
    reference="Luce (1986), Response Times, sec. 3.2.1",
)
