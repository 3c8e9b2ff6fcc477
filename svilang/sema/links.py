"""From unconstrained reals to values of a kind, as formulas of the language: the last step of a net's output.

A head gives as many reals as the output has elements. Where the kind ties its elements together, one of these degrees
of freedom may be idle (as in softmax), which an optimiser does not mind; a change of variables would.
"""

from __future__ import annotations

import math

from ..ir import nodes as ir
from ..types import Dims, Kind, Structure
from .compose import Compose
from .kinds import interior


def link(c: Compose, value: ir.Id, kind: Kind, bounds: ir.Bounds, event: Dims) -> ir.Id:
    """``value`` made to be of ``kind``; ``event`` are the axes that the kind's structure binds."""
    made = _scalar(c, value, kind, bounds) if kind.structure is Structure.SCALAR else _tied(c, value, kind, event)
    if made != value:
        c.b.narrow(made, interior(kind))
    return made


def _scalar(c: Compose, value: ir.Id, kind: Kind, bounds: ir.Bounds) -> ir.Id:
    lower, upper = _end(c, bounds.lower, kind.interval.lower), _end(c, bounds.upper, kind.interval.upper)
    if lower is None and upper is None:
        return value
    if lower is None:
        assert upper is not None
        return c.apply("-", upper, c.apply("exp", c.apply("negate", value)))
    if upper is None:
        return c.apply("+", lower, c.apply("exp", value))
    return c.apply("+", lower, c.apply("*", c.apply("-", upper, lower), c.apply("expit", value)))


def _end(c: Compose, node: ir.Id | None, number: float) -> ir.Id | None:
    if node is not None:
        return node
    return None if math.isinf(number) else c.number(number)


def _tied(c: Compose, value: ir.Id, kind: Kind, event: Dims) -> ir.Id:
    last = event[-1]
    match kind.structure:
        case Structure.SIMPLEX:
            return c.along("softmax", value, last)
        case Structure.ORDERED:
            first = c.apply("==", c.position(last), c.number(0))
            steps = c.apply("if", first, value, c.apply("exp", value))
            return c.along("cumsum", steps, last)
        case Structure.POSITIVE_ORDERED:
            return c.along("cumsum", c.apply("exp", value), last)
        case Structure.UNIT_VECTOR:
            return c.apply("/", value, c.reduce("norm", value, last))
        case Structure.ZERO_SUM:
            return c.along("center", value, last)
        case Structure.CHOLESKY:
            return _factor(c, value, event)
        case Structure.COV:
            return c.matrix("tcrossprod", _factor(c, value, event), event, event)
        case Structure.CORR_CHOLESKY:
            return _unit_rows(c, value, event)
        case Structure.CORR:
            return c.matrix("tcrossprod", _unit_rows(c, value, event), event, event)
        case Structure.SCALAR:
            return value


def _factor(c: Compose, value: ir.Id, event: Dims) -> ir.Id:
    """The lower triangle of a square, with the exponentials of its diagonal."""
    diagonal = c.matrix("diagonal", value, event, event[:1])
    change = c.apply("-", c.apply("exp", diagonal), diagonal)
    return c.apply("+", c.matrix("tril", value, event, event), c.matrix("diag", change, event[:1], event))


def _unit_rows(c: Compose, value: ir.Id, event: Dims) -> ir.Id:
    factor = _factor(c, value, event)
    return c.apply("/", factor, c.reduce("norm", factor, event[1]))
