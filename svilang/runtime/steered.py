"""Bounds whose estimator of the gradient is not their own derivative: each draw counts with factors of its own.

A log weight ``log p(z, x) - log q(z)`` depends on parameters in three ways: through the draw ``z``, through the model's
own parameters, and through the density ``q`` at a fixed draw. An objective says how much each counts for each draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..lazy import jax, jnp, lax
from .layout import Layout, Whitens, _Drawn
from .objectives import ObjectiveRow

if TYPE_CHECKING:
    from jax import Array


def bound(
    row: ObjectiveRow,
    settings: Mapping[str, float],
    layout: Layout,
    params: Array,
    whitens: Whitens,
    prepared: Any,
    particles: Mapping[str, Array],
) -> Array:
    """The bound of one step, with the gradient that the objective says.

    Args:
        row: with its ``slopes``.
        settings: arguments of the objective.
        layout: the guide, whose hand-written part is drawn without a pathwise gradient, if it has one.
        params: of the guide.
        whitens: of its families.
        prepared: the data.
        particles: noise of all draws.
    """
    assert row.slopes is not None
    fixed = lax.stop_gradient(params)
    drawn = jax.vmap(lambda noise: layout.draw(params, whitens, prepared, noise))(dict(particles))
    theta = drawn.theta[0]

    def log_weights(z: Array, theta: Array) -> Array:
        def one(z: Array, given: Any) -> Array:
            log_p = layout.target.log_density(prepared, z, theta, given)
            return log_p - layout.log_q(fixed, whitens, _Drawn(z, theta, (None,) * len(layout.parts)))

        return jax.vmap(one)(z, drawn.given)

    values, pull = jax.vjp(log_weights, lax.stop_gradient(drawn.z), lax.stop_gradient(theta))
    weights = values if drawn.log_q is None else values - lax.stop_gradient(drawn.log_q)
    slopes = row.slopes(weights, settings)
    moved = jnp.sum(lax.stop_gradient(pull(slopes.draws)[0]) * drawn.z)
    moved = moved + jnp.sum(lax.stop_gradient(pull(slopes.model)[1]) * theta)
    log_q = jax.vmap(_density(layout, params, whitens))(lax.stop_gradient(drawn.z))
    log_q = log_q if drawn.scored is None else log_q + drawn.scored
    moved = moved + jnp.sum(slopes.guide * log_q)
    return row.bound(weights, settings) + moved - lax.stop_gradient(moved)


def _density(layout: Layout, params: Array, whitens: Whitens) -> Callable[[Array], Array]:
    """The log density of the families at a fixed draw."""
    return lambda z: layout.log_q(params, whitens, _Drawn(z, z, (None,) * len(layout.parts)))
