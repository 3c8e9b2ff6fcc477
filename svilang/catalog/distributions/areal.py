"""CAR, ICAR and ZeroSumNormal: neighbours that resemble each other, and effects that sum to 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, random
from ...types import KINDS, Interval, Kind
from ..distribution import Distribution, Form, LocationScale, Param
from .kinds import NONNEGATIVE, POSITIVE, REAL, SCALE
from .multivariate_normal import MULTIVARIATE_NORMAL, by_factor, colour, half_log_det, precision_to_tril, white_log_prob
from .numeric import LOG_2PI, float_type, normal_draws, spread

if TYPE_CHECKING:
    from jax import Array

_ADJACENCY = Param("adj_matrix", NONNEGATIVE, "1 for neighbours, 0 for others; symmetric", ("k", "k"))
_by_precision = MULTIVARIATE_NORMAL.forms[2].log_prob


def _diagonal(values: Any) -> Array:
    return values[..., None] * jnp.eye(values.shape[-1], dtype=values.dtype)


def _precision(correlation: Any, conditional_precision: Any, adj_matrix: Any) -> Array:
    adj_matrix = adj_matrix.astype(float_type(correlation, conditional_precision, adj_matrix))
    structure = _diagonal(jnp.sum(adj_matrix, -1)) - correlation[..., None, None] * adj_matrix
    return conditional_precision[..., None, None] * structure


def _arrays(correlation: Any, conditional_precision: Any) -> tuple[Array, Array]:
    return jnp.asarray(correlation), jnp.asarray(conditional_precision)


def _log_prob(x: Any, loc: Any, correlation: Any, conditional_precision: Any, adj_matrix: Any) -> Array:
    precision = _precision(*_arrays(correlation, conditional_precision), adj_matrix)
    return _by_precision(x, loc, precision)


def _factor(correlation: Any, conditional_precision: Any, adj_matrix: Any) -> Array:
    return precision_to_tril(_precision(*_arrays(correlation, conditional_precision), adj_matrix))


CAR = Distribution(
    name="CAR",
    forms=(
        Form(
            (
                Param("loc", REAL, "the centre", ("k",)),
                Param("correlation", Kind(interval=Interval(-1, 1, True, True)), "how much neighbours share"),
                Param("conditional_precision", POSITIVE, "of one value given its neighbours, per neighbour"),
                _ADJACENCY,
            ),
            _log_prob,
        ),
    ),
    support=REAL,
    event=("k",),
    **by_factor(_factor),
    mean=lambda loc, correlation, conditional_precision, adj_matrix: spread(loc, adj_matrix[..., 0]),
    summary="a map whose neighbours resemble each other; every area needs a neighbour",
    reference="Banerjee, Carlin & Gelfand (2014), ch. 4",
)


def _anchored(adj_matrix: Any, dtype: Any) -> Array:
    """The graph Laplacian plus the projection on constants, so that it can be inverted."""
    adjacency = adj_matrix.astype(dtype)
    return _diagonal(jnp.sum(adjacency, -1)) - adjacency + 1 / adjacency.shape[-1]


def _intrinsic_log_prob(x: Any, scale: Any, adj_matrix: Any) -> Array:
    """Against the volume of the subspace of vectors that sum to 0; the areas must hang together."""
    size = x.shape[-1]
    factor = jnp.linalg.cholesky(_anchored(adj_matrix, x.dtype))
    z = jnp.einsum("...ji,...j->...i", factor, x, precision="highest")
    return half_log_det(factor) - 0.5 * jnp.sum(z * z, -1) / scale**2 - (size - 1) * (jnp.log(scale) + 0.5 * LOG_2PI)


def _intrinsic_sample(key: Any, shape: tuple[int, ...], scale: Any, adj_matrix: Any) -> Array:
    dtype = float_type(scale, adj_matrix)
    factor = precision_to_tril(_anchored(adj_matrix, dtype))
    draw = colour(factor, random.normal(key, shape, dtype))
    return jnp.asarray(scale)[..., None] * (draw - jnp.mean(draw, -1, keepdims=True))


_ZERO_SUM = KINDS["zero_sum"].kind

ICAR = Distribution(
    name="ICAR",
    forms=(Form((SCALE, _ADJACENCY), _intrinsic_log_prob),),
    support=_ZERO_SUM,
    event=("k",),
    sample=_intrinsic_sample,
    reparameterised=True,
    summary="a map that is smooth from neighbour to neighbour, about 0; the graph must be connected",
    reference="Besag & Kooperberg (1995), Biometrika 82(4)",
)


def _centred_log_prob(x: Any, scale: Any) -> Array:
    size = x.shape[-1]
    return -0.5 * jnp.sum(x * x, -1) / scale**2 - (size - 1) * (jnp.log(scale) + 0.5 * LOG_2PI)


def _centred_sample(key: Any, shape: tuple[int, ...], scale: Any) -> Array:
    draw = random.normal(key, shape, float_type(scale))
    return jnp.asarray(scale)[..., None] * (draw - jnp.mean(draw, -1, keepdims=True))


ZERO_SUM_NORMAL = Distribution(
    name="ZeroSumNormal",
    forms=(Form((SCALE,), _centred_log_prob),),
    support=_ZERO_SUM,
    event=("k",),
    sample=_centred_sample,
    reparameterised=True,
    dimension_first=True,
    summary="effects of the levels of a factor, which sum to 0",
    reference="Fuglstad et al. (2020), Bayesian Analysis 15(4)",
)


def _steps(x: Any) -> Array:
    return jnp.diff(x, axis=-1, prepend=jnp.zeros((*x.shape[:-1], 1), x.dtype))


def _walk_log_prob(x: Any, scale: Any) -> Array:
    size = x.shape[-1]
    return -0.5 * jnp.sum(_steps(x) ** 2, -1) / scale**2 - size * (jnp.log(scale) + 0.5 * LOG_2PI)


def _walk_marginal(x: Any, present: Any, scale: Any) -> Array:
    """Between two entries that are present a walk takes as many steps as it has time."""
    size = x.shape[-1]
    last = lax.cummax(jnp.where(present, jnp.arange(1, size + 1), 0), axis=present.ndim - 1)
    before = jnp.concatenate([jnp.zeros_like(last[..., :1]), last[..., :-1]], axis=-1)
    path = jnp.concatenate([jnp.zeros_like(x[..., :1]), x], axis=-1)
    steps = x - jnp.take_along_axis(path, before, axis=-1)
    width = jnp.asarray(scale)[..., None] * jnp.sqrt(jnp.arange(1, size + 1) - before)
    return jnp.sum(jnp.where(present, -0.5 * (steps / width) ** 2 - jnp.log(width) - 0.5 * LOG_2PI, 0), -1)


def _walk_from_noise(noise: Any, scale: Any) -> Array:
    return jnp.asarray(scale)[..., None] * jnp.cumsum(noise, -1)


def _walk_steps(x: Any, scale: Any) -> Array:
    return _steps(x) / jnp.asarray(scale)[..., None]


def _walk_log_det(z: Any, scale: Any) -> Array:
    return spread(z.shape[-1] * jnp.log(scale), z[..., 0])


GAUSSIAN_RANDOM_WALK = Distribution(
    name="GaussianRandomWalk",
    forms=(Form((SCALE,), _walk_log_prob),),
    support=REAL,
    event=("k",),
    sample=normal_draws(_walk_from_noise),
    reparameterised=True,
    noise="normal",
    from_noise=_walk_from_noise,
    location_scale=LocationScale(
        forward=_walk_from_noise, inverse=_walk_steps, log_det=_walk_log_det, log_prob=white_log_prob
    ),
    causal=True,
    marginal=_walk_marginal,
    dimension_first=True,
    summary="a path whose steps are Normal, from 0 on",
    reference="Durbin & Koopman (2012), Time Series Analysis by State Space Methods, ch. 2",
)
