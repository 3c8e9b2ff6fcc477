"""Reweighted wake-sleep: the guide is fitted by KL(posterior ‖ guide) (Bornschein and Bengio 2015; Le et al. 2019)."""

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
    return Slopes(jnp.zeros_like(share), share / groups, share / groups)


RWS = ObjectiveRow(
    name="rws",
    summary="importance-weighted bound for the model, the forward divergence KL(p ‖ q) for the guide",
    bound=IWAE.bound,
    slopes=_slopes,
    settings=IWAE.settings,
    limits=IWAE.limits,
    groups=IWAE.groups,
    particles=IWAE.particles,
    fixed=True,
)
