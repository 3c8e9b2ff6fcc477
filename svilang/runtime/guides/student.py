"""Independent Student-t distributions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...lazy import jnp, np
from ..structure import Structure
from .family import COUNT, Family, FamilyRow, Settings, Vector, Whiten, entries, shift, some

if TYPE_CHECKING:
    from jax import Array

LOG_PI = math.log(math.pi)


def _split(params: Vector, whiten: Whiten) -> tuple[Vector, Vector]:
    size = whiten.loc.shape[0]
    return shift(params[:size], whiten), params[size:]


def _constant(df: int) -> float:
    """Log density of the standard law at its centre."""
    return math.lgamma(0.5 * (df + 1)) - math.lgamma(0.5 * df) - 0.5 * (math.log(df) + LOG_PI)


def _standard_entropy(df: int) -> float:
    """``(df + 1) / 2 (ψ((df + 1) / 2) - ψ(df / 2)) - log c``, with ``c`` the density at the centre.

    For a whole ``df`` both are sums: ψ(n) = -γ + Σ 1/k, and ψ(n + 1/2) = -γ - 2 log 2 + Σ 2 / (2k - 1).
    """
    return 0.5 * (df + 1) * (_harmonic(df + 1) - _harmonic(df)) - _constant(df)


def _harmonic(twice: int) -> float:
    """ψ(twice / 2) + γ."""
    if twice % 2 == 0:
        return sum(1 / k for k in range(1, twice // 2))
    return -2 * math.log(2) + sum(2 / (2 * k - 1) for k in range(1, twice // 2 + 1))


def _over(structure: Structure, settings: Settings) -> Family:
    df, size = int(settings["df"]), structure.size

    def sample(params: Array, normals: Array, whiten: Whiten) -> Array:
        loc, log_ratio = _split(params, whiten)
        first, others = normals[:size], normals[size:].reshape(df, size)
        standard = first / jnp.sqrt(jnp.mean(others * others, axis=0))
        return loc + whiten.scale * jnp.exp(log_ratio) * standard

    def entropy(params: Array, whiten: Whiten) -> Array:
        return jnp.sum(params[size:] + jnp.log(whiten.scale)) + size * _standard_entropy(df)

    def log_prob(params: Array, z: Array, whiten: Whiten) -> Array:
        loc, log_ratio = _split(params, whiten)
        log_scale = log_ratio + jnp.log(whiten.scale)
        standard = (z - loc) * jnp.exp(-log_scale)
        return jnp.sum(_constant(df) - 0.5 * (df + 1) * jnp.log1p(standard * standard / df) - log_scale)

    def moments(params: np.ndarray, whiten: Whiten) -> tuple[np.ndarray, np.ndarray]:
        loc, log_ratio = _split(params, whiten)
        return loc, whiten.scale * np.exp(log_ratio) * math.sqrt(df / (df - 2))

    return Family(
        params=2 * size,
        normals=(df + 1) * size,
        init=lambda whiten: np.zeros(2 * size),
        sample=sample,
        entropy=entropy,
        log_prob=log_prob,
        moments=moments if df > 2 else None,
    )


def _restrict(params: Array, whiten: Whiten, indices: Array) -> tuple[Array, Whiten]:
    return entries(params.reshape(2, -1), indices).ravel(), some(whiten, indices)


STUDENT = FamilyRow(
    name="student",
    summary="independent Student-t distributions: z = loc + scale · ε / sqrt(mean of df squared normals)",
    over=_over,
    settings={"df": 5},
    kinds={"df": COUNT},
    restrict=_restrict,
    thin=True,
)
"""Heavier tails than the posterior's keep importance weights bounded; draws differ smoothly with the parameters.

Source: Domke & Sheldon (2018), Importance weighting and variational inference, for the use of such a guide.
"""
