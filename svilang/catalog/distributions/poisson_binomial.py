"""PoissonBinomial: successes among trials of unequal chances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, lax, random
from ..distribution import Distribution, FiniteSupport, Form, Param
from .kinds import COUNT, UNIT
from .numeric import float_type, log_sum_exp, safe_log, within

if TYPE_CHECKING:
    from jax import Array


def _log_masses(probs: Any) -> Array:
    """The log probabilities of 0, 1, …, k successes: one trial is added after the other.

    Source: Barlow & Heidtmann (1984), Computing k-out-of-n system reliability.
    """
    dtype = float_type(probs)
    size = probs.shape[-1]
    none = jnp.full((*probs.shape[:-1], size + 1), -jnp.inf, dtype).at[..., 0].set(0)

    def add(masses: Array, chance: Array) -> tuple[Array, None]:
        won = jnp.concatenate([jnp.full_like(masses[..., :1], -jnp.inf), masses[..., :-1]], -1)
        both = jnp.stack([masses + safe_log(1 - chance)[..., None], won + safe_log(chance)[..., None]], -1)
        return log_sum_exp(both), None

    return lax.scan(add, none, jnp.moveaxis(jnp.asarray(probs, dtype), -1, 0))[0]


def _log_prob(x: Any, probs: Any) -> Array:
    masses, size = _log_masses(probs), probs.shape[-1]
    possible = (x >= 0) & (x <= size) & (x == jnp.floor(x))
    place = jnp.where(possible, x, 0).astype(int)
    batch = jnp.broadcast_shapes(place.shape, masses.shape[:-1])
    masses = jnp.broadcast_to(masses, (*batch, size + 1))
    found = jnp.take_along_axis(masses, jnp.broadcast_to(place, batch)[..., None], -1)[..., 0]
    return within(possible, found)


def _sample(key: Any, shape: tuple[int, ...], probs: Any) -> Array:
    drawn = random.uniform(key, (*shape, probs.shape[-1]), float_type(probs)) < probs
    return jnp.sum(drawn, -1).astype(int)


POISSON_BINOMIAL = Distribution(
    name="PoissonBinomial",
    forms=(Form((Param("probs", UNIT, "the probability of each trial's success", ("k",)),), _log_prob),),
    support=COUNT,
    sample=_sample,
    reparameterised=False,
    mean=lambda probs: jnp.sum(probs, -1),
    variance=lambda probs: jnp.sum(probs * (1 - probs), -1),
    finite_support=FiniteSupport(0, ("axis", "k", 0)),
    summary="successes among trials whose chances differ",
    reference="Johnson, Kemp & Kotz (2005), sec. 3.12.2",
)
