"""Pareto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ..distribution import Distribution, Form, Param
from .kinds import POSITIVE
from .numeric import log1mexp, uniform_draws, within

if TYPE_CHECKING:
    from jax import Array


def _excess(x: Any, scale: Any, alpha: Any) -> Array:
    """The accumulated hazard alpha log(x / scale), which is 0 below the scale."""
    return alpha * jnp.log(jnp.maximum(x / scale, 1))


def _log_prob(x: Any, scale: Any, alpha: Any) -> Array:
    inside = x >= scale
    safe = jnp.where(inside, x, scale)
    return within(inside, jnp.log(alpha) - alpha * jnp.log(safe / scale) - jnp.log(safe))


def _icdf(q: Any, scale: Any, alpha: Any) -> Array:
    return scale * jnp.exp(-jnp.log1p(-q) / alpha)


def _mean(scale: Any, alpha: Any) -> Array:
    finite = alpha > 1
    return jnp.where(finite, scale * alpha / jnp.where(finite, alpha - 1, 1), jnp.inf)


def _variance(scale: Any, alpha: Any) -> Array:
    finite = alpha > 2
    safe = jnp.where(finite, alpha, 3)
    return jnp.where(finite, scale**2 * safe / ((safe - 1) ** 2 * (safe - 2)), jnp.where(alpha > 1, jnp.inf, jnp.nan))


PARETO = Distribution(
    name="Pareto",
    forms=(
        Form(
            (Param("scale", POSITIVE, "the least possible value"), Param("alpha", POSITIVE, "how fast the tail falls")),
            _log_prob,
        ),
    ),
    support=POSITIVE,
    bounds=("scale", None),
    sample=uniform_draws(_icdf),
    reparameterised=True,
    noise="uniform",
    from_noise=_icdf,
    mean=_mean,
    variance=_variance,
    entropy=lambda scale, alpha: jnp.log(scale / alpha) + 1 + 1 / alpha,
    cdf=lambda x, scale, alpha: -jnp.expm1(-_excess(x, scale, alpha)),
    icdf=_icdf,
    log_cdf=lambda x, scale, alpha: log1mexp(_excess(x, scale, alpha)),
    log_sf=lambda x, scale, alpha: -_excess(x, scale, alpha),
    summary="sizes above a threshold whose tail is a power law",
    reference="Johnson, Kotz & Balakrishnan (1994), vol. 1, ch. 20",
)
