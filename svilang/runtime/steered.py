"""Bounds whose estimator of the gradient is not their own derivative: each draw counts with factors of its own.

A log weight ``log p(z, x) - log q(z)`` depends on parameters in three ways: through the draw ``z``, through the model's
own parameters, and through the density ``q`` at a fixed draw. An objective says how much each counts for each draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..lazy import jax, jnp, lax
from .layout import Layout, Pieces, Whitens, at
from .objectives import ObjectiveRow

if TYPE_CHECKING:
    from jax import Array


def bound(
    row: ObjectiveRow,
    settings: Mapping[str, float],
    layout: Layout,
    params: Pieces,
    whitens: Whitens,
    prepared: Any,
    particles: Mapping[str, Array],
) -> Array:
    """The bound of one step, with the gradient that the objective says.

    Args:
        row: with its ``slopes``.
        settings: arguments of the objective.
        layout: the guide, whose hand-written part is drawn without a pathwise gradient, if it has one.
        params: of the guide, in pieces.
        whitens: of its families.
        prepared: the data.
        particles: noise of all draws.
    """
    assert row.slopes is not None
    fixed = lax.stop_gradient(params)

    def draw(noise: Mapping[str, Array]) -> tuple[Any, ...]:
        drawn = layout.draw(params, whitens, prepared, noise)
        return drawn.z, drawn.theta, drawn.given, drawn.log_q, drawn.scored

    z, thetas, given, log_q, scored = jax.vmap(draw)(dict(particles))
    theta = thetas[0]

    def log_weights(z: Array, theta: Array) -> Array:
        def one(z: Array, given: Any) -> Array:
            log_p = layout.target.log_density(prepared, z, theta, given)
            return log_p - layout.log_q(fixed, whitens, at(layout, z))

        return jax.vmap(one)(z, given)

    values, pull = jax.vjp(log_weights, lax.stop_gradient(z), lax.stop_gradient(theta))
    weights = values if log_q is None else values - lax.stop_gradient(log_q)
    slopes = row.slopes(weights, settings)
    moved = jnp.sum(lax.stop_gradient(pull(slopes.draws)[0]) * z)
    moved = moved + jnp.sum(lax.stop_gradient(pull(slopes.model)[1]) * theta)
    densities = jax.vmap(lambda z: layout.log_q(params, whitens, at(layout, z)))(lax.stop_gradient(z))
    moved = moved + jnp.sum(slopes.guide * (densities if scored is None else densities + scored))
    return row.bound(weights, settings) + moved - lax.stop_gradient(moved)
