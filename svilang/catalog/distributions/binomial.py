"""Binomial, by probability or by log odds, and BetaBinomial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, nn, random, special
from ..beta_function import betainc
from ..distribution import Distribution, FiniteSupport, Form, Grouped
from .beta import BETA
from .grouping import collapse_levels
from .kinds import CONCENTRATION0, CONCENTRATION1, COUNT, LOGITS, PROBS, TOTAL_COUNT
from .numeric import (
    count_terms,
    count_terms_log,
    float_type,
    is_count,
    log_choose,
    log_count_beta,
    real,
    safe_log,
    stirling,
    within,
    xlog1py,
    xlogy,
)

if TYPE_CHECKING:
    from jax import Array


def _inside(x: Any, total_count: Any, like: Any) -> tuple[Array, Array, Array]:
    """Whether x is a possible count; x as a number that is; the number of trials."""
    total = real(total_count, like)
    inside = is_count(x) & (x <= total)
    return inside, jnp.where(inside, real(x, total), 0), total


def _log_prob(x: Any, total_count: Any, probs: Any) -> Array:
    inside, x, total = _inside(x, total_count, probs)
    rest = total - x
    return within(
        inside, _stirling_part(total, x, rest) + count_terms(x, total * probs) + count_terms(rest, total * (1 - probs))
    )


def _stirling_part(total: Any, successes: Any, failures: Any) -> Array:
    return stirling(total) - stirling(successes) - stirling(failures)


def _odds_terms(successes: Any, failures: Any, logits: Any) -> Array:
    return successes * nn.log_sigmoid(logits) + failures * nn.log_sigmoid(-logits)


def _log_prob_logits(x: Any, total_count: Any, logits: Any) -> Array:
    inside, x, total = _inside(x, total_count, logits)
    rest, log_total = total - x, safe_log(total)
    likely = count_terms_log(x, log_total + nn.log_sigmoid(logits))
    unlikely = count_terms_log(rest, log_total + nn.log_sigmoid(-logits))
    return within(inside, _stirling_part(total, x, rest) + likely + unlikely)


def draw_binomial(key: Any, shape: tuple[int, ...], total_count: Any, probs: Any) -> Array:
    """Numbers of successes."""
    dtype = float_type(total_count, probs)
    total = jnp.broadcast_to(jnp.asarray(total_count, dtype), shape)
    draws = random.binomial(key, total, jnp.broadcast_to(jnp.asarray(probs, dtype), shape), shape, dtype)
    return draws.astype(int)


def _cdf(x: Any, total_count: Any, probs: Any) -> Array:
    total = lax.stop_gradient(real(total_count, probs))
    k = jnp.floor(real(x, total))
    inside = (k >= 0) & (k < total)
    failures, successes = jnp.where(inside, total - k, 1), jnp.where(inside, k + 1, 1)
    value = betainc(failures, successes, real(1 - probs))
    return jnp.where(inside, value, jnp.where(k < 0, 0, 1))


def _log_sf(x: Any, total_count: Any, probs: Any) -> Array:
    total = lax.stop_gradient(real(total_count, probs))
    k = jnp.floor(real(x, total))
    inside = (k >= 0) & (k < total)
    failures, successes = jnp.where(inside, total - k, 1), jnp.where(inside, k + 1, 1)
    value = betainc(successes, failures, real(probs))
    return safe_log(jnp.where(inside, value, jnp.where(k < 0, 1, 0)))


def _levels(statistics: tuple[Any, ...], total_count: Any) -> tuple[Array, Array, Array, Array]:
    """Whether each group has possible counts only; its successes and failures, and its log binomial coefficients.

    The number of trials may be a latent variable, of which some values are too small for what was counted.
    """
    levels, counts = statistics
    total = real(total_count, levels)
    inside = jnp.all((levels <= total[..., None]) | (counts == 0), -1)
    levels = jnp.where(inside[..., None], levels, 0)
    successes = jnp.sum(levels * counts, -1)
    arrangements = jnp.sum(counts * log_choose(total[..., None], levels), -1)
    return inside, successes, total * jnp.sum(counts, -1) - successes, arrangements


def _grouped(statistics: tuple[Any, ...], total_count: Any, probs: Any) -> Array:
    inside, successes, failures, arrangements = _levels(statistics, total_count)
    return within(inside, arrangements + xlogy(successes, probs) + xlog1py(failures, -probs))


def _grouped_logits(statistics: tuple[Any, ...], total_count: Any, logits: Any) -> Array:
    inside, successes, failures, arrangements = _levels(statistics, total_count)
    return within(inside, arrangements + _odds_terms(successes, failures, logits))


BINOMIAL = Distribution(
    name="Binomial",
    forms=(
        Form((TOTAL_COUNT, PROBS), _log_prob, grouped=Grouped(collapse_levels, _grouped)),
        Form(
            (TOTAL_COUNT, LOGITS),
            _log_prob_logits,
            canonical=lambda total_count, logits: (total_count, special.expit(logits)),
            grouped=Grouped(collapse_levels, _grouped_logits),
        ),
    ),
    support=COUNT,
    bounds=(None, "total_count"),
    sample=draw_binomial,
    reparameterised=False,
    mean=lambda total_count, probs: real(total_count, probs) * probs,
    variance=lambda total_count, probs: real(total_count, probs) * probs * (1 - probs),
    cdf=_cdf,
    log_sf=_log_sf,
    finite_support=FiniteSupport(0, "total_count"),
    summary="successes among a known number of trials",
    reference="Johnson, Kemp & Kotz (2005), ch. 3",
)


def _beta_log_prob(x: Any, concentration1: Any, concentration0: Any, total_count: Any) -> Array:
    inside, x, total = _inside(x, total_count, real(concentration1, concentration0))
    parts = log_count_beta(concentration1, x) + log_count_beta(concentration0, total - x)
    return within(inside, log_count_beta(real(concentration1) + concentration0, total) - parts)


def _beta_sample(key: Any, shape: tuple[int, ...], concentration1: Any, concentration0: Any, total_count: Any) -> Array:
    beta_key, count_key = random.split(key)
    assert BETA.sample is not None
    return draw_binomial(count_key, shape, total_count, BETA.sample(beta_key, shape, concentration1, concentration0))


def _beta_mean(concentration1: Any, concentration0: Any, total_count: Any) -> Array:
    return total_count * concentration1 / (real(concentration1) + concentration0)


def _beta_variance(concentration1: Any, concentration0: Any, total_count: Any) -> Array:
    total = real(concentration1) + concentration0
    share = concentration1 / total
    return total_count * share * (1 - share) * (total + total_count) / (total + 1)


BETA_BINOMIAL = Distribution(
    name="BetaBinomial",
    forms=(Form((CONCENTRATION1, CONCENTRATION0, TOTAL_COUNT), _beta_log_prob),),
    support=COUNT,
    bounds=(None, "total_count"),
    sample=_beta_sample,
    reparameterised=False,
    mean=_beta_mean,
    variance=_beta_variance,
    finite_support=FiniteSupport(0, "total_count"),
    summary="successes among a known number of trials whose probability varies",
    reference="Johnson, Kemp & Kotz (2005), ch. 6",
)
