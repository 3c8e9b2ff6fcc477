"""MatrixNormal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random
from ..distribution import Distribution, Form, Param
from .kinds import CHOLESKY, REAL
from .multivariate_normal import half_log_det, whiten
from .numeric import LOG_2PI, float_type, spread

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, loc: Any, scale_tril_row: Any, scale_tril_column: Any) -> Array:
    rows, columns = x.shape[-2:]
    left = whiten(scale_tril_column[..., None, :, :], x - loc)
    z = whiten(scale_tril_row[..., None, :, :], jnp.swapaxes(left, -1, -2))
    volume = columns * half_log_det(scale_tril_row) + rows * half_log_det(scale_tril_column)
    return -0.5 * (jnp.sum(z * z, (-2, -1)) + rows * columns * LOG_2PI) - volume


def _sample(key: Any, shape: tuple[int, ...], loc: Any, scale_tril_row: Any, scale_tril_column: Any) -> Array:
    z = random.normal(key, shape, float_type(loc, scale_tril_row, scale_tril_column))
    return loc + jnp.einsum("...ij,...jk,...lk->...il", scale_tril_row, z, scale_tril_column, precision="highest")


MATRIX_NORMAL = Distribution(
    name="MatrixNormal",
    forms=(
        Form(
            (
                Param("loc", REAL, "the centre", ("n", "m")),
                Param("scale_tril_row", CHOLESKY, "the Cholesky factor of the covariance of rows", ("n", "n")),
                Param("scale_tril_column", CHOLESKY, "the Cholesky factor of the covariance of columns", ("m", "m")),
            ),
            _log_prob,
        ),
    ),
    support=REAL,
    event=("n", "m"),
    sample=_sample,
    reparameterised=True,
    mean=lambda loc, scale_tril_row, scale_tril_column: spread(
        loc, scale_tril_row[..., :1], scale_tril_column[..., :1, :]
    ),
    summary="a table whose rows vary together and whose columns do",
    reference="Gupta & Nagar (2000), Matrix Variate Distributions, ch. 2",
)
