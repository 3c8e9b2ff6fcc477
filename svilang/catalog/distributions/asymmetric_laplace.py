"""AsymmetricLaplace, by its asymmetry or by the quantile that its centre is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ..distribution import Distribution, Form, LocationScale, Param
from .kinds import LOC, OPEN_UNIT, POSITIVE, SCALE
from .numeric import open_unit, spread, uniform_draws
from .standard import AFFINE

if TYPE_CHECKING:
    from jax import Array


def _log_weights(asymmetry: Any) -> tuple[Array, Array]:
    """Log of the mass on the left and on the right of the centre."""
    return -jnp.log1p(asymmetry**-2.0), -jnp.log1p(asymmetry**2)


def _fall(z: Any, asymmetry: Any) -> Array:
    return jnp.where(z < 0, z / asymmetry, -z * asymmetry)


def _standard_log_prob(z: Any, asymmetry: Any) -> Array:
    return _fall(z, asymmetry) - jnp.log(asymmetry + 1 / asymmetry)


def _log_prob(x: Any, loc: Any, scale: Any, asymmetry: Any) -> Array:
    return _standard_log_prob((x - loc) / scale, asymmetry) - jnp.log(scale)


def _log_tail(lower: bool) -> Any:
    def log_tail(x: Any, loc: Any, scale: Any, asymmetry: Any) -> Array:
        z = (x - loc) / scale
        left, right = _log_weights(asymmetry)
        near = z < 0 if lower else z > 0
        far = jnp.where(near, -1, _fall(z, asymmetry))
        tail = jnp.where(near, _fall(z, asymmetry), 0) + (left if lower else right)
        return jnp.where(near, tail, jnp.log1p(-jnp.exp((right if lower else left) + far)))

    return log_tail


def _icdf(q: Any, loc: Any, scale: Any, asymmetry: Any) -> Array:
    left, right = _log_weights(asymmetry)
    low = jnp.log(q) < left
    below = asymmetry * (jnp.log(jnp.where(low, q, 0.5)) - left)
    above = (right - jnp.log1p(-jnp.where(low, 0.5, q))) / asymmetry
    return loc + scale * jnp.where(low, below, above)


def _from_quantile(loc: Any, scale: Any, quantile: Any) -> tuple[Array, Array, Array]:
    spread_out = jnp.sqrt(quantile * (1 - quantile))
    return spread(loc, quantile), scale / spread_out, jnp.sqrt(quantile / (1 - quantile))


ASYMMETRIC_LAPLACE = Distribution(
    name="AsymmetricLaplace",
    forms=(
        Form(
            (LOC, SCALE, Param("asymmetry", POSITIVE, "1 for symmetric, smaller for a longer right tail", default=1.0)),
            _log_prob,
        ),
        Form(
            (LOC, SCALE, Param("quantile", OPEN_UNIT, "the probability of less than `loc`")),
            lambda x, loc, scale, quantile: _log_prob(x, *_from_quantile(loc, scale, quantile)),
            canonical=_from_quantile,
        ),
    ),
    support=LOC.kind,
    sample=uniform_draws(lambda noise, loc, scale, asymmetry: _icdf(open_unit(noise), loc, scale, asymmetry)),
    reparameterised=True,
    noise="uniform",
    from_noise=lambda noise, loc, scale, asymmetry: _icdf(open_unit(noise), loc, scale, asymmetry),
    location_scale=LocationScale(
        forward=lambda z, loc, scale, asymmetry: AFFINE.forward(z, loc, scale),
        inverse=lambda x, loc, scale, asymmetry: AFFINE.inverse(x, loc, scale),
        log_det=lambda z, loc, scale, asymmetry: AFFINE.log_det(z, loc, scale),
        log_prob=lambda z, loc, scale, asymmetry: _standard_log_prob(z, asymmetry),
    ),
    mean=lambda loc, scale, asymmetry: loc + scale * (1 / asymmetry - asymmetry),
    variance=lambda loc, scale, asymmetry: spread(scale**2 * (asymmetry**-2.0 + asymmetry**2), loc),
    entropy=lambda loc, scale, asymmetry: spread(1 + jnp.log(asymmetry + 1 / asymmetry) + jnp.log(scale), loc),
    cdf=lambda x, loc, scale, asymmetry: jnp.exp(_log_tail(lower=True)(x, loc, scale, asymmetry)),
    icdf=_icdf,
    log_cdf=_log_tail(lower=True),
    log_sf=_log_tail(lower=False),
    summary="errors of a quantile regression: `loc` is the quantile that is fitted",
    reference="Kotz, Kozubowski & Podgórski (2001), The Laplace Distribution and Generalizations, ch. 3",
)
