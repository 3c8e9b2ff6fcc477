"""Gradients through draws that cannot be differentiated: functions with the value zero and the right derivative.

``E[c ∇ log q(x)]`` is the gradient of ``E[c]`` through the law ``q`` of a draw ``x``. What may be taken from ``c``
says :mod:`svilang.runtime.baselines`.

Source: Williams (1992); Foerster et al. (2018), DiCE; Mnih & Rezende (2016), VIMCO, for bounds of several particles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..lazy import jnp, lax

if TYPE_CHECKING:
    from jax import Array


def of_costs(costs: Array, log_q: Array, baseline: Array) -> Array:
    """The surrogate of a mean over particles, ``[particles, …]`` each, where every cost has its own draw."""
    return jnp.sum(lax.stop_gradient(costs - baseline) * (log_q - lax.stop_gradient(log_q))) / costs.shape[0]


def of_bound(bound: Callable[[Array], Array], log_weights: Array, log_q: Array) -> Array:
    """The surrogate of a bound of several particles, ``[particles]`` each.

    What is taken from the bound is the bound with the particle's log weight replaced by the mean of the others'.
    """
    particles = log_weights.shape[0]
    weights = lax.stop_gradient(log_weights)
    value = bound(weights)
    if particles == 1:
        learning = jnp.reshape(value, (1,))
    else:
        others = (jnp.sum(weights) - weights) / (particles - 1)
        learning = jnp.stack([value - bound(weights.at[k].set(others[k])) for k in range(particles)])
    return jnp.sum(learning * (log_q - lax.stop_gradient(log_q)))
