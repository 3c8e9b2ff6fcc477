"""Skellam."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, np, random
from ..distribution import Distribution, Form, Param
from .kinds import INTEGER, POSITIVE
from .numeric import real, within
from .poisson import draw_poisson

if TYPE_CHECKING:
    from jax import Array

_NODES = 64
_REACH = 9.0


def _log_prob(x: Any, rate1: Any, rate2: Any) -> Array:
    """By the integral of exp(z cosh w - n w) over one period, which is the Bessel function I_n(z), z² = 4 rate1 rate2.

    The path runs through the saddle point, where the integrand is nearly Gaussian, and the trapezoidal rule on it
    converges faster than any power (Trefethen & Weideman 2014).
    """
    n = real(x, rate1, rate2)
    inside = n == jnp.floor(n)
    n = jnp.where(inside, n, 0)
    z = 2 * jnp.sqrt(rate1 * rate2)
    radius = jnp.hypot(z, n)
    tilt = jnp.arcsinh(n / z)
    reach = jnp.minimum(_REACH / jnp.sqrt(radius), math.pi)
    lead = (1,) * jnp.ndim(reach)
    share = jnp.asarray((np.arange(_NODES) + 0.5) / _NODES, reach.dtype).reshape(*lead, _NODES)
    angle = reach[..., None] * share
    fall = jnp.exp(-2 * radius[..., None] * jnp.sin(0.5 * angle) ** 2)
    turn = jnp.cos(n[..., None] * (jnp.sin(angle) - angle))
    integral = jnp.mean(fall * turn, -1) * reach / math.pi
    exponent = radius - rate1 - rate2 - n * (tilt - 0.5 * (jnp.log(rate1) - jnp.log(rate2)))
    return within(inside, exponent + jnp.log(integral))


def _sample(key: Any, shape: tuple[int, ...], rate1: Any, rate2: Any) -> Array:
    first, second = random.split(key)
    return draw_poisson(first, shape, rate1) - draw_poisson(second, shape, rate2)


SKELLAM = Distribution(
    name="Skellam",
    forms=(
        Form(
            (
                Param("rate1", POSITIVE, "the expected count that is added"),
                Param("rate2", POSITIVE, "the expected count that is taken off"),
            ),
            _log_prob,
        ),
    ),
    support=INTEGER,
    sample=_sample,
    reparameterised=False,
    mean=lambda rate1, rate2: rate1 - rate2,
    variance=lambda rate1, rate2: rate1 + rate2,
    summary="a difference of two Poisson counts, such as the goals of two teams",
    reference="Skellam (1946), Journal of the Royal Statistical Society 109(3)",
)
