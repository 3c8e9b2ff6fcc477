"""What lowering needs to know of a program whose data are bound, and the data as arrays of the working precision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from ..ir.nodes import Id, Program
from ..lazy import np
from ..types import Dims

if TYPE_CHECKING:
    import numpy


class Bound(Protocol):
    """A program with sizes, labels and checked data: ``arrays`` hold float64 or int64 with axes in declared order,
    a finite value in the place of each missing entry.
    """

    @property
    def program(self) -> Program: ...
    @property
    def sizes(self) -> Mapping[str, int]: ...
    @property
    def labels(self) -> Mapping[str, tuple[str | int, ...] | None]: ...
    @property
    def arrays(self) -> Mapping[str, numpy.ndarray]: ...
    @property
    def present(self) -> Mapping[str, numpy.ndarray]: ...
    def position(self, dim: str, label: str | int) -> int:
        """The position of a label in a dimension."""
        ...

    def value(self, program: Program, node: Id) -> numpy.ndarray | None:
        """The value of a node of a program over the same data, where data decide it and it is a simple expression."""
        ...


def shape_of(dims: Dims, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The lengths of some axes."""
    return tuple(sizes[dim.name] for dim in dims)


def presence_key(name: str) -> str:
    """Under which name the presence of an optional data item stands among the arguments (no item can be called so)."""
    return f"{name}?"


def arguments(bound: Bound) -> dict[str, numpy.ndarray]:
    """All data in NumPy as programs take them: floating-point numbers as they are, whole ones as int32, presence under
    its own name. The precision is that of the program.
    """
    found = {name: _narrow(np.asarray(values)) for name, values in bound.arrays.items()}
    presence = {presence_key(name): np.asarray(present, dtype=bool) for name, present in bound.present.items()}
    return as_own({**found, **presence})


def as_own(arrays: Mapping[str, numpy.ndarray]) -> dict[str, numpy.ndarray]:
    """The same numbers as arrays that no other program knows.

    JAX keeps what it made of an array that a program has as a constant, and gives it to every other program for that
    array: to one of another precision too, which then fails.
    """
    return {name: values.view() for name, values in arrays.items()}


def _narrow(values: numpy.ndarray) -> numpy.ndarray:
    return values.astype(np.int32, copy=False) if np.issubdtype(values.dtype, np.integer) else values
