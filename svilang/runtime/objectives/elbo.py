"""The evidence lower bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...lazy import jnp
from .objective import ObjectiveRow

if TYPE_CHECKING:
    from jax import Array


def _bound(log_weights: Array, settings: Mapping[str, float]) -> Array:
    return jnp.mean(log_weights)


ELBO = ObjectiveRow(
    name="elbo",
    summary="evidence lower bound: E_q[log p(z, x) − log q(z)]",
    bound=_bound,
    analytic=True,
)
