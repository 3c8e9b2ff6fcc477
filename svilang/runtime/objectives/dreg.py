"""The importance-weighted bound with doubly reparameterised gradients (Tucker, Lawson, Gu and Maddison 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...lazy import jnp
from .iwae import IWAE, shares
from .objective import ObjectiveRow, Slopes

if TYPE_CHECKING:
    from jax import Array


def _slopes(log_weights: Array, settings: Mapping[str, float]) -> Slopes:
    share, groups = shares(log_weights, settings)
    return Slopes(share**2 / groups, share / groups, jnp.zeros_like(share))


DREG = ObjectiveRow(
    name="dreg",
    summary="importance-weighted bound, its gradient through the draws with squared weights: less noise for large k",
    bound=IWAE.bound,
    slopes=_slopes,
    settings=IWAE.settings,
    limits=IWAE.limits,
    groups=IWAE.groups,
    particles=IWAE.particles,
)
