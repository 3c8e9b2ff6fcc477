"""Gompertz."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ..distribution import Distribution, Form
from .kinds import CONCENTRATION, POSITIVE, RATE
from .numeric import log1mexp, off_zero, real, uniform_draws, within
from .scaled import scaled_exp1

if TYPE_CHECKING:
    from jax import Array


def _hazard(x: Any, concentration: Any, rate: Any) -> Array:
    return concentration * jnp.expm1(rate * jnp.where(x > 0, x, 0))


def _log_prob(x: Any, concentration: Any, rate: Any) -> Array:
    inside = x >= 0
    safe = jnp.where(inside, x, 0)
    return within(inside, jnp.log(concentration) + jnp.log(rate) + rate * safe - _hazard(safe, concentration, rate))


def _icdf(q: Any, concentration: Any, rate: Any) -> Array:
    return jnp.log1p(-jnp.log1p(-q) / concentration) / rate


def _from_noise(noise: Any, concentration: Any, rate: Any) -> Array:
    return off_zero(_icdf(noise, concentration, rate))


GOMPERTZ = Distribution(
    name="Gompertz",
    forms=(Form((CONCENTRATION, RATE), _log_prob),),
    support=POSITIVE,
    sample=uniform_draws(_from_noise),
    reparameterised=True,
    noise="uniform",
    from_noise=_from_noise,
    mean=lambda concentration, rate: scaled_exp1(concentration) / rate,
    entropy=lambda concentration, rate: 1 - jnp.log(real(concentration) * rate) - scaled_exp1(concentration),
    cdf=lambda x, concentration, rate: -jnp.expm1(-_hazard(x, concentration, rate)),
    icdf=_icdf,
    log_cdf=lambda x, concentration, rate: log1mexp(_hazard(x, concentration, rate)),
    log_sf=lambda x, concentration, rate: -_hazard(x, concentration, rate),
    summary="ages at death: the hazard rises exponentially",
    reference="Johnson, Kotz & Balakrishnan (1995), vol. 2, sec. 22.8",
)
