"""Dimensions as names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Dim:
    """One named axis of a value.

    A square holds its dimension twice; the second axis is the same dimension with ``prime=1`` and prints as
    ``school'``. Size and labels belong to the name, so that both axes share them.
    """

    name: str
    prime: int = 0

    def __str__(self) -> str:
        return self.name + "'" * self.prime

    @property
    def primed(self) -> Dim:
        """The second axis of a square over this dimension."""
        return Dim(self.name, self.prime + 1)


Dims = tuple[Dim, ...]
"""Axes in storage order."""


NAMELESS = "~"
"""How the dimension of a list begins that nothing gives a name; no text can use such a word."""


def nameless(name: str | None) -> bool:
    """Whether a dimension is that of a list which nothing gives a name."""
    return name is not None and name.startswith(NAMELESS)


MOST_ENTRIES = 250_000_000
"""The largest value that a program may make where its data are smaller: two gigabytes in double precision."""

MOST_AXES = 32
"""How many axes a value may have; NumPy takes twice as many, of which the runtime adds some."""


def union(*many: Dims) -> Dims:
    """All axes, each once, in the order in which they are first met.

    Example:
        >>> [str(d) for d in union((Dim("a"), Dim("b")), (Dim("b"), Dim("c")))]
        ['a', 'b', 'c']
    """
    return tuple(dict.fromkeys(dim for dims in many for dim in dims))
