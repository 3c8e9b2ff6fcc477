"""Delta and Improper: all mass at one point, and no finite mass at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...lazy import jnp
from ..distribution import Distribution, Form, Param
from .kinds import REAL
from .numeric import real, spread, within

if TYPE_CHECKING:
    from jax import Array


def _sample(key: Any, shape: tuple[int, ...], v: Any) -> Array:
    return jnp.broadcast_to(real(v), shape)


DELTA = Distribution(
    name="Delta",
    forms=(
        Form(
            (Param("v", REAL, "the only value", default=0.0),),
            lambda x, v: within(x == v, spread(0.0, real(x), real(v))),
        ),
    ),
    support=REAL,
    bounds=("v", "v"),
    sample=_sample,
    reparameterised=True,
    mean=lambda v: real(v),
    variance=lambda v: spread(0.0, real(v)),
    entropy=lambda v: spread(0.0, real(v)),
    cdf=lambda x, v: jnp.where(x < v, 0.0, 1.0),
    summary="one value for certain; in a guide, a point estimate",
    reference="Johnson, Kemp & Kotz (2005), ch. 1",
)

IMPROPER = Distribution(
    name="Improper",
    forms=(Form((), lambda x: spread(0.0, real(x))),),
    support=REAL,
    sample=None,
    reparameterised=False,
    normalised=False,
    summary="a flat prior over a kind, which need not be a probability law",
    reference="Gelman et al. (2013), Bayesian Data Analysis, sec. 2.8",
)
