"""Poisson, by rate or by log rate, and ZeroInflatedPoisson."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, np, random, special
from ..distribution import Distribution, ExponentialFamily, Form, Grouped, Param
from .grouping import group_count, group_mean, group_sum, log_factorial
from .kinds import COUNT, NONNEGATIVE, REAL, UNIT
from .numeric import count_terms, count_terms_log, float_type, is_count, real, safe_log, stirling, within
from .zero_inflated import gate_logs, inflate

if TYPE_CHECKING:
    from jax import Array
    from numpy import ndarray

_RATE = Param("rate", NONNEGATIVE, "the expected count")


def _split(x: Any, like: Any) -> tuple[Array, Array]:
    """Whether x is a count, and x as a number that is."""
    x = real(x, like)
    counts = is_count(x)
    return counts, jnp.where(counts, x, 0)


def _log_prob(x: Any, rate: Any) -> Array:
    counts, x = _split(x, rate)
    return within(counts, count_terms(x, rate) - stirling(x))


def _log_prob_log_rate(x: Any, log_rate: Any) -> Array:
    counts, x = _split(x, log_rate)
    return within(counts, count_terms_log(x, log_rate) - stirling(x))


def draw_poisson(key: Any, shape: tuple[int, ...], rate: Any) -> Array:
    """Counts."""
    return random.poisson(key, jnp.broadcast_to(real(rate), shape), shape).astype(int)


def _collapse(y: ndarray, group: ndarray, groups: int) -> tuple[ndarray, ...]:
    """Size, mean, and the largest value that the group's log density can take, which is at rate = mean."""
    y = np.asarray(y, np.float64)
    size, mean = group_count(y, group, groups), group_mean(y, group, groups)
    peak = size * mean * (np.log(np.where(mean > 0, mean, 1)) - 1) - group_sum(log_factorial(y), group, groups)
    return size, mean, peak


def _grouped(statistics: tuple[Any, ...], rate: Any) -> Array:
    size, mean, peak = statistics
    return peak + size * jnp.where(size > 0, count_terms(mean, rate), 0)


def _grouped_log_rate(statistics: tuple[Any, ...], log_rate: Any) -> Array:
    size, mean, peak = statistics
    return peak + size * count_terms_log(mean, log_rate)


def _cdf(x: Any, rate: Any) -> Array:
    k = jnp.floor(real(x, rate))
    return jnp.where(k < 0, 0, special.gammaincc(jnp.maximum(k, 0) + 1, real(rate)))


def _log_sf(x: Any, rate: Any) -> Array:
    k = jnp.floor(real(x, rate))
    return safe_log(jnp.where(k < 0, 1, special.gammainc(jnp.maximum(k, 0) + 1, real(rate))))


POISSON = Distribution(
    name="Poisson",
    forms=(
        Form((_RATE,), _log_prob, grouped=Grouped(_collapse, _grouped)),
        Form(
            (Param("log_rate", REAL, "the logarithm of the expected count"),),
            _log_prob_log_rate,
            canonical=lambda log_rate: (jnp.exp(log_rate),),
            grouped=Grouped(_collapse, _grouped_log_rate),
        ),
    ),
    support=COUNT,
    sample=draw_poisson,
    reparameterised=False,
    mean=lambda rate: real(rate),
    variance=lambda rate: real(rate),
    cdf=_cdf,
    log_sf=_log_sf,
    exponential_family=ExponentialFamily(
        natural=lambda rate: (jnp.log(rate),),
        statistics=lambda x: (x,),
        log_partition=lambda rate: real(rate),
        log_base=lambda x: -special.gammaln(x + 1.0),
    ),
    summary="counts of rare events",
    reference="Johnson, Kemp & Kotz (2005), ch. 4",
)


def _inflated_log_prob(x: Any, gate: Any, rate: Any) -> Array:
    return inflate(x, _log_prob(x, rate), *gate_logs(gate))


def _inflated_sample(key: Any, shape: tuple[int, ...], gate: Any, rate: Any) -> Array:
    gate_key, count_key = random.split(key)
    shut = random.uniform(gate_key, shape, float_type(gate)) < gate
    return jnp.where(shut, 0, draw_poisson(count_key, shape, rate))


ZERO_INFLATED_POISSON = Distribution(
    name="ZeroInflatedPoisson",
    forms=(
        Form(
            (
                Param("gate", UNIT, "the probability of a zero that is no count"),
                Param("rate", NONNEGATIVE, "the expected count otherwise", default=1.0),
            ),
            _inflated_log_prob,
        ),
    ),
    support=COUNT,
    sample=_inflated_sample,
    reparameterised=False,
    mean=lambda gate, rate: (1 - gate) * real(rate),
    variance=lambda gate, rate: (1 - gate) * rate * (1 + real(rate) * gate),
    cdf=lambda x, gate, rate: jnp.where(real(x) < 0, 0, gate + (1 - gate) * _cdf(x, rate)),
    summary="counts with more zeros than Poisson has",
    reference="Lambert (1992), Technometrics 34(1)",
)
