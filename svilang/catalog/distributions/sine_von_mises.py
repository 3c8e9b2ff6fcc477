"""SineBivariateVonMises: two angles that go together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, np, random, special
from ..distribution import Distribution, Form, Param
from .kinds import CIRCULAR, POSITIVE, REAL
from .numeric import LOG_2PI, float_type, within
from .von_mises import VON_MISES

if TYPE_CHECKING:
    from jax import Array

_NODES = 1024
"""Of the trapezoid rule. On a circle its error falls faster than any power: none is left at a concentration of 1e4."""

_BINS = 256
"""Of the envelope that the first angle is drawn from."""


def _resultant(sine: Any, concentration: Any, correlation: Any) -> tuple[Array, Array]:
    """The concentration of the second angle given the sine of the first, and how far it is above ``concentration``."""
    square = (correlation * sine) ** 2
    length = jnp.sqrt(concentration**2 + square)
    return length, square / (length + concentration)


def _log_marginal(angle: Any, first: Any, second: Any, correlation: Any) -> Array:
    """Log density of the first angle off its centre, short of a constant: the second is integrated out exactly."""
    length, above = _resultant(jnp.sin(angle), second, correlation)
    return -2 * first * jnp.sin(0.5 * angle) ** 2 + above + jnp.log(special.i0e(length))


def _log_mass(first: Any, second: Any, correlation: Any) -> Array:
    """Log of the integral over both angles, short of the exponent at the centre."""
    first, second, correlation = (jnp.asarray(v)[..., None] for v in (first, second, correlation))
    angles = jnp.asarray(2 * np.pi * np.arange(_NODES) / _NODES, jnp.result_type(float, first, second, correlation))
    total = special.logsumexp(_log_marginal(angles, first, second, correlation), axis=-1)
    return 2 * LOG_2PI - math.log(_NODES) + total


def _log_prob(x: Any, loc: Any, concentration: Any, correlation: Any) -> Array:
    offset = x - loc
    fall = -2 * jnp.sum(concentration * jnp.sin(0.5 * offset) ** 2, -1)
    together = correlation * jnp.prod(jnp.sin(offset), -1)
    edge = math.pi * (1 + 4 * float(jnp.finfo(jnp.result_type(float, x)).eps))
    mass = _log_mass(concentration[..., 0], concentration[..., 1], correlation)
    return within(jnp.all(jnp.abs(x) <= edge, -1), fall + together - mass)


def _sample(key: Any, shape: tuple[int, ...], loc: Any, concentration: Any, correlation: Any) -> Array:
    """The first angle by rejection, then the second, which given the first follows a law of von Mises."""
    dtype = float_type(loc, concentration, correlation)
    loc, concentration = (jnp.broadcast_to(jnp.asarray(v, dtype), shape) for v in (loc, concentration))
    correlation = jnp.broadcast_to(jnp.asarray(correlation, dtype), shape[:-1])
    first, second = concentration[..., 0], concentration[..., 1]
    one, other = random.split(key)
    angle = _first_angle(one, first, second, correlation)
    length, _ = _resultant(jnp.sin(angle), second, correlation)
    turn = jnp.arctan2(correlation * jnp.sin(angle), second)
    follows = VON_MISES.sample
    assert follows is not None
    pair = jnp.stack([angle + loc[..., 0], follows(other, shape[:-1], loc[..., 1] + turn, length)], -1)
    return jnp.mod(pair + math.pi, 2 * math.pi) - math.pi


def _first_angle(key: Any, first: Any, second: Any, correlation: Any) -> Array:
    """Under steps: the larger end of each bin, plus what a top between them may rise above both.

    Nowhere does the log density bend down by more than ``first + |correlation|``.
    """
    width = 2 * math.pi / _BINS
    edges = jnp.asarray(np.linspace(-np.pi, np.pi, _BINS + 1), first.dtype)
    at_edges = _log_marginal(edges, first[..., None], second[..., None], correlation[..., None])
    rise = (first + jnp.abs(correlation)) * width**2 / 8
    steps = jnp.maximum(at_edges[..., 1:], at_edges[..., :-1]) + rise[..., None]
    below = jnp.cumsum(jnp.exp(steps - jnp.max(steps, -1, keepdims=True)), -1)
    find = jnp.vectorize(jnp.searchsorted, signature="(n),()->()")

    def propose(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        key, angle, accepted = state
        key, which, where, level = random.split(key, 4)
        bins = find(below, below[..., -1] * random.uniform(which, first.shape, first.dtype))
        bins = jnp.minimum(bins, _BINS - 1)
        proposal = edges[bins] + width * random.uniform(where, first.shape, first.dtype)
        step = jnp.take_along_axis(steps, bins[..., None], -1)[..., 0]
        density = _log_marginal(proposal, first, second, correlation)
        good = jnp.log(random.uniform(level, first.shape, first.dtype)) < density - step
        return key, jnp.where(accepted, angle, proposal), accepted | good

    start = (key, jnp.zeros_like(first), jnp.zeros(first.shape, bool))
    return lax.while_loop(lambda state: ~jnp.all(state[2]), propose, start)[1]


SINE_BIVARIATE_VON_MISES = Distribution(
    name="SineBivariateVonMises",
    forms=(
        Form(
            (
                Param("loc", REAL, "the central directions, in radians", ("k",)),
                Param("concentration", POSITIVE, "how close each angle lies to its centre", ("k",)),
                Param("correlation", REAL, "how much the product of the two sines counts", default=0.0),
            ),
            _log_prob,
        ),
    ),
    support=CIRCULAR,
    event=("k",),
    sizes=(("k", 2),),
    sample=_sample,
    reparameterised=False,
    summary="two angles that go together, such as those of the backbone of a protein",
    reference="Singh, Hnizdo & Demchuk (2002), Biometrika 89(3)",
)
