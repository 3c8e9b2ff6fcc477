"""The Gaussian with the curvature of the log density at its mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import jnp, np
from ..structure import Structure
from .family import Family, FamilyRow, Settings, Whiten
from .gaussian import log_det, spread, standard_entropy, standard_log_prob, unspread

if TYPE_CHECKING:
    from jax import Array


def _sample(params: Array, normals: Array, whiten: Whiten) -> Array:
    return whiten.loc + spread(normals, whiten)


def _control(params: Array, normals: Array, whiten: Whiten) -> Array:
    return 0.5 * (jnp.sum(normals * normals) - normals.shape[0])


def _entropy(params: Array, whiten: Whiten) -> Array:
    return log_det(whiten) + standard_entropy(whiten.loc.shape[0])


def _log_prob(params: Array, z: Array, whiten: Whiten) -> Array:
    return standard_log_prob(unspread(z - whiten.loc, whiten)) - log_det(whiten)


def _moments(params: np.ndarray, whiten: Whiten) -> tuple[np.ndarray, np.ndarray]:
    factor = whiten.tril if whiten.factor is None else whiten.factor
    return whiten.loc, whiten.scale if factor is None else np.sqrt(np.sum(factor**2, axis=1))


def _covariance(params: np.ndarray, whiten: Whiten) -> np.ndarray:
    factor = whiten.tril if whiten.factor is None else whiten.factor
    return np.diag(whiten.scale**2) if factor is None else factor @ factor.T


def _init(whiten: Whiten) -> np.ndarray:
    return np.zeros(0)


def _over(structure: Structure, settings: Settings) -> Family:
    return Family(
        params=0,
        normals=structure.size,
        init=_init,
        sample=_sample,
        entropy=_entropy,
        log_prob=_log_prob,
        control=_control,
        moments=_moments,
        covariance=_covariance,
    )


LAPLACE = FamilyRow(
    name="laplace",
    summary="the Gaussian at the joint mode whose precision is the curvature there; nothing is optimised",
    over=_over,
    fixed=True,
)
