"""Maps from flat vectors onto triangular, covariance and correlation matrices.

Free values stand row by row: first those below the diagonal, then, where the diagonal is free, its logarithms. The log
determinant is taken with respect to the elements that are free in the matrix: its lower triangle, for correlations
without the diagonal.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...lazy import jnp, np
from ..bijector import Bijector, Shape


def _triangle(shape: Shape) -> Shape:
    return (shape[0] * (shape[0] + 1) // 2,)


def _below_diagonal(shape: Shape) -> Shape:
    return (shape[0] * (shape[0] - 1) // 2,)


def _matrix(
    name: str,
    free_shape: Callable[[Shape], Shape],
    forward: Callable[..., Any],
    inverse: Callable[..., Any],
    log_det: Callable[..., Any],
) -> Bijector:
    return Bijector(name, 2, 1, free_shape, forward, inverse, log_det)


def _square_of(flat: Any, size: int) -> Any:
    """A matrix with ``flat`` below its diagonal, row by row, and 0 elsewhere."""
    rows, columns = np.tril_indices(size, -1)
    return jnp.zeros((*flat.shape[:-1], size, size), flat.dtype).at[..., rows, columns].set(flat, unique_indices=True)


def _flat_of(square: Any) -> Any:
    """What stands below the diagonal, row by row."""
    rows, columns = np.tril_indices(square.shape[-1], -1)
    return square[..., rows, columns]


def _on_diagonal(values: Any) -> Any:
    return jnp.where(np.eye(values.shape[-1], dtype=bool), values[..., None], 0)


def _diagonal(square: Any) -> Any:
    return jnp.diagonal(square, axis1=-2, axis2=-1)


def _times_own_transpose(factor: Any) -> Any:
    """In full precision, which accelerators give only on request."""
    return jnp.matmul(factor, jnp.swapaxes(factor, -1, -2), precision="highest")


# --- Cholesky factor of a covariance matrix --------------------------------------------------------------------------


def _cholesky_forward(z: Any) -> Any:
    z = jnp.asarray(z)
    size = (math.isqrt(1 + 8 * z.shape[-1]) - 1) // 2
    below, logs = z[..., : z.shape[-1] - size], z[..., z.shape[-1] - size :]
    return _square_of(below, size) + _on_diagonal(jnp.exp(logs))


def _cholesky_inverse(factor: Any) -> Any:
    return jnp.concatenate([_flat_of(factor), jnp.log(_diagonal(factor))], axis=-1)


def _cholesky_log_det(z: Any, factor: Any) -> Any:
    return jnp.sum(z[..., z.shape[-1] - factor.shape[-1] :], axis=-1)


def _cov_log_det(z: Any, x: Any) -> Any:
    """``k log 2 + Σ (k - i + 2) log L_ii``: the factor's own and that of L ↦ LL' (Muirhead 1982, theorem 2.1.9)."""
    size = x.shape[-1]
    logs = z[..., z.shape[-1] - size :]
    return size * math.log(2) + jnp.sum(logs * jnp.arange(size + 1, 1, -1, dtype=z.dtype), axis=-1)


# --- Cholesky factor of a correlation matrix -------------------------------------------------------------------------
# Row i is a unit vector, broken like a stick: L_ij = tanh(z_ij) sqrt(1 - L_i1^2 - … - L_i,j-1^2), and the diagonal is
# what is left (Lewandowski, Kurowicka and Joe 2009). With 1 - tanh^2 = sech^2 all products are sums of logarithms.


def _log_sech_squared(z: Any) -> Any:
    size = jnp.abs(z)
    return 2 * (math.log(2) - size - jnp.log1p(jnp.exp(-2 * size)))


def _size_below(z: Any) -> int:
    return (math.isqrt(1 + 8 * z.shape[-1]) + 1) // 2


def _log_left(z: Any) -> tuple[Any, Any]:
    """For every element: log sech^2 of its free value, and the log of the squared length left when its turn comes."""
    steps = _square_of(_log_sech_squared(z), _size_below(z))
    earlier = jnp.concatenate([jnp.zeros_like(steps[..., :1]), steps[..., :-1]], axis=-1)
    return steps, jnp.cumsum(earlier, axis=-1)


def _corr_cholesky_forward(z: Any) -> Any:
    z = jnp.asarray(z)
    _, left = _log_left(z)
    lengths = jnp.exp(left / 2)
    diagonal = jnp.maximum(_diagonal(lengths), jnp.finfo(z.dtype).tiny)
    return _square_of(jnp.tanh(z), _size_below(z)) * lengths + _on_diagonal(diagonal)


def _corr_cholesky_inverse(factor: Any) -> Any:
    """``arcsinh(L_ij / sqrt(L_i,j+1^2 + … + L_ii^2))``: the length still left stands in the denominator."""
    squares = jnp.square(factor)
    after = jnp.flip(jnp.cumsum(jnp.flip(squares, -1), axis=-1), -1)[..., 1:]
    after = jnp.concatenate([after, jnp.ones_like(after[..., :1])], axis=-1)
    return jnp.arcsinh(_flat_of(factor) / jnp.sqrt(_flat_of(after)))


def _corr_cholesky_log_det(z: Any, factor: Any) -> Any:
    steps, left = _log_left(z)
    return jnp.sum(_flat_of(steps + left / 2), axis=-1)


def _corr_log_det(z: Any, x: Any) -> Any:
    """The factor's own and that of L ↦ LL' off the diagonal, ``Σ (k - i) log L_ii``."""
    steps, left = _log_left(z)
    size = x.shape[-1]
    of_product = _diagonal(left) / 2 * jnp.arange(size - 1, -1, -1, dtype=z.dtype)
    return jnp.sum(_flat_of(steps + left / 2), axis=-1) + jnp.sum(of_product, axis=-1)


CHOLESKY = _matrix("Cholesky factor", _triangle, _cholesky_forward, _cholesky_inverse, _cholesky_log_det)

CORR_CHOLESKY = _matrix(
    "correlation Cholesky factor",
    _below_diagonal,
    _corr_cholesky_forward,
    _corr_cholesky_inverse,
    _corr_cholesky_log_det,
)

COV = _matrix(
    "covariance",
    _triangle,
    lambda z: _times_own_transpose(_cholesky_forward(z)),
    lambda x: _cholesky_inverse(jnp.linalg.cholesky(x)),
    _cov_log_det,
)

CORR = _matrix(
    "correlation",
    _below_diagonal,
    lambda z: _times_own_transpose(_corr_cholesky_forward(z)),
    lambda x: _corr_cholesky_inverse(jnp.linalg.cholesky(x)),
    _corr_log_det,
)
