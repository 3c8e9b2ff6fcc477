"""VonMisesFisher: directions around a central one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, np, random, special
from ..distribution import Distribution, Form, Param
from .kinds import POSITIVE, UNIT_VECTOR
from .numeric import LOG_2PI, float_type

if TYPE_CHECKING:
    from jax import Array

_NODES = 80
_REACH = 9.0


def _log_prob(x: Any, loc: Any, concentration: Any) -> Array:
    """With ``loc . x - 1`` written as ``-|x - loc|² / 2``, so that a concentrated law keeps its digits."""
    fall = -0.5 * concentration * jnp.sum((x - loc) ** 2, -1)
    return fall - _log_mass(jnp.asarray(concentration), x.shape[-1])


def _log_mass(concentration: Any, size: int) -> Array:
    """Log of the integral of ``exp(concentration (cos a - 1))`` over the sphere, ``a`` the angle off the centre.

    The sphere falls into rings of angle ``a``. Gauss–Legendre nodes over as much of the angles as holds the mass.
    """
    if size == 1:
        return jnp.log1p(jnp.exp(-2 * concentration))
    most = jnp.minimum(math.pi, (_REACH + math.sqrt(2 * size)) / jnp.sqrt(concentration))
    half = 0.5 * lax.stop_gradient(most)[..., None]
    points, weights = np.polynomial.legendre.leggauss(_NODES)
    angle = half * jnp.asarray(1 + points, half.dtype)
    fall = (size - 2) * jnp.log(jnp.sin(angle)) - 2 * concentration[..., None] * jnp.sin(0.5 * angle) ** 2
    ring = math.log(2) + 0.5 * (size - 1) * (LOG_2PI - math.log(2)) - math.lgamma(0.5 * (size - 1))
    return ring + special.logsumexp(fall, b=half * jnp.asarray(weights, half.dtype), axis=-1)


def _sample(key: Any, shape: tuple[int, ...], loc: Any, concentration: Any) -> Array:
    """The cosine of the angle by rejection (Wood 1994), and a uniform direction on its ring."""
    dtype = float_type(loc, concentration)
    loc = jnp.broadcast_to(jnp.asarray(loc, dtype), shape)
    kappa = jnp.broadcast_to(jnp.asarray(concentration, dtype), shape[:-1])
    ring_key, key = random.split(key)
    cosine = _cosine(key, kappa, shape[-1] - 1)
    free = random.normal(ring_key, shape, dtype)
    free = free - loc * jnp.sum(free * loc, -1, keepdims=True)
    ring = free / jnp.sqrt(jnp.sum(free * free, -1, keepdims=True))
    return cosine[..., None] * loc + jnp.sqrt(1 - cosine**2)[..., None] * ring


def _cosine(key: Any, kappa: Any, free: int) -> Array:
    b = free / (2 * kappa + jnp.sqrt(4 * kappa**2 + free**2))
    x = (1 - b) / (1 + b)
    c = kappa * x + free * jnp.log1p(-(x**2))

    def propose(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        key, cosine, accepted = state
        key, first, second = random.split(key, 3)
        share = random.beta(first, 0.5 * free, 0.5 * free, kappa.shape, kappa.dtype)
        proposal = (1 - (1 + b) * share) / (1 - (1 - b) * share)
        u = random.uniform(second, kappa.shape, kappa.dtype, jnp.finfo(kappa.dtype).tiny)
        good = kappa * proposal + free * jnp.log(1 - x * proposal) - c >= jnp.log(u)
        return key, jnp.where(accepted, cosine, proposal), accepted | good

    start = (key, jnp.zeros_like(kappa), jnp.zeros(kappa.shape, bool))
    return jnp.clip(lax.while_loop(lambda state: ~jnp.all(state[2]), propose, start)[1], -1, 1)


VON_MISES_FISHER = Distribution(
    name="VonMisesFisher",
    forms=(
        Form(
            (
                Param("loc", UNIT_VECTOR, "the central direction", ("k",)),
                Param("concentration", POSITIVE, "how close directions lie to it; 1 / variance where large"),
            ),
            _log_prob,
        ),
    ),
    support=UNIT_VECTOR,
    event=("k",),
    sample=_sample,
    reparameterised=False,
    summary="a direction in space around a central one, or a row of data of length 1",
    reference="Mardia & Jupp (2000), Directional Statistics, sec. 9.3",
)
