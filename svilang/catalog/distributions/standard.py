"""Rows for families that are one standard law, moved and stretched: x = loc + scale z."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from ...lazy import jnp
from ..distribution import Distribution, Form, LocationScale
from .kinds import LOC, REAL, SCALE
from .numeric import normal_draws, spread, uniform_draws

if TYPE_CHECKING:
    from jax import Array

Elementwise = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Standard:
    """The law of z = (x - loc) / scale.

    Args:
        log_prob, cdf, log_cdf, log_sf, icdf: of z.
        noise: the law of the noise that ``from_noise`` turns into z.
        from_noise: ``noise -> z``.
        mean, variance: of z; ``None`` where they do not exist.
        entropy: of z, in nats.
    """

    log_prob: Elementwise
    cdf: Elementwise
    log_cdf: Elementwise
    log_sf: Elementwise
    icdf: Elementwise
    noise: Literal["normal", "uniform"]
    from_noise: Elementwise
    mean: float | None
    variance: float | None
    entropy: float


def _forward(z: Any, loc: Any, scale: Any) -> Array:
    return loc + scale * z


def _inverse(x: Any, loc: Any, scale: Any) -> Array:
    return (x - loc) / scale


def _log_det(z: Any, loc: Any, scale: Any) -> Array:
    return spread(jnp.log(scale), z, loc)


AFFINE = LocationScale(_forward, _inverse, _log_det)


def is_affine(row: object) -> bool:
    """Whether a row's standard variates are moved by its first argument and stretched by its second, its only ones."""
    return isinstance(row, Distribution) and row.location_scale is not None and row.location_scale.forward is _forward


def location_scale_family(name: str, law: Standard, summary: str, reference: str, **more: Any) -> Distribution:
    """The row of the family that moves and stretches ``law``."""

    def log_prob(x: Any, loc: Any, scale: Any) -> Array:
        return law.log_prob((x - loc) / scale) - jnp.log(scale)

    def at(function: Elementwise) -> Callable[..., Array]:
        return lambda x, loc, scale: function((x - loc) / scale)

    def from_noise(noise: Any, loc: Any, scale: Any) -> Array:
        return loc + scale * law.from_noise(noise)

    def mean(loc: Any, scale: Any) -> Array:
        return spread(loc + scale * law.mean)

    def variance(loc: Any, scale: Any) -> Array:
        return spread(law.variance * scale**2, loc)

    first = Form((LOC, SCALE), log_prob, grouped=more.pop("grouped", None))
    more.setdefault("forms", (first, *(form(first) for form in more.pop("also", ()))))
    return Distribution(
        name=name,
        support=REAL,
        sample=(normal_draws if law.noise == "normal" else uniform_draws)(from_noise),
        reparameterised=True,
        noise=law.noise,
        from_noise=from_noise,
        location_scale=replace(AFFINE, log_prob=lambda z, loc, scale: law.log_prob(z)),
        mean=None if law.mean is None else mean,
        variance=None if law.variance is None else variance,
        entropy=lambda loc, scale: spread(law.entropy + jnp.log(scale), loc),
        cdf=at(law.cdf),
        icdf=lambda q, loc, scale: loc + scale * law.icdf(q),
        log_cdf=at(law.log_cdf),
        log_sf=at(law.log_sf),
        summary=summary,
        reference=reference,
        **more,
    )
