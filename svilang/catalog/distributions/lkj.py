"""LKJ and LKJCholesky: random correlation matrices.

The density of a correlation matrix R is proportional to det(R) ** (concentration - 1); that of its Cholesky factor
takes the Jacobian along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random, special
from ..distribution import Distribution, Form, Param
from .gamma import log_gamma_draws
from .kinds import CORR, CORR_CHOLESKY, POSITIVE
from .numeric import LOG_PI, float_type

if TYPE_CHECKING:
    from jax import Array

_CONCENTRATION = Param("concentration", POSITIVE, "1 for uniform, larger for weaker correlations", default=1.0)


def _log_normaliser(size: int, concentration: Any) -> Array:
    """Log of the integral of det(R) ** (concentration - 1) over correlation matrices: one beta function per column."""
    terms = jnp.zeros(jnp.shape(concentration), float_type(concentration))
    top = special.gammaln(concentration + 0.5 * (size - 1))
    for k in range(1, size):
        terms = terms + 0.5 * k * LOG_PI + special.gammaln(concentration + 0.5 * (size - 1 - k)) - top
    return terms


def _log_diagonal(factor: Any) -> Array:
    return jnp.log(jnp.diagonal(factor, axis1=-2, axis2=-1)[..., 1:])


def _cholesky_log_prob(x: Any, concentration: Any) -> Array:
    size = x.shape[-1]
    logs = _log_diagonal(x)
    jacobian = jnp.arange(size - 2, -1, -1, dtype=logs.dtype).reshape((1,) * (logs.ndim - 1) + (size - 1,))
    powers = jnp.sum(jacobian * logs, -1) + 2 * (concentration - 1) * jnp.sum(logs, -1)
    return powers - _log_normaliser(size, concentration)


def _log_prob(x: Any, concentration: Any) -> Array:
    log_det = 2 * jnp.sum(_log_diagonal(jnp.linalg.cholesky(x)), -1)
    return (concentration - 1) * log_det - _log_normaliser(x.shape[-1], concentration)


def _cholesky_sample(key: Any, shape: tuple[int, ...], concentration: Any) -> Array:
    """Row i is a point on a half sphere: its squared length below the diagonal is Beta, its direction uniform."""
    size, batch = shape[-1], shape[:-2]
    dtype = float_type(concentration)
    direction_key, below_key, above_key = random.split(key, 3)
    row = jnp.arange(1, size, dtype=dtype).reshape((1,) * len(batch) + (size - 1,))
    eta = jnp.broadcast_to(jnp.asarray(concentration, dtype), batch)[..., None]
    below = log_gamma_draws(below_key, (*batch, size - 1), 0.5 * row, dtype)
    above = log_gamma_draws(above_key, (*batch, size - 1), eta + 0.5 * (size - 1 - row), dtype)
    total = jnp.logaddexp(below, above)
    direction = jnp.tril(random.normal(direction_key, (*batch, size - 1, size - 1), dtype))
    direction = direction / jnp.linalg.norm(direction, axis=-1, keepdims=True)
    left = direction * jnp.exp(0.5 * (below - total))[..., None]
    diagonal = jnp.concatenate([jnp.ones((*batch, 1), dtype), jnp.exp(0.5 * (above - total))], -1)
    padding = [(0, 0)] * len(batch) + [(1, 0), (0, 1)]
    identity = jnp.eye(size, dtype=dtype).reshape((1,) * len(batch) + (size, size))
    return jnp.pad(left, padding) + diagonal[..., None] * identity


def _sample(key: Any, shape: tuple[int, ...], concentration: Any) -> Array:
    factor = _cholesky_sample(key, shape, concentration)
    return jnp.einsum("...ik,...jk->...ij", factor, factor)


_SOURCE = "Lewandowski, Kurowicka & Joe (2009), Journal of Multivariate Analysis 100(9)"

LKJ_CHOLESKY = Distribution(
    name="LKJCholesky",
    forms=(Form((_CONCENTRATION,), _cholesky_log_prob),),
    support=CORR_CHOLESKY,
    event=("k", "k"),
    sample=_cholesky_sample,
    reparameterised=True,
    dimension_first=True,
    summary="a prior for the Cholesky factor of a correlation matrix",
    reference=_SOURCE,
)

LKJ = Distribution(
    name="LKJ",
    forms=(Form((_CONCENTRATION,), _log_prob),),
    support=CORR,
    event=("k", "k"),
    sample=_sample,
    reparameterised=True,
    dimension_first=True,
    summary="a prior for a correlation matrix; LKJCholesky is the faster choice",
    reference=_SOURCE,
)
