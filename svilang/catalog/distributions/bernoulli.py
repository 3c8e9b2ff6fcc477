"""Bernoulli, by probability or by log odds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, nn, random, special
from ..distribution import Distribution, ExponentialFamily, FiniteSupport, Form, Grouped
from .grouping import group_count, group_sum
from .kinds import BINARY, LOGITS, PROBS
from .numeric import float_type, real, safe_log, spread, within, xlog1py, xlogy

if TYPE_CHECKING:
    from jax import Array
    from numpy import ndarray


def _log_prob(x: Any, probs: Any) -> Array:
    success = x == 1
    return within(success | (x == 0), safe_log(jnp.where(success, probs, 1 - probs)))


def _log_prob_logits(x: Any, logits: Any) -> Array:
    success = x == 1
    return within(success | (x == 0), nn.log_sigmoid(jnp.where(success, logits, -logits)))


def _sample(key: Any, shape: tuple[int, ...], probs: Any) -> Array:
    return (random.uniform(key, shape, float_type(probs)) < probs).astype(int)


def _collapse(y: ndarray, group: ndarray, groups: int) -> tuple[ndarray, ...]:
    successes = group_sum(y, group, groups)
    return successes, group_count(y, group, groups) - successes


def _grouped(statistics: tuple[Any, ...], probs: Any) -> Array:
    successes, failures = statistics
    return xlogy(successes, probs) + xlog1py(failures, -probs)


def _grouped_logits(statistics: tuple[Any, ...], logits: Any) -> Array:
    successes, failures = statistics
    return successes * nn.log_sigmoid(logits) + failures * nn.log_sigmoid(-logits)


def binary_entropy(probs: Any) -> Array:
    """Entropy of a success or failure, in nats."""
    return -xlogy(probs, probs) - xlog1py(1 - probs, -probs)


BERNOULLI = Distribution(
    name="Bernoulli",
    forms=(
        Form((PROBS,), _log_prob, grouped=Grouped(_collapse, _grouped)),
        Form(
            (LOGITS,),
            _log_prob_logits,
            canonical=lambda logits: (special.expit(logits),),
            grouped=Grouped(_collapse, _grouped_logits),
        ),
    ),
    support=BINARY,
    sample=_sample,
    reparameterised=False,
    mean=lambda probs: real(probs),
    variance=lambda probs: real(probs) * (1 - probs),
    entropy=lambda probs: binary_entropy(real(probs)),
    cdf=lambda x, probs: jnp.where(x < 0, 0, jnp.where(x < 1, 1 - probs, 1)),
    exponential_family=ExponentialFamily(
        natural=lambda probs: (special.logit(probs),),
        statistics=lambda x: (x,),
        log_partition=lambda probs: -jnp.log1p(-probs),
        log_base=lambda x: spread(0.0, real(x)),
    ),
    finite_support=FiniteSupport(0, 1),
    summary="one success or failure",
    reference="Johnson, Kemp & Kotz (2005), ch. 3",
)
