"""Independent Gaussians."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import jnp, np
from ..structure import Structure
from .family import Family, FamilyRow, Settings, Vector, Whiten, entries, shift, some
from .gaussian import LOG_2PI, quadratic, standard_entropy

if TYPE_CHECKING:
    from jax import Array


def _split(params: Vector, whiten: Whiten) -> tuple[Vector, Vector]:
    size = whiten.loc.shape[0]
    return shift(params[:size], whiten), params[size:]


def _sample(params: Array, normals: Array, whiten: Whiten) -> Array:
    loc, log_ratio = _split(params, whiten)
    return loc + whiten.scale * jnp.exp(log_ratio) * normals


def _control(params: Array, normals: Array, whiten: Whiten) -> Array:
    ratio = jnp.exp(params[whiten.loc.shape[0] :])
    return quadratic(ratio * normals, whiten) - 0.5 * jnp.sum(ratio * ratio)


def _entropy(params: Array, whiten: Whiten) -> Array:
    size = whiten.loc.shape[0]
    return jnp.sum(params[size:] + jnp.log(whiten.scale)) + standard_entropy(size)


def _log_prob(params: Array, z: Array, whiten: Whiten) -> Array:
    loc, log_ratio = _split(params, whiten)
    log_scale = log_ratio + jnp.log(whiten.scale)
    standard = (z - loc) * jnp.exp(-log_scale)
    return jnp.sum(-0.5 * standard * standard - log_scale - 0.5 * LOG_2PI)


def _moments(params: np.ndarray, whiten: Whiten) -> tuple[np.ndarray, np.ndarray]:
    loc, log_ratio = _split(params, whiten)
    return loc, whiten.scale * np.exp(log_ratio)


def _restrict(params: Array, whiten: Whiten, indices: Array) -> tuple[Array, Whiten]:
    return entries(params.reshape(2, -1), indices).ravel(), some(whiten, indices)


def _covariance(params: np.ndarray, whiten: Whiten) -> np.ndarray:
    return np.diag(_moments(params, whiten)[1] ** 2)


def _init(whiten: Whiten) -> np.ndarray:
    return np.zeros(2 * len(whiten.loc))


def _over(structure: Structure, settings: Settings) -> Family:
    return Family(
        params=2 * structure.size,
        normals=structure.size,
        init=_init,
        sample=_sample,
        entropy=_entropy,
        log_prob=_log_prob,
        control=_control,
        moments=_moments,
        covariance=_covariance,
    )


MEAN_FIELD = FamilyRow(
    name="mean_field",
    summary="independent Gaussians: z = loc + scale · ε",
    over=_over,
    component=True,
    restrict=_restrict,
    thin=True,
)
