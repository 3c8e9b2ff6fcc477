"""OrderedProbit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random, special
from ..distribution import Distribution, FiniteSupport, Form, Param
from .kinds import COUNT, ORDERED, REAL
from .levels import cut_at, cuts_around, level_of
from .normal import log_ndtr
from .numeric import safe_log, within

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, predictor: Any, cutpoints: Any) -> Array:
    inside, level = level_of(x, cutpoints)
    first, last = level == 0, level == cutpoints.shape[-1]
    below, above = (cut - predictor for cut in cuts_around(level, cutpoints))
    outer = log_ndtr(jnp.where(first, above, -below))
    return within(inside, jnp.where(first | last, outer, _log_between(below, above, ~(first | last))))


def _log_between(below: Any, above: Any, needed: Any) -> Array:
    """log(Φ(above) - Φ(below)), from the tail that the interval is nearer to."""
    right = below + above > 0
    low, high = jnp.where(right, -above, below), jnp.where(right, -below, above)
    low, high = jnp.where(needed, low, -1), jnp.where(needed, high, 1)
    large, small = log_ndtr(high), log_ndtr(low)
    gap = jnp.where(jnp.isfinite(small), large - small, 1)
    return large + jnp.where(jnp.isfinite(small), safe_log(-jnp.expm1(-gap)), 0)


def _sample(key: Any, shape: tuple[int, ...], predictor: Any, cutpoints: Any) -> Array:
    utility = predictor + random.normal(key, shape, jnp.result_type(float, predictor, cutpoints))
    return jnp.sum(utility[..., None] > cutpoints, -1)


def _cdf(x: Any, predictor: Any, cutpoints: Any) -> Array:
    level = jnp.floor(jnp.asarray(x)).astype(int)
    size = cutpoints.shape[-1]
    cuts = jnp.broadcast_to(cutpoints, (*jnp.broadcast_shapes(level.shape, cutpoints.shape[:-1]), size))
    value = special.ndtr(cut_at(cuts, jnp.clip(level, 0, size - 1)) - predictor)
    return jnp.where(level < 0, 0, jnp.where(level >= size, 1, value))


ORDERED_PROBIT = Distribution(
    name="OrderedProbit",
    forms=(
        Form(
            (
                Param("predictor", REAL, "how far up the scale, in standard deviations of the Normal error"),
                Param("cutpoints", ORDERED, "where one level passes into the next", ("k",)),
            ),
            _log_prob,
        ),
    ),
    support=COUNT,
    sample=_sample,
    reparameterised=False,
    cdf=_cdf,
    finite_support=FiniteSupport(0, ("axis", "k", 0)),
    summary="a rating on an ordered scale, as a Normal judgement falls between cut points",
    reference="McKelvey & Zavoina (1975), Journal of Mathematical Sociology 4(1)",
)
