"""SineSkewed(D, skewness): an angle, or several, that lean to one side of their centre."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random
from ...types import Interval, Kind
from ..distribution import AnyLaw, Bound, Combinator, Param
from .numeric import float_type, safe_log, within

if TYPE_CHECKING:
    from jax import Array

_ROOM = 8
"""Units of the last place by which sizes of skews may add up to more than 1, as rounded ones do."""


def _centre(child: AnyLaw) -> Any:
    assert isinstance(child, Bound)
    names = [param.name for param in child.row.forms[0].params]
    return child.canonical()[names.index("loc")]


def _lean(away: Any, skewness: Any, rank: int) -> tuple[Array, Array]:
    """Whether the sizes of the skews add up to 1 at most, and 1 + Σ s sin(away).

    A sum of terms that are not negative, 1 - Σ |s| + Σ |s| (1 ± sin(away)), which keeps its digits where it is near 0.
    """
    left = skewness < 0
    size = jnp.where(left, -skewness, skewness)
    terms = 2 * size * jnp.sin(0.5 * away + jnp.where(left, -0.25, 0.25) * math.pi) ** 2
    total, swing = (jnp.sum(size, -1), jnp.sum(terms, -1)) if rank else (size, terms)
    rest = 1 - total
    room = _ROOM * float(jnp.finfo(jnp.result_type(float, rest)).eps)
    return rest >= -room, jnp.where(rest >= 0, rest, 0) + swing


def _log_prob(x: Any, children: tuple[AnyLaw, ...], skewness: Any) -> Array:
    (child,) = children
    skewness = jnp.asarray(skewness, jnp.result_type(float, skewness))
    possible, lean = _lean(x - _centre(child), skewness, len(child.row.event))
    return within(possible, child.log_prob(x) + safe_log(lean))


def _sample(key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...], skewness: Any) -> Array:
    """A draw of the symmetric law, or its mirror image: of the two the one on the side that it leans to more often."""
    (child,) = children
    draw_key, side_key = random.split(key)
    draws = child.sample(draw_key, shape)
    away, rank = draws - _centre(child), len(child.row.event)
    skewness = jnp.asarray(skewness, float_type(skewness))
    sway = skewness * jnp.sin(away)
    sway = jnp.sum(sway, -1, keepdims=True) if rank else sway
    level = random.uniform(side_key, (*shape[:-1], 1) if rank else shape, draws.dtype)
    kept = jnp.where(2 * level < 1 + sway, draws, draws - 2 * away)
    return jnp.mod(kept + math.pi, 2 * math.pi) - math.pi


SINE_SKEWED = Combinator(
    name="SineSkewed",
    params=(
        Param(
            "skewness",
            Kind(interval=Interval(-1, 1)),
            "how much it leans to larger angles; of several angles one for each, whose sizes sum to 1 at most",
        ),
    ),
    inner="one",
    inner_first=True,
    each="skewness",
    log_prob=_log_prob,
    sample=_sample,
    support="same",
    requires=("centred",),
    summary="an angle, or two, that lean to one side of their centre",
    reference="Abe & Pewsey (2011), Statistical Papers 52(3); Ameijeiras-Alonso & Ley (2022), Biostatistics 23(3)",
)
