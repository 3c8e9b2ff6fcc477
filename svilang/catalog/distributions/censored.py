"""Censored(D, lower, upper), values beyond a bound recorded as the bound, and IntervalCensored(D, upper)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ..distribution import AnyLaw, Combinator, Param
from .kinds import REAL
from .numeric import within
from .tails import before, log_above, log_at_most, log_mass
from .truncated import between

if TYPE_CHECKING:
    from jax import Array


def _log_prob(x: Any, children: tuple[AnyLaw, ...], lower: Any, upper: Any) -> Array:
    (child,) = children
    value = child.log_prob(x)
    # At `x` itself, so that the branch not taken has slopes too where a bound is infinite.
    if upper is not None:
        value = jnp.where(x == upper, log_above(child, before(child, x)), value)
    if lower is not None:
        value = jnp.where(x == lower, log_at_most(child, x), value)
    return within(between(x, lower, upper), value)


def _sample(key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...], lower: Any, upper: Any) -> Array:
    (child,) = children
    return jnp.clip(child.sample(key, shape), lower, upper)


CENSORED = Combinator(
    name="Censored",
    params=(
        Param("lower", REAL, "values below are recorded as this one"),
        Param("upper", REAL, "values above are recorded as this one"),
    ),
    inner="one",
    inner_first=True,
    log_prob=_log_prob,
    sample=_sample,
    support="meet",
    optional=("lower", "upper"),
    requires=("cdf",),
    atoms=True,
    summary="measurements that stop at a bound: survival times, detection limits",
    reference="Klein & Moeschberger (2003), Survival Analysis, ch. 3",
)


def _interval_log_prob(x: Any, children: tuple[AnyLaw, ...], upper: Any) -> Array:
    (child,) = children
    known = x == upper
    above = jnp.where(known, x + 1, upper)
    return jnp.where(known, child.log_prob(x), within(x < upper, log_mass(child, x, above)))


def _interval_sample(key: Any, shape: tuple[int, ...], children: tuple[AnyLaw, ...], upper: Any) -> Array:
    (child,) = children
    return child.sample(key, shape)


INTERVAL_CENSORED = Combinator(
    name="IntervalCensored",
    params=(Param("upper", REAL, "the upper end of the interval; what is observed is the lower one"),),
    inner="one",
    inner_first=True,
    log_prob=_interval_log_prob,
    sample=_interval_sample,
    support="same",
    requires=("cdf",),
    atoms=True,
    summary="a value known to lie between the one observed and `upper`, as between two visits",
    reference="Klein & Moeschberger (2003), Survival Analysis, sec. 3.5",
)
