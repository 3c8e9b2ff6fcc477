"""Nodes evaluated in NumPy when the data is bound: sizes, bounds, masks and outcomes that are expressions of data.

Only what a data block or an outcome usually says is covered; ``None`` says that a node is outside that, never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..ir.nodes import Apply, Const, Fill, Gather, Id, Input, Node, Program, Reduce
from ..types import Dims
from .table import Array

OPERATORS: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": lambda x, y: np.power(np.asarray(x, float), y),
    "negate": np.negative,
    "not": np.logical_not,
    "and": np.logical_and,
    "or": np.logical_or,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "if": np.where,
    "log": np.log,
    "log1p": np.log1p,
    "log2": np.log2,
    "log10": np.log10,
    "exp": np.exp,
    "expm1": np.expm1,
    "sqrt": np.sqrt,
    "square": np.square,
    "abs": np.abs,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.round,
    "min": np.minimum,
    "max": np.maximum,
    "minimum": np.minimum,
    "maximum": np.maximum,
}
"""Elementwise functions of the language by name, in NumPy."""

REDUCTIONS: dict[str, Callable[..., Any]] = {"max": np.max, "min": np.min, "sum": np.sum, "mean": np.mean}
"""Reductions over one axis, likewise."""


def evaluate(
    program: Program, node: Id, arrays: Mapping[str, Array], size: Callable[[str], int | None]
) -> Array | None:
    """The value of a node with its axes as ``Node.dims`` says, or ``None`` where it cannot be known here."""
    it: Node = program.nodes[node]
    match it.op:
        case Const(value):
            return np.asarray(value)
        case Input(name):
            return arrays.get(name)
        case Fill(function, over) if function.name == "size":
            known = size(over[0].name)
            return None if known is None else np.asarray(known)
        case Apply(function):
            operator = OPERATORS.get(function.name)
            parts = [_aligned(program, arg, it.dims, arrays, size) for arg in it.args]
            return None if operator is None else _call(operator, parts)
        case Reduce(function, dim) if function.name in REDUCTIONS:
            [arg] = it.args
            whole = evaluate(program, arg, arrays, size)
            return None if whole is None else REDUCTIONS[function.name](whole, program.nodes[arg].dims.index(dim))
        case Gather(dim):
            base, index = it.args
            if program.nodes[base].dims != (dim,):
                return None
            whole, where = evaluate(program, base, arrays, size), evaluate(program, index, arrays, size)
            return None if whole is None or where is None else whole[where]
        case _:
            return None


def align(array: Array, dims: Dims, wanted: Dims) -> Array:
    """An array with axes ``dims`` made broadcastable against the axes ``wanted``, which hold all of them."""
    order = sorted(range(len(dims)), key=lambda axis: wanted.index(dims[axis]))
    turned = array.transpose(order)
    held = [dims[axis] for axis in order]
    shape = [turned.shape[held.index(dim)] if dim in held else 1 for dim in wanted]
    return turned.reshape(shape)


def over_plates(array: Array, dims: Dims, plates: Dims, reduce: Callable[..., Any]) -> Array:
    """An array with axes ``dims``, reduced to those that are plates and made broadcastable against these."""
    kept = tuple(dim for dim in dims if dim in plates)
    rest = tuple(i for i, dim in enumerate(dims) if dim not in kept)
    return align(np.asarray(reduce(array, axis=rest)), kept, plates)


def _aligned(
    program: Program, node: Id, wanted: Dims, arrays: Mapping[str, Array], size: Callable[[str], int | None]
) -> Array | None:
    value, dims = evaluate(program, node, arrays, size), program.nodes[node].dims
    if value is None or not set(dims) <= set(wanted):
        return None
    return align(value, dims, wanted)


def _call(operator: Callable[..., Any], parts: list[Array | None]) -> Array | None:
    if any(part is None for part in parts):
        return None
    try:
        with np.errstate(all="ignore"):
            return np.asarray(operator(*parts))
    except (TypeError, ValueError):
        return None
