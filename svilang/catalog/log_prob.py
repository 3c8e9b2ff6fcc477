"""Log densities as functions of the expression language, one for each set of parameters of each distribution."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from ..lazy import jnp
from ..types import intervals
from .distribution import Distribution, Form
from .function import Function, Role

if TYPE_CHECKING:
    from jax import Array


@cache
def log_prob(name: str, form: int) -> Function:
    """The log density of the distribution ``name`` as a function of the variate and the parameters of one form.

    Args:
        name: of a row of the table.
        form: which of its sets of parameters.
    """
    from .distributions import DISTRIBUTIONS

    row = DISTRIBUTIONS[name]
    params = row.forms[form].params
    events = (row.event, *(param.event for param in params))
    vectors = any(events)
    return Function(
        name=f"log_prob.{name}.{form}",
        role=Role.MATRIX if vectors else Role.ELEMENTWISE,
        params=("x", *(param.name for param in params)),
        apply=partial(_log_prob, row, row.forms[form]),
        support=lambda *_: intervals.REAL,
        summary=f"the log density of {name}",
        signature=(events, ()) if vectors else None,
    )


def every() -> Iterable[Function]:
    """That of every distribution and form."""
    from .distributions import DISTRIBUTIONS

    return (log_prob(row.name, i) for row in DISTRIBUTIONS.values() for i in range(len(row.forms)))


def _log_prob(row: Distribution, form: Form, x: Any, *args: Any) -> Array:
    """The density of arrays, of which whole numbers may stand for real ones and the other way round."""
    whole = [row.support.interval.integer, *(param.kind.interval.integer for param in form.params)]
    dtype = jnp.result_type(float)
    return form.log_prob(*(typed(array, integer, dtype) for array, integer in zip((x, *args), whole, strict=True)))


def typed(array: Any, integer: bool, dtype: Any) -> Array:
    """Whole numbers where a distribution takes these, real ones of ``dtype`` in the place of others elsewhere."""
    array = jnp.asarray(array)
    if integer:
        return array if jnp.issubdtype(array.dtype, jnp.integer) else array.astype(jnp.int32)
    return array if jnp.issubdtype(array.dtype, jnp.inexact) else array.astype(dtype)
