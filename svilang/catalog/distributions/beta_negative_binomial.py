"""BetaNegativeBinomial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp, random
from ..distribution import Distribution, Form, Param
from .beta import BETA
from .kinds import CONCENTRATION0, CONCENTRATION1, COUNT, POSITIVE
from .negative_binomial import NEGATIVE_BINOMIAL
from .numeric import betaln, is_count, real, within

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, concentration1: Any, concentration0: Any, n: Any) -> Array:
    one, zero, size = real(concentration1), real(concentration0), real(n)
    x = real(x, one, zero, size)
    inside = is_count(x)
    safe = jnp.where(inside, x, 0)
    arrangements = -jnp.log(safe + size) - betaln(size, safe + 1)
    return within(inside, arrangements + betaln(one + safe, zero + size) - betaln(one, zero))


def _sample(key: Any, shape: tuple[int, ...], concentration1: Any, concentration0: Any, n: Any) -> Array:
    share_key, count_key = random.split(key)
    assert BETA.sample is not None
    assert NEGATIVE_BINOMIAL.sample is not None
    return NEGATIVE_BINOMIAL.sample(count_key, shape, n, BETA.sample(share_key, shape, concentration1, concentration0))


def _mean(concentration1: Any, concentration0: Any, n: Any) -> Array:
    finite = concentration0 > 1
    return jnp.where(finite, n * concentration1 / jnp.where(finite, concentration0 - 1, 1), jnp.inf)


def _variance(concentration1: Any, concentration0: Any, n: Any) -> Array:
    finite = concentration0 > 2
    safe = jnp.where(finite, concentration0, 3)
    value = n * concentration1 * (n + safe - 1) * (concentration1 + safe - 1) / ((safe - 2) * (safe - 1) ** 2)
    return jnp.where(finite, value, jnp.where(concentration0 > 1, jnp.inf, jnp.nan))


BETA_NEGATIVE_BINOMIAL = Distribution(
    name="BetaNegativeBinomial",
    forms=(
        Form(
            (CONCENTRATION1, CONCENTRATION0, Param("n", POSITIVE, "the number of failures waited for")),
            _log_prob,
        ),
    ),
    support=COUNT,
    sample=_sample,
    reparameterised=False,
    mean=_mean,
    variance=_variance,
    summary="counts with a tail as heavy as a power, as of repeat purchases",
    reference="Johnson, Kemp & Kotz (2005), sec. 6.2.3",
)
