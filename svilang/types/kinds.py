"""Kinds: what a value may be. A kind checks data, constrains params and types sites."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from . import intervals
from .intervals import Interval


class Structure(Enum):
    """How the elements along the last axes of a value are tied together; the value is the number of those axes."""

    SCALAR = ("scalar", 0)
    SIMPLEX = ("simplex", 1)
    ORDERED = ("ordered", 1)
    POSITIVE_ORDERED = ("positive_ordered", 1)
    UNIT_VECTOR = ("unit_vector", 1)
    ZERO_SUM = ("zero_sum", 1)
    CHOLESKY = ("cholesky", 2)
    CORR_CHOLESKY = ("corr_cholesky", 2)
    COV = ("cov", 2)
    CORR = ("corr", 2)

    @property
    def rank(self) -> int:
        """How many trailing axes the structure binds."""
        return self.value[1]

    def __str__(self) -> str:
        return self.value[0]


@dataclass(frozen=True, slots=True)
class Kind:
    """A structure, the interval of each element, and for members the dimension they belong to."""

    structure: Structure = Structure.SCALAR
    interval: Interval = intervals.REAL
    member: str | None = None

    @property
    def discrete(self) -> bool:
        """Whether the values are integers or members of a dimension."""
        return self.interval.integer and self.structure is Structure.SCALAR

    @property
    def element(self) -> Kind:
        """The kind of one element, its structure forgotten."""
        return replace(self, structure=Structure.SCALAR)

    def holds(self, other: Kind) -> bool:
        """Whether every value of kind ``other`` is of this kind."""
        if self.member is not None and other.member != self.member:
            return False
        if self.structure is not Structure.SCALAR and not _implies(other.structure, self.structure):
            return False
        return self.interval.holds(other.interval)

    def __str__(self) -> str:
        if self.member is not None:
            return self.member
        if self.structure is not Structure.SCALAR:
            return str(self.structure)
        for name, row in KINDS.items():
            if not row.arguments and row.kind == self:
                return name
        low, high = self.interval.lower, self.interval.upper
        if self.interval.integer:
            return f"integer in {self.interval.bounds}"
        if low == -intervals.inf:
            return f"upper({high:g})"
        return f"lower({low:g})" if high == intervals.inf else f"interval({low:g}, {high:g})"


_STRONGER = {
    Structure.POSITIVE_ORDERED: {Structure.ORDERED},
    Structure.CORR_CHOLESKY: {Structure.CHOLESKY},
    Structure.CORR: {Structure.COV},
}


def _implies(given: Structure, wanted: Structure) -> bool:
    return given is wanted or wanted in _STRONGER.get(given, set())


@dataclass(frozen=True, slots=True)
class KindRow:
    """One word of the language that names a kind.

    Args:
        kind: what the word means before its arguments narrow it.
        arguments: the names of its bounds (``lower``, ``upper``), in order.
        meaning: one line for the reference.
    """

    kind: Kind
    arguments: tuple[str, ...] = ()
    meaning: str = ""


def _structured(structure: Structure, interval: Interval = intervals.REAL) -> Kind:
    return Kind(structure, interval)


KINDS: dict[str, KindRow] = {
    "real": KindRow(Kind(), meaning="any finite number"),
    "positive": KindRow(Kind(interval=intervals.POSITIVE), meaning="greater than 0"),
    "nonnegative": KindRow(Kind(interval=intervals.NONNEGATIVE), meaning="0 or greater"),
    "negative": KindRow(Kind(interval=intervals.NEGATIVE), meaning="less than 0"),
    "unit": KindRow(Kind(interval=intervals.UNIT), meaning="from 0 to 1"),
    "interval": KindRow(Kind(), ("lower", "upper"), "from the lower to the upper bound"),
    "lower": KindRow(Kind(), ("lower",), "the bound or greater"),
    "upper": KindRow(Kind(), ("upper",), "the bound or less"),
    "circular": KindRow(Kind(interval=intervals.CIRCULAR), meaning="an angle, from -pi to pi"),
    "integer": KindRow(Kind(interval=intervals.INTEGER), meaning="a whole number"),
    "count": KindRow(Kind(interval=intervals.COUNT), meaning="0, 1, 2, …"),
    "binary": KindRow(Kind(interval=intervals.BINARY), meaning="0 or 1"),
    "simplex": KindRow(_structured(Structure.SIMPLEX, intervals.UNIT), meaning="nonnegative numbers that sum to 1"),
    "ordered": KindRow(_structured(Structure.ORDERED), meaning="strictly increasing"),
    "positive_ordered": KindRow(
        _structured(Structure.POSITIVE_ORDERED, intervals.POSITIVE), meaning="strictly increasing and positive"
    ),
    "unit_vector": KindRow(_structured(Structure.UNIT_VECTOR, Interval(-1, 1)), meaning="of length 1"),
    "zero_sum": KindRow(_structured(Structure.ZERO_SUM), meaning="numbers that sum to 0"),
    "cholesky": KindRow(_structured(Structure.CHOLESKY), meaning="lower triangular with a positive diagonal"),
    "corr_cholesky": KindRow(
        _structured(Structure.CORR_CHOLESKY, Interval(-1, 1)), meaning="the Cholesky factor of a correlation matrix"
    ),
    "cov": KindRow(_structured(Structure.COV), meaning="symmetric and positive definite"),
    "corr": KindRow(_structured(Structure.CORR, Interval(-1, 1)), meaning="a correlation matrix"),
}
"""Every kind of the language except the dimensions, which are kinds too."""
