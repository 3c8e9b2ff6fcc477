"""ProjectedNormal: the direction of a Normal vector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, np, random, special
from ..distribution import Distribution, Form, Param
from .kinds import REAL, UNIT_VECTOR
from .numeric import LOG_2PI, float_type

if TYPE_CHECKING:
    from jax import Array

_NODES = 80
_REACH = 9.0


def _log_prob(x: Any, concentration: Any) -> Array:
    """``log ∫ r^(k - 1) Normal(r x | concentration, 1) dr`` over all lengths ``r``.

    By Gauss–Legendre nodes on 9 standard deviations around the likeliest length: beyond them there is no mass.
    """
    size = x.shape[-1]
    along = jnp.sum(x * concentration, -1)
    best = jnp.maximum(0.5 * (along + jnp.sqrt(along**2 + 4 * (size - 1))), 1e-6)
    width = _REACH / jnp.sqrt(1 + (size - 1) / best**2)
    low, high = (lax.stop_gradient(end) for end in (jnp.maximum(best - width, 0), best + width))
    points, weights = np.polynomial.legendre.leggauss(_NODES)
    half = 0.5 * (high - low)[..., None]
    length = low[..., None] + half * jnp.asarray(1 + points, along.dtype)
    inside = (size - 1) * jnp.log(length) - 0.5 * length * (length - 2 * along[..., None])
    mass = special.logsumexp(inside, b=half * jnp.asarray(weights, along.dtype), axis=-1)
    return mass - 0.5 * (jnp.sum(concentration**2, -1) + size * LOG_2PI)


def _sample(key: Any, shape: tuple[int, ...], concentration: Any) -> Array:
    free = concentration + random.normal(key, shape, float_type(concentration))
    return free / jnp.sqrt(jnp.sum(free * free, -1, keepdims=True))


PROJECTED_NORMAL = Distribution(
    name="ProjectedNormal",
    forms=(Form((Param("concentration", REAL, "the centre of the Normal vector", ("k",)),), _log_prob),),
    support=UNIT_VECTOR,
    event=("k",),
    sample=_sample,
    reparameterised=True,
    summary="a direction: that of a Normal vector with unit variances",
    reference="Hernandez-Stumpfhauser, Breidt & van der Woerd (2017), Bayesian Analysis 12(1), 113-133",
)
