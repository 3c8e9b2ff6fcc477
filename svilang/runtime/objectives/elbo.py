"""The evidence lower bound, whose divergence from the prior may count less in the first steps.

With ``anneal`` the terms of the latents (their prior, the log Jacobian of their map, minus the log density of the
guide) count ``from`` at first and 1 after so many steps, along a line: ``E_q[log p(x | z)] - w KL(q ‖ p)``. The bound
that is told at the end is that of weight 1.

Source: Bowman et al. (2016), Generating sentences from a continuous space.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...lazy import jnp
from ..limit import STEPS, Limit
from .objective import ObjectiveRow

if TYPE_CHECKING:
    from jax import Array


def _bound(log_weights: Array, settings: Mapping[str, float]) -> Array:
    return jnp.mean(log_weights)


ELBO = ObjectiveRow(
    name="elbo",
    summary="evidence lower bound: E_q[log p(z, x) − log q(z)]; over `anneal` steps, where there are any, the terms of "
    "the latents gain their weight, `from` at first",
    bound=_bound,
    analytic=True,
    linear=True,
    settings={"anneal": 0, "from": 0.0},
    limits={"anneal": Limit(0, STEPS, whole=True), "from": Limit(0, 1)},
)
