"""All mass at one point: the joint mode (MAP)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import jnp, np
from ..structure import Structure
from .family import Family, FamilyRow, Settings, Whiten, entries, shift, some

if TYPE_CHECKING:
    from jax import Array


def _sample(params: Array, normals: Array, whiten: Whiten) -> Array:
    return shift(params, whiten)


def _entropy(params: Array, whiten: Whiten) -> Array:
    return jnp.zeros((), params.dtype)


def _log_prob(params: Array, z: Array, whiten: Whiten) -> Array:
    return jnp.zeros((), params.dtype)


def _moments(params: np.ndarray, whiten: Whiten) -> tuple[np.ndarray, np.ndarray]:
    return shift(params, whiten), np.zeros(len(whiten.loc))


def _restrict(params: Array, whiten: Whiten, indices: Array) -> tuple[Array, Whiten]:
    return entries(params, indices), some(whiten, indices)


def _covariance(params: np.ndarray, whiten: Whiten) -> np.ndarray:
    return np.diag(_moments(params, whiten)[1] ** 2)


def _init(whiten: Whiten) -> np.ndarray:
    return np.zeros(len(whiten.loc))


def _over(structure: Structure, settings: Settings) -> Family:
    return Family(
        params=structure.size,
        normals=0,
        init=_init,
        sample=_sample,
        entropy=_entropy,
        log_prob=_log_prob,
        moments=_moments,
        covariance=_covariance,
    )


DELTA = FamilyRow(
    name="delta",
    summary="a point: the mode of the unconstrained log density; its entropy is counted as 0",
    over=_over,
    restrict=_restrict,
    point=True,
)
