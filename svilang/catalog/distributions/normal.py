"""Normal, HalfNormal and LogNormal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, np, special
from ..distribution import Distribution, ExponentialFamily, Form, Grouped, LocationScale
from .forms import MEAN, PRECISION, SD, written_as
from .grouping import collapse_moments, group_count, group_sum
from .kinds import LOC, POSITIVE, SCALE
from .numeric import LOG_2, LOG_2PI, normal_draws, off_zero, spread, within
from .standard import AFFINE, Standard, location_scale_family

if TYPE_CHECKING:
    from jax import Array
    from numpy import ndarray


def log_ndtr(z: Any) -> Array:
    """Log Φ(z), exact in both tails."""
    low = z < 0
    lower = special.log_ndtr(jnp.where(low, z, 0))
    upper = jnp.log1p(-special.ndtr(jnp.where(low, 0, -z)))
    return jnp.where(low, lower, upper)


STANDARD = Standard(
    log_prob=lambda z: -0.5 * (z * z + LOG_2PI),
    cdf=lambda z: special.ndtr(z),
    log_cdf=log_ndtr,
    log_sf=lambda z: log_ndtr(-z),
    icdf=lambda q: special.ndtri(q),
    noise="normal",
    from_noise=lambda noise: noise,
    mean=0.0,
    variance=1.0,
    entropy=0.5 * (LOG_2PI + 1),
)


def _grouped_log_prob(statistics: tuple[Any, ...], loc: Any, scale: Any) -> Array:
    size, mean, squares = statistics
    distance = (squares + size * (mean - loc) ** 2) / scale**2
    return -0.5 * distance - size * (jnp.log(scale) + 0.5 * LOG_2PI)


NORMAL = location_scale_family(
    "Normal",
    STANDARD,
    "errors and effects that add up; the usual prior of a coefficient",
    "Johnson, Kotz & Balakrishnan (1994), vol. 1, ch. 13",
    grouped=Grouped(collapse_moments, _grouped_log_prob, rotates=True),
    centred="ZeroSumNormal",
    also=(lambda first: written_as((LOC, PRECISION), lambda loc, precision: (loc, 1 / jnp.sqrt(precision)), first),),
    exponential_family=ExponentialFamily(
        natural=lambda loc, scale: (loc / scale**2, spread(-0.5 / scale**2, loc)),
        statistics=lambda x: (x, x * x),
        log_partition=lambda loc, scale: 0.5 * (loc / scale) ** 2 + jnp.log(scale),
        log_base=lambda x: spread(-0.5 * LOG_2PI, x),
        shifted=lambda centre, loc, scale: (loc - centre, scale),
    ),
)


def _half_log_prob(x: Any, scale: Any) -> Array:
    return within(x >= 0, LOG_2 + STANDARD.log_prob(x / scale) - jnp.log(scale))


def _half_from_noise(noise: Any, scale: Any) -> Array:
    return off_zero(jnp.abs(noise) * scale)


def _half_cdf(x: Any, scale: Any) -> Array:
    return special.erf(jnp.maximum(x, 0) / (scale * math.sqrt(2)))


def _half_collapse(y: ndarray, group: ndarray, groups: int) -> tuple[ndarray, ...]:
    return group_count(y, group, groups), group_sum(np.asarray(y, np.float64) ** 2, group, groups)


def _half_grouped(statistics: tuple[Any, ...], scale: Any) -> Array:
    size, squares = statistics
    return size * (LOG_2 - 0.5 * LOG_2PI - jnp.log(scale)) - 0.5 * squares / scale**2


HALF_NORMAL = Distribution(
    name="HalfNormal",
    forms=(Form((SCALE,), _half_log_prob, grouped=Grouped(_half_collapse, _half_grouped)),),
    support=POSITIVE,
    sample=normal_draws(_half_from_noise),
    reparameterised=True,
    noise="normal",
    from_noise=_half_from_noise,
    mean=lambda scale: scale * math.sqrt(2 / math.pi),
    variance=lambda scale: scale**2 * (1 - 2 / math.pi),
    entropy=lambda scale: 0.5 * (LOG_2PI + 1) - LOG_2 + jnp.log(scale),
    cdf=_half_cdf,
    icdf=lambda q, scale: scale * math.sqrt(2) * special.erfinv(q),
    log_sf=lambda x, scale: LOG_2 + special.log_ndtr(-jnp.maximum(x, 0) / scale),
    exponential_family=ExponentialFamily(
        natural=lambda scale: (-0.5 / scale**2,),
        statistics=lambda x: (x * x,),
        log_partition=lambda scale: jnp.log(scale),
        log_base=lambda x: within(x >= 0, spread(LOG_2 - 0.5 * LOG_2PI, x)),
    ),
    summary="the size of a Normal error; a prior for a scale",
    reference="Johnson, Kotz & Balakrishnan (1994), vol. 1, ch. 13",
)


def _log_of(x: Any) -> tuple[Array, Array]:
    inside = x > 0
    return inside, jnp.log(jnp.where(inside, x, 1))


def _log_normal_log_prob(x: Any, loc: Any, scale: Any) -> Array:
    inside, log_x = _log_of(x)
    return within(inside, STANDARD.log_prob((log_x - loc) / scale) - jnp.log(scale) - log_x)


def _log_normal_from_noise(noise: Any, loc: Any, scale: Any) -> Array:
    return off_zero(jnp.exp(loc + scale * noise))


def _log_normal_collapse(y: ndarray, group: ndarray, groups: int) -> tuple[ndarray, ...]:
    logs = np.log(np.asarray(y, np.float64))
    return *collapse_moments(logs, group, groups), group_sum(logs, group, groups)


def _log_normal_grouped(statistics: tuple[Any, ...], loc: Any, scale: Any) -> Array:
    *moments, logs = statistics
    return _grouped_log_prob(tuple(moments), loc, scale) - logs


def _log_normal_tail(lower: bool) -> Any:
    def log_tail(x: Any, loc: Any, scale: Any) -> Array:
        inside, log_x = _log_of(x)
        z = (log_x - loc) / scale
        return jnp.where(inside, log_ndtr(z if lower else -z), -jnp.inf if lower else 0)

    return log_tail


def _log_normal_cdf(x: Any, loc: Any, scale: Any) -> Array:
    inside, log_x = _log_of(x)
    return jnp.where(inside, special.ndtr((log_x - loc) / scale), 0)


_LOG_NORMAL = Form((LOC, SCALE), _log_normal_log_prob, grouped=Grouped(_log_normal_collapse, _log_normal_grouped))


def _log_normal_from_mean(mean: Any, sd: Any) -> tuple[Array, Array]:
    """The mean and variance of the log, from those of the value."""
    variance = jnp.log1p((sd / mean) ** 2)
    return jnp.log(mean) - 0.5 * variance, jnp.sqrt(variance)


LOG_NORMAL = Distribution(
    name="LogNormal",
    forms=(_LOG_NORMAL, written_as((MEAN, SD), _log_normal_from_mean, _LOG_NORMAL)),
    support=POSITIVE,
    sample=normal_draws(_log_normal_from_noise),
    reparameterised=True,
    noise="normal",
    from_noise=_log_normal_from_noise,
    location_scale=LocationScale(
        forward=lambda z, loc, scale: jnp.exp(loc + scale * z),
        inverse=lambda x, loc, scale: (jnp.log(x) - loc) / scale,
        log_det=lambda z, loc, scale: AFFINE.log_det(z, loc, scale) + loc + scale * z,
        log_prob=lambda z, loc, scale: STANDARD.log_prob(z),
    ),
    mean=lambda loc, scale: jnp.exp(loc + 0.5 * scale**2),
    variance=lambda loc, scale: jnp.expm1(scale**2) * jnp.exp(2 * loc + scale**2),
    entropy=lambda loc, scale: 0.5 * (LOG_2PI + 1) + loc + jnp.log(scale),
    cdf=_log_normal_cdf,
    icdf=lambda q, loc, scale: jnp.exp(loc + scale * special.ndtri(q)),
    log_cdf=_log_normal_tail(lower=True),
    log_sf=_log_normal_tail(lower=False),
    exponential_family=ExponentialFamily(
        natural=lambda loc, scale: (loc / scale**2, spread(-0.5 / scale**2, loc)),
        statistics=lambda x: (jnp.log(x), jnp.log(x) ** 2),
        log_partition=lambda loc, scale: 0.5 * (loc / scale) ** 2 + jnp.log(scale),
        log_base=lambda x: -0.5 * LOG_2PI - jnp.log(x),
    ),
    summary="a positive quantity whose logarithm is Normal",
    reference="Johnson, Kotz & Balakrishnan (1994), vol. 1, ch. 14",
)
