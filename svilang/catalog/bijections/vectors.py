"""Maps onto vectors whose elements are tied together.

The log determinant is taken with respect to the measure in which densities of the kind are written: for a simplex its
first k - 1 elements, for unit and zero-sum vectors the area of the surface, else all elements.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...lazy import jnp, nn
from ..bijector import Bijector, Shape


def _one_less(shape: Shape) -> Shape:
    return (shape[0] - 1,)


def _same_shape(shape: Shape) -> Shape:
    return shape


def _vector(
    name: str,
    free_shape: Callable[[Shape], Shape],
    forward: Callable[..., Any],
    inverse: Callable[..., Any],
    log_det: Callable[..., Any],
) -> Bijector:
    return Bijector(name, 1, 1, free_shape, forward, inverse, log_det)


# --- simplex: stick breaking -----------------------------------------------------------------------------------------
# x_i = p_i (1 - p_1) … (1 - p_{i-1}) with p_i = logistic(z_i - log(k - i)), so that z = 0 gives equal shares
# (Stan Development Team, Stan Reference Manual, "Unit simplex"). All products are sums of logarithms.


def _break_logits(z: Any) -> Any:
    """The log odds of each break: ``z`` less the log of the number of pieces still to come."""
    rest = z.shape[-1]
    return z - jnp.log(jnp.arange(rest, 0, -1, dtype=z.dtype))


def _sticks(z: Any) -> tuple[Any, Any]:
    """The logarithms of what each break takes, and of what it leaves (nothing taken yet: 0)."""
    logits = _break_logits(z)
    left = jnp.cumsum(-nn.softplus(logits), axis=-1)
    before = jnp.concatenate([jnp.zeros_like(z[..., :1]), left], axis=-1)
    return -nn.softplus(-logits), before


def _simplex_forward(z: Any) -> Any:
    z = jnp.asarray(z)
    if z.shape[-1] == 0:
        return jnp.ones((*z.shape[:-1], 1), z.dtype)
    taken, before = _sticks(z)
    shares = before + jnp.concatenate([taken, jnp.zeros_like(z[..., :1])], axis=-1)
    return jnp.maximum(jnp.exp(shares), jnp.finfo(z.dtype).tiny)


def _simplex_inverse(x: Any) -> Any:
    rest = jnp.flip(jnp.cumsum(jnp.flip(x, -1), axis=-1), -1)[..., 1:]
    logits = jnp.log(x[..., :-1]) - jnp.log(rest)
    return logits + jnp.log(jnp.arange(logits.shape[-1], 0, -1, dtype=logits.dtype))


def _simplex_log_det(z: Any, x: Any) -> Any:
    if z.shape[-1] == 0:
        return jnp.zeros_like(x[..., 0])
    taken, before = _sticks(z)
    return jnp.sum(taken + before[..., :-1] - nn.softplus(_break_logits(z)), axis=-1)


# --- ordered ---------------------------------------------------------------------------------------------------------


def _ordered_forward(z: Any) -> Any:
    return jnp.cumsum(jnp.concatenate([z[..., :1], jnp.exp(z[..., 1:])], axis=-1), axis=-1)


def _ordered_inverse(x: Any) -> Any:
    return jnp.concatenate([x[..., :1], jnp.log(jnp.diff(x, axis=-1))], axis=-1)


def _positive_ordered_inverse(x: Any) -> Any:
    return jnp.log(jnp.diff(x, axis=-1, prepend=jnp.zeros_like(x[..., :1])))


# --- unit vector: stereographic projection --------------------------------------------------------------------------
# A chart that reaches all of the sphere but the point (-1, 0, …, 0), and scales all directions alike: z = 0 is
# (1, 0, …, 0), |z| = 1 the equator. Slope 2 / (1 + |z|^2) in each of the k - 1 directions.


def _unit_vector_forward(z: Any) -> Any:
    square = jnp.sum(jnp.square(z), axis=-1, keepdims=True)
    return jnp.concatenate([1 - square, 2 * z], axis=-1) / (1 + square)


def _unit_vector_inverse(x: Any) -> Any:
    """``rest / (1 + first)``, where ``1 + first`` is taken as ``|rest|^2 / (1 - first)`` near the missing point."""
    first, rest = x[..., :1], x[..., 1:]
    behind = first < 0
    square = jnp.sum(jnp.square(rest), axis=-1, keepdims=True)
    return jnp.where(
        behind,
        rest * (1 - first) / jnp.where(behind, square, 1),
        rest / jnp.where(behind, 1, 1 + first),
    )


def _unit_vector_log_det(z: Any, x: Any) -> Any:
    return -z.shape[-1] * (jnp.log1p(jnp.sum(jnp.square(z), axis=-1)) - jnp.log(jnp.asarray(2, z.dtype)))


# --- zero sum: an isometry -------------------------------------------------------------------------------------------
# A reflection that takes the last axis to the direction (1, …, 1) takes what is orthogonal to it to the zero-sum
# vectors, and keeps lengths: every z_i stands for the same spread of x.


def _zero_sum_forward(z: Any) -> Any:
    size = z.shape[-1] + 1
    total = jnp.sum(z, axis=-1, keepdims=True)
    return jnp.concatenate([z - total / (size**0.5 + size), -total / size**0.5], axis=-1)


def _zero_sum_inverse(x: Any) -> Any:
    return x[..., :-1] - x[..., -1:] / (1 + x.shape[-1] ** 0.5)


SIMPLEX = _vector("stick breaking", _one_less, _simplex_forward, _simplex_inverse, _simplex_log_det)

ORDERED = _vector("ordered", _same_shape, _ordered_forward, _ordered_inverse, lambda z, x: jnp.sum(z[..., 1:], axis=-1))

POSITIVE_ORDERED = _vector(
    "positive ordered",
    _same_shape,
    lambda z: jnp.cumsum(jnp.exp(z), axis=-1),
    _positive_ordered_inverse,
    lambda z, x: jnp.sum(z, axis=-1),
)

UNIT_VECTOR = _vector("stereographic", _one_less, _unit_vector_forward, _unit_vector_inverse, _unit_vector_log_det)

ZERO_SUM = _vector("zero sum", _one_less, _zero_sum_forward, _zero_sum_inverse, lambda z, x: jnp.zeros_like(x[..., 0]))
