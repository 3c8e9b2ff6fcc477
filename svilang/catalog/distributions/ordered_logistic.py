"""OrderedLogistic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, nn, random, special
from ..distribution import Distribution, FiniteSupport, Form, Param
from .kinds import COUNT, ORDERED, REAL
from .levels import cut_at, cuts_around, level_of
from .numeric import log1mexp, within

if TYPE_CHECKING:
    from jax import Array


def _level_log_probs(predictor: Any, cutpoints: Any) -> Array:
    """Log probabilities of all levels along a new last axis.

    expit(b) - expit(a) = expit(b) expit(-a) (1 - exp(a - b)), which does not cancel in either tail.
    """
    above = cutpoints - predictor[..., None]
    shape = jnp.shape(above)
    gaps = log1mexp(cutpoints[..., 1:] - cutpoints[..., :-1])
    none = jnp.zeros((*shape[:-1], 1), above.dtype)
    upper = jnp.concatenate([nn.log_sigmoid(above), none], -1)
    lower = jnp.concatenate([none, nn.log_sigmoid(-above)], -1)
    between = jnp.concatenate([none, jnp.broadcast_to(gaps, (*shape[:-1], shape[-1] - 1)), none], -1)
    return upper + lower + between


def _log_prob(x: Any, predictor: Any, cutpoints: Any) -> Array:
    inside, level = level_of(x, cutpoints)
    first, last = level == 0, level == cutpoints.shape[-1]
    below, above = cuts_around(level, cutpoints)
    log_upper = jnp.where(last, 0, nn.log_sigmoid(above - predictor))
    log_lower = jnp.where(first, 0, nn.log_sigmoid(predictor - below))
    between = jnp.where(first | last, 0, log1mexp(jnp.where(first | last, 1, above - below)))
    return within(inside, log_upper + log_lower + between)


def _sample(key: Any, shape: tuple[int, ...], predictor: Any, cutpoints: Any) -> Array:
    utility = predictor + random.logistic(key, shape, jnp.result_type(float, predictor, cutpoints))
    return jnp.sum(utility[..., None] > cutpoints, -1)


def _cdf(x: Any, predictor: Any, cutpoints: Any) -> Array:
    level = jnp.floor(jnp.asarray(x)).astype(int)
    size = cutpoints.shape[-1]
    cuts = jnp.broadcast_to(cutpoints, (*jnp.broadcast_shapes(level.shape, cutpoints.shape[:-1]), size))
    value = special.expit(cut_at(cuts, jnp.clip(level, 0, size - 1)) - predictor)
    return jnp.where(level < 0, 0, jnp.where(level >= size, 1, value))


def _entropy(predictor: Any, cutpoints: Any) -> Array:
    logs = _level_log_probs(jnp.asarray(predictor), cutpoints)
    return -jnp.sum(jnp.exp(logs) * logs, -1)


ORDERED_LOGISTIC = Distribution(
    name="OrderedLogistic",
    forms=(
        Form(
            (
                Param("predictor", REAL, "how far up the scale, in log odds"),
                Param("cutpoints", ORDERED, "where one level passes into the next", ("k",)),
            ),
            _log_prob,
        ),
    ),
    support=COUNT,
    sample=_sample,
    reparameterised=False,
    entropy=_entropy,
    cdf=_cdf,
    finite_support=FiniteSupport(0, ("axis", "k", 0)),
    summary="a rating on an ordered scale (proportional odds)",
    reference="McCullagh (1980), Journal of the Royal Statistical Society B 42(2)",
)
