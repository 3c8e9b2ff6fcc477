"""Rice and Rayleigh: lengths of Normal vectors in the plane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random, special
from ..distribution import Distribution, Form, Param
from .kinds import NONNEGATIVE, POSITIVE, SCALE
from .numeric import float_type, off_zero, safe_log, within
from .weibull import WEIBULL

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, loc: Any, scale: Any) -> Array:
    inside = x >= 0
    safe = jnp.where(inside, x, 1)
    variance = scale**2
    # JAX takes the slope of i0e at 0 for 0; a hair to the right it is that of the right side.
    bessel = special.i0e(safe * loc / variance + jnp.finfo(jnp.result_type(float, x, loc, scale)).tiny)
    return within(inside, safe_log(safe) - jnp.log(variance) - 0.5 * ((safe - loc) / scale) ** 2 + jnp.log(bessel))


def _sample(key: Any, shape: tuple[int, ...], loc: Any, scale: Any) -> Array:
    first, second = random.split(key)
    dtype = float_type(loc, scale)
    along = loc + scale * random.normal(first, shape, dtype)
    return off_zero(jnp.hypot(along, scale * random.normal(second, shape, dtype)))


def _mean(loc: Any, scale: Any) -> Array:
    y = 0.25 * (loc / scale) ** 2
    return scale * math.sqrt(math.pi / 2) * ((1 + 2 * y) * special.i0e(y) + 2 * y * special.i1e(y))


RICE = Distribution(
    name="Rice",
    forms=(Form((Param("loc", NONNEGATIVE, "the length of the centre"), SCALE), _log_prob),),
    support=POSITIVE,
    sample=_sample,
    reparameterised=True,
    mean=_mean,
    variance=lambda loc, scale: 2 * scale**2 + loc**2 - _mean(loc, scale) ** 2,
    summary="the strength of a signal in noise, as in magnetic resonance",
    reference="Rice (1945), Bell System Technical Journal 24(1)",
)


def _weibull(function: Any) -> Any:
    """A function of Weibull with concentration 2, as one of ``scale``."""
    return lambda *args: function(*args[:-1], args[-1] * math.sqrt(2), 2.0)


RAYLEIGH = Distribution(
    name="Rayleigh",
    forms=(Form((SCALE,), _weibull(WEIBULL.forms[0].log_prob)),),
    support=POSITIVE,
    sample=_weibull(WEIBULL.sample),
    reparameterised=True,
    noise="uniform",
    from_noise=_weibull(WEIBULL.from_noise),
    mean=lambda scale: scale * math.sqrt(math.pi / 2),
    variance=lambda scale: (2 - math.pi / 2) * scale**2,
    entropy=_weibull(WEIBULL.entropy),
    cdf=_weibull(WEIBULL.cdf),
    icdf=_weibull(WEIBULL.icdf),
    log_cdf=_weibull(WEIBULL.log_cdf),
    log_sf=_weibull(WEIBULL.log_sf),
    summary="the length of a Normal vector in the plane: wind speeds, wave heights",
    reference="Johnson, Kotz & Balakrishnan (1994), vol. 1, sec. 18.10",
)
