"""Means in closed form: functions of a variate whose means are known, as an equally weighted sum over a few points.

A log density is often a sum of few functions of one of its arguments: that of a Poisson outcome is ``x`` and ``log x``
of its rate. If the means of these functions under a law are known, so is the mean of the log density, whatever stands
before them. Points ``x_1 … x_n`` with ``mean_i f(x_i) = E f(X)`` for each of the functions say the same in a form that
needs no rule for a pair of distributions: the density is evaluated at the points.

- For ``x`` and ``x^2`` of a Normal variate they are ``loc ± scale``.
- For ``x`` and ``log x`` they have the mean ``E X`` and the product ``exp(2 E log X)``.
- For ``log x`` and ``log(1 - x)`` of a Beta variate their product is ``exp(2 E log X)``, and that of the complements
  ``exp(2 E log(1 - X))``.
- For all products of two coordinates of a Gaussian vector of length D they are the D + 1 corners of a regular simplex,
  mapped as the vector's standard normal variates are.
- For the logarithms of the parts of a Dirichlet variate one point is enough: ``exp(E log X)``, whose sum is below 1.

Both quadratic equations have real roots by Jensen's inequality.

Source: Winn & Bishop (2005), Variational message passing, for the means; Golub & Welsch (1969) for points that make
sums of means.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from ..lazy import jnp, np, special
from .distributions.numeric import real

if TYPE_CHECKING:
    import numpy
    from jax import Array


class Part(Enum):
    """One function of a variate, or all powers of one exponent."""

    LOG = "log x"
    LOG_REST = "log(1 - x)"
    LOG_SQUARE = "(log x)^2"
    LOG_PARTS = "the logarithms of its parts"


Function = Part | float
"""A function of ``x``; a number is the exponent of a power."""

Functions = frozenset[Function]


@dataclass(frozen=True, slots=True)
class Space:
    """Functions of a variate whose means are known.

    Args:
        functions: besides the constant.
        count: how many points give their means, besides ``each``.
        points: ``(*canonical parameters) -> [count, batch + event]``.
        each: how many more for each coordinate of a variate.
    """

    functions: Functions
    count: int
    points: Callable[..., Array]
    each: int = 0

    @property
    def mixes(self) -> bool:
        """Whether ``x`` and ``x^2`` are those of any sum of multiples of the coordinates."""
        return self.each > 0


def _pair(mean: Any, log_mean: Any) -> Array:
    """Two points with the mean ``mean`` and the mean logarithm ``log_mean``."""
    ratio = jnp.exp(2 * (log_mean - jnp.log(mean)))
    upper = mean * (1 + jnp.sqrt(-jnp.expm1(2 * (log_mean - jnp.log(mean)))))
    return jnp.stack([upper, mean * ratio * (mean / upper)])


def _normal(loc: Any, scale: Any) -> Array:
    return jnp.stack([loc + scale, loc - scale])


def _gamma(concentration: Any, rate: Any) -> Array:
    concentration, rate = jnp.broadcast_arrays(real(concentration), real(rate))
    return _pair(concentration, special.digamma(concentration)) / rate


def _inverse_gamma(concentration: Any, rate: Any) -> Array:
    return 1 / _gamma(concentration, rate)


def _log_normal(loc: Any, scale: Any) -> Array:
    return jnp.exp(_normal(loc, scale))


def _beta(concentration1: Any, concentration0: Any) -> Array:
    a, b = jnp.broadcast_arrays(real(concentration1), real(concentration0))
    whole = special.digamma(a + b)
    p, q = jnp.exp(special.digamma(a) - whole), jnp.exp(special.digamma(b) - whole)
    distance = jnp.sqrt((1 - p - q) * (1 - p + q) * (1 + p - q) * (1 + p + q))
    # The larger of the two distances from 0 and from 1 is free of cancellation, and the product gives the other.
    upper = 0.5 * (1 + (p - q) * (p + q) + distance)
    return jnp.stack([upper, p * p / upper])


def _dirichlet(concentration: Any) -> Array:
    concentration = real(concentration)
    total = jnp.sum(concentration, -1, keepdims=True)
    return jnp.exp(special.digamma(concentration) - special.digamma(total))[None]


def _gaussian(loc: Any, scale_tril: Any) -> Array:
    corners = _simplex(scale_tril.shape[-1])
    return loc + jnp.einsum("...jk,ik->i...j", real(scale_tril), corners, precision="highest")


def _simplex(size: int) -> numpy.ndarray:
    """``[size + 1, size]`` points with mean zero and unit covariance: columns of Helmert's matrix."""
    k = np.arange(1, size + 1)
    below = np.tril(np.ones((size, size))) / np.sqrt(k * (k + 1))[:, None]
    last = np.zeros((size, 1))
    rows = np.concatenate([below, last], axis=1)
    rows[k - 1, k] = -np.sqrt(k / (k + 1))
    return rows.T * math.sqrt(size + 1)


_SQUARES: Functions = frozenset([1.0, 2.0])
_LOGS: Functions = frozenset([Part.LOG, 1.0])
_INVERSE: Functions = frozenset([Part.LOG, -1.0])
_ODDS: Functions = frozenset([Part.LOG, Part.LOG_REST])
_PARTS: Functions = frozenset([Part.LOG_PARTS])

_LOG_SQUARES: Functions = frozenset([Part.LOG, Part.LOG_SQUARE])

SPACES: Mapping[str, Space] = {
    "Normal": Space(_SQUARES, 2, _normal),
    "LogNormal": Space(_LOG_SQUARES, 2, _log_normal),
    "Gamma": Space(_LOGS, 2, _gamma),
    "Exponential": Space(_LOGS, 2, lambda rate: _gamma(jnp.ones_like(rate), rate)),
    "Chi2": Space(_LOGS, 2, lambda df: _gamma(0.5 * df, 0.5)),
    "InverseGamma": Space(_INVERSE, 2, _inverse_gamma),
    "ScaledInverseChi2": Space(_INVERSE, 2, lambda df, scale: _inverse_gamma(0.5 * df, 0.5 * df * scale**2)),
    "Beta": Space(_ODDS, 2, _beta),
    "BetaProportion": Space(_ODDS, 2, lambda mean, size: _beta(mean * size, (1 - mean) * size)),
    "Dirichlet": Space(_PARTS, 1, _dirichlet),
    "MultivariateNormal": Space(_SQUARES, 1, _gaussian, each=1),
}
"""By the law of the variate; the functions are enough for its own log density."""

_SCALE: Functions = frozenset([Part.LOG, -2.0])

USES: Mapping[tuple[str, str | None], Functions] = {
    ("Uniform", None): frozenset(),
    ("Normal", None): _SQUARES,
    ("Normal", "loc"): _SQUARES,
    ("Normal", "scale"): _SCALE,
    ("MultivariateNormal", None): _SQUARES,
    ("MultivariateNormal", "loc"): _SQUARES,
    ("HalfNormal", "scale"): _SCALE,
    ("LogNormal", None): _LOG_SQUARES,
    ("LogNormal", "loc"): _SQUARES,
    ("LogNormal", "scale"): _SCALE,
    ("Rayleigh", "scale"): _SCALE,
    ("Laplace", "scale"): _INVERSE,
    ("Exponential", None): frozenset([1.0]),
    ("Exponential", "rate"): _LOGS,
    ("Gamma", None): _LOGS,
    ("Gamma", "rate"): _LOGS,
    ("Chi2", None): _LOGS,
    ("InverseGamma", None): _INVERSE,
    ("InverseGamma", "rate"): _LOGS,
    ("ScaledInverseChi2", None): _INVERSE,
    ("Beta", None): _ODDS,
    ("BetaProportion", None): _ODDS,
    ("Poisson", "rate"): _LOGS,
    ("Bernoulli", "probs"): _ODDS,
    ("Binomial", "probs"): _ODDS,
    ("Geometric", "probs"): _ODDS,
    ("Dirichlet", None): _PARTS,
    ("Categorical", "probs"): _PARTS,
    ("Multinomial", "probs"): _PARTS,
}
"""The functions of an argument that a log density is a sum of; ``None`` is the variate itself."""
