"""Transformed(D, function): the law of an increasing function of a variate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...lazy import jnp, nn, special
from ...types import Interval, intervals
from ..distribution import AnyLaw, Combinator
from ..functions import FUNCTIONS
from .numeric import LOG_2, LOG_2PI, off_zero, open_unit, within
from .tails import log_above, log_at_most

if TYPE_CHECKING:
    from jax import Array


@dataclass(frozen=True, slots=True)
class Rising:
    """An increasing function y = g(x); where it is defined and what it gives stands in the table of functions.

    Args:
        inverse: ``y -> x``.
        log_slope: ``x -> log g'(x)``.
        inside: one y that it gives.
        domain: where it is used, if not everywhere.
    """

    inverse: Callable[[Any], Any]
    log_slope: Callable[[Any], Any]
    inside: float
    domain: Interval = intervals.REAL


def _logistic_log_slope(x: Any) -> Array:
    return nn.log_sigmoid(x) + nn.log_sigmoid(-x)


RISING = {
    "exp": Rising(lambda y: jnp.log(y), lambda x: x, 1.0),
    "log": Rising(lambda y: jnp.exp(y), lambda x: -jnp.log(x), 0.0, intervals.POSITIVE),
    "expm1": Rising(lambda y: jnp.log1p(y), lambda x: x, 0.0),
    "log1p": Rising(lambda y: jnp.expm1(y), lambda x: -jnp.log1p(x), 0.0, Interval(-1, lower_open=True)),
    "expit": Rising(lambda y: special.logit(y), _logistic_log_slope, 0.5),
    "logit": Rising(
        lambda y: special.expit(y), lambda x: -jnp.log(x) - jnp.log1p(-x), 0.0, Interval(0, 1, True, True)
    ),
    "softplus": Rising(lambda y: y + jnp.log(-jnp.expm1(-y)), lambda x: nn.log_sigmoid(x), 1.0),
    "sqrt": Rising(lambda y: y * y, lambda x: -LOG_2 - 0.5 * jnp.log(x), 1.0, intervals.POSITIVE),
    "square": Rising(lambda y: jnp.sqrt(y), lambda x: LOG_2 + jnp.log(x), 1.0, intervals.POSITIVE),
    "tanh": Rising(lambda y: jnp.arctanh(y), lambda x: 2 * (LOG_2 - x - nn.softplus(-2 * x)), 0.0),
    "ndtr": Rising(lambda y: special.ndtri(y), lambda x: -0.5 * (x * x + LOG_2PI), 0.5),
    "ndtri": Rising(
        lambda y: special.ndtr(y), lambda x: 0.5 * (special.ndtri(x) ** 2 + LOG_2PI), 0.0, Interval(0, 1, True, True)
    ),
}
"""By the name of the function."""


def _row(name: str, rising: Rising) -> Combinator:
    function = FUNCTIONS[name]
    image = function.support(rising.domain)

    def origin(y: Any) -> tuple[Array, Array, Array]:
        """Whether g gives y, whether y lies above all that it gives, and the x with g(x) = y."""
        inside = (y > image.lower) & (y < image.upper)
        return inside, y >= image.upper, rising.inverse(jnp.where(inside, y, rising.inside))

    def log_prob(y: Any, children: tuple[AnyLaw, ...]) -> Array:
        (child,) = children
        inside, _, x = origin(y)
        rank = len(child.row.event)
        axes = tuple(range(jnp.ndim(x) - rank, jnp.ndim(x)))
        slope = rising.log_slope(x)
        density = child.log_prob(x) - (jnp.sum(slope, axes) if rank else slope)
        return within(jnp.all(inside, axes) if rank else inside, density)

    def sample(key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...]) -> Array:
        (child,) = children
        draws = function.apply(child.sample(key, shape))
        if image.upper == 1 and image.lower == 0:
            return open_unit(draws)
        return off_zero(draws) if image.lower == 0 else draws

    def tail(of: Callable[[AnyLaw, Any], Any], below: float, above: float) -> Callable[..., Array]:
        def log_tail(y: Any, children: tuple[AnyLaw, ...]) -> Array:
            inside, high, x = origin(y)
            return jnp.where(inside, of(children[0], x), jnp.where(high, above, below))

        return log_tail

    return Combinator(
        name=f"Transformed {name}",
        params=(),
        inner="one",
        inner_first=True,
        log_prob=log_prob,
        sample=sample,
        support=function.support,
        domain=rising.domain,
        requires=("continuous",),
        log_cdf=tail(log_at_most, -float("inf"), 0.0),
        log_sf=tail(log_above, 0.0, -float("inf")),
        pathwise="children",
        summary=f"the law of `{name}` of a variate",
        reference="Billingsley (1995), Probability and Measure, sec. 20",
    )


_ROWS = {name: _row(name, rising) for name, rising in RISING.items()}

TRANSFORMED = replace(
    _ROWS["exp"],
    name="Transformed",
    domain=None,
    functions=_ROWS,
    summary="an increasing function of a variate, with the slope of the function taken into account",
)
