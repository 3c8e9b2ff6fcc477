"""AR: a stationary autoregression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax
from ..distribution import Distribution, Form, LocationScale, Param
from .kinds import LOC, REAL, SCALE
from .numeric import LOG_2PI, normal_draws, spread, within

if TYPE_CHECKING:
    from jax import Array


def _stepped_down(coefficients: Any) -> tuple[list[Array], list[Array], Array]:
    """The best predictors from 0, 1, … values before, how much wider their errors are, and whether all exist.

    Partial autocorrelations are the last coefficients of the shorter predictors; a process is stationary where all of
    them are between -1 and 1.

    Source: Levinson (1947) and Durbin (1960), run backwards; Monahan (1984), Biometrika 71(2).
    """
    now, wider = coefficients, jnp.ones_like(coefficients[..., 0])
    predictors, widths, stationary = [now], [wider], jnp.ones_like(wider, bool)
    for _ in range(coefficients.shape[-1]):
        partial = now[..., -1]
        inside = jnp.abs(partial) < 1
        stationary = stationary & inside
        left = jnp.where(inside, 1 - partial**2, 1)
        now = (now[..., :-1] + partial[..., None] * now[..., -2::-1]) / left[..., None]
        wider = wider / jnp.sqrt(left)
        predictors.append(now)
        widths.append(wider)
    return predictors[::-1], widths[::-1], stationary


def _log_prob(x: Any, coefficients: Any, scale: Any, loc: Any) -> Array:
    predictors, widths, stationary = _stepped_down(coefficients)
    scale = jnp.asarray(scale)
    first, later = _errors(x - jnp.asarray(loc)[..., None], coefficients, predictors)
    total = sum(
        (_log_normal(error, scale * width) for error, width in zip(first, widths, strict=False)), 0.0 * scale
    )
    return within(stationary, total + jnp.sum(_log_normal(later, scale[..., None]), -1))


def _log_normal(error: Any, scale: Any) -> Array:
    return -0.5 * (error / scale) ** 2 - jnp.log(scale) - 0.5 * LOG_2PI


def _from_noise(noise: Any, coefficients: Any, scale: Any, loc: Any) -> Array:
    size, order = noise.shape[-1], coefficients.shape[-1]
    predictors, widths, _ = _stepped_down(coefficients)
    noise = jnp.asarray(scale)[..., None] * noise
    past: list[Array] = []
    for t in range(min(order, size)):
        known = sum((predictors[t][..., i] * past[-1 - i] for i in range(t)), 0.0 * noise[..., t])
        past.append(known + widths[t] * noise[..., t])
    if size <= order:
        return jnp.stack(past, -1) + jnp.asarray(loc)[..., None]

    def step(state: Array, error: Array) -> tuple[Array, Array]:
        value = jnp.sum(coefficients * state, -1) + error
        return jnp.concatenate([value[..., None], state[..., :-1]], -1), value

    start = jnp.stack(past[::-1], -1)
    later = lax.scan(step, start, jnp.moveaxis(noise[..., order:], -1, 0))[1]
    path = jnp.concatenate([jnp.stack(past, -1), jnp.moveaxis(later, 0, -1)], -1)
    return path + jnp.asarray(loc)[..., None]


def _errors(offset: Any, coefficients: Any, predictors: list[Array]) -> tuple[list[Array], Array]:
    """What the best predictors from the values before leave: at the first steps one by one, and at all others."""
    size, order = offset.shape[-1], coefficients.shape[-1]
    first = [
        offset[..., t] - jnp.sum(predictors[t] * offset[..., :t][..., ::-1], -1) for t in range(min(order, size))
    ]
    past = [coefficients[..., i, None] * offset[..., order - 1 - i : size - 1 - i] for i in range(order)]
    return first, offset[..., order:] - sum(past) if size > order else offset[..., :0]


def _to_noise(x: Any, coefficients: Any, scale: Any, loc: Any) -> Array:
    predictors, widths, _ = _stepped_down(coefficients)
    first, later = _errors(x - jnp.asarray(loc)[..., None], coefficients, predictors)
    made = jnp.stack([error / width for error, width in zip(first, widths, strict=False)], -1)
    return jnp.concatenate([made, later], -1) / jnp.asarray(scale)[..., None]


def _log_det(z: Any, coefficients: Any, scale: Any, loc: Any) -> Array:
    widths = _stepped_down(coefficients)[1][: min(coefficients.shape[-1], z.shape[-1])]
    total = z.shape[-1] * jnp.log(scale) + sum(map(jnp.log, widths), jnp.zeros(()))
    return spread(total, z[..., 0], jnp.asarray(loc))


_COEFFICIENTS = Param("coefficients", REAL, "of the value one step back, two steps back, …", ("p",))

AR = Distribution(
    name="AR",
    forms=(Form((_COEFFICIENTS, SCALE, LOC), _log_prob),),
    support=REAL,
    event=("k",),
    sample=normal_draws(_from_noise),
    reparameterised=True,
    noise="normal",
    from_noise=_from_noise,
    causal=True,
    location_scale=LocationScale(forward=_from_noise, inverse=_to_noise, log_det=_log_det),
    dimension_first=True,
    summary="a stationary autoregression, which has no density where its coefficients let it run away",
    reference="Box, Jenkins, Reinsel & Ljung (2015), Time Series Analysis, ch. 3",
)
