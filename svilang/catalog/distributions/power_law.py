"""DoublyTruncatedPowerLaw, LowerTruncatedPowerLaw and LogUniform: densities that are a power of the variate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ...types import Interval, Kind
from ..distribution import Distribution, Form, Param
from . import tilted
from .kinds import POSITIVE, REAL
from .numeric import spread, uniform_draws, within
from .pareto import PARETO

if TYPE_CHECKING:
    from jax import Array


def _place(x: Any, low: Any, high: Any) -> tuple[Array, Array, Array]:
    """Whether x lies between the bounds, log(x / low) of the nearest point that does, and log(high / low)."""
    inside = (x >= low) & (x <= high)
    safe = jnp.where(inside, x, jnp.where(x < low, low, high))
    return inside, jnp.log(safe / low), jnp.log(high / low)


def _log_prob(x: Any, alpha: Any, low: Any, high: Any) -> Array:
    inside, t, length = _place(x, low, high)
    return within(inside, tilted.log_prob(t, alpha + 1, length) - t - jnp.log(low))


def _icdf(q: Any, alpha: Any, low: Any, high: Any) -> Array:
    return jnp.clip(low * jnp.exp(tilted.icdf(q, alpha + 1, jnp.log(high / low))), low, high)


def _log_cdf(x: Any, alpha: Any, low: Any, high: Any) -> Array:
    _, t, length = _place(x, low, high)
    return tilted.log_cdf(t, alpha + 1, length)


def _log_sf(x: Any, alpha: Any, low: Any, high: Any) -> Array:
    _, t, length = _place(x, low, high)
    return tilted.log_sf(t, alpha + 1, length)


def _moment(order: int, alpha: Any, low: Any, high: Any) -> Array:
    length = jnp.log(high / low)
    ratio = tilted.log_integral(alpha + 1 + order, length) - tilted.log_integral(alpha + 1, length)
    return low**order * jnp.exp(ratio)


def _variance(alpha: Any, low: Any, high: Any) -> Array:
    return _moment(2, alpha, low, high) - _moment(1, alpha, low, high) ** 2


def _entropy(alpha: Any, low: Any, high: Any) -> Array:
    length = jnp.log(high / low)
    slope = -alpha * length * tilted.mean_share((alpha + 1) * length)
    return jnp.log(low) + slope + tilted.log_integral(alpha + 1, length)


_LOW = Param("low", POSITIVE, "the least possible value")
_HIGH = Param("high", POSITIVE, "the greatest possible value")

DOUBLY_TRUNCATED_POWER_LAW = Distribution(
    name="DoublyTruncatedPowerLaw",
    forms=(Form((Param("alpha", REAL, "the power of the variate in its density"), _LOW, _HIGH), _log_prob),),
    support=POSITIVE,
    bounds=("low", "high"),
    sample=uniform_draws(_icdf),
    reparameterised=True,
    noise="uniform",
    from_noise=_icdf,
    mean=lambda alpha, low, high: _moment(1, alpha, low, high),
    variance=_variance,
    entropy=_entropy,
    cdf=lambda x, alpha, low, high: jnp.exp(_log_cdf(x, alpha, low, high)),
    icdf=_icdf,
    log_cdf=_log_cdf,
    log_sf=_log_sf,
    summary="sizes between two known ends whose density is a power: masses of stars, of black holes",
    reference="Johnson, Kotz & Balakrishnan (1994), vol. 1, sec. 20.11",
)

LOG_UNIFORM = Distribution(
    name="LogUniform",
    forms=(Form((_LOW, _HIGH), lambda x, low, high: _log_prob(x, -1.0, low, high)),),
    support=POSITIVE,
    bounds=("low", "high"),
    sample=uniform_draws(lambda q, low, high: _icdf(q, -1.0, low, high)),
    reparameterised=True,
    noise="uniform",
    from_noise=lambda q, low, high: _icdf(q, -1.0, low, high),
    mean=lambda low, high: _moment(1, -1.0, low, high),
    variance=lambda low, high: _variance(-1.0, low, high),
    entropy=lambda low, high: _entropy(-1.0, low, high),
    cdf=lambda x, low, high: jnp.exp(_log_cdf(x, -1.0, low, high)),
    icdf=lambda q, low, high: _icdf(q, -1.0, low, high),
    log_cdf=lambda x, low, high: _log_cdf(x, -1.0, low, high),
    log_sf=lambda x, low, high: _log_sf(x, -1.0, low, high),
    summary="a positive quantity of which not even the order of magnitude is known",
    reference="Hamming (1970), Bell System Technical Journal 49(8)",
)


def _pareto(function: Any) -> Any:
    """A function of Pareto(low, -1 - alpha) as one of ``alpha`` and ``low``."""
    return lambda *args: function(*args[:-2], args[-1], -1 - args[-2])


LOWER_TRUNCATED_POWER_LAW = Distribution(
    name="LowerTruncatedPowerLaw",
    forms=(
        Form(
            (
                Param("alpha", Kind(interval=Interval(upper=-1, upper_open=True)), "the power, less than -1"),
                Param("low", POSITIVE, "the least possible value"),
            ),
            _pareto(PARETO.forms[0].log_prob),
        ),
    ),
    support=POSITIVE,
    bounds=("low", None),
    sample=_pareto(PARETO.sample),
    reparameterised=True,
    noise="uniform",
    from_noise=_pareto(PARETO.from_noise),
    mean=lambda alpha, low: _pareto(PARETO.mean)(alpha, spread(low, alpha)),
    variance=_pareto(PARETO.variance),
    entropy=_pareto(PARETO.entropy),
    cdf=_pareto(PARETO.cdf),
    icdf=_pareto(PARETO.icdf),
    log_cdf=_pareto(PARETO.log_cdf),
    log_sf=_pareto(PARETO.log_sf),
    summary="Pareto by the power in its density",
    reference="Johnson, Kotz & Balakrishnan (1994), vol. 1, ch. 20",
)
