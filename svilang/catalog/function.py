"""The row that holds everything known about one function of the expression language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..types import Interval, Kind


class Role(Enum):
    """How a function treats dimensions.

    * ``ELEMENTWISE`` — ``apply(*arrays)``: arguments broadcast by name.
    * ``REDUCE`` — ``apply(array, axis)``: ``sum(x, over=d)``; the dimension goes.
    * ``ALONG`` — ``apply(array, axis)``: ``softmax(x, over=d)``; the dimension stays.
    * ``MATRIX`` — ``apply(*arrays)`` with event axes last, as ``signature`` says; batch axes lead and broadcast.
    * ``FILL`` — made from dimensions: ``apply(sizes: tuple[int, ...], *values)``, with ``signature`` giving the axes.
    """

    ELEMENTWISE = "elementwise"
    REDUCE = "reduce"
    ALONG = "along"
    MATRIX = "matrix"
    FILL = "fill"


@dataclass(frozen=True, slots=True)
class Function:
    """One function or operator.

    Args:
        name: as the language spells it; operators carry their sign (``"+"``, ``"<="``, ``"if"``).
        role: how it treats dimensions.
        params: names of the arguments, in order. For ``FILL`` those that are dimensions are listed in ``dims``.
        apply: the JAX implementation (see :class:`Role`).
        support: the interval of a result's elements from those of the arguments; how supports are proved.
        summary: one line with the formula.
        domain: the interval that each argument's elements must lie in; ``None`` where any real will do.
        signature: ``MATRIX`` and ``FILL`` only: event axes of each argument and of the result, e.g.
            ``((("n", "n"), ("n",)), ("n",))`` for ``solve``. A name repeated within one argument is a square.
        result: the kind of the result where it is more than an interval (``cholesky`` gives a Cholesky factor).
        variadic: whether the last argument may be repeated (``max(a, b, c)`` elementwise, ``min``).
        optional: arguments that may be left out, with the value then used.
        wider: ``MATRIX`` only: the same function of arguments with more axes (points with several coordinates).
        counts: ``REDUCE`` only: whether a value that stands there twice counts twice.
    """

    name: str
    role: Role
    params: tuple[str, ...]
    apply: Callable[..., Any]
    support: Callable[..., Interval]
    summary: str
    domain: tuple[Interval | None, ...] | None = None
    signature: tuple[tuple[tuple[str, ...], ...], tuple[str, ...]] | None = None
    result: Kind | None = None
    dims: tuple[str, ...] = ()
    variadic: bool = False
    optional: tuple[tuple[str, float], ...] = ()
    wider: tuple[Function, ...] = ()
    counts: bool = False

    def suited(self, axes: Sequence[int]) -> Function:
        """The form for arguments with so many event axes; if none is, that for the first argument."""
        for known in (len(axes), 1):
            for form in (self, *self.wider):
                inputs = form.signature[0] if form.signature is not None else ()
                if [len(event) for event in inputs[:known]] == [*axes[:known]]:
                    return form
        return self
