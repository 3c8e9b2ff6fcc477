"""Functions of the values along one named dimension: those that reduce it, and those that keep it."""

from __future__ import annotations

from typing import Any

from ...lazy import jnp, lax, nn, special
from ...types import KINDS, Interval, Kind
from ...types.intervals import BINARY, NONNEGATIVE, UNIT
from ..function import Function, Role
from . import supports
from .numbers import number, reals


def _sum(x: Any, axis: int) -> Any:
    return jnp.sum(x if x.dtype == bool else reals(x)[0], axis=axis)


def _norm(x: Any, axis: int) -> Any:
    """Scaled by the largest entry against overflow; the slope at 0 is 0."""
    (x,) = reals(x)
    largest = lax.stop_gradient(jnp.max(jnp.abs(x), axis=axis, keepdims=True))
    zero = largest == 0
    scale = jnp.where(zero, 1, largest)
    squares = jnp.sum(jnp.square(x / scale), axis=axis)
    zero, scale = jnp.squeeze(zero, axis), jnp.squeeze(scale, axis)
    return jnp.where(zero, 0, scale * jnp.sqrt(jnp.where(zero, 1, squares)))


def _center(x: Any, axis: int) -> Any:
    (x,) = reals(x)
    return x - jnp.mean(x, axis=axis, keepdims=True)


def _standardize(x: Any, axis: int) -> Any:
    centred = _center(x, axis)
    return centred / jnp.sqrt(jnp.mean(jnp.square(centred), axis=axis, keepdims=True))


def _stick_breaking(x: Any, axis: int) -> Any:
    share = jnp.moveaxis(reals(x)[0], axis, -1)
    last = jnp.ones_like(share[..., :1])
    left = jnp.concatenate([last, jnp.cumprod(1 - share[..., :-1], axis=-1)], -1)
    return jnp.moveaxis(left * jnp.concatenate([share[..., :-1], last], -1), -1, axis)


def _variance(x: Any, axis: int) -> Any:
    return jnp.mean(jnp.square(_center(x, axis)), axis=axis)


def _from_lower(x: Interval) -> Interval:
    return Interval(x.lower, lower_open=x.lower_open)


def _norm_support(x: Interval) -> Interval:
    return _from_lower(supports.magnitude(x))


def _center_support(x: Interval) -> Interval:
    between = supports.between(x)
    return between - between


def _reduce(
    name: str, apply: Any, support: supports.Rule, summary: str, domain: Interval | None = None, *, counts: bool = False
) -> Function:
    return Function(name, Role.REDUCE, ("x",), apply, support, summary, domain=domain and (domain,), counts=counts)


def _along(name: str, apply: Any, support: supports.Rule, summary: str, result: Kind | None = None) -> Function:
    return Function(name, Role.ALONG, ("x",), apply, support, summary, result=result)


ROWS = (
    _reduce("sum", _sum, supports.total, "the sum of the values", counts=True),
    _reduce(
        "prod",
        lambda x, axis: jnp.prod(reals(x)[0], axis=axis),
        supports.multiplied,
        "the product of the values",
        counts=True,
    ),
    _reduce("mean", lambda x, axis: jnp.mean(*reals(x), axis=axis), supports.between, "the mean of the values"),
    _reduce("median", lambda x, axis: jnp.median(*reals(x), axis=axis), supports.between, "the middle value"),
    _reduce("max", lambda x, axis: jnp.max(number(x), axis=axis), supports.same, "the greatest value"),
    _reduce("min", lambda x, axis: jnp.min(number(x), axis=axis), supports.same, "the least value"),
    _reduce("var", _variance, supports.always(NONNEGATIVE), "the mean squared distance from the mean (divisor n)"),
    _reduce(
        "std",
        lambda x, axis: _norm(_center(x, axis), axis) / x.shape[axis] ** 0.5,
        supports.always(NONNEGATIVE),
        "the square root of var",
    ),
    _reduce("norm", _norm, _norm_support, "the Euclidean length", counts=True),
    _reduce(
        "logsumexp",
        lambda x, axis: special.logsumexp(*reals(x), axis=axis),
        _from_lower,
        "the logarithm of the sum of e^x, without overflow",
        counts=True,
    ),
    _reduce("any", lambda x, axis: jnp.any(x, axis=axis), supports.always(BINARY), "whether any value holds", BINARY),
    _reduce("all", lambda x, axis: jnp.all(x, axis=axis), supports.always(BINARY), "whether every value holds", BINARY),
    _along(
        "cumsum", lambda x, axis: jnp.cumsum(reals(x)[0], axis=axis), supports.total, "the sum of the values so far"
    ),
    _along("cumprod", lambda x, axis: jnp.cumprod(reals(x)[0], axis=axis), supports.multiplied, "the product so far"),
    _along(
        "cummax",
        lambda x, axis: lax.cummax(number(x), axis=axis % x.ndim),
        supports.same,
        "the greatest value so far",
    ),
    _along(
        "cummin", lambda x, axis: lax.cummin(number(x), axis=axis % x.ndim), supports.same, "the least value so far"
    ),
    _along(
        "cumlogsumexp",
        lambda x, axis: lax.cumlogsumexp(reals(x)[0], axis=axis % x.ndim),
        _from_lower,
        "the logsumexp of the values so far",
    ),
    _along(
        "softmax",
        lambda x, axis: nn.softmax(*reals(x), axis=axis),
        supports.always(Interval(0, 1, lower_open=True)),
        "e^x divided by its sum",
        KINDS["simplex"].kind,
    ),
    _along(
        "log_softmax",
        lambda x, axis: nn.log_softmax(*reals(x), axis=axis),
        supports.always(Interval(upper=0)),
        "the logarithm of softmax",
    ),
    Function(
        "stick_breaking",
        Role.ALONG,
        ("x",),
        _stick_breaking,
        supports.always(UNIT),
        "the parts of a stick, as many as x: each x breaks off its share of what is left, the last, whatever it is, "
        "the rest",
        domain=(UNIT,),
        result=KINDS["simplex"].kind,
    ),
    _along("center", _center, _center_support, "the values less their mean", KINDS["zero_sum"].kind),
    _along("standardize", _standardize, supports.anywhere, "the values less their mean, divided by their std"),
    _along("sort", lambda x, axis: jnp.sort(x, axis=axis), supports.same, "the values in increasing order"),
    _along("reverse", lambda x, axis: jnp.flip(x, axis=axis), supports.same, "the values from last to first"),
)

ALIASES = {"sd": "std", "variance": "var"}
