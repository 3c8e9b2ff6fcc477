"""Constants: arithmetic on numbers, and operations that leave a value as it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..ir import Node, Program, rebuild
from ..ir.nodes import Apply, Const, Contract, Fill, Gather, Id, Input, Latent, Parameter, Relabel, Stack

_PLAIN_OPERATORS = frozenset(
    {"+", "-", "*", "/", "^", "negate", "<", "<=", ">", ">=", "==", "!=", "and", "or", "not", "if"}
)
"""Operators whose rows keep plain numbers plain, so that folding does what evaluating would do."""

_OF_NUMBERS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "sqrt": math.sqrt,
    "cbrt": math.cbrt,
    "exp": math.exp,
    "exp2": math.exp2,
    "expm1": math.expm1,
    "log": math.log,
    "log1p": math.log1p,
    "log2": math.log2,
    "log10": math.log10,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "arcsin": math.asin,
    "arccos": math.acos,
    "arctan": math.atan,
    "arctan2": math.atan2,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "arcsinh": math.asinh,
    "arccosh": math.acosh,
    "arctanh": math.atanh,
    "hypot": math.hypot,
    "erf": math.erf,
    "erfc": math.erfc,
    "gammaln": math.lgamma,
}
"""Functions that Python has too, to the last digit or two of a double."""

_NEUTRAL: dict[str, tuple[float | None, float]] = {
    "+": (0, 0),
    "-": (None, 0),
    "*": (1, 1),
    "/": (None, 1),
    "^": (None, 1),
}
"""The first and the second operand that leave the other as it is."""

_LARGEST_EXACT = 2**53


def fold(program: Program) -> Program:
    """Compute what is made from numbers alone, and drop ``x * 1``, ``x / 1``, ``x ^ 1``, ``x + 0``, ``x - 0``, ``--x``.

    The latter only where ``x`` is certainly a real number (a whole one could change its type) and has the axes of the
    result. They are exact for infinite and missing values also; only the sign of a zero may differ, in ``x + 0``. What
    has no finite value (``log(0)``) stays as it is, so that a run shows what it comes to.
    """
    entries: list[Node | Id] = []
    nodes: list[Node] = []
    real: list[bool] = []
    for node in program.nodes:
        args = tuple(_target(entries, arg) for arg in node.args)
        node = node if args == node.args else replace(node, args=args)
        value = _constant(node, nodes)
        if value is not None:
            node = replace(node, op=Const(value), args=())
        same = _unchanged(node, nodes, real)
        entries.append(node if same is None else same)
        nodes.append(node)
        real.append(_is_real(node, real))
    return program if tuple(entries) == program.nodes else rebuild(program, entries)


def _target(entries: Sequence[Node | Id], arg: Id) -> Id:
    """Where a reference leads now; a replaced node's replacement is never replaced itself."""
    entry = entries[arg]
    return arg if isinstance(entry, Node) else entry


def _constant(node: Node, nodes: Sequence[Node]) -> float | int | bool | None:
    """The number that an elementwise function of numbers gives, if it is finite."""
    if not isinstance(node.op, Apply) or not node.args:
        return None
    values = [op.value for op in (nodes[arg].op for arg in node.args) if isinstance(op, Const)]
    function = node.op.function
    if len(values) < len(node.args):
        return None
    if function.name in _PLAIN_OPERATORS and not (function.name == "/" and values[1] == 0):
        return _finite(function.apply, values)
    compute = _OF_NUMBERS.get(function.name)
    return None if compute is None else _finite(compute, values)


def _finite(compute: Callable[..., Any], values: Sequence[float | int | bool]) -> float | int | bool | None:
    try:
        value = compute(*values)
        usable = math.isfinite(value) and not (isinstance(value, int) and abs(value) > _LARGEST_EXACT)
    except (ValueError, OverflowError):
        return None
    return value if usable else None


def _unchanged(node: Node, nodes: Sequence[Node], real: Sequence[bool]) -> Id | None:
    """The operand that ``node`` is equal to, if there is one."""
    if not isinstance(node.op, Apply):
        return None
    kept = _kept_by(node.op.function.name, node.args, nodes)
    return kept if kept is not None and real[kept] and nodes[kept].dims == node.dims else None


def _kept_by(name: str, args: tuple[Id, ...], nodes: Sequence[Node]) -> Id | None:
    if name == "negate":
        inner = nodes[args[0]]
        negated = isinstance(inner.op, Apply) and inner.op.function.name == "negate"
        return inner.args[0] if negated else None
    if name in _NEUTRAL:
        for neutral, operand, other in zip(_NEUTRAL[name], args, reversed(args), strict=True):
            if neutral is not None and nodes[operand].op == Const(neutral):
                return other
    return None


def _is_real(node: Node, real: Sequence[bool]) -> bool:
    """Whether a value is certainly stored as a floating-point number."""
    match node.op:
        case Const(value):
            return isinstance(value, float)
        case Input() | Latent() | Parameter():
            return not node.kind.interval.integer
        case Apply(function):
            always = function.name == "/" or (function.name in _OF_NUMBERS and function.name != "abs")
            promotes = function.name in ("+", "-", "*", "^", "negate", "abs")
            return always or (promotes and any(real[arg] for arg in node.args))
        case Fill(function, _):
            return function.name in ("ones", "zeros")
        case Gather() | Relabel() | Contract() | Stack():
            return real[node.args[0]]
        case _:
            return False
