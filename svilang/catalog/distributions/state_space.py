"""GaussianStateSpace: a vector that moves on by a matrix and a Normal step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax
from ..distribution import Distribution, Form, LocationScale, Param
from .kinds import CHOLESKY, COV, REAL
from .multivariate_normal import absent, colour, half_log_det, precision_to_tril, white_log_prob, whiten
from .numeric import normal_draws, spread

if TYPE_CHECKING:
    from jax import Array


def _vector(initial_value: Any, dtype: Any) -> Array:
    """The start as a vector, where it may be one number for all of it."""
    return jnp.atleast_1d(jnp.asarray(initial_value, dtype))


def _steps(x: Any, transition_matrix: Any, initial_value: Any) -> Array:
    """What each vector is beyond the one before, moved on."""
    start = _vector(initial_value, x.dtype)[..., None, :]
    batch = jnp.broadcast_shapes(x.shape[:-2], start.shape[:-2])
    first = jnp.broadcast_to(start, (*batch, 1, x.shape[-1]))
    before = jnp.concatenate([first, jnp.broadcast_to(x, (*batch, *x.shape[-2:]))[..., :-1, :]], -2)
    return x - jnp.einsum("...ij,...tj->...ti", transition_matrix, before, precision="highest")


def _whitened(x: Any, transition_matrix: Any, scale_tril: Any, initial_value: Any) -> Array:
    return whiten(scale_tril[..., None, :, :], _steps(x, transition_matrix, initial_value))


def _white_log_prob(z: Any, *params: Any) -> Array:
    return jnp.sum(white_log_prob(z), -1)


def _log_prob(x: Any, transition_matrix: Any, scale_tril: Any, initial_value: Any) -> Array:
    z = _whitened(x, transition_matrix, scale_tril, initial_value)
    return _white_log_prob(z) - x.shape[-2] * half_log_det(scale_tril)


def _from_noise(noise: Any, transition_matrix: Any, scale_tril: Any, initial_value: Any) -> Array:
    steps, start = colour(scale_tril[..., None, :, :], noise), _vector(initial_value, noise.dtype)
    shape = jnp.broadcast_shapes(steps.shape[:-2], transition_matrix.shape[:-2], start.shape[:-1])
    steps = jnp.broadcast_to(steps, (*shape, *noise.shape[-2:]))
    start = jnp.broadcast_to(start, (*shape, noise.shape[-1]))

    def move(now: Array, step: Array) -> tuple[Array, Array]:
        after = colour(transition_matrix, now) + step
        return after, after

    return jnp.moveaxis(lax.scan(move, start, jnp.moveaxis(steps, -2, 0))[1], 0, -2)


def _log_det(z: Any, transition_matrix: Any, scale_tril: Any, initial_value: Any) -> Array:
    return spread(z.shape[-2] * half_log_det(scale_tril), z[..., 0, 0], transition_matrix[..., 0, 0])


def _marginal(x: Any, present: Any, transition_matrix: Any, scale_tril: Any, initial_value: Any) -> Array:
    """By the Kalman filter, which reads the entries that are present without error."""
    size, dtype = x.shape[-1], scale_tril.dtype
    start = _vector(initial_value, dtype)
    shape = jnp.broadcast_shapes(*(v.shape[:-2] for v in (x, transition_matrix, scale_tril)), start.shape[:-1])
    own = jnp.einsum("...ik,...jk->...ij", scale_tril, scale_tril, precision="highest")
    unit = jnp.eye(size, dtype=dtype)

    def read(state: tuple[Array, Array], step: tuple[Array, Array]) -> tuple[tuple[Array, Array], Array]:
        (mean, covariance), (value, known) = state, step
        mean = colour(transition_matrix, mean)
        ahead = jnp.einsum("...ij,...jk,...lk->...il", transition_matrix, covariance, transition_matrix) + own
        factor = jnp.linalg.cholesky(jnp.where(known[..., :, None] & known[..., None, :], ahead, unit))
        white = whiten(factor, jnp.where(known, value - mean, 0))
        loads = whiten(factor[..., None, :, :], jnp.where(known[..., None, :], ahead, 0))
        rest = jnp.einsum("...ik,...jk->...ij", loads, loads)
        density = white_log_prob(white) - half_log_det(factor) + absent(known)
        return (mean + colour(loads, white), ahead - rest), density

    start = jnp.broadcast_to(start, (*shape, size))
    values, known = (jnp.moveaxis(jnp.broadcast_to(v, (*shape, *x.shape[-2:])), -2, 0) for v in (x, present))
    nothing = jnp.zeros((*shape, size, size), dtype)
    return jnp.sum(lax.scan(read, (start, nothing), (values, known))[1], 0)


_TRANSITION = Param("transition_matrix", REAL, "moves a vector one step on: one row for each part after", ("k", "k"))
_START = Param("initial_value", REAL, "the vector one step before the first", ("k",), default=0.0)

GAUSSIAN_STATE_SPACE = Distribution(
    name="GaussianStateSpace",
    forms=(
        Form(
            (_TRANSITION, Param("scale_tril", CHOLESKY, "the factor of a step's covariance", ("k", "k")), _START),
            _log_prob,
        ),
        Form(
            (_TRANSITION, Param("covariance_matrix", COV, "the covariance of a step", ("k", "k")), _START),
            lambda x, move, covariance, start: _log_prob(x, move, jnp.linalg.cholesky(covariance), start),
            canonical=lambda move, covariance, start: (move, jnp.linalg.cholesky(covariance), start),
        ),
        Form(
            (_TRANSITION, Param("precision_matrix", COV, "the inverse of that", ("k", "k")), _START),
            lambda x, move, precision, start: _log_prob(x, move, precision_to_tril(precision), start),
            canonical=lambda move, precision, start: (move, precision_to_tril(precision), start),
        ),
    ),
    support=REAL,
    event=("t", "k"),
    sample=normal_draws(_from_noise),
    reparameterised=True,
    noise="normal",
    from_noise=_from_noise,
    location_scale=LocationScale(
        forward=_from_noise, inverse=_whitened, log_det=_log_det, log_prob=_white_log_prob
    ),
    causal=True,
    marginal=_marginal,
    dimension_first=True,
    summary="a vector that moves on by a matrix and a Normal step; with an identity matrix a random walk",
    reference="Durbin & Koopman (2012), Time Series Analysis by State Space Methods, ch. 3",
)
