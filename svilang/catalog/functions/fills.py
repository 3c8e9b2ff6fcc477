"""Values made from dimensions alone.

A row's ``signature`` names the axes of one call over one dimension. Where the row is variadic, it is the dimension that
may be repeated: ``zeros(a, b)`` has the axes ``a`` and ``b``.
"""

from __future__ import annotations

from typing import Any

from ...lazy import jnp
from ...types import Interval
from ...types.intervals import BINARY, COUNT
from ..function import Function, Role
from . import supports

Sizes = tuple[int, ...]


def _full(sizes: Sizes, value: Any) -> Any:
    value = jnp.asarray(value)
    return jnp.broadcast_to(value.reshape(value.shape + (1,) * len(sizes)), value.shape + sizes)


def _row(
    name: str,
    apply: Any,
    support: supports.Rule,
    summary: str,
    out: tuple[str, ...],
    values: tuple[str, ...] = (),
    variadic: bool = False,
) -> Function:
    return Function(
        name,
        Role.FILL,
        ("dim", *values),
        apply,
        support,
        summary,
        signature=(((),) * len(values), out),
        dims=("dim",),
        variadic=variadic,
    )


ROWS = (
    _row(
        "ones", lambda sizes: jnp.ones(sizes), supports.always(Interval(1, 1)), "1 everywhere", ("dim",), variadic=True
    ),
    _row(
        "zeros",
        lambda sizes: jnp.zeros(sizes),
        supports.always(Interval(0, 0)),
        "0 everywhere",
        ("dim",),
        variadic=True,
    ),
    _row("full", _full, supports.same, "the same value everywhere", ("dim",), ("value",), variadic=True),
    _row("eye", lambda sizes: jnp.eye(sizes[0]), supports.always(BINARY), "the identity matrix", ("dim", "dim")),
    _row(
        "position",
        lambda sizes: jnp.arange(sizes[0]),
        supports.always(COUNT),
        "0, 1, 2, … along the dimension",
        ("dim",),
    ),
    _row("size", lambda sizes: sizes[0], supports.always(COUNT), "the number of members of the dimension", ()),
)
