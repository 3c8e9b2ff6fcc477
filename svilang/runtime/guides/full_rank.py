"""One Gaussian with a dense covariance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import jnp, linalg, np
from ..structure import Structure
from .family import Family, FamilyRow, Settings, Vector, Whiten, shift
from .gaussian import log_det, spread, standard_entropy, standard_log_prob, unspread

if TYPE_CHECKING:
    from jax import Array


def _split(params: Vector, size: int) -> tuple[Vector, Vector]:
    """Location, and a square whose lower triangle is T with the logarithm of its diagonal."""
    return params[:size], params[size:].reshape(size, size)


def _triangle(square: Array) -> Array:
    return jnp.tril(square, -1) + jnp.diag(jnp.exp(jnp.diagonal(square)))


def _sample(params: Array, normals: Array, whiten: Whiten) -> Array:
    move, square = _split(params, whiten.loc.shape[0])
    return shift(move, whiten) + spread(_triangle(square) @ normals, whiten)


def _control(params: Array, normals: Array, whiten: Whiten) -> Array:
    triangle = _triangle(_split(params, whiten.loc.shape[0])[1])
    deviation = triangle @ normals
    return 0.5 * (jnp.sum(deviation * deviation) - jnp.sum(triangle * triangle))


def _entropy(params: Array, whiten: Whiten) -> Array:
    size = whiten.loc.shape[0]
    return jnp.trace(_split(params, size)[1]) + log_det(whiten) + standard_entropy(size)


def _log_prob(params: Array, z: Array, whiten: Whiten) -> Array:
    move, square = _split(params, whiten.loc.shape[0])
    deviation = unspread(z - shift(move, whiten), whiten)
    noise = linalg.solve_triangular(_triangle(square), deviation, lower=True)
    return standard_log_prob(noise) - jnp.trace(square) - log_det(whiten)


def _scale_tril(params: np.ndarray, whiten: Whiten) -> np.ndarray:
    square = _split(params, len(whiten.loc))[1]
    triangle = np.tril(square, -1) + np.diag(np.exp(np.diagonal(square)))
    factor = whiten.tril if whiten.factor is None else whiten.factor
    return whiten.scale[:, None] * triangle if factor is None else factor @ triangle


def _moments(params: np.ndarray, whiten: Whiten) -> tuple[np.ndarray, np.ndarray]:
    move = _split(params, len(whiten.loc))[0]
    return shift(move, whiten), np.sqrt(np.sum(_scale_tril(params, whiten) ** 2, axis=1))


def _covariance(params: np.ndarray, whiten: Whiten) -> np.ndarray:
    scale_tril = _scale_tril(params, whiten)
    return scale_tril @ scale_tril.T


def _init(whiten: Whiten) -> np.ndarray:
    size = len(whiten.loc)
    return np.zeros(size + size * size)


def _over(structure: Structure, settings: Settings) -> Family:
    return Family(
        params=structure.size + structure.size**2,
        normals=structure.size,
        init=_init,
        sample=_sample,
        entropy=_entropy,
        log_prob=_log_prob,
        control=_control,
        moments=_moments,
        covariance=_covariance,
    )


FULL_RANK = FamilyRow(
    name="full_rank",
    summary="one Gaussian with a dense covariance: z = loc + L T ε, T lower triangular",
    over=_over,
    component=True,
)
