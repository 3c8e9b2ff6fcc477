"""Kullback–Leibler divergences that have a closed form.

In: the canonical parameters of two distributions. Out: KL(p ‖ q) in nats, summed over event axes, one for each element
of the batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..lazy import jnp, special
from .distributions import tilted
from .distributions.multivariate_normal import half_log_det, precision_to_tril, whiten
from .distributions.numeric import EULER, LOG_2, LOG_2PI, betaln, real, xlog1py, xlogy

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


def _uniform(p: Params, q: Params) -> Array:
    """Infinite where q does not cover p."""
    covered = (q[0] <= p[0]) & (p[1] <= q[1])
    return jnp.where(covered, jnp.log(q[1] - q[0]) - jnp.log(p[1] - p[0]), jnp.inf)


def _log_uniform(p: Params, q: Params) -> Array:
    return _uniform(tuple(map(jnp.log, p)), tuple(map(jnp.log, q)))


def _uniform_normal(p: Params, q: Params) -> Array:
    width, middle = p[1] - p[0], 0.5 * (p[0] + p[1])
    squares = (width**2 / 12 + (middle - q[0]) ** 2) / q[1] ** 2
    return 0.5 * (squares + LOG_2PI) + jnp.log(q[1]) - jnp.log(width)


def _laplace_normal(p: Params, q: Params) -> Array:
    squares = (2 * p[1] ** 2 + (p[0] - q[0]) ** 2) / q[1] ** 2
    return 0.5 * (squares + LOG_2PI) + jnp.log(q[1]) - jnp.log(p[1]) - LOG_2 - 1


def _normal_laplace(p: Params, q: Params) -> Array:
    """With the mean distance of a Normal variate from a point: that of a folded Normal."""
    z = (p[0] - q[0]) / p[1]
    distance = p[1] * (2 * jnp.exp(-0.5 * (z * z + LOG_2PI)) + z * special.erf(z / math.sqrt(2)))
    return distance / q[1] + jnp.log(q[1]) + LOG_2 - jnp.log(p[1]) - 0.5 * (LOG_2PI + 1)


def _gumbel(p: Params, q: Params) -> Array:
    ratio = p[1] / q[1]
    shift = (p[0] - q[0]) / q[1]
    return -jnp.log(ratio) + EULER * (ratio - 1) + jnp.exp(special.gammaln(1 + ratio) - shift) - 1 + shift


def _weibull(p: Params, q: Params) -> Array:
    ratio = q[1] / p[1]
    log_scales = q[1] * (jnp.log(p[0]) - jnp.log(q[0]))
    powers = jnp.exp(special.gammaln(1 + ratio) + log_scales)
    return -jnp.log(ratio) + EULER * (ratio - 1) - log_scales + powers - 1


def _weibull_gamma(p: Params, q: Params) -> Array:
    (scale, power), (shape, rate) = p, q
    mean, mean_log = scale * jnp.exp(special.gammaln(1 + 1 / power)), jnp.log(scale) - EULER / power
    entropy = EULER * (1 - 1 / power) + jnp.log(scale / power) + 1
    return special.gammaln(shape) - shape * jnp.log(rate) - (shape - 1) * mean_log + rate * mean - entropy


def _frechet(p: Params, q: Params) -> Array:
    """That of the Weibull laws of the reciprocals."""
    return _weibull((1 / p[0], p[1]), (1 / q[0], q[1]))


def _rayleigh(p: Params, q: Params) -> Array:
    log_ratio = 2 * (jnp.log(p[0]) - jnp.log(q[0]))
    return jnp.expm1(log_ratio) - log_ratio


def _pareto(p: Params, q: Params) -> Array:
    """Infinite where q does not cover p."""
    log_ratio = jnp.log(q[1]) - jnp.log(p[1])
    value = jnp.expm1(log_ratio) - log_ratio + q[1] * (jnp.log(p[0]) - jnp.log(q[0]))
    return jnp.where(p[0] >= q[0], value, jnp.inf)


def _von_mises(p: Params, q: Params) -> Array:
    (a, b), (c, d) = p, q
    bessel, other = special.i0e(b), special.i0e(d)
    length = special.i1e(b) / bessel
    return (b - d) * (length - 1) + 2 * d * length * jnp.sin(0.5 * (a - c)) ** 2 - jnp.log(bessel) + jnp.log(other)


def _inverse_gaussian(p: Params, q: Params) -> Array:
    (a, b), (c, d) = p, q
    log_ratio = jnp.log(d) - jnp.log(b)
    return 0.5 * (jnp.expm1(log_ratio) - log_ratio + d / a * ((a - c) / c) ** 2)


def _continuous_bernoulli(p: Params, q: Params) -> Array:
    a, b = (jnp.log(probs[0]) - jnp.log1p(-probs[0]) for probs in (p, q))
    return (a - b) * tilted.mean_share(a) - tilted.log_mean_exp(a) + tilted.log_mean_exp(b)


def _wishart(p: Params, q: Params) -> Array:
    """From the mean of the log determinant and of the matrix under p."""
    (n, factor), (m, other) = p, q
    size = factor.shape[-1]
    steps = 0.5 * jnp.arange(size, dtype=factor.dtype)
    halves = 0.5 * jnp.asarray(n)[..., None] - steps, 0.5 * jnp.asarray(m)[..., None] - steps
    columns = whiten(other[..., None, :, :], jnp.swapaxes(factor, -1, -2))
    slopes = 0.5 * (n - m) * jnp.sum(special.digamma(halves[0]), -1)
    constants = jnp.sum(special.gammaln(halves[1]) - special.gammaln(halves[0]), -1)
    volume = m * (half_log_det(other) - half_log_det(factor))
    return slopes + constants + volume + 0.5 * n * (jnp.sum(columns**2, (-2, -1)) - size)


def _inverted(params: Params) -> Params:
    """Degrees of freedom, and the Cholesky factor of the inverse of L L'."""
    degrees, factor = params
    return degrees, precision_to_tril(jnp.einsum("...ik,...jk->...ij", factor, factor))


def _through(divergence: Divergence, canonical: Callable[..., Params]) -> Divergence:
    """A divergence of one family as that of another, whose parameters ``canonical`` turns into the first's."""
    return lambda p, q: divergence(canonical(*p), canonical(*q))


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
    ("Chi2", "Chi2"): _through(_gamma, lambda df: (0.5 * df, 0.5)),
    ("ScaledInverseChi2", "ScaledInverseChi2"): _through(_gamma, lambda df, s: (0.5 * df, 0.5 * df * s**2)),
    ("BetaProportion", "BetaProportion"): _through(_beta, lambda mean, k: (mean * k, (1 - mean) * k)),
    ("LogitNormal", "LogitNormal"): _normal,
    ("Normal", "Laplace"): _normal_laplace,
    ("Laplace", "Normal"): _laplace_normal,
    ("Uniform", "Uniform"): _uniform,
    ("LogUniform", "LogUniform"): _log_uniform,
    ("Uniform", "Normal"): _uniform_normal,
    ("Gumbel", "Gumbel"): _gumbel,
    ("Weibull", "Weibull"): _weibull,
    ("Weibull", "Gamma"): _weibull_gamma,
    ("Frechet", "Frechet"): _frechet,
    ("Rayleigh", "Rayleigh"): _rayleigh,
    ("Pareto", "Pareto"): _pareto,
    ("LowerTruncatedPowerLaw", "LowerTruncatedPowerLaw"): _through(_pareto, lambda alpha, low: (low, -1 - alpha)),
    ("VonMises", "VonMises"): _von_mises,
    ("InverseGaussian", "InverseGaussian"): _inverse_gaussian,
    ("ContinuousBernoulli", "ContinuousBernoulli"): _continuous_bernoulli,
    ("Wishart", "Wishart"): _wishart,
    ("InverseWishart", "InverseWishart"): lambda p, q: _wishart(_inverted(p), _inverted(q)),
    ("Beta", "Beta"): _beta,
    ("Dirichlet", "Dirichlet"): _dirichlet,
    ("Bernoulli", "Bernoulli"): _bernoulli,
    ("Categorical", "Categorical"): _categorical,
    ("Poisson", "Poisson"): _poisson,
    ("Geometric", "Geometric"): _geometric,
    ("MultivariateNormal", "MultivariateNormal"): _multivariate_normal,
}
"""KL(p ‖ q) by the names of p and q."""
