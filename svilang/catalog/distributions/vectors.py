"""MultivariateStudentT and LowRankMultivariateNormal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random, special
from ..distribution import Distribution, Form, LocationScale, Param
from .gamma import log_gamma_draws
from .kinds import CHOLESKY, COV, POSITIVE, REAL
from .multivariate_normal import absent, among, colour, half_log_det, whiten
from .numeric import LOG_2PI, LOG_PI, float_type, spread
from .student import DF

if TYPE_CHECKING:
    from jax import Array

_LOC = Param("loc", REAL, "the centre", ("k",))


def _log_prob(x: Any, df: Any, loc: Any, scale_tril: Any) -> Array:
    return _density(whiten(scale_tril, x - loc), x.shape[-1], df, scale_tril)


def _density(z: Any, size: Any, df: Any, scale_tril: Any) -> Array:
    half = 0.5 * (df + size)
    constant = special.gammaln(half) - special.gammaln(0.5 * df) - 0.5 * size * (jnp.log(df) + LOG_PI)
    return constant - half_log_det(scale_tril) - half * jnp.log1p(jnp.sum(z * z, -1) / df)


def _marginal(x: Any, present: Any, df: Any, loc: Any, scale_tril: Any) -> Array:
    factor = among(present, scale_tril)
    return _density(whiten(factor, jnp.where(present, x - loc, 0)), jnp.sum(present, -1), df, factor)


def _sample(key: Any, shape: tuple[int, ...], df: Any, loc: Any, scale_tril: Any) -> Array:
    normal_key, gamma_key = random.split(key)
    dtype = float_type(df, loc, scale_tril)
    log_gamma = log_gamma_draws(gamma_key, shape[:-1], 0.5 * df, dtype)
    stretch = jnp.exp(0.5 * (jnp.log(0.5 * df) - log_gamma))
    return loc + colour(scale_tril, random.normal(normal_key, shape, dtype)) * stretch[..., None]


def _mean(df: Any, loc: Any, scale_tril: Any) -> Array:
    return spread(jnp.where(df[..., None] > 1, loc, jnp.nan), scale_tril[..., 0])


def _variance(df: Any, loc: Any, scale_tril: Any) -> Array:
    finite = df > 2
    stretch = jnp.where(finite, df / jnp.where(finite, df - 2, 1), jnp.where(df > 1, jnp.inf, jnp.nan))
    return spread(stretch[..., None] * jnp.sum(scale_tril**2, -1), loc)


MULTIVARIATE_STUDENT_T = Distribution(
    name="MultivariateStudentT",
    forms=(
        Form((DF, _LOC, Param("scale_tril", CHOLESKY, "the Cholesky factor of the scale", ("k", "k"))), _log_prob),
        Form(
            (DF, _LOC, Param("scale_matrix", COV, "the covariance, short of df / (df - 2)", ("k", "k"))),
            lambda x, df, loc, scale_matrix: _log_prob(x, df, loc, jnp.linalg.cholesky(scale_matrix)),
            canonical=lambda df, loc, scale_matrix: (df, loc, jnp.linalg.cholesky(scale_matrix)),
        ),
    ),
    support=REAL,
    event=("k",),
    sample=_sample,
    reparameterised=True,
    location_scale=LocationScale(
        forward=lambda z, df, loc, scale_tril: loc + colour(scale_tril, z),
        inverse=lambda x, df, loc, scale_tril: whiten(scale_tril, x - loc),
        log_det=lambda z, df, loc, scale_tril: spread(half_log_det(scale_tril), z[..., 0], loc[..., 0]),
    ),
    mean=_mean,
    variance=_variance,
    marginal=_marginal,
    summary="several quantities that vary together, with outliers",
    reference="Kotz & Nadarajah (2004), Multivariate t Distributions, ch. 1",
)


def _capacitance(cov_factor: Any, cov_diag: Any) -> tuple[Array, Array]:
    """The factor over the diagonal, and the Cholesky factor of 1 + W' D⁻¹ W."""
    scaled = cov_factor / cov_diag[..., None]
    inner = jnp.einsum("...ki,...kj->...ij", cov_factor, scaled, precision="highest")
    return scaled, jnp.linalg.cholesky(inner + jnp.eye(inner.shape[-1], dtype=inner.dtype))


def _low_rank_half_log_det(factor: Any, cov_diag: Any) -> Array:
    return half_log_det(factor) + 0.5 * jnp.sum(jnp.log(cov_diag), -1)


def _low_rank_log_prob(x: Any, loc: Any, cov_factor: Any, cov_diag: Any) -> Array:
    """By the matrix inversion lemma: work grows with the size, not with its cube."""
    scaled, factor = _capacitance(cov_factor, cov_diag)
    offset = x - loc
    explained = whiten(factor, jnp.einsum("...ki,...k->...i", scaled, offset, precision="highest"))
    squares = jnp.sum(offset**2 / cov_diag, -1) - jnp.sum(explained**2, -1)
    return -0.5 * (squares + x.shape[-1] * LOG_2PI) - _low_rank_half_log_det(factor, cov_diag)


def _low_rank_marginal(x: Any, present: Any, loc: Any, cov_factor: Any, cov_diag: Any) -> Array:
    offset = jnp.where(present, x - loc, 0)
    factor, own = jnp.where(present[..., None], cov_factor, 0), jnp.where(present, cov_diag, 1)
    return _low_rank_log_prob(offset, jnp.zeros_like(offset), factor, own) + absent(present)


def _low_rank_sample(key: Any, shape: tuple[int, ...], loc: Any, cov_factor: Any, cov_diag: Any) -> Array:
    first, second = random.split(key)
    dtype = float_type(loc, cov_factor, cov_diag)
    shared = random.normal(first, (*shape[:-1], cov_factor.shape[-1]), dtype)
    return loc + colour(cov_factor, shared) + jnp.sqrt(cov_diag) * random.normal(second, shape, dtype)


def _low_rank_entropy(loc: Any, cov_factor: Any, cov_diag: Any) -> Array:
    half = _low_rank_half_log_det(_capacitance(cov_factor, cov_diag)[1], cov_diag)
    return spread(0.5 * loc.shape[-1] * (LOG_2PI + 1) + half, loc[..., 0])


LOW_RANK_MULTIVARIATE_NORMAL = Distribution(
    name="LowRankMultivariateNormal",
    forms=(
        Form(
            (
                _LOC,
                Param("cov_factor", REAL, "how each quantity loads on the shared ones", ("k", "r")),
                Param("cov_diag", POSITIVE, "the variance that each has for itself", ("k",)),
            ),
            _low_rank_log_prob,
        ),
    ),
    support=REAL,
    event=("k",),
    sample=_low_rank_sample,
    reparameterised=True,
    mean=lambda loc, cov_factor, cov_diag: spread(loc, cov_diag, cov_factor[..., 0]),
    variance=lambda loc, cov_factor, cov_diag: spread(jnp.sum(cov_factor**2, -1) + cov_diag, loc),
    entropy=_low_rank_entropy,
    marginal=_low_rank_marginal,
    summary="many quantities that vary together for a few reasons: factor analysis",
    reference="Bartholomew, Knott & Moustaki (2011), ch. 3",
)
