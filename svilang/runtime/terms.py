"""Which term of the log density is to blame when it is not finite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..lazy import jax, jnp, np
from .layout import Whitens
from .target import Rows, Target
from .view import View


def not_finite_at(target: Target, x: np.ndarray) -> dict[str, float]:
    """The terms that are not finite at a point (``z``, then the model's own parameters), with their values."""
    return _not_finite(_at(target, target.terms, x))


def draws_at(target: Target, x: np.ndarray) -> dict[str, Any] | None:
    """What users see of a point, as of one draw."""
    if target.draws is None:
        return None
    values, _ = _at(target, target.draws, x)
    return jax.tree.map(lambda one: one[None], target.by_name(values))


def _at(target: Target, function: Callable[..., Any], x: np.ndarray) -> Any:
    """A function of a draw, at a point."""

    def values(data: Any, x: Any) -> Any:
        prepared = target.prepare(data)
        z = x[: target.size]
        return function(prepared, z, x[target.size :], middle(target, prepared, z))

    return jax.jit(values)(target.data, x)


def not_finite_in_step(
    view: View, params: np.ndarray, whitens: Whitens, noise: Mapping[str, np.ndarray], rows: Rows
) -> dict[str, float]:
    """The terms that are not finite in some draw of one step; ``noise`` is that of all its particles."""
    values = jax.jit(partial(_in_step, view, view.layout.target.terms))
    return _not_finite(values(params, view.layout.target.data, whitens, dict(noise), dict(rows)))


def draws_in_step(
    view: View, params: np.ndarray, whitens: Whitens, noise: Mapping[str, np.ndarray], rows: Rows
) -> dict[str, Any] | None:
    """What users see of each draw of one step; ``None`` where it sees some members only."""
    target = view.layout.target
    if target.draws is None or view.whole.target.batch is not None:
        return None
    values, _ = jax.jit(partial(_in_step, view, target.draws))(params, target.data, whitens, dict(noise), dict(rows))
    return target.by_name(values)


def _in_step(
    view: View, function: Callable[..., Any], params: Any, data: Any, whitens: Whitens, noise: Any, rows: Any
) -> Any:
    """A function of each draw of one step."""
    target = view.layout.target
    settled = target.prepare(data)

    def some(rows: Rows, noise: Any) -> Any:
        pieces, own, prepared = view.at(params, whitens, settled, rows)

        def one(noise: Any) -> Any:
            drawn = view.layout.draw(pieces, own, prepared, noise)
            return function(prepared, drawn.z, drawn.theta, drawn.given)

        return jax.vmap(one)(noise)

    return jax.vmap(some)(*view.members(rows, noise)) if view.apart else some(rows, noise)


def bad_gradients_at(target: Target, x: np.ndarray) -> list[str]:
    """The terms whose gradient is not finite at a point (``z``, then the model's own parameters)."""

    def gradients(data: Any, x: Any) -> Any:
        def values(x: Any) -> Any:
            prepared = target.prepare(data)
            z = x[: target.size]
            return target.terms(prepared, z, x[target.size :], middle(target, prepared, z))

        return _gradients(values, x)

    return list(_not_finite(jax.jit(gradients)(target.data, x)))


def bad_gradients(
    view: View, params: np.ndarray, whitens: Whitens, noise: Mapping[str, np.ndarray], rows: Rows
) -> list[str]:
    """The terms whose gradient in the guide's parameters is not finite in some draw of one step."""

    def gradients(params: Any, *rest: Any) -> Any:
        return _gradients(lambda params: _in_step(view, view.layout.target.terms, params, *rest), params)

    arguments = (view.layout.target.data, whitens, dict(noise), dict(rows))
    return list(_not_finite(jax.jit(gradients)(params, *arguments)))


def _gradients(terms: Callable[[Any], Mapping[str, Any]], x: Any) -> dict[str, Any]:
    """The gradient of each term by itself: in one sweep for all, a broken one would spoil the others."""
    return {name: jax.grad(lambda x, name=name: jnp.sum(terms(x)[name]))(x) for name in jax.eval_shape(terms, x)}


def middle(target: Target, prepared: Any, z: Any) -> Any:
    """The explicit part's draw at its initial parameters, with all noise in the middle of its range."""
    explicit = target.explicit
    if explicit is None:
        return None
    noise = {
        "normal": jnp.zeros(explicit.noise.normal, z.dtype),
        "uniform": jnp.full(explicit.noise.uniform, 0.5, z.dtype),
        "keys": jnp.zeros((explicit.noise.keys, 2), jnp.uint32),
    }
    return explicit.sample(prepared, jnp.asarray(explicit.init, z.dtype), noise, z)[0]


def _not_finite(values: Mapping[str, Any]) -> dict[str, float]:
    bad: dict[str, float] = {}
    for name, value in values.items():
        flat = np.asarray(value, float).ravel()
        wrong = flat[~np.isfinite(flat)]
        if len(wrong):
            bad[name] = float(wrong[0])
    return bad
