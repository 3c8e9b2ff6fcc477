"""Which bijection makes values of a kind from unconstrained reals."""

from __future__ import annotations

import math

from ..types import Kind, Structure
from .bijections import matrices, scalars, vectors
from .bijector import Bijector

_OF_STRUCTURE: dict[Structure, Bijector] = {
    Structure.SIMPLEX: vectors.SIMPLEX,
    Structure.ORDERED: vectors.ORDERED,
    Structure.POSITIVE_ORDERED: vectors.POSITIVE_ORDERED,
    Structure.UNIT_VECTOR: vectors.UNIT_VECTOR,
    Structure.ZERO_SUM: vectors.ZERO_SUM,
    Structure.CHOLESKY: matrices.CHOLESKY,
    Structure.CORR_CHOLESKY: matrices.CORR_CHOLESKY,
    Structure.COV: matrices.COV,
    Structure.CORR: matrices.CORR,
}

_OF_CONSTANT_ENDS: dict[tuple[float, float], Bijector] = {
    (-math.inf, math.inf): scalars.IDENTITY,
    (0, math.inf): scalars.EXP,
    (-math.inf, 0): scalars.NEGATIVE_EXP,
    (0, 1): scalars.LOGISTIC,
}
"""Ends that are so common that their bijection takes no arguments."""

_OF_BOUNDED_SIDES: dict[tuple[bool, bool], Bijector] = {
    (True, True): scalars.INTERVAL,
    (True, False): scalars.LOWER,
    (False, True): scalars.UPPER,
}

BIJECTORS: tuple[Bijector, ...] = (
    *_OF_CONSTANT_ENDS.values(),
    *_OF_BOUNDED_SIDES.values(),
    *_OF_STRUCTURE.values(),
)
"""Every row."""


def bijector_for(kind: Kind, lower: bool, upper: bool) -> Bijector | None:
    """The bijection from unconstrained reals to values of ``kind``; ``None`` for whole numbers and members.

    The row's ``arguments`` say what its maps take besides ``z`` or ``x``: nothing, ``("lower",)``, ``("upper",)`` or
    ``("lower", "upper")``. The caller passes for each name the bound that is an expression where there is one, else
    that end of ``kind.interval``. Kinds with structure take none.

    Args:
        kind: what the values must be.
        lower: whether the lower end is an expression rather than that of ``kind.interval``.
        upper: the same of the upper end.

    Example:
        >>> from svilang.types import KINDS
        >>> bijector_for(KINDS["circular"].kind, False, False).arguments
        ('lower', 'upper')
    """
    if kind.discrete:
        return None
    if kind.structure is not Structure.SCALAR:
        return _OF_STRUCTURE[kind.structure]
    ends = kind.interval.lower, kind.interval.upper
    if not lower and not upper and ends in _OF_CONSTANT_ENDS:
        return _OF_CONSTANT_ENDS[ends]
    return _OF_BOUNDED_SIDES[lower or not math.isinf(ends[0]), upper or not math.isinf(ends[1])]
