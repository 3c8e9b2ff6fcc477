"""Columns of a linear predictor that are sums of others, where each is an item of its own.

A predictor ``a + b * x + c * z`` is a sum. Its columns are the data that a coefficient of their own multiplies, and a
constant where an intercept stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ..diagnostics import Diagnostic
from ..ir.nodes import Apply, Contract, Data, Gather, Id, Input, Latent, Parameter, Program, Reduce
from ..ir.walk import late_nodes
from . import errors
from .table import Array

WIDEST = 100
"""Columns beyond which a predictor is not looked at."""

_EXACT = 1e-10
"""What may remain of a column that is a sum of others, by its length: rounding, and nothing else."""


def matrices(program: Program) -> frozenset[str]:
    """The data whose columns are summed with coefficients: ``X @ b`` and ``sum(X * b, over=column)``."""
    late = late_nodes(program)
    found: set[str] = set()
    for node in program.nodes:
        match node.op:
            case Contract():
                pair = node.args
            case Reduce(function=function) if function.name == "sum" and _is_product(program, node.args[0]):
                pair = program.nodes[node.args[0]].args
            case _:
                continue
        for one, other in (pair, pair[::-1]):
            if isinstance(column := program.nodes[one].op, Input) and other in late:
                found.add(column.name)
    return frozenset(found)


def multiplied(program: Program) -> frozenset[str]:
    """The data that have a coefficient of their own: a latent value, or one of several, multiplies them."""
    late = late_nodes(program)
    found: set[str] = set()
    for at, node in enumerate(program.nodes):
        for one, other in (node.args, node.args[::-1]) if _is_product(program, at) else ():
            column, factor = program.nodes[one].op, program.nodes[other].op
            if isinstance(column, Input) and isinstance(factor, (Latent, Parameter, Gather)) and other in late:
                found.add(column.name)
    return frozenset(found)


def _is_product(program: Program, at: Id) -> bool:
    op = program.nodes[at].op
    return isinstance(op, Apply) and op.function.name == "*"


def dependent_columns(
    program: Program, arrays: Mapping[str, Array], present: Mapping[str, Array]
) -> Iterator[Diagnostic]:
    """A warning for each column that says nothing beside those before it, once."""
    items = {item.name: item for item in program.data if item.name in arrays and item.name not in present}
    told: set[str] = set()
    for top in _tops(program):
        names, intercept = _columns(program, top, items)
        by_dim: dict[object, list[str]] = {}
        for name in names:
            by_dim.setdefault(items[name].dims, []).append(name)
        for together in by_dim.values():
            for name, others in _dependent([(each, arrays[each]) for each in together], bool(intercept)):
                if name not in told:
                    told.add(name)
                    yield errors.dependent_column(items[name], others, intercept)


def _is_sum(program: Program, at: Id) -> bool:
    node = program.nodes[at]
    return isinstance(node.op, Apply) and node.op.function.name in ("+", "-") and len(node.args) == 2


def _tops(program: Program) -> list[Id]:
    """The sums that are no part of another."""
    sums = [at for at in range(len(program.nodes)) if _is_sum(program, at)]
    inner = {arg for at in sums for arg in program.nodes[at].args}
    return [at for at in sums if at not in inner]


def _columns(program: Program, top: Id, items: Mapping[str, Data]) -> tuple[list[str], str | None]:
    """The columns of a sum by name, each once, and the name of its intercept."""
    columns: dict[str, str] = {}
    intercept: str | None = None
    stack = [top]
    while stack and len(columns) <= WIDEST:
        at = stack.pop()
        node = program.nodes[at]
        if _is_sum(program, at):
            stack += reversed(node.args)
        elif isinstance(node.op, (Latent, Parameter)) and not node.dims:
            intercept = node.op.name
        elif _is_product(program, at):
            found = _slope(program, node.args, items)
            if found is not None and found[1] not in columns.values():
                columns[found[0]] = found[1]
    return list(columns), intercept


def _slope(program: Program, args: tuple[Id, ...], items: Mapping[str, Data]) -> tuple[str, str] | None:
    """A column and the coefficient of its own that multiplies it."""
    for one, other in (args, args[::-1]):
        column, factor = program.nodes[one].op, program.nodes[other].op
        if isinstance(column, Input) and isinstance(factor, (Latent, Parameter)) and not program.nodes[other].dims:
            item = items.get(column.name)
            if item is not None and len(item.dims) == 1 and item.kind.member is None:
                return column.name, factor.name
    return None


def _dependent(columns: list[tuple[str, Array]], intercept: bool) -> Iterator[tuple[str, list[str]]]:
    """Each column that is a sum of others, with those."""
    base: list[tuple[str, Array]] = []
    if not columns or len(columns[0][1]) < max(3, len(columns) + 2) or len(columns) > WIDEST:
        return
    for name, values in columns:
        column = np.asarray(values, float)
        scale = float(np.linalg.norm(column))
        if intercept:
            column = column - column.mean()
        if not np.isfinite(scale) or scale == 0:
            continue
        matrix = np.stack([each for _, each in base], 1) if base else np.empty((len(column), 0))
        weights, *_ = np.linalg.lstsq(matrix, column, rcond=None)
        length = float(np.linalg.norm(column))
        if length <= 1e-14 * scale * len(column) or np.linalg.norm(column - matrix @ weights) <= _EXACT * length:
            shares = np.abs(weights) * [np.linalg.norm(each) for _, each in base]
            yield name, [other for (other, _), share in zip(base, shares, strict=True) if share > 1e-8 * length]
        else:
            base.append((name, column))
