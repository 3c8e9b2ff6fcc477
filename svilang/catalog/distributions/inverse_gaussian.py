"""InverseGaussian, also called Wald."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random
from ..distribution import Distribution, ExponentialFamily, Form, Param
from .implicit import with_gradient
from .kinds import POSITIVE
from .normal import STANDARD, log_ndtr
from .numeric import LOG_2PI, float_type, log1mexp, off_zero, real, safe_log, spread, within
from .scaled import log_mills, scaled_exp1

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, loc: Any, concentration: Any) -> Array:
    inside = x > 0
    safe = jnp.where(inside, x, loc)
    distance = concentration * ((safe - loc) / loc) ** 2 / safe
    return within(inside, 0.5 * (jnp.log(concentration) - LOG_2PI - 3 * jnp.log(safe) - distance))


def _deviates(x: Any, loc: Any, concentration: Any) -> tuple[Array, Array, Array]:
    """Whether x is positive, and the deviates a and b of P(X <= x) = Φ(a) + exp(2 concentration / loc) Φ(-b).

    Since b² - a² = 4 concentration / loc, the second term is φ(a) Φ(-b) / φ(b).
    """
    inside = x > 0
    safe = jnp.where(inside, x, loc)
    root = jnp.sqrt(concentration / safe)
    return inside, root * (safe / loc - 1), root * (safe / loc + 1)


def _log_cdf(x: Any, loc: Any, concentration: Any) -> Array:
    inside, a, b = _deviates(x, loc, concentration)
    return within(inside, jnp.logaddexp(log_ndtr(a), STANDARD.log_prob(a) + log_mills(-b)))


def _log_sf(x: Any, loc: Any, concentration: Any) -> Array:
    inside, a, b = _deviates(x, loc, concentration)
    high = a > 0
    above = jnp.where(high, a, 1)
    gap = log_mills(-above) - log_mills(-jnp.where(high, b, 2))
    tail = log_ndtr(-above) + safe_log(-jnp.expm1(-gap))
    middle = log1mexp(-_log_cdf(jnp.where(high, loc, x), loc, concentration))
    return jnp.where(inside, jnp.where(high, tail, middle), 0)


def _draw(key: Any, shape: tuple[int, ...], loc: Any, concentration: Any, dtype: Any) -> Array:
    """The two roots of a quadratic in a squared Normal deviate (Michael, Schucany & Haas 1976), the lesser by
    the product of the roots, so that it does not cancel.
    """
    normal_key, choice_key = random.split(key)
    ratio = 0.5 * loc * random.normal(normal_key, shape, dtype) ** 2 / concentration
    larger = 1 + ratio + jnp.sqrt(ratio * (2 + ratio))
    upper = random.uniform(choice_key, shape, dtype) * (1 + larger) > larger
    return off_zero(loc * jnp.where(upper, larger, 1 / larger))


def _sample(key: Any, shape: tuple[int, ...], loc: Any, concentration: Any) -> Array:
    draw = _draw(key, shape, loc, concentration, float_type(loc, concentration))
    density = jnp.exp(_log_prob(draw, loc, concentration))
    return with_gradient(draw, lambda x: jnp.exp(_log_cdf(x, loc, concentration)), density)


def _entropy(loc: Any, concentration: Any) -> Array:
    mean_log = jnp.log(loc) - scaled_exp1(2 * concentration / loc)
    return 0.5 * (1 + LOG_2PI - jnp.log(concentration)) + 1.5 * mean_log


INVERSE_GAUSSIAN = Distribution(
    name="InverseGaussian",
    forms=(
        Form(
            (
                Param("loc", POSITIVE, "the mean"),
                Param("concentration", POSITIVE, "small for more spread: the variance is loc**3 / concentration"),
            ),
            _log_prob,
        ),
    ),
    support=POSITIVE,
    sample=_sample,
    reparameterised=True,
    mean=lambda loc, concentration: spread(loc, concentration),
    variance=lambda loc, concentration: real(loc) ** 3 / concentration,
    entropy=_entropy,
    cdf=lambda x, loc, concentration: jnp.exp(_log_cdf(x, loc, concentration)),
    log_cdf=_log_cdf,
    log_sf=_log_sf,
    exponential_family=ExponentialFamily(
        natural=lambda loc, concentration: (-0.5 * concentration / loc**2, spread(-0.5 * concentration, loc)),
        statistics=lambda x: (x, 1 / x),
        log_partition=lambda loc, concentration: -concentration / loc - 0.5 * jnp.log(concentration),
        log_base=lambda x: -0.5 * (LOG_2PI + 3 * jnp.log(x)),
    ),
    summary="times until a drifting quantity first reaches a level: decisions, failures",
    reference="Johnson, Kotz & Balakrishnan (1994), vol. 1, ch. 15",
)
