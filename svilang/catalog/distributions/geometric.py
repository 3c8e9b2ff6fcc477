"""Geometric, by probability or by log odds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, nn, random, special
from ..distribution import Distribution, ExponentialFamily, Form, Grouped
from .bernoulli import binary_entropy
from .grouping import group_count, group_sum
from .kinds import COUNT, LOGITS, PROBS
from .numeric import float_type, is_count, log1mexp, open_unit, real, safe_log, spread, within, xlog1py

if TYPE_CHECKING:
    from jax import Array
    from numpy import ndarray


def _log_prob(x: Any, probs: Any) -> Array:
    x = real(x, probs)
    inside = is_count(x)
    return within(inside, xlog1py(jnp.where(inside, x, 0), -probs) + safe_log(probs))


def _log_prob_logits(x: Any, logits: Any) -> Array:
    x = real(x, logits)
    inside = is_count(x)
    return within(inside, jnp.where(inside, x, 0) * nn.log_sigmoid(-logits) + nn.log_sigmoid(logits))


def _sample(key: Any, shape: tuple[int, ...], probs: Any) -> Array:
    noise = open_unit(random.uniform(key, shape, float_type(probs)))
    return jnp.floor(jnp.log(noise) / jnp.log1p(-real(probs))).astype(int)


def _hazard(x: Any, probs: Any) -> Array:
    """-log P(X > x)."""
    return -xlog1py(jnp.maximum(jnp.floor(real(x, probs)) + 1, 0), -probs)


def _collapse(y: ndarray, group: ndarray, groups: int) -> tuple[ndarray, ...]:
    return group_count(y, group, groups), group_sum(y, group, groups)


def _grouped(statistics: tuple[Any, ...], probs: Any) -> Array:
    size, failures = statistics
    return xlog1py(failures, -probs) + jnp.where(size > 0, size * safe_log(probs), 0)


def _grouped_logits(statistics: tuple[Any, ...], logits: Any) -> Array:
    size, failures = statistics
    return failures * nn.log_sigmoid(-logits) + size * nn.log_sigmoid(logits)


GEOMETRIC = Distribution(
    name="Geometric",
    forms=(
        Form(
            (PROBS,),
            _log_prob,
            grouped=Grouped(_collapse, _grouped),
        ),
        Form(
            (LOGITS,),
            _log_prob_logits,
            canonical=lambda logits: (special.expit(logits),),
            grouped=Grouped(_collapse, _grouped_logits),
        ),
    ),
    support=COUNT,
    sample=_sample,
    reparameterised=False,
    mean=lambda probs: (1 - probs) / real(probs),
    variance=lambda probs: (1 - probs) / real(probs) ** 2,
    entropy=lambda probs: binary_entropy(real(probs)) / probs,
    cdf=lambda x, probs: -jnp.expm1(-_hazard(x, probs)),
    log_cdf=lambda x, probs: log1mexp(_hazard(x, probs)),
    log_sf=lambda x, probs: -_hazard(x, probs),
    exponential_family=ExponentialFamily(
        natural=lambda probs: (jnp.log1p(-probs),),
        statistics=lambda x: (x,),
        log_partition=lambda probs: -jnp.log(probs),
        log_base=lambda x: spread(0.0, real(x)),
    ),
    summary="failures before the first success",
    reference="Johnson, Kemp & Kotz (2005), ch. 5",
)
