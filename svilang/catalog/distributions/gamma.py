"""Gamma, InverseGamma, Chi2 and ScaledInverseChi2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, np, random, special
from ..distribution import Distribution, ExponentialFamily, Form, Grouped, Param
from .forms import MEAN, SD, written_as
from .grouping import group_count, group_mean, group_sum
from .kinds import CONCENTRATION, POSITIVE, RATE
from .numeric import LOG_2, count_terms, float_type, off_zero, real, safe_log, spread, stirling, within, xlogy

if TYPE_CHECKING:
    from jax import Array
    from numpy import ndarray


def _log_prob(x: Any, concentration: Any, rate: Any) -> Array:
    positive = x > 0
    safe = jnp.where(positive, x, 1)
    value = _kernel(concentration, rate * safe) - jnp.log(safe)
    at_zero = xlogy(concentration - 1, 0) + jnp.log(rate)
    return within(x >= 0, jnp.where(positive, value, at_zero))


def _kernel(concentration: Any, share: Any) -> Array:
    """For a and s: a log s - s - log Γ(a), written about s = a, where terms of a large a cancel (Loader 2000)."""
    return count_terms(concentration, share) - stirling(concentration) + jnp.log(concentration)


def _from_mean(mean: Any, sd: Any) -> tuple[Array, Array]:
    return (mean / sd) ** 2, mean / sd**2


def log_gamma_draws(key: Any, shape: tuple[int, ...], concentration: Any, dtype: Any) -> Array:
    """Logarithms of standard Gamma draws, differentiable in the concentration; no small one underflows."""
    return random.loggamma(key, jnp.broadcast_to(jnp.asarray(concentration, dtype), shape), shape, dtype)


def _sample(key: Any, shape: tuple[int, ...], concentration: Any, rate: Any) -> Array:
    draws = log_gamma_draws(key, shape, concentration, float_type(concentration, rate))
    return off_zero(jnp.exp(draws - jnp.log(rate)))


def _lower(x: Any, concentration: Any, rate: Any) -> Array:
    inside = x > 0
    return jnp.where(inside, special.gammainc(real(concentration), rate * jnp.where(inside, x, 1)), 0)


def _upper(x: Any, concentration: Any, rate: Any) -> Array:
    inside = x > 0
    return jnp.where(inside, special.gammaincc(real(concentration), rate * jnp.where(inside, x, 1)), 1)


def _entropy(concentration: Any, rate: Any) -> Array:
    slope = (1 - concentration) * special.digamma(concentration)
    return concentration - jnp.log(rate) + special.gammaln(concentration) + slope


def _collapse(y: ndarray, group: ndarray, groups: int) -> tuple[ndarray, ...]:
    y = np.asarray(y, np.float64)
    return *_summed(y, group, groups), group_sum(np.log(y), group, groups)


def _summed(y: ndarray, group: ndarray, groups: int) -> tuple[ndarray, ndarray, ndarray]:
    """Size, mean, and the sum of the logarithms of what is divided by the mean."""
    mean = group_mean(y, group, groups)
    return group_count(y, group, groups), mean, group_sum(np.log(y / mean[group]), group, groups)


def _grouped(statistics: tuple[Any, ...], concentration: Any, rate: Any) -> Array:
    size, mean, unequal, logs = statistics
    some = size > 0
    safe = jnp.where(some, mean, 1)
    same = jnp.where(some, size * _kernel(concentration, rate * safe), 0)
    return same + concentration * unequal - logs


_FIRST = Form((CONCENTRATION, RATE), _log_prob, grouped=Grouped(_collapse, _grouped))
_BY_SCALE = (CONCENTRATION, Param("scale", POSITIVE, "one over the rate"))

GAMMA = Distribution(
    name="Gamma",
    forms=(
        _FIRST,
        written_as((MEAN, SD), _from_mean, _FIRST),
        written_as(_BY_SCALE, lambda concentration, scale: (concentration, 1 / scale), _FIRST),
    ),
    support=POSITIVE,
    sample=_sample,
    reparameterised=True,
    mean=lambda concentration, rate: real(concentration) / rate,
    variance=lambda concentration, rate: real(concentration) / rate**2,
    entropy=_entropy,
    cdf=_lower,
    log_cdf=lambda x, concentration, rate: safe_log(_lower(x, concentration, rate)),
    log_sf=lambda x, concentration, rate: safe_log(_upper(x, concentration, rate)),
    exponential_family=ExponentialFamily(
        natural=lambda concentration, rate: (spread(concentration - 1, rate), spread(-rate, concentration)),
        statistics=lambda x: (jnp.log(x), x),
        log_partition=lambda concentration, rate: special.gammaln(concentration) - concentration * jnp.log(rate),
        log_base=lambda x: spread(0.0, x),
    ),
    summary="a positive quantity: waiting times, rates, precisions",
    reference="Johnson, Kotz & Balakrishnan (1994), vol. 1, ch. 17",
)


def _inverse_log_prob(x: Any, concentration: Any, rate: Any) -> Array:
    inside = x > 0
    safe = jnp.where(inside, x, 1)
    return within(inside, _kernel(concentration, rate / safe) - jnp.log(safe))


def _inverse_sample(key: Any, shape: tuple[int, ...], concentration: Any, rate: Any) -> Array:
    draws = log_gamma_draws(key, shape, concentration, float_type(concentration, rate))
    return off_zero(jnp.exp(jnp.log(rate) - draws))


def _inverse_tail(lower: bool) -> Any:
    def tail(x: Any, concentration: Any, rate: Any) -> Array:
        inside = x > 0
        ratio = rate / jnp.where(inside, x, 1)
        value = (special.gammaincc if lower else special.gammainc)(real(concentration), ratio)
        return jnp.where(inside, value, 0 if lower else 1)

    return tail


def _inverse_mean(concentration: Any, rate: Any) -> Array:
    finite = concentration > 1
    return jnp.where(finite, rate / jnp.where(finite, concentration - 1, 1), jnp.inf)


def _inverse_variance(concentration: Any, rate: Any) -> Array:
    finite = concentration > 2
    safe = jnp.where(finite, concentration, 3)
    other = jnp.where(concentration > 1, jnp.inf, jnp.nan)
    return jnp.where(finite, rate**2 / ((safe - 1) ** 2 * (safe - 2)), other)


def _inverse_entropy(concentration: Any, rate: Any) -> Array:
    slope = (1 + concentration) * special.digamma(concentration)
    return concentration + jnp.log(rate) + special.gammaln(concentration) - slope


def _inverse_collapse(y: ndarray, group: ndarray, groups: int) -> tuple[ndarray, ...]:
    y = np.asarray(y, np.float64)
    return *_summed(1 / y, group, groups), group_sum(np.log(y), group, groups)


_INVERSE = Form((CONCENTRATION, RATE), _inverse_log_prob, grouped=Grouped(_inverse_collapse, _grouped))


def _inverse_from_mean(mean: Any, sd: Any) -> tuple[Array, Array]:
    concentration = 2 + (mean / sd) ** 2
    return concentration, mean * (concentration - 1)


INVERSE_GAMMA = Distribution(
    name="InverseGamma",
    forms=(_INVERSE, written_as((MEAN, SD), _inverse_from_mean, _INVERSE)),
    support=POSITIVE,
    sample=_inverse_sample,
    reparameterised=True,
    mean=_inverse_mean,
    variance=_inverse_variance,
    entropy=_inverse_entropy,
    cdf=_inverse_tail(lower=True),
    log_cdf=lambda x, concentration, rate: safe_log(_inverse_tail(lower=True)(x, concentration, rate)),
    log_sf=lambda x, concentration, rate: safe_log(_inverse_tail(lower=False)(x, concentration, rate)),
    exponential_family=ExponentialFamily(
        natural=lambda concentration, rate: (spread(-concentration - 1, rate), spread(-rate, concentration)),
        statistics=lambda x: (jnp.log(x), 1 / x),
        log_partition=lambda concentration, rate: special.gammaln(concentration) - concentration * jnp.log(rate),
        log_base=lambda x: spread(0.0, x),
    ),
    summary="the conjugate prior of a variance",
    reference="Gelman et al. (2013), Bayesian Data Analysis, app. A",
)

_HALF = 0.5

CHI2 = Distribution(
    name="Chi2",
    forms=(Form((Param("df", POSITIVE, "degrees of freedom"),), lambda x, df: _log_prob(x, _HALF * df, _HALF)),),
    support=POSITIVE,
    sample=lambda key, shape, df: _sample(key, shape, _HALF * df, _HALF),
    reparameterised=True,
    mean=lambda df: real(df),
    variance=lambda df: 2 * real(df),
    entropy=lambda df: _entropy(_HALF * df, _HALF),
    cdf=lambda x, df: _lower(x, _HALF * df, _HALF),
    log_cdf=lambda x, df: safe_log(_lower(x, _HALF * df, _HALF)),
    log_sf=lambda x, df: safe_log(_upper(x, _HALF * df, _HALF)),
    exponential_family=ExponentialFamily(
        natural=lambda df: (_HALF * df - 1,),
        statistics=lambda x: (jnp.log(x),),
        log_partition=lambda df: special.gammaln(_HALF * df) + _HALF * df * LOG_2,
        log_base=lambda x: -_HALF * x,
    ),
    summary="a sum of squared standard Normal errors",
    reference="Johnson, Kotz & Balakrishnan (1994), vol. 1, ch. 18",
)


def _scaled(function: Any) -> Any:
    """A function of InverseGamma as one of degrees of freedom and a scale."""
    return lambda *args: function(*args[:-2], _HALF * args[-2], _HALF * args[-2] * args[-1] ** 2)


SCALED_INVERSE_CHI2 = Distribution(
    name="ScaledInverseChi2",
    forms=(
        Form(
            (
                Param("df", POSITIVE, "degrees of freedom, as of prior observations"),
                Param("scale", POSITIVE, "the prior standard deviation", default=1.0),
            ),
            _scaled(_inverse_log_prob),
        ),
    ),
    support=POSITIVE,
    sample=_scaled(_inverse_sample),
    reparameterised=True,
    mean=_scaled(_inverse_mean),
    variance=_scaled(_inverse_variance),
    entropy=_scaled(_inverse_entropy),
    cdf=_scaled(INVERSE_GAMMA.cdf),
    log_cdf=_scaled(INVERSE_GAMMA.log_cdf),
    log_sf=_scaled(INVERSE_GAMMA.log_sf),
    summary="the conjugate prior of a variance, by a prior guess and its weight",
    reference="Gelman et al. (2013), Bayesian Data Analysis, app. A",
)
