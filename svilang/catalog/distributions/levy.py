"""Levy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, special
from ..distribution import Distribution, Form
from .kinds import LOC, REAL, SCALE
from .normal import log_ndtr
from .numeric import EULER, LOG_2, LOG_2PI, log1mexp, normal_draws, off_zero, spread, within
from .standard import AFFINE

if TYPE_CHECKING:
    from jax import Array


def _root(x: Any, loc: Any, scale: Any) -> tuple[Array, Array]:
    """Whether x lies above ``loc``, and sqrt(scale / (x - loc))."""
    inside = x > loc
    return inside, jnp.sqrt(scale / jnp.where(inside, x - loc, 1))


def _log_prob(x: Any, loc: Any, scale: Any) -> Array:
    inside, root = _root(x, loc, scale)
    return within(inside, 3 * jnp.log(root) - jnp.log(scale) - 0.5 * (root * root + LOG_2PI))


def _from_noise(noise: Any, loc: Any, scale: Any) -> Array:
    return loc + scale / off_zero(noise * noise)


def _log_cdf(x: Any, loc: Any, scale: Any) -> Array:
    inside, root = _root(x, loc, scale)
    return within(inside, LOG_2 + log_ndtr(-root))


def _log_sf(x: Any, loc: Any, scale: Any) -> Array:
    inside, root = _root(x, loc, scale)
    small = root < 1
    near = jnp.log(special.erf(jnp.where(small, root, 1) / math.sqrt(2)))
    far = log1mexp(-LOG_2 - log_ndtr(-jnp.where(small, 1, root)))
    return jnp.where(inside, jnp.where(small, near, far), 0)


LEVY = Distribution(
    name="Levy",
    forms=(Form((LOC, SCALE), _log_prob),),
    support=REAL,
    bounds=("loc", None),
    sample=normal_draws(_from_noise),
    reparameterised=True,
    noise="normal",
    from_noise=_from_noise,
    location_scale=AFFINE,
    mean=lambda loc, scale: spread(math.inf, loc, scale),
    variance=lambda loc, scale: spread(math.inf, loc, scale),
    entropy=lambda loc, scale: spread(0.5 + 1.5 * EULER + 0.5 * math.log(16 * math.pi) + jnp.log(scale), loc),
    cdf=lambda x, loc, scale: jnp.exp(_log_cdf(x, loc, scale)),
    icdf=lambda q, loc, scale: loc + scale / special.ndtri(0.5 * q) ** 2,
    log_cdf=_log_cdf,
    log_sf=_log_sf,
    summary="first passage times of Brownian motion, with a tail so heavy that they have no mean",
    reference="Feller (1971), vol. 2, sec. II.4",
)
