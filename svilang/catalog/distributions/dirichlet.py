"""Dirichlet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random, special
from ..distribution import Distribution, ExponentialFamily, Form, Param
from .kinds import POSITIVE, SIMPLEX
from .numeric import float_type, off_zero, real, spread, stirling, within, xlogy

if TYPE_CHECKING:
    from jax import Array


def _log_partition(concentration: Any) -> Array:
    return jnp.sum(special.gammaln(concentration), -1) - special.gammaln(jnp.sum(concentration, -1))


def _log_prob(x: Any, concentration: Any) -> Array:
    """A sum of logarithms of the parts alone, so that its mean under a guide follows from theirs. Of large
    concentrations what is large cancels within each logarithm.
    """
    total = jnp.sum(concentration, -1)
    positive = x > 0
    safe = jnp.where(positive, x, 1)
    parts = concentration * jnp.log(total[..., None] * safe / concentration) - jnp.log(safe)
    at_zero = jnp.where(positive, 0, xlogy(concentration - 1, 0))
    own = jnp.log(concentration) - stirling(concentration)
    value = jnp.sum(parts + at_zero + own, -1) + stirling(total) - jnp.log(total)
    return within(jnp.all(x >= 0, -1), value)


def _sample(key: Any, shape: tuple[int, ...], concentration: Any) -> Array:
    dtype = float_type(concentration)
    spread_out = jnp.broadcast_to(jnp.asarray(concentration, dtype), shape)
    return off_zero(random.dirichlet(key, spread_out, shape[:-1], dtype))


def _mean(concentration: Any) -> Array:
    return real(concentration) / jnp.sum(concentration, -1, keepdims=True)


def _variance(concentration: Any) -> Array:
    mean = _mean(concentration)
    return mean * (1 - mean) / (jnp.sum(concentration, -1, keepdims=True) + 1)


def _entropy(concentration: Any) -> Array:
    size = jnp.shape(concentration)[-1]
    total = jnp.sum(concentration, -1)
    slopes = jnp.sum((concentration - 1) * special.digamma(concentration), -1)
    return _log_partition(concentration) + (total - size) * special.digamma(total) - slopes


DIRICHLET = Distribution(
    name="Dirichlet",
    forms=(Form((Param("concentration", POSITIVE, "weight of each part, as of prior counts", ("k",)),), _log_prob),),
    support=SIMPLEX,
    event=("k",),
    sample=_sample,
    reparameterised=True,
    mean=_mean,
    variance=_variance,
    entropy=_entropy,
    exponential_family=ExponentialFamily(
        natural=lambda concentration: (concentration - 1,),
        statistics=lambda x: (jnp.log(x),),
        log_partition=_log_partition,
        log_base=lambda x: spread(0.0, x[..., 0]),
    ),
    summary="the parts of a whole; the conjugate prior of category probabilities",
    reference="Kotz, Balakrishnan & Johnson (2000), ch. 49",
)
