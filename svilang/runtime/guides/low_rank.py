"""A Gaussian whose covariance is diagonal plus low rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import jnp, linalg, np
from ..structure import Structure
from .family import COUNT, Family, FamilyRow, Settings, Vector, Whiten, shift
from .gaussian import LOG_2PI, quadratic, standard_entropy

if TYPE_CHECKING:
    from jax import Array


def _split(params: Vector, whiten: Whiten) -> tuple[Vector, Vector, Vector]:
    size = whiten.loc.shape[0]
    return shift(params[:size], whiten), params[size : 2 * size], params[2 * size :].reshape(size, -1)


def _sample(params: Array, normals: Array, whiten: Whiten) -> Array:
    loc, log_ratio, columns = _split(params, whiten)
    size = loc.shape[0]
    return loc + whiten.scale * (jnp.exp(log_ratio) * normals[:size] + columns @ normals[size:])


def _control(params: Array, normals: Array, whiten: Whiten) -> Array:
    _, log_ratio, columns = _split(params, whiten)
    size = log_ratio.shape[0]
    ratio = jnp.exp(log_ratio)
    images = columns if whiten.precision is None else whiten.precision @ columns
    mean = 0.5 * (jnp.sum(ratio * ratio) + jnp.sum(columns * images))
    return quadratic(ratio * normals[:size] + columns @ normals[size:], whiten) - mean


def _capacitance(log_ratio: Array, columns: Array) -> Array:
    """Cholesky factor of ``I + U' D^-1 U``, for the determinant and inverse of ``D + U U'``."""
    scaled = columns * jnp.exp(-log_ratio)[:, None]
    return jnp.linalg.cholesky(jnp.eye(columns.shape[1], dtype=columns.dtype) + scaled.T @ scaled)


def _half_log_det(log_ratio: Array, root: Array, whiten: Whiten) -> Array:
    return jnp.sum(log_ratio + jnp.log(whiten.scale)) + jnp.sum(jnp.log(jnp.diagonal(root)))


def _entropy(params: Array, whiten: Whiten) -> Array:
    _, log_ratio, columns = _split(params, whiten)
    return _half_log_det(log_ratio, _capacitance(log_ratio, columns), whiten) + standard_entropy(log_ratio.shape[0])


def _log_prob(params: Array, z: Array, whiten: Whiten) -> Array:
    loc, log_ratio, columns = _split(params, whiten)
    root = _capacitance(log_ratio, columns)
    standard = (z - loc) / whiten.scale * jnp.exp(-log_ratio)
    inner = linalg.solve_triangular(root, columns.T @ (standard * jnp.exp(-log_ratio)), lower=True)
    square = jnp.sum(standard * standard) - jnp.sum(inner * inner)
    return -0.5 * (square + loc.shape[0] * LOG_2PI) - _half_log_det(log_ratio, root, whiten)


def _moments(params: np.ndarray, whiten: Whiten) -> tuple[np.ndarray, np.ndarray]:
    loc, log_ratio, columns = _split(params, whiten)
    return loc, whiten.scale * np.sqrt(np.exp(2 * log_ratio) + np.sum(columns**2, axis=1))


def _covariance(params: np.ndarray, whiten: Whiten) -> np.ndarray:
    _, log_ratio, columns = _split(params, whiten)
    return np.outer(whiten.scale, whiten.scale) * (np.diag(np.exp(2 * log_ratio)) + columns @ columns.T)


def _init(whiten: Whiten, rank: int) -> np.ndarray:
    """Leading directions of the start's covariance in units of ``scale``; small ones where it is diagonal."""
    size = len(whiten.loc)
    root = whiten.tril if whiten.factor is None else whiten.factor
    columns = np.zeros((size, rank))
    columns[np.arange(rank) % size, np.arange(rank)] = 0.1
    if root is not None:
        values, vectors = np.linalg.eigh((root / whiten.scale[:, None]) @ (root / whiten.scale[:, None]).T)
        lead = np.argsort(values)[::-1][: min(rank, size)]
        columns[:, : len(lead)] = vectors[:, lead] * np.sqrt(np.maximum(values[lead] - 1, 0.01))
    return np.concatenate([np.zeros(2 * size), columns.ravel()])


def _over(structure: Structure, settings: Settings) -> Family:
    rank = int(settings["rank"])
    return Family(
        params=(2 + rank) * structure.size,
        normals=structure.size + rank,
        init=lambda whiten: _init(whiten, rank),
        sample=_sample,
        entropy=_entropy,
        log_prob=_log_prob,
        control=_control,
        moments=_moments,
        covariance=_covariance,
    )


LOW_RANK = FamilyRow(
    name="low_rank",
    summary="a Gaussian with covariance diagonal plus rank r: z = loc + scale · (d ε + U η)",
    over=_over,
    component=True,
    settings={"rank": 5},
    kinds={"rank": COUNT},
)
