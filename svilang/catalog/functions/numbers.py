"""What arithmetic takes: truth values count as 0 and 1, and products and sums of whole numbers are taken as reals."""

from __future__ import annotations

from typing import Any

from ...lazy import jnp


def constant(*values: Any) -> bool:
    """Whether all are plain Python numbers, so that the result can stay one."""
    return all(isinstance(value, int | float) for value in values)


def number(value: Any) -> Any:
    """Truth values as 0 and 1; all else as it is."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    return value.astype(int) if value.dtype == bool else value


def numbers(*values: Any) -> tuple[Any, ...]:
    """Each as a :func:`number`."""
    return tuple(number(value) for value in values)


def reals(*values: Any) -> tuple[Any, ...]:
    """As floating-point numbers where all are whole: machine integers wrap around where a product does not fit."""
    given = numbers(*values)
    if any(_floating(value) for value in given):
        return given
    return tuple(float(value) if constant(value) else value.astype(float) for value in given)


def _floating(value: Any) -> bool:
    return isinstance(value, float) or (not constant(value) and bool(jnp.issubdtype(value.dtype, jnp.inexact)))
