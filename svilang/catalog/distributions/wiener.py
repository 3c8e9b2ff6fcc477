"""Wiener: how long a diffusion takes to leave a strip, and at which side it does."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, random
from ..distribution import Distribution, Form, Param
from .kinds import NONNEGATIVE, OPEN_UNIT, POSITIVE, REAL
from .numeric import LOG_2, LOG_2PI, LOG_PI, float_type, safe_log, within

if TYPE_CHECKING:
    from jax import Array

_SWITCH = 0.4
"""Time, in squared widths of the strip, from which the second series is the shorter one."""

_IMAGES = range(-4, 5)
_WAVES = range(1, 6)
"""Terms of the two series: those left out are below e^-60 of the first."""


def _log_series(time: Any, start: Any) -> Array:
    """Log density of reaching 0 first at ``time``, from ``start`` in a strip of width 1 without drift.

    By images at ``start`` + 2k for short times, by sines for long ones (Navarro & Fuss 2009), each divided by its
    largest term.
    """
    short = time < _SWITCH
    early, late = jnp.where(short, time, _SWITCH), jnp.where(short, _SWITCH, time)
    images = sum((start + 2 * k) * jnp.exp(-2 * k * (k + start) / early) for k in _IMAGES)
    waves = sum(k * jnp.sin(k * math.pi * start) * jnp.exp(-0.5 * (k * k - 1) * math.pi**2 * late) for k in _WAVES)
    first = safe_log(images) - 0.5 * start**2 / early - 0.5 * LOG_2PI - 1.5 * jnp.log(early)
    return jnp.where(short, first, safe_log(waves) + LOG_PI - 0.5 * math.pi**2 * late)


def _log_prob(x: Any, separation: Any, delay: Any, bias: Any, drift: Any) -> Array:
    """With the drift put in by exp(-drift · way - drift² time / 2), where the way leads down to the side reached."""
    up = x > 0
    time = jnp.where(up, x, -x) - delay
    inside = time > 0
    start = jnp.where(up, 1 - bias, bias)
    pull = jnp.where(up, drift, -drift) * separation * start
    time = jnp.where(inside, time, 1)
    series = _log_series(time / separation**2, start) - 2 * jnp.log(separation)
    return within(inside, series + pull - 0.5 * drift**2 * time)


def _log_chance(time: Any) -> Array:
    """Log of how likely a path is inside (-1, 1) until it reaches 1 for the first time ever, given that time."""
    return _log_series(0.25 * time, 0.5) - 2 * LOG_2 + 0.5 * LOG_2PI + 1.5 * jnp.log(time) + 0.5 / time


def _passage(normal: Any, uniform: Any, drift: Any) -> Array:
    """When a diffusion with this drift >= 0 reaches 1 first: an inverse Gaussian time, for no drift a Lévy one.

    Michael, Schucany & Haas (1976), with the roots written so that the drift may be 0.
    """
    square = normal**2
    low = 2 / (2 * drift + square + jnp.sqrt(square * (square + 4 * drift)))
    return jnp.where(uniform * (1 + drift * low) <= 1, low, 1 / (jnp.where(drift > 0, drift, 1) ** 2 * low))


def _sample(key: Any, shape: tuple[int, ...], separation: Any, delay: Any, bias: Any, drift: Any) -> Array:
    """From the centre of a strip as wide as it fits in, side and time are independent; then from where that ends.

    The time is one of first passage, accepted where the other side has not been reached before, which is so in at
    least half of the cases. Every second such strip ends at a side of the whole one.
    """
    dtype = float_type(separation, delay, bias, drift)
    width, rest, share, pull = (
        jnp.broadcast_to(jnp.asarray(v, dtype), shape) for v in (separation, delay, bias, drift)
    )

    def going(state: tuple[Any, ...]) -> Array:
        return jnp.any((state[1] > 0) & (state[1] < 1))

    def step(state: tuple[Any, ...]) -> tuple[Any, ...]:
        key, place, time = state
        key, first, second, third, fourth = random.split(key, 5)
        reach = jnp.minimum(place, 1 - place)
        slope = pull * width * reach
        passage = _passage(random.normal(first, shape, dtype), random.uniform(second, shape, dtype), jnp.abs(slope))
        accepted = jnp.log(random.uniform(third, shape, dtype)) < _log_chance(passage)
        accepted &= (place > 0) & (place < 1)
        up = random.uniform(fourth, shape, dtype) * (1 + jnp.exp(-2 * slope)) < 1
        near_top = place > 0.5
        moved = jnp.where(up, jnp.where(near_top, 1, 2 * place), jnp.where(near_top, 2 * place - 1, 0))
        return key, jnp.where(accepted, moved, place), time + jnp.where(accepted, passage * reach**2, 0)

    _, place, time = lax.while_loop(going, step, (key, share, jnp.zeros(shape, dtype)))
    return jnp.where(place > 0.5, 1, -1) * (rest + width**2 * time)


WIENER = Distribution(
    name="Wiener",
    forms=(
        Form(
            (
                Param("separation", POSITIVE, "the distance between the two sides"),
                Param("delay", NONNEGATIVE, "the time that passes before the diffusion starts", default=0.0),
                Param("bias", OPEN_UNIT, "its start, as a share of the way from the lower side up", default=0.5),
                Param("drift", REAL, "how far it moves up in a unit of time, on average", default=0.0),
            ),
            _log_prob,
        ),
    ),
    support=REAL,
    sample=_sample,
    reparameterised=False,
    edge_moves=True,
    summary="the time of a choice between two, positive for the upper one and negative for the lower one",
    reference="Navarro & Fuss (2009), Journal of Mathematical Psychology 53(4)",
)
