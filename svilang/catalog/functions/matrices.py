"""Functions of vectors and matrices over named squares; batch axes lead.

Products ask for full precision: accelerators else round their factors to ten bits, and a covariance loses its sign.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...lazy import jax, jnp, lax, linalg
from ...types import KINDS, Interval, Kind
from ..function import Function, Role
from . import supports
from .numbers import numbers, reals

Axes = tuple[str, ...]
_SCALAR: Axes = ()
_VECTOR: Axes = ("n",)
_SQUARE: Axes = ("n", "n")


def _solve(a: Any, b: Any) -> Any:
    return _solved(jnp.linalg.solve, a, b)


def _solve_triangular(factor: Any, b: Any) -> Any:
    return _solved(lambda factor, b: linalg.solve_triangular(factor, b, lower=True), factor, b)


def _solved(solve: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """A matrix that is the same for all right sides is factored once, and has them as columns."""
    a, b = reals(a, b)
    batch, square = jnp.broadcast_shapes(a.shape[:-2], b.shape[:-1]), a.shape[-2:]
    if math.prod(a.shape[:-2]) == 1:
        return solve(a.reshape(square), b.reshape(-1, b.shape[-1]).T).T.reshape(*batch, b.shape[-1])
    a, b = jnp.broadcast_to(a, (*batch, *square)), jnp.broadcast_to(b, (*batch, b.shape[-1]))
    return solve(a, b[..., None])[..., 0]


def _diag(x: Any) -> Any:
    return jnp.where(jnp.eye(x.shape[-1], dtype=bool), x[..., None], 0)


def _outer(x: Any, y: Any) -> Any:
    x, y = reals(x, y)
    return x[..., :, None] * y[..., None, :]


def _dot(x: Any, y: Any) -> Any:
    x, y = reals(x, y)
    return jnp.sum(x * y, axis=-1)


def _quad_form(a: Any, x: Any) -> Any:
    a, x = reals(a, x)
    return jnp.einsum("...i,...ij,...j->...", x, a, x, precision="highest")


def _tcrossprod(a: Any) -> Any:
    (a,) = reals(a)
    return jnp.einsum("...ik,...jk->...ij", a, a, precision="highest")


_HALVINGS = 40


def _matrix_exp(a: Any) -> Any:
    """e^a = (e^(a / 2^k))^(2^k), with k such that no column of the root sums to more than 1 (Higham 2005).

    JAX chooses a k that is too small by one, which leaves 9 digits of 16.
    """
    (a,) = reals(a)
    largest = lax.stop_gradient(jnp.max(jnp.sum(jnp.abs(a), axis=-2), axis=-1))[..., None, None]
    halvings = jnp.ceil(jnp.log2(jnp.maximum(largest, 1)))

    def squared(root: Any, step: Any) -> Any:
        return jnp.where(step < halvings, root @ root, root), None

    with jax.default_matmul_precision("highest"):
        value, _ = lax.scan(squared, linalg.expm(a * jnp.exp2(-halvings)), jnp.arange(_HALVINGS))
    return jnp.where(halvings <= _HALVINGS, value, jnp.nan)


def _interp(x: Any, at: Any, values: Any) -> Any:
    """Between neighbours along a straight line, beyond the ends as at the end; the points are put in order first."""
    x, at, values = reals(x, at, values)
    batch = jnp.broadcast_shapes(jnp.shape(x), at.shape[:-1], values.shape[:-1])
    x = jnp.broadcast_to(x, batch)
    at, values = (jnp.broadcast_to(points, (*batch, points.shape[-1])) for points in (at, values))
    order = jnp.argsort(at, axis=-1)
    at, values = (jnp.take_along_axis(points, order, axis=-1) for points in (at, values))
    return jnp.vectorize(jnp.interp, signature="(),(n),(n)->()")(x, at, values)


def _with_zeros(x: Interval) -> Interval:
    return x.hull(Interval(0, 0))


def _row(
    name: str,
    params: str,
    apply: Any,
    axes: tuple[tuple[Axes, ...], Axes],
    summary: str,
    support: supports.Rule = supports.anywhere,
    result: Kind | None = None,
) -> Function:
    return Function(name, Role.MATRIX, tuple(params.split()), apply, support, summary, signature=axes, result=result)


ROWS = (
    _row(
        "cholesky",
        "a",
        lambda a: jnp.linalg.cholesky(*reals(a)),
        ((_SQUARE,), _SQUARE),
        "the lower triangular L with L L' = a",
        result=KINDS["cholesky"].kind,
    ),
    _row("solve", "a b", _solve, ((_SQUARE, _VECTOR), _VECTOR), "the x with a x = b"),
    _row(
        "solve_triangular",
        "factor b",
        _solve_triangular,
        ((_SQUARE, _VECTOR), _VECTOR),
        "the x with L x = b, where only the lower triangle L of the factor counts",
    ),
    _row("inverse", "a", lambda a: jnp.linalg.inv(*reals(a)), ((_SQUARE,), _SQUARE), "the inverse matrix"),
    _row("det", "a", lambda a: jnp.linalg.det(*reals(a)), ((_SQUARE,), _SCALAR), "the determinant"),
    _row(
        "logdet",
        "a",
        lambda a: jnp.linalg.slogdet(*reals(a))[1],
        ((_SQUARE,), _SCALAR),
        "the logarithm of the magnitude of the determinant",
    ),
    _row("matrix_exp", "a", _matrix_exp, ((_SQUARE,), _SQUARE), "e^a by its power series: 1 + a + a a / 2 + …"),
    _row(
        "eigvalsh",
        "a",
        lambda a: jnp.linalg.eigvalsh(*reals(a)),
        ((_SQUARE,), _VECTOR),
        "the eigenvalues of a symmetric matrix in increasing order; only its lower triangle counts",
    ),
    _row(
        "trace",
        "a",
        lambda a: jnp.trace(*reals(a), axis1=-2, axis2=-1),
        ((_SQUARE,), _SCALAR),
        "the sum of the diagonal",
        supports.total,
    ),
    _row("diag", "x", lambda x: _diag(*numbers(x)), ((_VECTOR,), _SQUARE), "the matrix with diagonal x", _with_zeros),
    _row(
        "diagonal",
        "a",
        lambda a: jnp.diagonal(*numbers(a), axis1=-2, axis2=-1),
        ((_SQUARE,), _VECTOR),
        "the diagonal of a matrix",
        supports.same,
    ),
    _row(
        "tril",
        "a",
        lambda a: jnp.tril(*numbers(a)),
        ((_SQUARE,), _SQUARE),
        "the lower triangle with its diagonal, and 0 above",
        _with_zeros,
    ),
    _row(
        "outer",
        "x y",
        _outer,
        ((("n",), ("m",)), ("n", "m")),
        "the matrix of all products x_i y_j",
        lambda x, y: x * y,
    ),
    _row(
        "transpose",
        "a",
        lambda a: jnp.swapaxes(a, -1, -2),
        ((("n", "m"),), ("m", "n")),
        "rows as columns",
        supports.same,
    ),
    _row("dot", "x y", _dot, ((_VECTOR, _VECTOR), _SCALAR), "the sum of x_i y_i", lambda x, y: supports.total(x * y)),
    _row(
        "interp",
        "x at values",
        _interp,
        ((_SCALAR, _VECTOR, _VECTOR), _SCALAR),
        "the value at x on straight lines between the points (at, values); beyond them that of the nearest",
        lambda x, at, values: supports.between(values),
    ),
    _row("quad_form", "a x", _quad_form, ((_SQUARE, _VECTOR), _SCALAR), "x' a x"),
    _row("tcrossprod", "a", _tcrossprod, ((("n", "m"),), ("n", "n")), "a a'"),
)

ALIASES = {"inv": "inverse", "log_det": "logdet", "expm": "matrix_exp", "eigenvalues_sym": "eigvalsh"}
