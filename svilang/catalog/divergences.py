"""Kullback–Leibler divergences that have a closed form.

In: the canonical parameters of two distributions. Out: KL(p ‖ q) in nats, summed over event axes, one for each element
of the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..lazy import jnp, special
from .distributions.multivariate_normal import half_log_det, whiten
from .distributions.numeric import betaln, real, xlog1py, xlogy

if TYPE_CHECKING:
    from jax import Array

Params = tuple[Any, ...]
Divergence = Callable[[Params, Params], Any]


def _normal(p: Params, q: Params) -> Array:
    """Written so that it is exact, not a difference, where the scales nearly agree."""
    log_ratio = jnp.log(p[1]) - jnp.log(q[1])
    return 0.5 * (((p[0] - q[0]) / q[1]) ** 2 + jnp.expm1(2 * log_ratio)) - log_ratio


def _half_normal(p: Params, q: Params) -> Array:
    log_ratio = jnp.log(p[0]) - jnp.log(q[0])
    return 0.5 * jnp.expm1(2 * log_ratio) - log_ratio


def _laplace(p: Params, q: Params) -> Array:
    distance = jnp.abs(p[0] - q[0])
    excess = p[1] / q[1] * jnp.expm1(-distance / p[1]) + distance / q[1]
    return jnp.log(q[1]) - jnp.log(p[1]) + p[1] / q[1] - 1 + excess


def _exponential(p: Params, q: Params) -> Array:
    log_ratio = jnp.log(q[0]) - jnp.log(p[0])
    return jnp.expm1(log_ratio) - log_ratio


def _gamma(p: Params, q: Params) -> Array:
    (a, b), (c, d) = p, q
    shape = (a - c) * special.digamma(a) - special.gammaln(a) + special.gammaln(c)
    log_ratio = jnp.log(d) - jnp.log(b)
    return shape - c * log_ratio + a * jnp.expm1(log_ratio)


def _beta(p: Params, q: Params) -> Array:
    (a, b), (c, d) = p, q
    digamma = special.digamma
    slopes = (a - c) * digamma(a) + (b - d) * digamma(b) - (a - c + b - d) * digamma(a + b)
    return betaln(c, d) - betaln(a, b) + slopes


def _dirichlet(p: Params, q: Params) -> Array:
    (a,), (b,) = p, q
    total = jnp.sum(a, -1, keepdims=True)
    slopes = jnp.sum((a - b) * (special.digamma(a) - special.digamma(total)), -1)
    constants = jnp.sum(special.gammaln(b) - special.gammaln(a), -1)
    return slopes + constants + special.gammaln(total[..., 0]) - special.gammaln(jnp.sum(b, -1))


def _bernoulli(p: Params, q: Params) -> Array:
    a, b = real(p[0]), real(q[0])
    return xlogy(a, a) - xlogy(a, b) + xlog1py(1 - a, -a) - xlog1py(1 - a, -b)


def _categorical(p: Params, q: Params) -> Array:
    return jnp.sum(xlogy(p[0], p[0]) - xlogy(p[0], q[0]), -1)


def _poisson(p: Params, q: Params) -> Array:
    return xlogy(p[0], p[0]) - xlogy(p[0], q[0]) + q[0] - p[0]


def _geometric(p: Params, q: Params) -> Array:
    return _bernoulli(p, q) / p[0]


def _multivariate_normal(p: Params, q: Params) -> Array:
    (loc, factor), (other_loc, other) = p, q
    shift = whiten(other, loc - other_loc)
    columns = whiten(other[..., None, :, :], jnp.swapaxes(factor, -1, -2))
    squares = jnp.sum(columns**2, (-2, -1)) + jnp.sum(shift**2, -1)
    return 0.5 * (squares - factor.shape[-1]) + half_log_det(other) - half_log_det(factor)


DIVERGENCES: dict[tuple[str, str], Divergence] = {
    ("Normal", "Normal"): _normal,
    ("LogNormal", "LogNormal"): _normal,
    ("HalfNormal", "HalfNormal"): _half_normal,
    ("Laplace", "Laplace"): _laplace,
    ("Exponential", "Exponential"): _exponential,
    ("Gamma", "Gamma"): _gamma,
    ("Exponential", "Gamma"): lambda p, q: _gamma((jnp.ones_like(p[0]), p[0]), q),
    ("Gamma", "Exponential"): lambda p, q: _gamma(p, (jnp.ones_like(q[0]), q[0])),
    ("InverseGamma", "InverseGamma"): _gamma,
    ("Beta", "Beta"): _beta,
    ("Dirichlet", "Dirichlet"): _dirichlet,
    ("Bernoulli", "Bernoulli"): _bernoulli,
    ("Categorical", "Categorical"): _categorical,
    ("Poisson", "Poisson"): _poisson,
    ("Geometric", "Geometric"): _geometric,
    ("MultivariateNormal", "MultivariateNormal"): _multivariate_normal,
}
"""KL(p ‖ q) by the names of p and q."""
