"""MultivariateNormal, by its Cholesky factor, its covariance or its precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax
from ..distribution import Distribution, ExponentialFamily, Form, LocationScale, Param
from .kinds import CHOLESKY, COV, REAL
from .numeric import LOG_2PI, normal_draws, spread

if TYPE_CHECKING:
    from jax import Array


def _diagonal(matrix: Any) -> Array:
    return jnp.diagonal(matrix, axis1=-2, axis2=-1)


def half_log_det(scale_tril: Any) -> Array:
    """Half the log determinant of the covariance: the sum of the logs of the factor's diagonal."""
    return jnp.sum(jnp.log(_diagonal(scale_tril)), -1)


def whiten(scale_tril: Any, offset: Any) -> Array:
    """Solve ``scale_tril z = offset``. Batch axes along which the factor is constant become columns of one solve."""
    size = offset.shape[-1]
    rank = max(offset.ndim - 1, scale_tril.ndim - 2)
    factor_batch = (1,) * (rank - scale_tril.ndim + 2) + scale_tril.shape[:-2]
    offset_batch = (1,) * (rank - offset.ndim + 1) + offset.shape[:-1]
    batch = jnp.broadcast_shapes(factor_batch, offset_batch)
    fixed = rank
    while fixed and factor_batch[fixed - 1] == 1:
        fixed -= 1
    lead = batch[:fixed]
    factor = jnp.broadcast_to(scale_tril.reshape(*factor_batch[:fixed], size, size), (*lead, size, size))
    columns = jnp.broadcast_to(offset.reshape(*offset_batch, size), (*batch, size)).reshape(*lead, -1, size)
    solved = lax.linalg.triangular_solve(factor, columns, left_side=False, lower=True, transpose_a=True)
    return solved.reshape(*batch, size)


def colour(scale_tril: Any, z: Any) -> Array:
    """``scale_tril z``."""
    return jnp.einsum("...ij,...j->...i", scale_tril, z)


def white_log_prob(z: Any, *params: Any) -> Array:
    """The log density of independent standard normal numbers along the last axis."""
    return -0.5 * (jnp.sum(z * z, -1) + z.shape[-1] * LOG_2PI)


def precision_to_tril(precision: Any) -> Array:
    """The Cholesky factor of the inverse of a positive definite matrix."""
    flipped = jnp.linalg.cholesky(precision[..., ::-1, ::-1])
    upper = flipped[..., ::-1, ::-1]
    identity = jnp.broadcast_to(jnp.eye(precision.shape[-1], dtype=precision.dtype), precision.shape)
    return lax.linalg.triangular_solve(upper, identity, left_side=True, lower=False, transpose_a=True)


def _log_prob(x: Any, loc: Any, scale_tril: Any) -> Array:
    z = whiten(scale_tril, x - loc)
    return white_log_prob(z) - half_log_det(scale_tril)


def among(present: Any, scale_tril: Any) -> Array:
    """The Cholesky factor of the covariance of the entries that are present; the others vary apart, by 1."""
    covariance = jnp.einsum("...ik,...jk->...ij", scale_tril, scale_tril)
    both = present[..., :, None] & present[..., None, :]
    return jnp.linalg.cholesky(jnp.where(both, covariance, jnp.eye(present.shape[-1], dtype=covariance.dtype)))


def absent(present: Any) -> Array:
    """What standard normals at 0 in the place of the other entries take from a log density."""
    return 0.5 * LOG_2PI * jnp.sum(~present, -1)


def _marginal(x: Any, present: Any, loc: Any, scale_tril: Any) -> Array:
    offset = jnp.where(present, x - loc, 0)
    return _log_prob(offset, jnp.zeros_like(offset), among(present, scale_tril)) + absent(present)


def _log_prob_covariance(x: Any, loc: Any, covariance_matrix: Any) -> Array:
    return _log_prob(x, loc, jnp.linalg.cholesky(covariance_matrix))


def _log_prob_precision(x: Any, loc: Any, precision_matrix: Any) -> Array:
    factor = jnp.linalg.cholesky(precision_matrix)
    z = jnp.einsum("...ji,...j->...i", factor, x - loc)
    return white_log_prob(z) + half_log_det(factor)


def by_factor(factor: Callable[..., Any]) -> dict[str, Any]:
    """What a row has of Normal vectors around ``loc`` whose covariance has the Cholesky factor ``factor(*structure)``,
    of its parameters after the first: draws, and the map from standard normal numbers.
    """

    def from_noise(noise: Any, loc: Any, *structure: Any) -> Array:
        return loc + colour(factor(*structure), noise)

    def to_noise(x: Any, loc: Any, *structure: Any) -> Array:
        return whiten(factor(*structure), x - loc)

    def log_det(z: Any, loc: Any, *structure: Any) -> Array:
        return spread(half_log_det(factor(*structure)), z[..., 0], loc[..., 0])

    return {
        "sample": normal_draws(from_noise),
        "reparameterised": True,
        "causal": True,
        "noise": "normal",
        "from_noise": from_noise,
        "location_scale": LocationScale(from_noise, to_noise, log_det, white_log_prob),
    }


def _precision(scale_tril: Any) -> Array:
    identity = jnp.broadcast_to(jnp.eye(scale_tril.shape[-1], dtype=scale_tril.dtype), scale_tril.shape)
    inverse = lax.linalg.triangular_solve(scale_tril, identity, left_side=True, lower=True)
    return jnp.einsum("...ki,...kj->...ij", inverse, inverse)


def _natural(loc: Any, scale_tril: Any) -> tuple[Array, Array]:
    precision = _precision(scale_tril)
    return colour(precision, loc), -0.5 * precision


def _log_partition(loc: Any, scale_tril: Any) -> Array:
    z = whiten(scale_tril, loc)
    return 0.5 * jnp.sum(z * z, -1) + half_log_det(scale_tril)


def _entropy(loc: Any, scale_tril: Any) -> Array:
    size = scale_tril.shape[-1]
    return spread(0.5 * size * (LOG_2PI + 1) + half_log_det(scale_tril), loc[..., 0])


_LOC = Param("loc", REAL, "the centre", ("k",))

MULTIVARIATE_NORMAL = Distribution(
    name="MultivariateNormal",
    forms=(
        Form((_LOC, Param("scale_tril", CHOLESKY, "the Cholesky factor of the covariance", ("k", "k"))), _log_prob),
        Form(
            (_LOC, Param("covariance_matrix", COV, "the covariance", ("k", "k"))),
            _log_prob_covariance,
            canonical=lambda loc, covariance_matrix: (loc, jnp.linalg.cholesky(covariance_matrix)),
        ),
        Form(
            (_LOC, Param("precision_matrix", COV, "the inverse of the covariance", ("k", "k"))),
            _log_prob_precision,
            canonical=lambda loc, precision_matrix: (loc, precision_to_tril(precision_matrix)),
        ),
    ),
    support=REAL,
    event=("k",),
    **by_factor(lambda scale_tril: scale_tril),
    mean=lambda loc, scale_tril: spread(loc, scale_tril[..., 0]),
    variance=lambda loc, scale_tril: spread(jnp.sum(scale_tril**2, -1), loc),
    entropy=_entropy,
    exponential_family=ExponentialFamily(
        natural=_natural,
        statistics=lambda x: (x, x[..., :, None] * x[..., None, :]),
        log_partition=_log_partition,
        log_base=lambda x: spread(-0.5 * x.shape[-1] * LOG_2PI, x[..., 0]),
        shifted=lambda centre, loc, scale_tril: (loc - centre, scale_tril),
    ),
    marginal=_marginal,
    summary="several quantities that vary together",
    reference="Kotz, Balakrishnan & Johnson (2000), ch. 45",
)
