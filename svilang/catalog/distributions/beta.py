"""Beta and BetaProportion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, np, random, special
from ..beta_function import betainc
from ..distribution import Distribution, ExponentialFamily, Form, Grouped, Param
from .forms import SD, written_as
from .gamma import log_gamma_draws
from .grouping import group_count, group_sum
from .kinds import CONCENTRATION0, CONCENTRATION1, OPEN_UNIT, POSITIVE
from .numeric import (
    LARGE,
    betaln,
    count_terms,
    float_type,
    open_unit,
    real,
    safe_log,
    spread,
    stirling,
    within,
    xlog1py,
    xlogy,
)

if TYPE_CHECKING:
    from jax import Array
    from numpy import ndarray


def _log_prob(x: Any, concentration1: Any, concentration0: Any) -> Array:
    large = (concentration1 > LARGE) & (concentration0 > LARGE)
    low1, low0 = jnp.where(large, 1, concentration1), jnp.where(large, 1, concentration0)
    plain = xlogy(low1 - 1, x) + xlog1py(low0 - 1, -x) - betaln(low1, low0)
    high1, high0 = jnp.where(large, concentration1, LARGE), jnp.where(large, concentration0, LARGE)
    return within((x >= 0) & (x <= 1), jnp.where(large, _about_the_mean(x, high1, high0), plain))


def _about_the_mean(x: Any, a: Any, b: Any) -> Array:
    """The log density for large shapes, whose terms cancel near the mean, written about that point (Loader 2000)."""
    inside = (x > 0) & (x < 1)
    safe = jnp.where(inside, x, 0.5)
    total = a + b
    shares = count_terms(a, total * safe) + count_terms(b, total * (1 - safe))
    series = stirling(total) - stirling(a) - stirling(b) - jnp.log(1 / a + 1 / b)
    return within(inside, shares + series - jnp.log(safe) - jnp.log1p(-safe))


def _sample(key: Any, shape: tuple[int, ...], concentration1: Any, concentration0: Any) -> Array:
    dtype = float_type(concentration1, concentration0)
    first, second = random.split(key)
    one = log_gamma_draws(first, shape, concentration1, dtype)
    zero = log_gamma_draws(second, shape, concentration0, dtype)
    return open_unit(special.expit(one - zero))


def _variance(concentration1: Any, concentration0: Any) -> Array:
    total = real(concentration1) + concentration0
    return concentration1 / total * (concentration0 / total) / (total + 1)


def _entropy(a: Any, b: Any) -> Array:
    digamma = special.digamma
    return betaln(a, b) - (a - 1) * digamma(a) - (b - 1) * digamma(b) + (a + b - 2) * digamma(a + b)


def _cdf(x: Any, concentration1: Any, concentration0: Any) -> Array:
    return betainc(real(concentration1), real(concentration0), jnp.clip(x, 0, 1))


def _nearer_tail(x: Any, concentration1: Any, concentration0: Any) -> tuple[Array, Array]:
    """Whether x < 1/2, and then P(X <= x), else P(X > x)."""
    low = x < 0.5
    near = jnp.where(low, concentration1, concentration0)
    far = jnp.where(low, concentration0, concentration1)
    return low, betainc(real(near), real(far), jnp.clip(jnp.where(low, x, 1 - x), 0, 1))


def _log_cdf(x: Any, concentration1: Any, concentration0: Any) -> Array:
    low, tail = _nearer_tail(x, concentration1, concentration0)
    return safe_log(jnp.where(low, tail, 1 - tail))


def _log_sf(x: Any, concentration1: Any, concentration0: Any) -> Array:
    low, tail = _nearer_tail(x, concentration1, concentration0)
    return safe_log(jnp.where(low, 1 - tail, tail))


def _collapse(y: ndarray, group: ndarray, groups: int) -> tuple[ndarray, ...]:
    y = np.asarray(y, np.float64)
    return group_count(y, group, groups), group_sum(np.log(y), group, groups), group_sum(np.log1p(-y), group, groups)


def _grouped(statistics: tuple[Any, ...], concentration1: Any, concentration0: Any) -> Array:
    size, logs, log_rest = statistics
    constant = -size * betaln(concentration1, concentration0)
    return constant + (concentration1 - 1) * logs + (concentration0 - 1) * log_rest


def _from_mean(mean: Any, concentration: Any) -> tuple[Array, Array]:
    return mean * concentration, (1 - mean) * concentration


_MEAN_CONCENTRATION = (
    Param("mean", OPEN_UNIT, "the mean"),
    Param("concentration", POSITIVE, "how close draws lie to the mean, as a number of prior trials"),
)

_BY_MEAN = Form(
    _MEAN_CONCENTRATION,
    lambda x, mean, concentration: _log_prob(x, *_from_mean(mean, concentration)),
    canonical=_from_mean,
    grouped=Grouped(_collapse, lambda statistics, *params: _grouped(statistics, *_from_mean(*params))),
)

_FIRST = Form((CONCENTRATION1, CONCENTRATION0), _log_prob, grouped=Grouped(_collapse, _grouped))


def _from_sd(mean: Any, sd: Any) -> tuple[Array, Array]:
    """Both weights; not a number where no Beta spreads so far: its variance is below mean (1 - mean)."""
    concentration = mean * (1 - mean) / sd**2 - 1
    return _from_mean(mean, jnp.where(concentration > 0, concentration, jnp.nan))


_MEAN_SD = (Param("mean", OPEN_UNIT, "the mean"), SD)

BETA = Distribution(
    name="Beta",
    forms=(_FIRST, _BY_MEAN, written_as(_MEAN_SD, _from_sd, _FIRST)),
    support=OPEN_UNIT,
    sample=_sample,
    reparameterised=True,
    mean=lambda concentration1, concentration0: concentration1 / (real(concentration1) + concentration0),
    variance=_variance,
    entropy=_entropy,
    cdf=_cdf,
    log_cdf=_log_cdf,
    log_sf=_log_sf,
    exponential_family=ExponentialFamily(
        natural=lambda a, b: (spread(a - 1, b), spread(b - 1, a)),
        statistics=lambda x: (jnp.log(x), jnp.log1p(-x)),
        log_partition=betaln,
        log_base=lambda x: spread(0.0, x),
    ),
    summary="a proportion; the conjugate prior of a probability",
    reference="Johnson, Kotz & Balakrishnan (1995), vol. 2, ch. 25",
)

BETA_PROPORTION = Distribution(
    name="BetaProportion",
    forms=(Form(_MEAN_CONCENTRATION, _BY_MEAN.log_prob, grouped=_BY_MEAN.grouped),),
    support=OPEN_UNIT,
    sample=lambda key, shape, mean, concentration: _sample(key, shape, *_from_mean(mean, concentration)),
    reparameterised=True,
    mean=lambda mean, concentration: spread(mean, concentration),
    variance=lambda mean, concentration: mean * (1 - mean) / (concentration + 1),
    entropy=lambda mean, concentration: _entropy(*_from_mean(mean, concentration)),
    cdf=lambda x, mean, concentration: _cdf(x, *_from_mean(mean, concentration)),
    log_cdf=lambda x, mean, concentration: _log_cdf(x, *_from_mean(mean, concentration)),
    log_sf=lambda x, mean, concentration: _log_sf(x, *_from_mean(mean, concentration)),
    summary="a proportion, from its mean and how close to it",
    reference="Ferrari & Cribari-Neto (2004), Journal of Applied Statistics 31(7)",
)
