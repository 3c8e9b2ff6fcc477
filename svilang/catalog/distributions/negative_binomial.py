"""NegativeBinomial in three parameterisations, NegativeBinomial2 and GammaPoisson: one law of overdispersed counts.

All are written through the size n (the shape of the mixing Gamma) and the two log probabilities log p and log(1 - p).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, nn, random, special
from ..beta_function import betainc
from ..distribution import Distribution, Form, Param
from .gamma import log_gamma_draws
from .kinds import CONCENTRATION, COUNT, LOGITS, OPEN_UNIT, POSITIVE, RATE
from .numeric import betaln, float_type, is_count, real, safe_log, within
from .poisson import draw_poisson

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, size: Any, log_p: Any, log_q: Any) -> Array:
    x = real(x, size, log_p)
    inside = is_count(x)
    safe = jnp.where(inside, x, 0)
    arrangements = jnp.where(safe == 0, 0, -jnp.log(safe + size) - betaln(real(size), safe + 1))
    return within(inside, arrangements + safe * log_p + size * log_q)


def _log_prob_probs(x: Any, total_count: Any, probs: Any) -> Array:
    return _log_prob(x, total_count, jnp.log(probs), jnp.log1p(-probs))


def _log_prob_logits(x: Any, total_count: Any, logits: Any) -> Array:
    return _log_prob(x, total_count, nn.log_sigmoid(logits), nn.log_sigmoid(-logits))


def _log_prob_mean(x: Any, mean: Any, concentration: Any) -> Array:
    return _log_prob(x, concentration, -jnp.log1p(concentration / mean), -jnp.log1p(mean / concentration))


def _log_prob_rate(x: Any, concentration: Any, rate: Any) -> Array:
    return _log_prob(x, concentration, -jnp.log1p(rate), -jnp.log1p(1 / rate))


def _sample(key: Any, shape: tuple[int, ...], mean: Any, size: Any) -> Array:
    gamma_key, count_key = random.split(key)
    log_gamma = log_gamma_draws(gamma_key, shape, size, float_type(mean, size))
    return draw_poisson(count_key, shape, jnp.exp(log_gamma + jnp.log(mean) - jnp.log(size)))


def _variance(mean: Any, size: Any) -> Array:
    return real(mean) * (1 + mean / size)


def _cdf(x: Any, size: Any, p: Any, q: Any) -> Array:
    k = jnp.floor(real(x, size, p))
    return jnp.where(k < 0, 0, betainc(real(size), jnp.maximum(k, 0) + 1, q))


def _log_sf(x: Any, size: Any, p: Any, q: Any) -> Array:
    k = jnp.floor(real(x, size, p))
    return safe_log(jnp.where(k < 0, 1, betainc(jnp.maximum(k, 0) + 1, real(size), p)))


def _probs_mean(total_count: Any, probs: Any) -> Array:
    return total_count * probs / real(1 - probs)


def _mean_split(mean: Any, concentration: Any) -> tuple[Array, Array, Array]:
    total = real(mean) + concentration
    return concentration, mean / total, concentration / total


_SIZE = Param("total_count", POSITIVE, "the number of failures waited for; any positive number, small for more spread")
_SUCCESS = Param("probs", OPEN_UNIT, "the probability of a success, which is what is counted")
_MEAN = Param("mean", POSITIVE, "the expected count")
_DISPERSION = Param("concentration", POSITIVE, "small for more spread: the variance is mean + mean**2 / concentration")
_SOURCE = "Johnson, Kemp & Kotz (2005), ch. 5"

NEGATIVE_BINOMIAL = Distribution(
    name="NegativeBinomial",
    forms=(
        Form((_SIZE, _SUCCESS), _log_prob_probs),
        Form(
            (_SIZE, LOGITS),
            _log_prob_logits,
            canonical=lambda total_count, logits: (total_count, special.expit(logits)),
        ),
        Form(
            (_MEAN, _DISPERSION),
            _log_prob_mean,
            canonical=lambda mean, concentration: _mean_split(mean, concentration)[:2],
        ),
    ),
    support=COUNT,
    sample=lambda key, shape, total_count, probs: _sample(key, shape, _probs_mean(total_count, probs), total_count),
    reparameterised=False,
    mean=_probs_mean,
    variance=lambda total_count, probs: _variance(_probs_mean(total_count, probs), total_count),
    cdf=lambda x, total_count, probs: _cdf(x, total_count, probs, 1 - probs),
    log_sf=lambda x, total_count, probs: _log_sf(x, total_count, probs, 1 - probs),
    summary="counts that vary more than Poisson ones; successes before a number of failures",
    reference=_SOURCE,
)

NEGATIVE_BINOMIAL_2 = Distribution(
    name="NegativeBinomial2",
    forms=(Form((_MEAN, _DISPERSION), _log_prob_mean),),
    support=COUNT,
    sample=_sample,
    reparameterised=False,
    mean=lambda mean, concentration: real(mean) + 0 * concentration,
    variance=_variance,
    cdf=lambda x, mean, concentration: _cdf(x, *_mean_split(mean, concentration)),
    log_sf=lambda x, mean, concentration: _log_sf(x, *_mean_split(mean, concentration)),
    summary="counts that vary more than Poisson ones, by their mean",
    reference=_SOURCE,
)

GAMMA_POISSON = Distribution(
    name="GammaPoisson",
    forms=(Form((CONCENTRATION, RATE), _log_prob_rate),),
    support=COUNT,
    sample=lambda key, shape, concentration, rate: _sample(key, shape, concentration / rate, concentration),
    reparameterised=False,
    mean=lambda concentration, rate: real(concentration) / rate,
    variance=lambda concentration, rate: _variance(concentration / rate, concentration),
    cdf=lambda x, concentration, rate: _cdf(x, concentration, 1 / (1 + real(rate)), rate / (1 + real(rate))),
    log_sf=lambda x, concentration, rate: _log_sf(x, concentration, 1 / (1 + real(rate)), rate / (1 + real(rate))),
    summary="Poisson counts whose rate is Gamma",
    reference=_SOURCE,
)
