"""VonMises."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, np, random, special
from ..distribution import Distribution, ExponentialFamily, Form, Param
from .implicit import with_gradient
from .kinds import CIRCULAR, POSITIVE, REAL
from .numeric import LOG_2PI, float_type, real, spread, within

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, loc: Any, concentration: Any) -> Array:
    """With cos d - 1 written as -2 sin²(d/2), so that a concentrated law keeps its digits near the centre."""
    fall = -2 * concentration * jnp.sin(0.5 * (x - loc)) ** 2
    return within(jnp.abs(x) <= _edge(x), fall - LOG_2PI - jnp.log(special.i0e(concentration)))


def _edge(x: Any) -> float:
    return math.pi * (1 + 4 * float(jnp.finfo(jnp.result_type(float, x)).eps))


_NODES = 40
_REACH = 12.0


def _integral(start: Any, length: Any, concentration: Any) -> Array:
    """The probability of angles from ``start`` to ``start + length`` off the centre, both at least 0.

    By Gauss–Legendre nodes over as much of the stretch as holds the mass: beyond 12 standard deviations there is none.
    """
    length = jnp.minimum(length, _REACH / jnp.sqrt(concentration))
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    lead = (1,) * jnp.ndim(length)
    shares, weights = (
        jnp.asarray(0.5 * v, length.dtype).reshape(*lead, _NODES) for v in (nodes + 1, weights)
    )
    angle = start[..., None] + length[..., None] * shares
    fall = jnp.exp(-2 * jnp.asarray(concentration)[..., None] * jnp.sin(0.5 * angle) ** 2)
    return length * jnp.sum(weights * fall, -1) / (2 * math.pi * special.i0e(concentration))


def _below(offset: Any, concentration: Any) -> Array:
    """The probability of angles from -π to ``offset`` off the centre, itself between -π and π."""
    size = jnp.where(offset < 0, -offset, offset)
    tail = _integral(size, math.pi - size, concentration)
    return jnp.where(offset < 0, tail, 1 - tail)


def _wrapped(angle: Any) -> Array:
    return jnp.mod(angle + math.pi, 2 * math.pi) - math.pi


def _cdf(x: Any, loc: Any, concentration: Any) -> Array:
    """P(-π <= X <= x): the mass that lies between -π and x on the circle."""
    x, loc, concentration = jnp.broadcast_arrays(*(real(v, x, loc, concentration) for v in (x, loc, concentration)))
    inside = jnp.clip(x, -math.pi, math.pi)
    end, start = _wrapped(inside - loc), _wrapped(-math.pi - loc)
    turned = (end < start) | ((inside > 0) & (end == start))
    value = _below(end, concentration) - _below(start, concentration) + turned
    return jnp.clip(jnp.where(x <= -math.pi, 0, jnp.where(x >= math.pi, 1, value)), 0, 1)


def _sample(key: Any, shape: tuple[int, ...], loc: Any, concentration: Any) -> Array:
    draw = _draw(key, shape, loc, concentration)
    return with_gradient(draw, lambda x: _cdf(x, loc, concentration), jnp.exp(_log_prob(draw, loc, concentration)))


def _draw(key: Any, shape: tuple[int, ...], loc: Any, concentration: Any) -> Array:
    """Rejection from a wrapped Cauchy law (Best & Fisher 1979), all elements at once."""
    dtype = float_type(loc, concentration)
    kappa = jnp.broadcast_to(jnp.asarray(concentration, dtype), shape)
    tau = 1 + jnp.sqrt(1 + 4 * kappa**2)
    rho = (tau - jnp.sqrt(2 * tau)) / (2 * jnp.maximum(kappa, jnp.finfo(dtype).eps))
    near = 1 / jnp.maximum(kappa, jnp.finfo(dtype).eps) + kappa
    ratio = jnp.where(kappa < 1e-2, near, (1 + rho**2) / (2 * jnp.where(kappa < 1e-2, 1, rho)))

    def waiting(state: tuple[Array, Array, Array]) -> Array:
        return ~jnp.all(state[2])

    def propose(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        key, cosine, accepted = state
        key, first, second = random.split(key, 3)
        z = jnp.cos(math.pi * random.uniform(first, shape, dtype))
        proposal = (1 + ratio * z) / (ratio + z)
        level = kappa * (ratio - proposal)
        u = random.uniform(second, shape, dtype)
        good = (level * (2 - level) > u) | (jnp.log(level) + 1 - level >= jnp.log(u))
        return key, jnp.where(accepted, cosine, proposal), accepted | good

    key, side = random.split(key)
    start = (key, jnp.zeros(shape, dtype), jnp.zeros(shape, bool))
    cosine = jnp.clip(lax.while_loop(waiting, propose, start)[1], -1, 1)
    angle = jnp.where(random.bernoulli(side, 0.5, shape), 1, -1) * jnp.arccos(cosine)
    return jnp.mod(angle + loc + math.pi, 2 * math.pi) - math.pi


def _entropy(loc: Any, concentration: Any) -> Array:
    bessel = special.i0e(concentration)
    fall = concentration * (1 - special.i1e(concentration) / bessel)
    return spread(LOG_2PI + jnp.log(bessel) + fall, loc)


VON_MISES = Distribution(
    name="VonMises",
    forms=(
        Form(
            (
                Param("loc", REAL, "the central direction, in radians"),
                Param("concentration", POSITIVE, "how close angles lie to it; 1 / variance where large"),
            ),
            _log_prob,
        ),
    ),
    support=CIRCULAR,
    sample=_sample,
    reparameterised=True,
    entropy=_entropy,
    cdf=_cdf,
    exponential_family=ExponentialFamily(
        natural=lambda loc, concentration: (concentration * jnp.cos(loc), concentration * jnp.sin(loc)),
        statistics=lambda x: (jnp.cos(x), jnp.sin(x)),
        log_partition=lambda loc, concentration: spread(jnp.log(special.i0e(concentration)) + concentration, loc),
        log_base=lambda x: spread(-LOG_2PI, x),
    ),
    summary="an angle, such as a wind direction or a time of day",
    reference="Mardia & Jupp (2000), Directional Statistics, ch. 3",
)
