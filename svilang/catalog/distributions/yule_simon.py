"""YuleSimon: counts from 1 on with a tail as heavy as a power."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random
from ..distribution import Distribution, Form, Param
from .kinds import COUNT, POSITIVE
from .numeric import betaln, float_type, is_count, log1mexp, open_unit, real, within

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, alpha: Any) -> Array:
    alpha = real(alpha)
    x = real(x, alpha)
    inside = is_count(x) & (x >= 1)
    return within(inside, jnp.log(alpha) + betaln(jnp.where(inside, x, 1), alpha + 1))


def _log_sf(x: Any, alpha: Any) -> Array:
    alpha = real(alpha)
    x = jnp.floor(real(x, alpha))
    safe = jnp.maximum(x, 1)
    return jnp.where(x >= 1, jnp.log(safe) + betaln(safe, alpha + 1), 0)


def _sample(key: Any, shape: tuple[int, ...], alpha: Any) -> Array:
    """A geometric count whose chance is e^-w with an exponential w; those beyond the whole numbers are the last one."""
    wait_key, level_key = random.split(key)
    dtype = float_type(alpha)
    wait = random.exponential(wait_key, shape, dtype) / alpha
    level = open_unit(random.uniform(level_key, shape, dtype))
    most = float(jnp.iinfo(jnp.result_type(int)).max) * (1 - float(jnp.finfo(jnp.float32).eps))
    return (jnp.minimum(jnp.floor(jnp.log(level) / log1mexp(wait)), most) + 1).astype(int)


def _mean(alpha: Any) -> Array:
    finite = alpha > 1
    return jnp.where(finite, alpha / jnp.where(finite, alpha - 1, 1), jnp.inf)


def _variance(alpha: Any) -> Array:
    finite = alpha > 2
    safe = jnp.where(finite, alpha, 3)
    return jnp.where(finite, safe**2 / ((safe - 1) ** 2 * (safe - 2)), jnp.where(alpha > 1, jnp.inf, jnp.nan))


YULE_SIMON = Distribution(
    name="YuleSimon",
    forms=(Form((Param("alpha", POSITIVE, "how fast the tail falls: as the power -1 - alpha"),), _log_prob),),
    support=COUNT,
    sample=_sample,
    reparameterised=False,
    mean=_mean,
    variance=_variance,
    cdf=lambda x, alpha: -jnp.expm1(_log_sf(x, alpha)),
    log_sf=_log_sf,
    summary="how often words, names or species occur, from once on; at 0 it has no mass",
    reference="Simon (1955), Biometrika 42(3/4)",
)
