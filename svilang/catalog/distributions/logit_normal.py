"""LogitNormal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, nn, special
from ..distribution import Distribution, Form, LocationScale
from .kinds import LOC, OPEN_UNIT, SCALE
from .normal import STANDARD, log_ndtr
from .numeric import normal_draws, open_unit, within
from .standard import AFFINE

if TYPE_CHECKING:
    from jax import Array


def _deviate(x: Any, loc: Any, scale: Any) -> tuple[Array, Array, Array]:
    """Whether x is inside, its log odds, and their Normal deviate."""
    inside = (x > 0) & (x < 1)
    odds = special.logit(jnp.where(inside, x, 0.5))
    return inside, odds, (odds - loc) / scale


def _log_slope(odds: Any) -> Array:
    """Log of the slope of the logistic function."""
    return nn.log_sigmoid(odds) + nn.log_sigmoid(-odds)


def _log_prob(x: Any, loc: Any, scale: Any) -> Array:
    inside, odds, z = _deviate(x, loc, scale)
    return within(inside, STANDARD.log_prob(z) - jnp.log(scale) - _log_slope(odds))


def _from_noise(noise: Any, loc: Any, scale: Any) -> Array:
    return open_unit(special.expit(loc + scale * noise))


def _log_tail(sign: int) -> Any:
    def log_tail(x: Any, loc: Any, scale: Any) -> Array:
        inside, _, z = _deviate(x, loc, scale)
        beyond = x >= 1 if sign > 0 else x <= 0
        return jnp.where(inside, log_ndtr(sign * z), jnp.where(beyond, 0, -jnp.inf))

    return log_tail


LOGIT_NORMAL = Distribution(
    name="LogitNormal",
    forms=(Form((LOC, SCALE), _log_prob),),
    support=OPEN_UNIT,
    sample=normal_draws(_from_noise),
    reparameterised=True,
    noise="normal",
    from_noise=_from_noise,
    location_scale=LocationScale(
        forward=lambda z, loc, scale: special.expit(loc + scale * z),
        inverse=lambda x, loc, scale: (special.logit(x) - loc) / scale,
        log_det=lambda z, loc, scale: AFFINE.log_det(z, loc, scale) + _log_slope(loc + scale * z),
        log_prob=lambda z, loc, scale: STANDARD.log_prob(z),
    ),
    cdf=lambda x, loc, scale: jnp.exp(_log_tail(1)(x, loc, scale)),
    icdf=lambda q, loc, scale: special.expit(loc + scale * special.ndtri(q)),
    log_cdf=_log_tail(1),
    log_sf=_log_tail(-1),
    summary="a proportion whose log odds are Normal",
    reference="Johnson (1949), Biometrika 36",
)
