"""Arrays that a spec writes out in numbers, and what keeps them from being of a kind."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..catalog.structures import TESTS, TOLERANCE, inside
from ..ir import nodes as ir
from ..ir.walk import RISING
from ..lazy import np
from ..types import Dims, Kind, Structure, intervals
from .squares import TRIANGULAR

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "negate": operator.neg,
}


def constant(nodes: Sequence[ir.Node], at: ir.Id) -> Array | None:
    """The value of a list of numbers, or of arithmetic on such lists; ``None`` for anything else."""
    if not nodes[at].dims or not _is_constant(nodes, at):
        return None
    with np.errstate(all="ignore"):
        return _value(nodes, at)


def _is_constant(nodes: Sequence[ir.Node], at: ir.Id) -> bool:
    match nodes[at].op:
        case ir.Const():
            return True
        case ir.Stack() | ir.Relabel():
            return all(_is_constant(nodes, arg) for arg in nodes[at].args)
        case ir.Apply(function):
            return function.name in _ARITHMETIC and all(_is_constant(nodes, arg) for arg in nodes[at].args)
        case _:
            return False


def _value(nodes: Sequence[ir.Node], at: ir.Id) -> Array:
    node = nodes[at]
    match node.op:
        case ir.Const(value):
            return np.asarray(value, float)
        case ir.Stack():
            rest = node.dims[1:]
            return np.stack([_over(nodes, arg, rest) for arg in node.args])
        case ir.Apply(function):
            return np.asarray(_ARITHMETIC[function.name](*(_over(nodes, arg, node.dims) for arg in node.args)))
        case _:
            return _value(nodes, node.args[0])


def _over(nodes: Sequence[ir.Node], at: ir.Id, dims: Dims) -> Array:
    """A value that broadcasts along ``dims``."""
    value, own = _value(nodes, at), nodes[at].dims
    order = [own.index(dim) for dim in dims if dim in own]
    return np.transpose(value, order).reshape([value.shape[own.index(dim)] if dim in own else 1 for dim in dims])


def misfit(value: Array, kind: Kind, base: int = 0) -> str | None:
    """What keeps an array from being of a kind, in words; ``None`` where nothing does. Places count from ``base``."""
    # The sum says it of parts that are too large.
    allowed = intervals.NONNEGATIVE if kind.structure is Structure.SIMPLEX else kind.interval
    if not (good := inside(allowed, value)).all():
        index = tuple(np.argwhere(~good)[0].tolist())
        return f"{f'its entry {_place(index, base)}' if index else 'it'} is {value[index]:g}"
    if kind.structure is Structure.SCALAR or TESTS[kind.structure](value).all():
        return None
    bad = np.argwhere(~np.atleast_1d(TESTS[kind.structure](value)))[0]
    whole = value[tuple(bad)] if value.ndim > kind.structure.rank else value
    return _why(whole, kind.structure, base)


def _why(x: Array, structure: Structure, base: int) -> str:
    """What keeps one vector or matrix from having its structure."""
    if structure in TRIANGULAR:
        for i, j in np.ndindex(x.shape):
            if j > i and x[i, j] != 0:
                return f"its entry {_place((i, j), base)} above the diagonal is {x[i, j]:g}"
            if i == j and x[i, j] <= 0:
                return f"its entry {_place((i, j), base)} on the diagonal is {x[i, j]:g}"
        squares = np.square(x).sum(-1)
        off = int(np.abs(squares - 1).argmax())
        return f"the squares of its row {off + base} sum to {squares[off]:g}, not 1"
    if structure in (Structure.COV, Structure.CORR):
        for i, j in np.ndindex(x.shape):
            if abs(x[i, j] - x[j, i]) > TOLERANCE * np.abs(x).max():
                return f"its entries {_place((i, j), base)} and {_place((j, i), base)} are {x[i, j]:g} and {x[j, i]:g}"
            if structure is Structure.CORR and i == j and abs(x[i, i] - 1) > TOLERANCE:
                return f"its entry {_place((i, i), base)} on the diagonal is {x[i, i]:g}, not 1"
        return f"its least eigenvalue is {np.linalg.eigvalsh(x).min():g}"
    if structure in RISING:
        i = int(np.argmax(np.diff(x) <= 0))
        return f"its entry {_place((i + 1,), base)} is {x[i + 1]:g}, after {x[i]:g}"
    if structure is Structure.UNIT_VECTOR:
        return f"its length is {np.linalg.norm(x):g}"
    return f"its entries sum to {x.sum():g}"


def _place(index: Sequence[int], base: int) -> str:
    return f"[{', '.join(str(i + base) for i in index)}]"
