"""Triangular and PERT: three numbers that an expert can state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ..distribution import Distribution, Form, Param
from .beta import BETA
from .kinds import POSITIVE, REAL
from .numeric import LOG_2, safe_log, spread, uniform_draws, within

if TYPE_CHECKING:
    from jax import Array

_LOW = Param("low", REAL, "the least possible value")
_PEAK = Param("peak", REAL, "the most likely value")
_HIGH = Param("high", REAL, "the greatest possible value")


def _sides(x: Any, low: Any, peak: Any, high: Any) -> tuple[Array, Array, Array]:
    """Whether x is left of the peak, its distance from the end on that side, and the length of the side."""
    left = x < peak
    distance = jnp.where(left, x - low, high - x)
    return left, distance, jnp.where(left, peak - low, high - peak)


def _log_prob(x: Any, low: Any, peak: Any, high: Any) -> Array:
    _, distance, side = _sides(x, low, peak, high)
    at_peak = x == peak
    rise = jnp.where(at_peak, 0, safe_log(distance) - safe_log(side))
    return within((x >= low) & (x <= high), rise + LOG_2 - jnp.log(high - low))


def _log_tail(lower: bool) -> Any:
    def log_tail(x: Any, low: Any, peak: Any, high: Any) -> Array:
        x = jnp.clip(x, low, high)
        left, distance, side = _sides(x, low, peak, high)
        some = side > 0  # nothing lies above a peak that is the upper end
        tail = 2 * safe_log(distance) - jnp.log(jnp.where(some, side, 1)) - jnp.log(high - low)
        tail = jnp.where(some, tail, -jnp.inf)
        near = left if lower else ~left
        return jnp.where(near, tail, safe_log(-jnp.expm1(jnp.where(near, -1, tail))))

    return log_tail


def _icdf(q: Any, low: Any, peak: Any, high: Any) -> Array:
    span = high - low
    left = q * span < peak - low
    area = span * jnp.where(left, q * (peak - low), (1 - q) * (high - peak))
    some = area > 0
    root = jnp.where(some, jnp.sqrt(jnp.where(some, area, 1)), 0)
    return jnp.where(left, low + root, high - root)


def _variance(low: Any, peak: Any, high: Any) -> Array:
    below, above = peak - low, high - peak
    return (below**2 + above**2 + below * above) / 18.0


TRIANGULAR = Distribution(
    name="Triangular",
    forms=(Form((_LOW, _PEAK, _HIGH), _log_prob),),
    support=REAL,
    bounds=("low", "high"),
    sample=uniform_draws(_icdf),
    reparameterised=True,
    noise="uniform",
    from_noise=_icdf,
    mean=lambda low, peak, high: (low + peak + high) / 3.0,
    variance=_variance,
    entropy=lambda low, peak, high: spread(0.5 + jnp.log(0.5 * (high - low)), peak),
    cdf=lambda x, low, peak, high: jnp.exp(_log_tail(lower=True)(x, low, peak, high)),
    icdf=_icdf,
    log_cdf=_log_tail(lower=True),
    log_sf=_log_tail(lower=False),
    summary="a quantity of which one knows the ends and the most likely value",
    reference="Johnson, Kotz & Balakrishnan (1995), vol. 2, sec. 26.9",
)


def _shares(low: Any, peak: Any, high: Any, concentration: Any) -> tuple[Array, Array, Array]:
    """The span and the two shapes of the Beta law of (x - low) / span."""
    span = high - low
    return span, 1 + concentration * (peak - low) / span, 1 + concentration * (high - peak) / span


def _of_share(function: Any) -> Any:
    """A function of a Beta variate as one of the variate on its own scale."""

    def of_value(x: Any, low: Any, peak: Any, high: Any, concentration: Any) -> Array:
        span, one, zero = _shares(low, peak, high, concentration)
        return function(jnp.clip((x - low) / span, 0, 1), one, zero)

    return of_value


def _pert_log_prob(x: Any, low: Any, peak: Any, high: Any, concentration: Any) -> Array:
    inside = (x >= low) & (x <= high)
    safe = jnp.where(inside, x, low + 0.5 * (high - low))
    return within(inside, _of_share(BETA.forms[0].log_prob)(safe, low, peak, high, concentration) - jnp.log(high - low))


def _pert_sample(key: Any, shape: tuple[int, ...], low: Any, peak: Any, high: Any, concentration: Any) -> Array:
    span, one, zero = _shares(low, peak, high, concentration)
    assert BETA.sample is not None
    return low + span * BETA.sample(key, shape, one, zero)


def _pert_mean(low: Any, peak: Any, high: Any, concentration: Any) -> Array:
    return (low + concentration * peak + high) / (concentration + 2)


def _pert_variance(low: Any, peak: Any, high: Any, concentration: Any) -> Array:
    mean = _pert_mean(low, peak, high, concentration)
    return (mean - low) * (high - mean) / (concentration + 3)


def _pert_entropy(low: Any, peak: Any, high: Any, concentration: Any) -> Array:
    span, one, zero = _shares(low, peak, high, concentration)
    assert BETA.entropy is not None
    return BETA.entropy(one, zero) + jnp.log(span)


PERT = Distribution(
    name="PERT",
    forms=(
        Form(
            (_LOW, _PEAK, _HIGH, Param("concentration", POSITIVE, "the weight of the peak", default=4.0)),
            _pert_log_prob,
        ),
    ),
    support=REAL,
    bounds=("low", "high"),
    sample=_pert_sample,
    reparameterised=True,
    mean=_pert_mean,
    variance=_pert_variance,
    entropy=_pert_entropy,
    cdf=_of_share(BETA.cdf),
    log_cdf=_of_share(BETA.log_cdf),
    log_sf=_of_share(BETA.log_sf),
    summary="an expert's guess of a duration or cost: least, most likely, greatest",
    reference="Malcolm, Roseboom, Clark & Fazar (1959), Operations Research 7(5)",
)
