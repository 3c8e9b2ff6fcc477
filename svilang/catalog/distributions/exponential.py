"""Exponential."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ..distribution import Distribution, ExponentialFamily, Form, Grouped
from .forms import MEAN, written_as
from .grouping import group_count, group_mean
from .kinds import POSITIVE, RATE
from .numeric import log1mexp, off_zero, real, spread, uniform_draws, within

if TYPE_CHECKING:
    from jax import Array
    from numpy import ndarray


def _log_prob(x: Any, rate: Any) -> Array:
    return within(x >= 0, jnp.log(rate) - rate * x)


def _icdf(q: Any, rate: Any) -> Array:
    return -jnp.log1p(-q) / rate


def _from_noise(noise: Any, rate: Any) -> Array:
    return off_zero(_icdf(noise, rate))


def _collapse(y: ndarray, group: ndarray, groups: int) -> tuple[ndarray, ...]:
    return group_count(y, group, groups), group_mean(y, group, groups)


def _grouped(statistics: tuple[Any, ...], rate: Any) -> Array:
    size, mean = statistics
    return size * (jnp.log(rate) - rate * mean)


_FIRST = Form((RATE,), _log_prob, grouped=Grouped(_collapse, _grouped))

EXPONENTIAL = Distribution(
    name="Exponential",
    forms=(_FIRST, written_as((MEAN,), lambda mean: (1 / mean,), _FIRST)),
    support=POSITIVE,
    sample=uniform_draws(_from_noise),
    reparameterised=True,
    noise="uniform",
    from_noise=_from_noise,
    mean=lambda rate: 1 / real(rate),
    variance=lambda rate: 1 / real(rate) ** 2,
    entropy=lambda rate: 1 - jnp.log(rate),
    cdf=lambda x, rate: -jnp.expm1(-rate * jnp.maximum(x, 0)),
    icdf=_icdf,
    log_cdf=lambda x, rate: log1mexp(rate * jnp.maximum(x, 0)),
    log_sf=lambda x, rate: -rate * jnp.maximum(x, 0),
    exponential_family=ExponentialFamily(
        natural=lambda rate: (-rate,),
        statistics=lambda x: (x,),
        log_partition=lambda rate: -jnp.log(rate),
        log_base=lambda x: within(x >= 0, spread(0.0, x)),
    ),
    summary="waiting times without memory; a prior for a scale",
    reference="Johnson, Kotz & Balakrishnan (1994), vol. 1, ch. 19",
)
