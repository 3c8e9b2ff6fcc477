"""Wishart and InverseWishart: random covariance and precision matrices, whole or by their Cholesky factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, random, special
from ..distribution import Distribution, Form, Param
from .gamma import log_gamma_draws
from .kinds import CHOLESKY, COV, POSITIVE
from .multivariate_normal import half_log_det, precision_to_tril
from .numeric import LOG_2, LOG_PI, float_type, within

if TYPE_CHECKING:
    from jax import Array


def _log_multi_gamma(a: Any, size: int) -> Array:
    total = 0.25 * size * (size - 1) * LOG_PI + jnp.zeros_like(a)
    for i in range(size):
        total = total + special.gammaln(a - 0.5 * i)
    return total


def _solve(factor: Any, other: Any) -> Array:
    """``factor⁻¹ other``, both lower triangular."""
    batch = jnp.broadcast_shapes(factor.shape[:-2], other.shape[:-2])
    square = factor.shape[-2:]
    factor, other = jnp.broadcast_to(factor, (*batch, *square)), jnp.broadcast_to(other, (*batch, *square))
    return lax.linalg.triangular_solve(factor, other, left_side=True, lower=True)


def _constant(concentration: Any, scale_tril: Any) -> tuple[Array, Array]:
    """Degrees of freedom, and their part of the normaliser; below the least number a harmless one stands in."""
    size = scale_tril.shape[-1]
    safe = jnp.where(concentration > size - 1, concentration, size)
    return safe, -0.5 * safe * size * LOG_2 - _log_multi_gamma(0.5 * safe, size)


def _enough(concentration: Any, scale_tril: Any) -> Array:
    return concentration > scale_tril.shape[-1] - 1


def _of_factor(factor: Any, concentration: Any, scale_tril: Any) -> Array:
    """Log density of X = L L' at its Cholesky factor, as a density of X."""
    size = factor.shape[-1]
    safe, constant = _constant(concentration, scale_tril)
    squares = jnp.sum(_solve(scale_tril, factor) ** 2, (-2, -1))
    value = constant + (safe - size - 1) * half_log_det(factor) - safe * half_log_det(scale_tril) - 0.5 * squares
    return within(_enough(concentration, scale_tril), value)


def _inverse_of_factor(factor: Any, concentration: Any, scale_tril: Any) -> Array:
    size = factor.shape[-1]
    safe, constant = _constant(concentration, scale_tril)
    squares = jnp.sum(_solve(factor, scale_tril) ** 2, (-2, -1))
    value = constant - (safe + size + 1) * half_log_det(factor) + safe * half_log_det(scale_tril) - 0.5 * squares
    return within(_enough(concentration, scale_tril), value)


def _whole(of_factor: Any) -> Any:
    return lambda x, concentration, scale_tril: of_factor(jnp.linalg.cholesky(x), concentration, scale_tril)


def _as_factor(of_factor: Any) -> Any:
    """The density of the factor itself: that of the matrix, and the volume that the square stretches."""

    def log_prob(x: Any, concentration: Any, scale_tril: Any) -> Array:
        size = x.shape[-1]
        powers = jnp.arange(size, 0, -1, dtype=x.dtype).reshape((1,) * (x.ndim - 2) + (size,))
        volume = size * LOG_2 + jnp.sum(powers * jnp.log(jnp.diagonal(x, axis1=-2, axis2=-1)), -1)
        return of_factor(x, concentration, scale_tril) + volume

    return log_prob


def _bartlett(key: Any, shape: tuple[int, ...], concentration: Any, dtype: Any) -> Array:
    """The Cholesky factor of a Wishart draw with unit scale (Bartlett 1933)."""
    size, batch = shape[-1], shape[:-2]
    normal_key, gamma_key = random.split(key)
    below = jnp.tril(random.normal(normal_key, shape, dtype), -1)
    row = jnp.arange(size, dtype=dtype).reshape((1,) * len(batch) + (size,))
    df = jnp.broadcast_to(jnp.asarray(concentration, dtype), batch)[..., None] - row
    diagonal = jnp.exp(0.5 * (LOG_2 + log_gamma_draws(gamma_key, (*batch, size), 0.5 * df, dtype)))
    return below + diagonal[..., None] * jnp.eye(size, dtype=dtype).reshape((1,) * len(batch) + (size, size))


def _factor_draw(key: Any, shape: tuple[int, ...], concentration: Any, scale_tril: Any) -> Array:
    draw = _bartlett(key, shape, concentration, float_type(concentration, scale_tril))
    return jnp.einsum("...ij,...jk->...ik", scale_tril, draw, precision="highest")


def _square(factor: Any) -> Array:
    return jnp.einsum("...ik,...jk->...ij", factor, factor, precision="highest")


def _inverse_root(key: Any, shape: tuple[int, ...], concentration: Any, scale_tril: Any) -> Array:
    """A matrix R with R R' inverse Wishart: the scale over a Bartlett factor."""
    draw = _bartlett(key, shape, concentration, float_type(concentration, scale_tril))
    flipped = jnp.swapaxes(draw, -1, -2)
    identity = jnp.broadcast_to(jnp.eye(shape[-1], dtype=draw.dtype), draw.shape)
    inverse = lax.linalg.triangular_solve(flipped, identity, left_side=True, lower=False)
    return jnp.einsum("...ij,...jk->...ik", scale_tril, inverse, precision="highest")


def _mean(concentration: Any, scale_tril: Any) -> Array:
    return concentration[..., None, None] * _square(scale_tril)


def _inverse_mean(concentration: Any, scale_tril: Any) -> Array:
    rest = concentration - scale_tril.shape[-1] - 1
    finite = rest > 0
    share = jnp.where(finite, 1 / jnp.where(finite, rest, 1), jnp.nan)
    return share[..., None, None] * _square(scale_tril)


def _forms(log_prob: Any) -> tuple[Form, ...]:
    df = Param("concentration", POSITIVE, "degrees of freedom, more than the size less 1")
    return (
        Form((df, Param("scale_tril", CHOLESKY, "the Cholesky factor of the scale", ("k", "k"))), log_prob),
        Form(
            (df, Param("scale_matrix", COV, "the scale", ("k", "k"))),
            lambda x, concentration, scale: log_prob(x, concentration, jnp.linalg.cholesky(scale)),
            canonical=lambda concentration, scale: (concentration, jnp.linalg.cholesky(scale)),
        ),
        Form(
            (df, Param("rate_matrix", COV, "the inverse of the scale", ("k", "k"))),
            lambda x, concentration, rate: log_prob(x, concentration, precision_to_tril(rate)),
            canonical=lambda concentration, rate: (concentration, precision_to_tril(rate)),
        ),
    )


_SOURCE = "Gupta & Nagar (2000), Matrix Variate Distributions, ch. 3"

WISHART = Distribution(
    name="Wishart",
    forms=_forms(_whole(_of_factor)),
    support=COV,
    event=("k", "k"),
    sample=lambda key, shape, concentration, scale_tril: _square(_factor_draw(key, shape, concentration, scale_tril)),
    reparameterised=True,
    mean=_mean,
    summary="the conjugate prior of a precision matrix",
    reference=_SOURCE,
)

WISHART_CHOLESKY = Distribution(
    name="WishartCholesky",
    forms=_forms(_as_factor(_of_factor)),
    support=CHOLESKY,
    event=("k", "k"),
    sample=_factor_draw,
    reparameterised=True,
    summary="the Cholesky factor of a Wishart matrix",
    reference=_SOURCE,
)

INVERSE_WISHART = Distribution(
    name="InverseWishart",
    forms=_forms(_whole(_inverse_of_factor)),
    support=COV,
    event=("k", "k"),
    sample=lambda key, shape, concentration, scale_tril: _square(
        _inverse_root(key, shape, concentration, scale_tril)
    ),
    reparameterised=True,
    mean=_inverse_mean,
    summary="the conjugate prior of a covariance matrix",
    reference=_SOURCE,
)

INVERSE_WISHART_CHOLESKY = Distribution(
    name="InverseWishartCholesky",
    forms=_forms(_as_factor(_inverse_of_factor)),
    support=CHOLESKY,
    event=("k", "k"),
    sample=lambda key, shape, concentration, scale_tril: jnp.linalg.cholesky(
        _square(_inverse_root(key, shape, concentration, scale_tril))
    ),
    reparameterised=True,
    summary="the Cholesky factor of an inverse Wishart matrix",
    reference=_SOURCE,
)
