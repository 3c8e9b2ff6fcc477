"""Neural spline flows: coupling by monotone rational-quadratic splines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...lazy import jax, jnp, np
from ..structure import Structure
from .coupling import halves
from .family import COUNT, Family, FamilyRow, Settings
from .flow import Bijection, chained, dense, flow

if TYPE_CHECKING:
    from jax import Array

_REACH = 5.0
"""Outside of ± this many standard deviations of the noise a spline is the identity."""

_LEAST = 1e-3
_UNIT = math.log(math.expm1(1 - _LEAST))


def _knots(raw: Array) -> Array:
    share = _LEAST + (1 - _LEAST * raw.shape[-1]) * jax.nn.softmax(raw, axis=-1)
    ends = jnp.cumsum(share[..., :-1], axis=-1)
    edge = jnp.zeros((*raw.shape[:-1], 1), raw.dtype)
    return _REACH * (2 * jnp.concatenate([edge, ends, edge + 1], axis=-1) - 1)


def _at(values: Array, bin_: Array) -> Array:
    return jnp.take_along_axis(values, bin_[..., None], axis=-1)[..., 0]


def rational_quadratic(raw: Array, x: Array, bins: int, backwards: bool) -> tuple[Array, Array]:
    """The spline with these raw parameters ``[..., 3 bins - 1]`` at ``x``, or its inverse, and the sum of its log
    slopes.

    Source: Gregory & Delbourgo (1982); Durkan, Bekasov, Murray & Papamakarios (2019), Neural spline flows.
    """
    across, up = _knots(raw[..., :bins]), _knots(raw[..., bins : 2 * bins])
    inner = _LEAST + jax.nn.softplus(raw[..., 2 * bins :] + _UNIT)
    one = jnp.ones((*raw.shape[:-1], 1), raw.dtype)
    slopes = jnp.concatenate([one, inner, one], axis=-1)
    inside = jnp.abs(x) < _REACH
    safe = jnp.where(inside, x, 0)
    bin_ = jnp.sum(safe[..., None] >= (up if backwards else across)[..., 1:-1], axis=-1)
    left, low = _at(across, bin_), _at(up, bin_)
    wide, high = _at(across, bin_ + 1) - left, _at(up, bin_ + 1) - low
    before, after, mean = _at(slopes, bin_), _at(slopes, bin_ + 1), high / wide
    bend = before + after - 2 * mean
    if backwards:
        above = safe - low
        a, b, c = high * (mean - before) + above * bend, high * before - above * bend, -mean * above
        t = 2 * c / (-b - jnp.sqrt(jnp.maximum(b * b - 4 * a * c, 0)))
        y = left + t * wide
    else:
        t = (safe - left) / wide
        y = low + high * (mean * t * t + before * t * (1 - t)) / (mean + bend * t * (1 - t))
    top = mean * mean * (after * t * t + 2 * mean * t * (1 - t) + before * (1 - t) ** 2)
    log_slope = jnp.log(top) - 2 * jnp.log(mean + bend * t * (1 - t))
    return jnp.where(inside, y, x), jnp.sum(jnp.where(inside, log_slope, 0))


def _alone(size: int, bins: int) -> Bijection:
    """A spline for each coordinate."""

    def along(params: Array, x: Array, backwards: bool) -> tuple[Array, Array]:
        return rational_quadratic(params.reshape(size, -1), x, bins, backwards)

    count = size * (3 * bins - 1)
    return Bijection(
        count, lambda: np.zeros(count), lambda p, x: along(p, x, False), lambda p, y: along(p, y, True)
    )


def _layer(size: int, bins: int, width: int, number: int) -> Bijection:
    read, moved = halves(size, number)
    network = dense(len(read), len(moved) * (3 * bins - 1), width, number)

    def along(params: Array, x: Array, backwards: bool) -> tuple[Array, Array]:
        raw = network(params, x[read]).reshape(len(moved), -1)
        y, log_slope = rational_quadratic(raw, x[moved], bins, backwards)
        return x.at[moved].set(y), log_slope

    return Bijection(
        network.params, network.init, lambda p, x: along(p, x, False), lambda p, y: along(p, y, True)
    )


def _over(structure: Structure, settings: Settings) -> Family:
    size, bins, width = structure.size, int(settings["bins"]), int(settings["hidden"])
    layers = range(int(settings["layers"]) if size > 1 else 0)
    return flow(size, chained([_alone(size, bins), *(_layer(size, bins, width, number) for number in layers)]))


SPLINE = FamilyRow(
    name="spline",
    summary="neural spline flows: a monotone rational-quadratic spline for each coordinate, then couplings by splines",
    over=_over,
    settings={"bins": 8, "layers": 2, "hidden": 16},
    kinds={"bins": COUNT, "layers": COUNT, "hidden": COUNT},
)
