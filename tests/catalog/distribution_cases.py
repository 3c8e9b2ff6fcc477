"""One case for each distribution: parameters from mild to extreme, and where to look the truth up.

A scalar case names a SciPy law (or a stand-in with the same methods, from the textbook formula); a case of a vector
variate names the reference log density itself. Parameters carry their grid along the first axis.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpyro.distributions as dist
import pytest
import scipy.linalg
import scipy.special as sp
import scipy.stats as st
from scipy.integrate import cumulative_simpson, quad


@dataclass(frozen=True)
class Scalar:
    """A distribution of one number.

    ``forms``: canonical parameters turned into those of the second form, and so on. ``kink``: where the density has a
    corner.
    """

    params: tuple[Any, ...]
    law: Callable[..., Any]
    numpyro: Callable[..., Any] | None
    forms: tuple[Callable[..., tuple[Any, ...]], ...] = ()
    kink: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Vector:
    """A distribution of a vector or matrix. ``points(rng, count, *params)`` gives [count, grid, event]."""

    params: tuple[Any, ...]
    points: Callable[..., Any]
    log_prob: Callable[..., Any]
    numpyro: Callable[..., Any] | None
    forms: tuple[Callable[..., tuple[Any, ...]], ...] = ()


@dataclass(frozen=True)
class HalfT:
    df: Any
    scale: Any

    def logpdf(self, x):
        return np.log(2) + st.t(self.df, 0, self.scale).logpdf(x)

    def cdf(self, x):
        return 1 - 2 * st.t(self.df, 0, self.scale).sf(x)

    def ppf(self, q):
        return st.t(self.df, 0, self.scale).isf((1 - q) / 2)


@dataclass(frozen=True)
class SkewT:
    """By the Beta law of the share y = (1 + z / sqrt(a + b + z²)) / 2, taken from the nearer end."""

    lower_df: Any
    upper_df: Any
    loc: Any
    scale: Any

    def share(self, x):
        z = np.broadcast_to((x - self.loc) / self.scale, np.broadcast(x, self.loc).shape)
        total = 0.5 * (self.lower_df + self.upper_df)
        radius = np.hypot(np.sqrt(total), z)
        return z, 0.5 * total / (radius * (radius + np.abs(z))), total, radius

    def ends(self):
        return st.beta(0.5 * self.lower_df, 0.5 * self.upper_df), st.beta(0.5 * self.upper_df, 0.5 * self.lower_df)

    def logpdf(self, x):
        z, share, total, radius = self.share(x)
        lower, upper = (law.logpdf(share) for law in self.ends())
        return np.where(z < 0, lower, upper) + np.log(0.5 * total) - 3 * np.log(radius) - np.log(self.scale)

    def cdf(self, x):
        z, share, *_ = self.share(x)
        lower, upper = self.ends()
        return np.where(z < 0, lower.cdf(share), upper.sf(share))

    def logsf(self, x):
        z, share, *_ = self.share(x)
        lower, upper = self.ends()
        return np.where(z < 0, lower.logsf(share), upper.logcdf(share))

    def ppf(self, q):
        lower, upper = self.ends()
        y, rest = lower.ppf(q), upper.isf(q)
        total = 0.5 * (self.lower_df + self.upper_df)
        return self.loc + self.scale * 0.5 * np.sqrt(total) * (y - rest) / np.sqrt(y * rest)


@dataclass(frozen=True)
class Passage:
    """A diffusion's time with the sign of the side that it reaches: both series with many terms; sums by Simpson."""

    separation: Any
    delay: Any
    bias: Any
    drift: Any

    def logpdf(self, x):
        time, start, pull = self.parts(x)
        scaled = time / self.separation**2
        k = np.arange(-40, 41)
        images = ((start + 2 * k) * np.exp(-((start + 2 * k) ** 2) / (2 * np.minimum(scaled, 0.05)))).sum(-1)
        images /= np.sqrt(2 * np.pi * np.minimum(scaled, 0.05)[..., 0] ** 3)
        k = np.arange(1, 300)
        waves = np.pi * (k * np.sin(k * np.pi * start) * np.exp(-((k * np.pi) ** 2) / 2 * np.maximum(scaled, 0.05)))
        series = np.where(scaled[..., 0] < 0.05, images, waves.sum(-1)) / self.separation[..., 0] ** 2
        with np.errstate(divide="ignore"):
            return np.log(series) + (pull - self.drift**2 * time / 2)[..., 0]

    def parts(self, x):
        x = np.asarray(x)[..., None]
        start = np.where(x > 0, 1 - self.bias, self.bias)
        return np.abs(x) - self.delay, start, np.sign(x) * self.drift * self.separation * start

    def __post_init__(self):
        for name in ("separation", "delay", "bias", "drift"):
            object.__setattr__(self, name, np.asarray(getattr(self, name))[..., None])

    @functools.cached_property
    def table(self):
        """Signed times and the mass below each, for every member of the grid."""
        logs = np.linspace(np.log(2e-3), np.log(60), 8001)[:, None]
        times = np.exp(logs) + self.delay[..., 0]
        lower, upper = (
            cumulative_simpson(np.exp(self.logpdf(side * times) + logs), x=logs[:, 0], axis=0, initial=0)
            for side in (-1, 1)
        )
        return np.concatenate([-times[::-1], times]), np.concatenate([lower[-1] - lower[::-1], lower[-1] + upper])

    def cdf(self, x):
        times, mass = self.table
        return np.stack([np.interp(x[..., g], times[:, g], mass[:, g]) for g in range(mass.shape[1])], -1)

    def ppf(self, q):
        times, mass = self.table
        q = np.broadcast_to(q, (*np.shape(q)[:-1], mass.shape[1]) if np.ndim(q) else (mass.shape[1],))
        return np.stack([np.interp(q[..., g], mass[:, g], times[:, g]) for g in range(mass.shape[1])], -1)


@dataclass(frozen=True)
class Kumaraswamy:
    a: Any
    b: Any

    def logpdf(self, x):
        return np.log(self.a * self.b) + (self.a - 1) * np.log(x) + (self.b - 1) * self.log_rest(x)

    def log_rest(self, x):
        return np.log(-np.expm1(self.a * np.log(x)))

    def cdf(self, x):
        return -np.expm1(self.b * self.log_rest(x))

    def ppf(self, q):
        return (-np.expm1(np.log1p(-q) / self.b)) ** (1 / self.a)


@dataclass(frozen=True)
class Angle:
    loc: Any
    concentration: Any

    def logpdf(self, x):
        return st.vonmises(self.concentration).logpdf(x - self.loc)

    def ppf(self, q):
        return np.mod(st.vonmises(self.concentration).ppf(q) + self.loc + np.pi, 2 * np.pi) - np.pi

    def cdf(self, x):
        """By quadrature for a few angles: SciPy has a Normal approximation for a concentration above 50."""
        if np.size(x) < 100:
            return np.vectorize(self._mass)(x, self.loc, self.concentration)
        start = st.vonmises(self.concentration).cdf(-np.pi - self.loc)
        return st.vonmises(self.concentration).cdf(x - self.loc) - start


    @staticmethod
    def _mass(x, loc, concentration):
        density = st.vonmises(concentration).pdf
        edges = np.clip([loc - 2 * np.pi, loc, loc + 2 * np.pi], -np.pi, x)
        return sum(
            quad(lambda t: density(t - loc), low, high, epsabs=0, epsrel=1e-12, limit=400)[0]
            for low, high in zip([-np.pi, *edges], [*edges, x], strict=True)
            if high > low
        )


@dataclass(frozen=True)
class Table:
    """A finite law given by its probabilities along the last axis."""

    probs: Any

    def logpmf(self, x):
        x = np.broadcast_to(x, np.broadcast_shapes(np.shape(x), self.probs.shape[:-1])).astype(int)
        table = np.broadcast_to(self.probs, (*x.shape, self.probs.shape[-1]))
        return np.log(np.take_along_axis(table, x[..., None], -1)[..., 0])

    def cdf(self, x):
        total = np.cumsum(self.probs, -1)
        index = np.broadcast_to(x, (*np.shape(x)[:-1], total.shape[-2])).astype(int)
        return np.take_along_axis(np.broadcast_to(total, (*index.shape, total.shape[-1])), index[..., None], -1)[..., 0]

    def ppf(self, q):
        return np.minimum(np.sum(np.asarray(q)[..., None] > np.cumsum(self.probs, -1), -1), self.probs.shape[-1] - 1)


@dataclass(frozen=True)
class InflatedPoisson:
    gate: Any
    rate: Any

    def logpmf(self, x):
        counted = np.log1p(-self.gate) + st.poisson(self.rate).logpmf(x)
        return np.where(x == 0, np.logaddexp(np.log(self.gate), counted), counted)

    def cdf(self, x):
        return self.gate + (1 - self.gate) * st.poisson(self.rate).cdf(x)

    def ppf(self, q):
        return st.poisson(self.rate).ppf(q)


@dataclass(frozen=True)
class DiscreteWeibull:
    q: Any
    beta: Any

    def logpmf(self, x):
        return np.log(self.q ** (x**self.beta) - self.q ** ((x + 1) ** self.beta))

    def cdf(self, x):
        return 1 - self.q ** ((x + 1) ** self.beta)

    def logsf(self, x):
        return np.log(self.q) * (x + 1) ** self.beta

    def ppf(self, q):
        return np.maximum(np.ceil((np.log1p(-q) / np.log(self.q)) ** (1 / self.beta)) - 1, 0)


@dataclass(frozen=True)
class LogitNormal:
    loc: Any
    scale: Any

    def logpdf(self, x):
        return st.norm(self.loc, self.scale).logpdf(sp.logit(x)) - np.log(x) - np.log1p(-x)

    def cdf(self, x):
        return st.norm(self.loc, self.scale).cdf(sp.logit(x))

    def logsf(self, x):
        return st.norm(self.loc, self.scale).logsf(sp.logit(x))

    def ppf(self, q):
        return sp.expit(st.norm(self.loc, self.scale).ppf(q))


@dataclass(frozen=True)
class Relaxed:
    temperature: Any
    probs: Any

    def level(self, x):
        return self.temperature * sp.logit(x) - sp.logit(self.probs)

    def logpdf(self, x):
        return st.logistic.logpdf(self.level(x)) + np.log(self.temperature) - np.log(x) - np.log1p(-x)

    def cdf(self, x):
        return st.logistic.cdf(self.level(x))

    def logsf(self, x):
        return st.logistic.logsf(self.level(x))

    def ppf(self, q):
        return sp.expit((st.logistic.ppf(q) + sp.logit(self.probs)) / self.temperature)


@dataclass(frozen=True)
class Tilted:
    """A density proportional to exp(logits x) on the unit interval, from ratios of exponentials."""

    probs: Any

    def logpdf(self, x):
        slope = sp.logit(self.probs)
        with np.errstate(invalid="ignore"):
            value = slope * x + np.log(slope / np.expm1(slope))
        return np.where(slope == 0, 0, value)

    def cdf(self, x):
        slope = np.where(self.probs == 0.5, 1e-12, sp.logit(self.probs))
        return np.expm1(slope * x) / np.expm1(slope)

    def logsf(self, x):
        slope = np.where(self.probs == 0.5, 1e-12, sp.logit(self.probs))
        return np.log(np.expm1(-slope * (1 - x)) / np.expm1(-slope))

    def ppf(self, q):
        slope = np.where(self.probs == 0.5, 1e-12, sp.logit(self.probs))
        return np.log1p(q * np.expm1(slope)) / slope


def ordinal(predictor, cutpoints):
    top = sp.expit(cutpoints - np.asarray(predictor)[..., None])
    edge = np.ones((*top.shape[:-1], 1))
    return Table(np.diff(np.concatenate([0 * edge, top, edge], -1), axis=-1))


def ordinal_probit(predictor, cutpoints):
    top = sp.ndtr(cutpoints - np.asarray(predictor)[..., None])
    edge = np.ones((*top.shape[:-1], 1))
    return Table(np.diff(np.concatenate([0 * edge, top, edge], -1), axis=-1))


def _ex_gaussian(loc, scale, rate):
    return st.exponnorm(1 / (scale * rate), loc, scale)


def _pert(low, peak, high, concentration):
    span = high - low
    shapes = 1 + concentration * (peak - low) / span, 1 + concentration * (high - peak) / span
    return st.beta(*shapes, low, span)


def a(*values):
    return np.array(values, np.float64)


def _dirichlet_log_prob(x, concentration):
    constant = sp.gammaln(concentration.sum(-1)) - sp.gammaln(concentration).sum(-1)
    return constant + ((concentration - 1) * np.log(x)).sum(-1)


def _simplex(rng, count, concentration):
    draws = rng.dirichlet(np.ones(concentration.shape[-1]), (count, len(concentration)))
    return draws


def _factor(rng, grid, size):
    square = rng.normal(size=(grid, size, size))
    return np.linalg.cholesky(square @ square.swapaxes(-1, -2) + 0.1 * np.eye(size))


def _normal_points(rng, count, loc, scale_tril):
    return 5 * rng.normal(size=(count, *loc.shape))


def _normal_log_prob(x, loc, scale_tril):
    value = [
        [st.multivariate_normal(loc[g], scale_tril[g] @ scale_tril[g].T).logpdf(x[p, g]) for g in range(len(loc))]
        for p in range(len(x))
    ]
    return np.array(value)


def _correlation_factors(rng, count, concentration):
    z = rng.normal(size=(count, len(concentration), 4, 7))
    covariance = z @ z.swapaxes(-1, -2)
    scale = 1 / np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    return np.linalg.cholesky(covariance * scale[..., None] * scale[..., None, :])


def _lkj_constant(concentration, size):
    """The onion recursion of Lewandowski, Kurowicka & Joe (2009): one vector more at a time."""
    total = np.zeros_like(concentration)
    for k in range(1, size):
        shape = concentration + 0.5 * (size - 1 - k)
        total += sp.betaln(0.5 * k, shape) + 0.5 * k * np.log(np.pi) - sp.gammaln(0.5 * k)
    return total


def _lkj_cholesky_log_prob(x, concentration):
    logs = np.log(np.diagonal(x, axis1=-2, axis2=-1))
    size = x.shape[-1]
    powers = size - 1 - np.arange(size) + 2 * (concentration[:, None] - 1)
    return (powers * logs)[..., 1:].sum(-1) - _lkj_constant(concentration, size)


def _lkj_log_prob(x, concentration):
    return (concentration - 1) * np.linalg.slogdet(x)[1] - _lkj_constant(concentration, x.shape[-1])


def _square(factor):
    return factor @ factor.swapaxes(-1, -2)


def _counts(rng, count, total, probs):
    return rng.multinomial(total.astype(int), probs, size=(count, len(total))).astype(float)


def _multinomial_log_prob(x, total, probs):
    return sp.gammaln(total + 1) - sp.gammaln(x + 1).sum(-1) + sp.xlogy(x, probs).sum(-1)


def _dirichlet_multinomial_log_prob(x, concentration, total):
    law = st.dirichlet_multinomial
    return np.array([[law(concentration[g], int(total[g])).logpmf(row[g]) for g in range(len(total))] for row in x])


def _successes(probs):
    """The probabilities of 0, 1, … successes, over all outcomes of the trials."""
    outcomes = np.array(list(itertools.product([0, 1], repeat=probs.shape[-1])))
    chance = np.prod(np.where(outcomes, probs[..., None, :], 1 - probs[..., None, :]), -1)
    return np.stack([chance[..., outcomes.sum(1) == k].sum(-1) for k in range(probs.shape[-1] + 1)], -1)


def _autocovariance(coefficients, size):
    """The stationary covariance of an autoregression with unit errors, from its companion form."""
    order = len(coefficients)
    companion = np.vstack([coefficients, np.eye(order)[:-1]])
    state = scipy.linalg.solve_discrete_lyapunov(companion, np.diag(np.eye(order)[0]))
    lags = [(np.linalg.matrix_power(companion, lag) @ state)[0, 0] for lag in range(size)]
    return scipy.linalg.toeplitz(lags)


def _loop(density):
    """A log density of one outcome, over points and grid."""

    def log_prob(x, *params):
        return np.array([[density(row[g], *(p[g] for p in params)) for g in range(len(params[0]))] for row in x])

    return log_prob


def _laplacian(adjacency):
    return np.diag(adjacency.sum(-1)) - adjacency


def _icar(x, scale, adjacency):
    basis = np.linalg.svd(np.ones((1, len(x))))[2][1:]
    covariance = np.linalg.inv(basis @ _laplacian(adjacency) @ basis.T) * scale**2
    return st.multivariate_normal(np.zeros(len(x) - 1), covariance).logpdf(basis @ x)


def _zero_sum(x, scale):
    return st.norm(0, scale).logpdf(np.linalg.svd(np.ones((1, len(x))))[2][1:] @ x).sum()


def _centred(rng, count, grid, size):
    x = 2 * rng.normal(size=(count, grid, size))
    return x - x.mean(-1, keepdims=True)


def _covariances(rng, count, concentration, scale_tril):
    return _square(_factors(rng, count, concentration, scale_tril))


def _factors(rng, count, concentration, scale_tril):
    square = rng.normal(size=(count, *scale_tril.shape))
    return np.linalg.cholesky(square @ square.swapaxes(-1, -2) + 0.5 * np.eye(square.shape[-1]))


def _as_factor(density):
    """The density of the Cholesky factor of a matrix, by the volume of the square map (Muirhead 1982, thm 2.1.9)."""

    def log_prob(factor, *params):
        size = len(factor)
        volume = size * np.log(2) + np.sum(np.arange(size, 0, -1) * np.log(np.diag(factor)))
        return density(factor @ factor.T, *params) + volume

    return log_prob


def _wishart(x, df, tril):
    return st.wishart(df, tril @ tril.T).logpdf(x)


def _inverse_wishart(x, df, tril):
    return st.invwishart(df, tril @ tril.T).logpdf(x)


_SCALES = (
    lambda df, tril: (df, _square(tril)),
    lambda df, tril: (df, np.linalg.inv(_square(tril))),
)
_DF = np.array([4.5, 7.0, 30.0])
_LINE = np.array([[0.0, 1, 0, 0], [1, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0]])
_AREAS = np.stack([_LINE] * 3)
_RNG = np.random.default_rng(20240611)
_LOC = _RNG.normal(size=(3, 4))
_TRIL = _factor(_RNG, 3, 4)
_RNG2 = np.random.default_rng(20240612)
_SIMPLEXES = np.array([[0.2, 0.3, 0.5], [0.01, 0.01, 0.98], [1e-6, 0.5, 0.499999]])
_CHANCES = np.array([[0.2, 0.9, 0.5, 0.03], [1e-6, 2e-5, 0.3, 1e-4], [0.999, 0.5, 0.5, 0.5]])
_NEAR_CUTS = np.array([[-1.0, 0.0, 2.0], [-5.0, 0.0, 0.5], [-0.1, 0.0, 0.1]])
_CUTS = np.array([[-1.0, 0.0, 2.0], [-30.0, 0.0, 0.5], [-0.1, 0.0, 0.1]])

_MOVES = 0.5 * np.random.default_rng(31).normal(size=(3, 4, 4))


def _moved(x, move, tril, start):
    """As one long Normal vector: every step goes on into all later ones by powers of the matrix."""
    steps, size = x.shape
    power = [np.linalg.matrix_power(move, lag) for lag in range(steps + 1)]
    blocks = [[power[t - s] @ tril if s <= t else np.zeros((size, size)) for s in range(steps)] for t in range(steps)]
    whole = np.block(blocks)
    centre = np.concatenate([power[t + 1] @ start for t in range(steps)])
    return st.multivariate_normal(centre, whole @ whole.T).logpdf(x.ravel())


_AROUND = np.array([[2.0, 0.8, 0.1, 0.1, 0.8], [1.0, -0.3, 0.0, 0.0, -0.3], [50.0, 1.0, 0.5, 0.5, 1.0]])


def _unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


_DIRECTIONS = _unit(np.random.default_rng(9).normal(size=(3, 4)))


def _near_directions(rng, count, loc, concentration):
    """Directions from close to a central one to behind it."""
    spread = np.geomspace(0.01, 10, count)[:, None, None]
    return _unit(_unit(loc) + spread * rng.normal(size=(count, *loc.shape)))


_ANGLES = np.array([[0.3, -1], [1, 2], [0, 0], [3, 0]])


def _two_angles(x, loc, concentration, correlation):
    """The mass by adaptive quadrature over the first angle; over the second it is a Bessel function."""

    def log_density(angle):
        length = np.hypot(concentration[1], correlation * np.sin(angle))
        return concentration[0] * np.cos(angle) + length + np.log(2 * np.pi * sp.i0e(length))

    peak = max(map(log_density, np.linspace(-np.pi, np.pi, 999)))
    density = lambda angle: np.exp(log_density(angle) - peak)  # noqa: E731
    ends = np.linspace(-np.pi, np.pi, 17)
    parts = [quad(density, *pair, epsabs=0, epsrel=1e-12)[0] for pair in itertools.pairwise(ends)]
    away = x - loc
    return concentration @ np.cos(away) + correlation * np.prod(np.sin(away)) - peak - np.log(sum(parts))


def _projected_normal_log_prob(x, centre):
    """Over the lengths of the vector, by adaptive quadrature around the likeliest one."""
    along, size = x @ centre, len(x)
    best = 0.5 * (along + np.sqrt(along**2 + 4 * (size - 1)))

    def log_density(r):
        return (size - 1) * np.log(r) + st.norm.logpdf(r * x - centre).sum()

    peak = log_density(best)
    ends = (max(best - 12, 1e-12), best + 12)
    return peak + np.log(quad(lambda r: np.exp(log_density(r) - peak), *ends, points=[best], epsabs=0, epsrel=1e-12)[0])


CASES: dict[str, Scalar | Vector] = {
    "Normal": Scalar(
        (a(0, 3, -1e3), a(1, 0.01, 1e3)), st.norm, dist.Normal, forms=(lambda m, s: (m, 1 / s**2),)
    ),
    "StudentT": Scalar(
        (a(0.7, 3, 30, 1e6), a(0, 1, -5, 2), a(1, 0.1, 10, 1)),
        st.t,
        dist.StudentT,
        forms=(lambda df, m, s: (df, m, 1 / s**2),),
    ),
    "Cauchy": Scalar((a(0, -3), a(1, 0.1)), st.cauchy, dist.Cauchy),
    "Laplace": Scalar((a(0, -3), a(1, 0.1)), st.laplace, dist.Laplace, kink=lambda m, s: m),
    "Logistic": Scalar((a(0, -3), a(1, 0.1)), st.logistic, dist.Logistic),
    "SkewLogistic": Scalar(
        (a(0, -3, 2, 0), a(1, 0.1, 4, 1), a(1, 0.3, 8, 60)), lambda m, s, k: st.genlogistic(k, m, s), None
    ),
    "Gumbel": Scalar((a(0, -3), a(1, 0.1)), st.gumbel_r, dist.Gumbel),
    "SkewNormal": Scalar((a(0, -3, 2), a(1, 0.1, 5), a(0, 3, -0.7)), lambda m, s, k: st.skewnorm(k, m, s), None),
    "ExGaussian": Scalar((a(0, -3, 300), a(1, 0.1, 40), a(1, 5, 0.01)), _ex_gaussian, None),
    "SkewStudentT": Scalar(
        (a(1, 4, 60, 7), a(3, 4, 20, 2.5), a(0, -3, 2, 1), a(1, 0.1, 4, 2)), SkewT, None
    ),
    "AsymmetricLaplace": Scalar(
        (a(0, -3, 2), a(1, 0.1, 4), a(1, 0.4, 2.5)),
        lambda m, s, k: st.laplace_asymmetric(k, m, s),
        dist.AsymmetricLaplace,
        forms=(lambda m, s, k: (m, s * k / (1 + k**2), k**2 / (1 + k**2)),),
        kink=lambda m, s, k: m,
    ),
    "SoftLaplace": Scalar((a(0, -3), a(1, 0.1)), st.hypsecant, dist.SoftLaplace),
    "Moyal": Scalar((a(0, -3), a(1, 0.1)), st.moyal, None),
    "GeneralizedExtremeValue": Scalar(
        (a(0, -3, 2, 1), a(1, 0.1, 4, 2), a(0.2, -0.3, 1e-5, -1e-4)), lambda m, s, k: st.genextreme(-k, m, s), None
    ),
    "Wiener": Scalar(
        (a(1, 2, 1.5), a(0, 0.3, 0.05), a(0.5, 0.3, 0.6), a(0, 1.2, -1)), Passage, None, kink=lambda *p: 0 * p[0]
    ),
    "HalfNormal": Scalar((a(1, 0.01, 100),), lambda s: st.halfnorm(scale=s), dist.HalfNormal),
    "HalfStudentT": Scalar((a(0.7, 4, 1e6), a(1, 2.5, 0.1)), HalfT, None),
    "HalfCauchy": Scalar((a(1, 0.01, 100),), lambda s: st.halfcauchy(scale=s), dist.HalfCauchy),
    "Exponential": Scalar(
        (a(1, 0.01, 100),), lambda r: st.expon(scale=1 / r), dist.Exponential, forms=(lambda r: (1 / r,),)
    ),
    "Gamma": Scalar(
        (a(1, 0.1, 3, 1000), a(1, 2, 0.5, 10)),
        lambda c, r: st.gamma(c, scale=1 / r),
        dist.Gamma,
        forms=(lambda c, r: (c / r, np.sqrt(c) / r), lambda c, r: (c, 1 / r)),
    ),
    "InverseGamma": Scalar(
        (a(2.2, 2.5, 30), a(1, 2, 0.5)),
        lambda c, r: st.invgamma(c, scale=r),
        dist.InverseGamma,
        forms=(lambda c, r: (r / (c - 1), r / (c - 1) / np.sqrt(c - 2)),),
    ),
    "LogNormal": Scalar(
        (a(0, 3, -2), a(1, 0.1, 0.5)),
        lambda m, s: st.lognorm(s, scale=np.exp(m)),
        dist.LogNormal,
        forms=(lambda m, s: (np.exp(m + s**2 / 2), np.exp(m + s**2 / 2) * np.sqrt(np.expm1(s**2))),),
    ),
    "Weibull": Scalar((a(1, 3, 2), a(1, 0.5, 4)), lambda s, c: st.weibull_min(c, scale=s), dist.Weibull),
    "ScaledInverseChi2": Scalar(
        (a(1, 5, 60), a(1, 2, 0.5)), lambda n, s: st.invgamma(n / 2, scale=n * s**2 / 2), None
    ),
    "FisherSnedecor": Scalar((a(1, 5, 60), a(3, 8, 40)), st.f, None),
    "InverseGaussian": Scalar((a(1, 5, 0.2), a(1, 2, 8)), lambda m, k: st.invgauss(m / k, scale=k), None),
    "Rayleigh": Scalar((a(1, 0.01, 30),), lambda s: st.rayleigh(scale=s), None),
    "Rice": Scalar((a(0, 2, 30), a(1, 0.5, 3)), lambda m, s: st.rice(m / s, scale=s), None),
    "LogLogistic": Scalar((a(1, 3, 0.1), a(1, 3, 8)), lambda s, c: st.fisk(c, scale=s), None),
    "Dagum": Scalar((a(1, 0.5, 3), a(1, 3, 8), a(1, 2, 0.1)), lambda p, b, s: st.burr(b, p, scale=s), dist.Dagum),
    "Gompertz": Scalar((a(1, 0.01, 60), a(1, 0.1, 3)), lambda c, r: st.gompertz(c, scale=1 / r), dist.Gompertz),
    "Frechet": Scalar((a(1, 3, 0.1), a(1, 3, 8)), lambda s, c: st.invweibull(c, scale=s), None),
    "Levy": Scalar((a(0, -3, 2), a(1, 0.1, 5)), st.levy, dist.Levy),
    "LowerTruncatedPowerLaw": Scalar(
        (a(-1.5, -3, -8), a(1, 0.1, 5)), lambda p, low: st.pareto(-1 - p, scale=low), dist.LowerTruncatedPowerLaw
    ),
    "GeneralizedPareto": Scalar(
        (a(0, -3, 2, 1), a(1, 0.1, 4, 2), a(0.2, -0.3, 1e-5, -1e-4)), lambda m, s, k: st.genpareto(k, m, s), None
    ),
    "Chi2": Scalar((a(1, 2, 50),), st.chi2, dist.Chi2),
    "Pareto": Scalar((a(1, 3, 0.1), a(0.5, 3, 20)), lambda m, c: st.pareto(c, scale=m), dist.Pareto),
    "Uniform": Scalar((a(0, -3, 10), a(1, 4, 10.5)), lambda lo, hi: st.uniform(lo, hi - lo), dist.Uniform),
    "Triangular": Scalar(
        (a(0, -3, 10), a(0.3, -2.9, 14), a(1, 4, 15)),
        lambda lo, c, hi: st.triang((c - lo) / (hi - lo), lo, hi - lo),
        None,
        kink=lambda lo, c, hi: c,
    ),
    "PERT": Scalar((a(0, -3, 10), a(0.3, -2.9, 14), a(1, 4, 15), a(4, 1, 30)), _pert, None),
    "LogUniform": Scalar((a(1, 0.01, 3), a(2, 50, 3.01)), st.loguniform, dist.LogUniform),
    "DoublyTruncatedPowerLaw": Scalar(
        (a(-2.35, 1, -0.99, 3), a(1, 0.1, 2, 0.5), a(20, 7, 90, 50)),
        lambda p, lo, hi: st.truncpareto(-1 - p, hi / lo, scale=lo),
        dist.DoublyTruncatedPowerLaw,
    ),
    "LogitNormal": Scalar((a(0, 2, -1), a(1, 0.3, 3)), LogitNormal, None),
    "ContinuousBernoulli": Scalar(
        (a(0.5, 0.1, 0.51, 1 - 1e-6),), Tilted, None, forms=(lambda p: (np.log(p) - np.log1p(-p),),)
    ),
    "RelaxedBernoulli": Scalar(
        (a(1, 0.5, 3), a(0.5, 0.1, 0.9)),
        Relaxed,
        lambda t, p, **k: dist.RelaxedBernoulli(t, p, **k),
        forms=(lambda t, p: (t, np.log(p) - np.log1p(-p)),),
    ),
    "Beta": Scalar(
        (a(1, 0.5, 3, 200), a(1, 0.5, 8, 300)),
        st.beta,
        dist.Beta,
        forms=(
            lambda c, d: (c / (c + d), c + d),
            lambda c, d: (c / (c + d), np.sqrt(c * d / (c + d + 1)) / (c + d)),
        ),
    ),
    "BetaProportion": Scalar(
        (a(0.5, 0.2, 0.9), a(2, 10, 300)), lambda m, k: st.beta(m * k, (1 - m) * k), dist.BetaProportion
    ),
    "Kumaraswamy": Scalar((a(1, 0.5, 3), a(1, 0.5, 8)), Kumaraswamy, dist.Kumaraswamy),
    "VonMises": Scalar((a(0, 3, -2), a(1, 0.001, 500)), Angle, dist.VonMises),
    "Bernoulli": Scalar(
        (a(0.5, 0.1, 1e-9),), st.bernoulli, dist.BernoulliProbs, forms=(lambda p: (np.log(p) - np.log1p(-p),),)
    ),
    "Binomial": Scalar(
        (a(1, 10, 0, 1000, 50), a(0.5, 0.1, 0.3, 0.4, 1e-6)),
        st.binom,
        lambda n, p, **k: dist.BinomialProbs(p, n, **k),
        forms=(lambda n, p: (n, np.log(p) - np.log1p(-p)),),
    ),
    "BetaBinomial": Scalar(
        (a(1, 0.5, 30, 1e3), a(1, 0.5, 60, 2e3), a(1, 10, 40, 100)),
        lambda c, d, n: st.betabinom(n, c, d),
        dist.BetaBinomial,
    ),
    "Poisson": Scalar((a(1, 0.01, 12, 2000),), st.poisson, dist.Poisson, forms=(lambda r: (np.log(r),),)),
    "ZeroInflatedPoisson": Scalar((a(0.5, 0.01, 0.9), a(1, 20, 3)), InflatedPoisson, dist.ZeroInflatedPoisson),
    "NegativeBinomial": Scalar(
        (a(1, 0.5, 30, 500), a(0.5, 0.9, 0.1, 0.2)),
        lambda n, p: st.nbinom(n, 1 - p),
        dist.NegativeBinomialProbs,
        forms=(
            lambda n, p: (n, np.log(p) - np.log1p(-p)),
            lambda n, p: (n * p / (1 - p), n),
        ),
    ),
    "NegativeBinomial2": Scalar(
        (a(1, 5, 100), a(1, 0.5, 30)), lambda m, c: st.nbinom(c, c / (c + m)), dist.NegativeBinomial2
    ),
    "PoissonBinomial": Scalar((_CHANCES,), lambda p: Table(_successes(p)), None),
    "GammaPoisson": Scalar((a(1, 0.5, 30), a(1, 0.1, 3)), lambda c, r: st.nbinom(c, r / (1 + r)), dist.GammaPoisson),
    "YuleSimon": Scalar((a(6, 12, 40),), st.yulesimon, None),
    "Geometric": Scalar(
        (a(0.5, 0.02, 0.99),),
        lambda p: st.geom(p, loc=-1),
        dist.GeometricProbs,
        forms=(lambda p: (np.log(p) - np.log1p(-p),),),
    ),
    "DiscreteUniform": Scalar((a(0, -3, 10), a(1, 4, 10)), lambda lo, hi: st.randint(lo, hi + 1), dist.DiscreteUniform),
    "Categorical": Scalar(
        (_SIMPLEXES,), Table, dist.CategoricalProbs, forms=(lambda p: (np.log(p) + np.arange(3.0)[:, None],),)
    ),
    "BetaNegativeBinomial": Scalar(
        (a(1, 3, 30), a(12, 8, 40), a(1, 2, 30)), lambda c, d, n: st.betanbinom(n, d, c), dist.BetaNegativeBinomial
    ),
    "DiscreteWeibull": Scalar((a(0.5, 0.9, 0.2), a(1, 0.7, 2)), DiscreteWeibull, None),
    "Skellam": Scalar((a(1, 0.1, 300, 2), a(1, 3, 200, 40)), st.skellam, None),
    "Hypergeometric": Scalar(
        (a(10, 50, 1000, 8), a(4, 20, 300, 6), a(5, 10, 100, 5)), lambda n, k, d: st.hypergeom(n, k, d), None
    ),
    "OrderedProbit": Scalar((a(0, 0.5, 2), _NEAR_CUTS), ordinal_probit, None),
    "OrderedLogistic": Scalar((a(0, 0.5, 2), _CUTS), ordinal, dist.OrderedLogistic),
    "Multinomial": Vector(
        (a(0, 3, 500), _SIMPLEXES),
        _counts,
        _multinomial_log_prob,
        lambda n, p, **k: dist.MultinomialProbs(p, n, total_count_max=500, **k),
        forms=(lambda n, p: (n, np.log(p) + 3),),
    ),
    "DirichletMultinomial": Vector(
        (a(1, 0.5, 30)[:, None] * a(1, 2, 3), a(1, 3, 50)),
        lambda rng, count, concentration, total: _counts(rng, count, total, _SIMPLEXES),
        _dirichlet_multinomial_log_prob,
        lambda c, n, **k: dist.DirichletMultinomial(c, n, total_count_max=50, **k),
    ),
    "Dirichlet": Vector(
        (np.stack([a(1, 1, 1), a(0.3, 2, 8), a(50, 80, 3)]),), _simplex, _dirichlet_log_prob, dist.Dirichlet
    ),
    "MultivariateNormal": Vector(
        (_LOC, _TRIL),
        _normal_points,
        _normal_log_prob,
        lambda loc, tril, **k: dist.MultivariateNormal(loc, scale_tril=tril, **k),
        forms=(
            lambda loc, tril: (loc, _square(tril)),
            lambda loc, tril: (loc, np.linalg.inv(_square(tril))),
        ),
    ),
    "LowRankMultivariateNormal": Vector(
        (_LOC, _RNG2.normal(size=(3, 4, 2)), np.exp(_RNG2.normal(size=(3, 4)))),
        lambda rng, count, loc, w, d: 3 * rng.normal(size=(count, *loc.shape)),
        _loop(lambda x, loc, w, d: st.multivariate_normal(loc, w @ w.T + np.diag(d)).logpdf(x)),
        dist.LowRankMultivariateNormal,
    ),
    "MultivariateStudentT": Vector(
        (_DF, _LOC, _TRIL),
        lambda rng, count, df, loc, tril: 5 * rng.normal(size=(count, *loc.shape)),
        _loop(lambda x, df, loc, tril: st.multivariate_t(loc, tril @ tril.T, df).logpdf(x)),
        dist.MultivariateStudentT,
        forms=(lambda df, loc, tril: (df, loc, _square(tril)),),
    ),
    "ZeroSumNormal": Vector(
        (a(1, 0.1, 5),),
        lambda rng, count, scale: _centred(rng, count, 3, 4),
        _loop(_zero_sum),
        None,
    ),
    "GaussianRandomWalk": Vector(
        (a(1, 0.1, 5),),
        lambda rng, count, scale: 2 * rng.normal(size=(count, 3, 4)),
        _loop(lambda x, s: st.norm(0, s).logpdf(np.diff(x, prepend=0)).sum()),
        lambda s, **k: dist.GaussianRandomWalk(s, 4, **k),
    ),
    "GaussianStateSpace": Vector(
        (_MOVES, _TRIL, _LOC),
        lambda rng, count, *_: 4 * rng.normal(size=(count, 3, 3, 4)),
        _loop(_moved),
        None,
        forms=(
            lambda move, tril, start: (move, _square(tril), start),
            lambda move, tril, start: (move, np.linalg.inv(_square(tril)), start),
        ),
    ),
    "AR": Vector(
        (np.array([[0.5, 0.2], [1.2, -0.5], [-0.3, 0.69]]), a(1, 0.1, 5), a(0, -2, 30)),
        lambda rng, count, c, s, loc: loc[:, None] + 2 * s[:, None] * rng.normal(size=(count, 3, 5)),
        _loop(lambda x, c, s, loc: st.multivariate_normal(np.full(5, loc), s**2 * _autocovariance(c, 5)).logpdf(x)),
        None,
    ),
    "GaussianProcess": Vector(
        (_LOC, _square(_TRIL), a(0, 0.3, 10)),
        lambda rng, count, loc, *_: 4 * rng.normal(size=(count, *loc.shape)),
        _loop(lambda x, loc, k, s: st.multivariate_normal(loc, k + s**2 * np.eye(4)).logpdf(x)),
        lambda loc, k, s, **given: dist.MultivariateNormal(loc, k + s[..., None, None] ** 2 * np.eye(4), **given),
    ),
    "CirculantNormal": Vector(
        (np.random.default_rng(8).normal(size=(3, 5)), _AROUND),
        lambda rng, count, loc, *_: 3 * rng.normal(size=(count, *loc.shape)),
        _loop(lambda x, loc, row: st.multivariate_normal(loc, scipy.linalg.circulant(row)).logpdf(x)),
        dist.CirculantNormal,
    ),
    "CAR": Vector(
        (_LOC, a(0.5, -0.9, 0.99), a(1, 0.2, 5), _AREAS),
        lambda rng, count, loc, *_: 2 * rng.normal(size=(count, *loc.shape)),
        _loop(
            lambda x, loc, r, t, w: st.multivariate_normal(
                loc, np.linalg.inv(t * (np.diag(w.sum(-1)) - r * w))
            ).logpdf(x)
        ),
        lambda loc, r, t, w, **k: dist.CAR(loc, r, t, _LINE, **k),
    ),
    "ICAR": Vector(
        (a(1, 0.2, 5), _AREAS), lambda rng, count, s, w: _centred(rng, count, 3, 4), _loop(_icar), None
    ),
    "MatrixNormal": Vector(
        (_RNG2.normal(size=(3, 2, 4)), _factor(_RNG2, 3, 2), _TRIL),
        lambda rng, count, loc, *_: 2 * rng.normal(size=(count, *loc.shape)),
        _loop(lambda x, loc, rows, columns: st.matrix_normal(loc, rows @ rows.T, columns @ columns.T).logpdf(x)),
        dist.MatrixNormal,
    ),
    "Wishart": Vector(
        (_DF, _TRIL),
        _covariances,
        _loop(_wishart),
        lambda n, tril, **k: dist.Wishart(n, scale_tril=tril, **k),
        forms=_SCALES,
    ),
    "WishartCholesky": Vector(
        (_DF, _TRIL),
        _factors,
        _loop(_as_factor(_wishart)),
        lambda n, tril, **k: dist.WishartCholesky(n, scale_tril=tril, **k),
        forms=_SCALES,
    ),
    "InverseWishart": Vector(
        (_DF, _TRIL),
        _covariances,
        _loop(_inverse_wishart),
        lambda n, tril, **k: dist.InverseWishart(n, scale_tril=tril, **k),
        forms=_SCALES,
    ),
    "InverseWishartCholesky": Vector(
        (_DF, _TRIL),
        _factors,
        _loop(_as_factor(_inverse_wishart)),
        lambda n, tril, **k: dist.InverseWishartCholesky(n, scale_tril=tril, **k),
        forms=_SCALES,
    ),
    "LKJCholesky": Vector(
        (a(1, 0.5, 20),), _correlation_factors, _lkj_cholesky_log_prob, lambda c, **k: dist.LKJCholesky(4, c, **k)
    ),
    "LKJ": Vector(
        (a(1, 0.5, 20),),
        lambda rng, count, c: _square(_correlation_factors(rng, count, c)),
        _lkj_log_prob,
        lambda c, **k: dist.LKJ(4, c, **k),
    ),
    "VonMisesFisher": Vector(
        (_DIRECTIONS, a(0.3, 5, 200)),
        _near_directions,
        _loop(lambda x, loc, c: st.vonmises_fisher(loc, c).logpdf(x)),
        None,
    ),
    "SineBivariateVonMises": Vector(
        (_ANGLES, np.array([[2.0, 3], [0.5, 20], [50, 80], [1, 2]]), a(1.5, -8, 30, 4)),
        lambda rng, count, *_: rng.uniform(-np.pi, np.pi, (count, 4, 2)),
        _loop(_two_angles),
        lambda loc, c, r, **k: dist.SineBivariateVonMises(loc[..., 0], loc[..., 1], c[..., 0], c[..., 1], r, **k),
    ),
    "ProjectedNormal": Vector(
        (a(0.1, 3, 30)[:, None] * _DIRECTIONS[:, :3],),
        lambda rng, count, c: _near_directions(rng, count, c, None),
        _loop(_projected_normal_log_prob),
        dist.ProjectedNormal,
    ),
}
"""By the name of the row. Delta and Improper have tests of their own: their densities are not functions."""

RARE = {
    *("SkewNormal", "ExGaussian", "AsymmetricLaplace", "SoftLaplace", "Moyal", "GeneralizedExtremeValue"),
    *("SkewStudentT", "Wiener", "SkewLogistic", "YuleSimon", "GaussianStateSpace", "CirculantNormal"),
    *("ScaledInverseChi2", "FisherSnedecor", "InverseGaussian", "Rayleigh", "Rice", "LogLogistic", "Dagum", "Gompertz"),
    *("Frechet", "Levy", "LowerTruncatedPowerLaw", "GeneralizedPareto", "Triangular", "PERT", "LogUniform"),
    *("DoublyTruncatedPowerLaw", "LogitNormal", "ContinuousBernoulli", "RelaxedBernoulli"),
    *("LowRankMultivariateNormal", "MultivariateStudentT", "ZeroSumNormal", "GaussianRandomWalk", "CAR", "ICAR"),
    "SineBivariateVonMises",
    *("VonMisesFisher", "ProjectedNormal", "AR", "GaussianProcess", "PoissonBinomial"),
    *("MatrixNormal", "Wishart", "WishartCholesky", "InverseWishart", "InverseWishartCholesky"),
    *("BetaNegativeBinomial", "DiscreteWeibull", "Skellam", "Hypergeometric", "OrderedProbit"),
    *("BetaProportion", "HalfStudentT", "Chi2", "NegativeBinomial2", "GammaPoisson"),
}
"""Rows of which the default run looks at the density only; ``-m exhaustive`` does the rest.

They are rare, or another row under other parameters.
"""


def thorough(names):
    """The names as test parameters; rare ones only in an exhaustive run."""
    return [pytest.param(name, marks=pytest.mark.exhaustive) if name in RARE else name for name in names]


WITHOUT_CASE = {"Delta", "Improper"}
