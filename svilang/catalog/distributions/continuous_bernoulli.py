"""ContinuousBernoulli and RelaxedBernoulli: numbers between 0 and 1 that stand for a choice between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, nn, special
from ..distribution import Distribution, ExponentialFamily, Form, Param
from . import tilted
from .kinds import LOGITS, OPEN_UNIT, POSITIVE, UNIT
from .numeric import open_unit, spread, uniform_draws, within

if TYPE_CHECKING:
    from jax import Array

_PROBS = Param("probs", OPEN_UNIT, "the probability of 1 if only 0 and 1 were possible")


def _logit(probs: Any) -> Array:
    return jnp.log(probs) - jnp.log1p(-probs)


def _within_unit(x: Any) -> tuple[Array, Array]:
    inside = (x >= 0) & (x <= 1)
    return inside, jnp.where(inside, x, jnp.where(x < 0, 0, 1))


def _log_prob(x: Any, logits: Any) -> Array:
    inside, safe = _within_unit(x)
    return within(inside, logits * safe - tilted.log_mean_exp(logits))


def _from_noise(noise: Any, logits: Any) -> Array:
    return open_unit(tilted.icdf(noise, logits, 1.0))


def _log_tail(tail: Any) -> Any:
    def log_tail(x: Any, logits: Any) -> Array:
        return tail(_within_unit(x)[1], logits, 1.0)

    return log_tail


def _entropy(logits: Any) -> Array:
    return tilted.log_mean_exp(logits) - logits * tilted.mean_share(logits)


CONTINUOUS_BERNOULLI = Distribution(
    name="ContinuousBernoulli",
    forms=(
        Form((_PROBS,), lambda x, probs: _log_prob(x, _logit(probs))),
        Form((LOGITS,), _log_prob, canonical=lambda logits: (special.expit(logits),)),
    ),
    support=UNIT,
    sample=uniform_draws(lambda noise, probs: _from_noise(noise, _logit(probs))),
    reparameterised=True,
    noise="uniform",
    from_noise=lambda noise, probs: _from_noise(noise, _logit(probs)),
    mean=lambda probs: tilted.mean_share(_logit(probs)),
    variance=lambda probs: tilted.variance_share(_logit(probs)),
    entropy=lambda probs: _entropy(_logit(probs)),
    cdf=lambda x, probs: jnp.exp(_log_tail(tilted.log_cdf)(x, _logit(probs))),
    icdf=lambda q, probs: tilted.icdf(q, _logit(probs), 1.0),
    log_cdf=lambda x, probs: _log_tail(tilted.log_cdf)(x, _logit(probs)),
    log_sf=lambda x, probs: _log_tail(tilted.log_sf)(x, _logit(probs)),
    exponential_family=ExponentialFamily(
        natural=lambda probs: (_logit(probs),),
        statistics=lambda x: (x,),
        log_partition=lambda probs: tilted.log_mean_exp(_logit(probs)),
        log_base=lambda x: spread(0.0, x),
    ),
    summary="intensities between 0 and 1, such as grey pixels, as a Bernoulli would see them",
    reference="Loaiza-Ganem & Cunningham (2019), NeurIPS",
)


def _standardised(x: Any, temperature: Any, logits: Any) -> tuple[Array, Array, Array]:
    """Whether x is inside, its log odds, and those on the scale of a standard logistic variate."""
    inside = (x > 0) & (x < 1)
    odds = special.logit(jnp.where(inside, x, 0.5))
    return inside, odds, temperature * odds - logits


def _relaxed_log_prob(x: Any, temperature: Any, logits: Any) -> Array:
    inside, odds, z = _standardised(x, temperature, logits)
    jacobian = jnp.log(temperature) - nn.log_sigmoid(odds) - nn.log_sigmoid(-odds)
    return within(inside, nn.log_sigmoid(z) + nn.log_sigmoid(-z) + jacobian)


def _relaxed_icdf(q: Any, temperature: Any, logits: Any) -> Array:
    return special.expit((special.logit(q) + logits) / temperature)


def _relaxed_tail(sign: int) -> Any:
    def log_tail(x: Any, temperature: Any, logits: Any) -> Array:
        inside, _, z = _standardised(x, temperature, logits)
        beyond = x >= 1 if sign > 0 else x <= 0
        return jnp.where(inside, nn.log_sigmoid(sign * z), jnp.where(beyond, 0, -jnp.inf))

    return log_tail


_TEMPERATURE = Param("temperature", POSITIVE, "how far from 0 and 1 draws may lie; small for close to them")

RELAXED_BERNOULLI = Distribution(
    name="RelaxedBernoulli",
    forms=(
        Form((_TEMPERATURE, _PROBS), lambda x, temperature, probs: _relaxed_log_prob(x, temperature, _logit(probs))),
        Form(
            (_TEMPERATURE, LOGITS),
            _relaxed_log_prob,
            canonical=lambda temperature, logits: (temperature, special.expit(logits)),
        ),
    ),
    support=OPEN_UNIT,
    sample=uniform_draws(
        lambda noise, temperature, probs: open_unit(_relaxed_icdf(open_unit(noise), temperature, _logit(probs)))
    ),
    reparameterised=True,
    noise="uniform",
    from_noise=lambda noise, temperature, probs: open_unit(
        _relaxed_icdf(open_unit(noise), temperature, _logit(probs))
    ),
    cdf=lambda x, temperature, probs: jnp.exp(_relaxed_tail(1)(x, temperature, _logit(probs))),
    icdf=lambda q, temperature, probs: _relaxed_icdf(q, temperature, _logit(probs)),
    log_cdf=lambda x, temperature, probs: _relaxed_tail(1)(x, temperature, _logit(probs)),
    log_sf=lambda x, temperature, probs: _relaxed_tail(-1)(x, temperature, _logit(probs)),
    summary="a Bernoulli choice made smooth, whose draws have gradients",
    reference="Maddison, Mnih & Teh (2017), ICLR",
)
