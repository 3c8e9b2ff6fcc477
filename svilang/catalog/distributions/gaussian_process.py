"""GaussianProcess: a vector from a covariance function and independent noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ..distribution import Distribution, Form, Param
from .kinds import COV, NONNEGATIVE, REAL
from .multivariate_normal import MULTIVARIATE_NORMAL, absent, by_factor
from .numeric import spread

if TYPE_CHECKING:
    from jax import Array


def _factor(kernel: Any, noise: Any) -> Array:
    return jnp.linalg.cholesky(_covariance(kernel, noise))


def _covariance(kernel: Any, noise: Any) -> Array:
    variance = jnp.square(jnp.asarray(noise))[..., None, None]
    return kernel + variance * jnp.eye(kernel.shape[-1], dtype=kernel.dtype)


def _log_prob(x: Any, loc: Any, kernel: Any, noise: Any) -> Array:
    return MULTIVARIATE_NORMAL.forms[0].log_prob(x, loc, _factor(kernel, noise))


def _marginal(x: Any, present: Any, loc: Any, kernel: Any, noise: Any) -> Array:
    """The process at the places that were looked at; the others vary apart, by 1."""
    both = present[..., :, None] & present[..., None, :]
    identity = jnp.eye(present.shape[-1], dtype=kernel.dtype)
    factor = jnp.linalg.cholesky(jnp.where(both, _covariance(kernel, noise), identity))
    offset = jnp.where(present, x - loc, 0)
    return MULTIVARIATE_NORMAL.forms[0].log_prob(offset, jnp.zeros_like(offset), factor) + absent(present)


def _variance(loc: Any, kernel: Any, noise: Any) -> Array:
    return spread(jnp.diagonal(_covariance(kernel, noise), axis1=-2, axis2=-1), loc)


_KERNEL = Param(
    "kernel", COV, "the covariance function, such as `rbf(x, lengthscale, scale)`", ("k", "k"), singular=True
)

GAUSSIAN_PROCESS = Distribution(
    name="GaussianProcess",
    forms=(
        Form(
            (
                Param("loc", REAL, "the mean function", ("k",)),
                _KERNEL,
                Param("noise", NONNEGATIVE, "the standard deviation of what is added to each value"),
            ),
            _log_prob,
        ),
    ),
    support=REAL,
    event=("k",),
    **by_factor(_factor),
    mean=lambda loc, kernel, noise: spread(loc, kernel[..., 0], jnp.asarray(noise)[..., None]),
    variance=_variance,
    marginal=_marginal,
    summary="a curve with noise, the curve itself integrated out",
    reference="Rasmussen & Williams (2006), Gaussian Processes for Machine Learning, ch. 2",
)
