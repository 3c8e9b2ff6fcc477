"""Hypergeometric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ..distribution import Distribution, FiniteSupport, Form, Param
from .by_mode import draw_by_mode
from .kinds import COUNT
from .numeric import is_count, log_choose, real, within

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, population: Any, successes: Any, draws: Any) -> Array:
    given = (population, successes, draws)
    x, population, successes, draws = (real(v, *given) for v in (x, *given))
    others = population - successes
    inside = is_count(x) & (x <= successes) & (x <= draws) & (draws - x <= others)
    safe = jnp.where(inside, x, jnp.maximum(draws - others, 0))
    ways = log_choose(successes, safe) + log_choose(others, draws - safe)
    return within(inside, ways - log_choose(population, draws))


def _sample(key: Any, shape: tuple[int, ...], population: Any, successes: Any, draws: Any) -> Array:
    mode = jnp.floor((real(draws) + 1) * (real(successes) + 1) / (real(population) + 2))
    return draw_by_mode(key, shape, mode, lambda x: _log_prob(x, population, successes, draws), mode)


def _variance(population: Any, successes: Any, draws: Any) -> Array:
    share = successes / real(population)
    rest = (population - draws) / jnp.maximum(real(population) - 1, 1)
    return draws * share * (1 - share) * rest


HYPERGEOMETRIC = Distribution(
    name="Hypergeometric",
    forms=(
        Form(
            (
                Param("population", COUNT, "how many there are"),
                Param("successes", COUNT, "how many of them are successes"),
                Param("draws", COUNT, "how many are drawn, without putting back"),
            ),
            _log_prob,
        ),
    ),
    support=COUNT,
    bounds=(None, "draws"),
    sample=_sample,
    reparameterised=False,
    mean=lambda population, successes, draws: draws * (successes / real(population)),
    variance=_variance,
    finite_support=FiniteSupport(0, "draws"),
    summary="successes in a sample without replacement",
    reference="Johnson, Kemp & Kotz (2005), ch. 6",
)
