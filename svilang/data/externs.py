"""The code of extern functions: found where the caller opens the door, tried on shapes, put into the program.

A function is given by the caller, or imported from the place that the spec names, if the caller allows that. It may be
an object with parameters: one with ``init`` and ``apply`` as in Flax, or one that holds arrays as in Equinox. These
parameters are then optimised as those of a net, in one flat vector that is called after the function.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..catalog.extern import Extern, over_members
from ..diagnostics import Diagnostic, SvilangError
from ..ir import depends_on, prefixed
from ..ir.nodes import Data, Dimension, Input, Matrix, Node, Param, Parameter, Program
from ..lazy import jax, jnp
from ..types import Dim, Kind
from . import errors
from .bound import Bound
from .flows import flow_problems

Functions = Mapping[str, Any]
"""What stands for each extern function: a function of arrays, or an object with parameters."""


@dataclass(frozen=True, eq=False)
class Code:
    """What computes an extern function: ``call(*values)``, or ``call(flat, *values)`` where it has parameters.

    Args:
        call: a function of JAX arrays.
        start: the initial parameters in one vector, where it has any.
    """

    call: Callable[..., Any]
    start: Any = None


def externs(program: Program) -> dict[str, Node]:
    """A node for each extern function that a program calls."""
    found: dict[str, Node] = {}
    for node in program.nodes:
        if isinstance(node.op, Matrix) and isinstance(node.op.function, Extern):
            found.setdefault(node.op.function.function, node)
    return found


def obtain(program: Program, functions: Functions, *, imports: bool) -> tuple[Functions, list[Diagnostic]]:
    """The functions that a program calls, and what is wrong.

    Args:
        program: model or guide.
        functions: those that the caller gives.
        imports: whether others may be imported.
    """
    found: dict[str, Any] = {}
    problems: list[Diagnostic] = []
    for name, node in externs(program).items():
        row = _row(node)
        try:
            if name in functions:
                found[name] = functions[name]
            elif imports:
                found[name] = _imported(row.target)
            else:
                problems.append(errors.extern_closed(name, row.target, node.span))
                continue
        except Exception as error:
            problems.append(errors.extern_not_found(name, row.target, error, node.span))
            continue
        if not callable(found[name]) and not _has_apply(found[name]):
            problems.append(errors.extern_no_function(name, node.span))
    return found, problems


def not_declared(functions: Functions, called: Iterable[str]) -> list[Diagnostic]:
    """Functions that were given and that nothing calls."""
    names = list(called)
    return [errors.extern_not_declared(name, names) for name in functions if name not in names]


def _imported(target: str) -> Any:
    module, _, path = target.partition(":")
    value = importlib.import_module(module)
    for part in path.split("."):
        value = getattr(value, part)
    return value


def connect(program: Program, bound: Bound, functions: Functions) -> tuple[Program, Bound]:
    """The program with the code of its extern functions in place, and the data with their initial parameters.

    Raises:
        SvilangError: differential equations cannot be solved; a function cannot be traced by JAX, has no derivative
            where one is needed, or gives other shapes than its head says.
    """
    if unsolvable := flow_problems(program, bound):
        raise SvilangError(unsolvable)
    called = externs(program)
    if not called:
        return program, bound
    problems: list[Diagnostic] = []
    codes: dict[str, Code] = {}
    for name, node in called.items():
        try:
            code = _code(functions[name], _values(node, program, bound))
        except Exception as error:
            problems.append(errors.extern_fails(name, error, node.span))
            continue
        found = list(_faults(name, code, program, bound))
        problems += found
        codes[name] = code
    if problems:
        raise SvilangError(problems)
    program = replace(program, nodes=tuple(_opened(node, codes) for node in program.nodes))
    for name, code in codes.items():
        if code.start is not None:
            program, bound = _registered(name, code, program, bound)
    return program, bound


# --- functions and objects -------------------------------------------------------------------------------------------


def _code(given: Any, values: list[Any]) -> Code:
    if _has_apply(given):
        start, unravel = _flat(given.init(jax.random.key(0), *values))
        return Code(lambda flat, *args: given.apply(unravel(flat), *args), start)
    leaves, structure = jax.tree.flatten(given)
    learned = [i for i, leaf in enumerate(leaves) if leaf is not given and _inexact(leaf)]
    if not learned:
        return Code(given)
    start, unravel = _flat([leaves[i] for i in learned])

    def call(flat: Any, *args: Any) -> Any:
        new = dict(zip(learned, unravel(flat), strict=True))
        whole = jax.tree.unflatten(structure, [new.get(i, leaf) for i, leaf in enumerate(leaves)])
        return whole(*args)

    return Code(call, start)


def _has_apply(given: Any) -> bool:
    return callable(getattr(given, "init", None)) and callable(getattr(given, "apply", None))


def _inexact(leaf: Any) -> bool:
    return hasattr(leaf, "dtype") and bool(jnp.issubdtype(leaf.dtype, jnp.inexact))


def _flat(tree: Any) -> tuple[Any, Callable[[Any], Any]]:
    from jax.flatten_util import ravel_pytree

    flat, unravel = ravel_pytree(tree)
    return np.asarray(flat, float), lambda vector: unravel(vector.astype(flat.dtype))


# --- trials ----------------------------------------------------------------------------------------------------------


def _faults(name: str, code: Code, program: Program, bound: Bound) -> Iterator[Diagnostic]:
    """What is wrong with the shapes that a function gives, and with its derivative; one diagnostic at most."""
    for node in program.nodes:
        if not (isinstance(node.op, Matrix) and isinstance(node.op.function, Extern)):
            continue
        row = node.op.function
        if row.function != name:
            continue
        values = _values(node, program, bound)
        call = _selected(row, code.call)
        start = () if code.start is None else (jnp.asarray(code.start),)
        wanted = tuple(bound.sizes[dim.name] for dim in node.op.out)
        try:
            made = jax.eval_shape(call, *start, *values)
        except Exception as error:
            yield errors.extern_fails(name, error, node.span)
            return
        if not hasattr(made, "shape") or tuple(made.shape) != wanted:
            given = tuple(made.shape) if hasattr(made, "shape") else None
            yield errors.extern_shape(row.name, given, {str(d): bound.sizes[d.name] for d in node.op.out}, node.span)
            return
        leaves = depends_on(program, node.args)
        if not leaves.latents and not leaves.params:
            continue
        try:
            _derivative(call, (*start, *values))
        except Exception as error:
            yield errors.extern_no_slope(name, error, node.span)
            return


def _derivative(call: Callable[..., Any], values: tuple[Any, ...]) -> None:
    floating = tuple(i for i, value in enumerate(values) if _inexact(value))
    if floating:
        jax.eval_shape(jax.grad(lambda *args: jnp.sum(call(*args)), floating), *values)


def _values(node: Node, program: Program, bound: Bound) -> list[Any]:
    """Values of the shapes that one member gives to the function."""
    assert isinstance(node.op, Matrix)
    row = _row(node)
    shapes = [tuple(bound.sizes[dim.name] for dim in event) for event in node.op.events]
    pairs = zip(shapes, row.whole, strict=True)
    return [jnp.zeros(shape, int) if whole else jnp.ones(shape) for shape, whole in pairs]


def _row(node: Node) -> Extern:
    assert isinstance(node.op, Matrix)
    assert isinstance(node.op.function, Extern)
    return node.op.function


def _selected(row: Extern, call: Callable[..., Any]) -> Callable[..., Any]:
    """The function of one output of several, which come in a mapping, by attribute or in order."""
    output = row.output
    if output is None:
        return call

    def one(*values: Any) -> Any:
        made = call(*values)
        if isinstance(made, Mapping):
            return made[output]
        return getattr(made, output) if hasattr(made, output) else made[row.outputs.index(output)]

    return one


# --- the program -----------------------------------------------------------------------------------------------------


def _opened(node: Node, codes: Mapping[str, Code]) -> Node:
    if not (isinstance(node.op, Matrix) and isinstance(node.op.function, Extern)):
        return node
    row = node.op.function
    code = codes[row.function]
    ranks = tuple(map(len, node.op.events))
    call = _selected(row, code.call)
    if code.start is None:
        apply = over_members(call, ranks)
    else:
        apply = over_members(lambda *values: call(values[-1], *values[:-1]), (*ranks, 1))
    return replace(node, op=replace(node.op, function=replace(row, apply=apply)))


def _registered(name: str, code: Code, program: Program, bound: Bound) -> tuple[Program, Bound]:
    """The parameters of a function as one vector of the program, which starts at data of the same name."""
    label = f"{name}.params"
    dim, size = Dim(label), len(code.start)
    program = prefixed(program, (Node(Input(label), (), (dim,), Kind()), Node(Parameter(label), (), (dim,), Kind())))
    nodes = tuple(_with_parameters(node, name, dim) for node in program.nodes)
    program = replace(
        program,
        nodes=nodes,
        dimensions=(*program.dimensions, Dimension(label)),
        data=(*program.data, Data(label, Kind(), (dim,))),
        params=(*program.params, Param(label, Kind(), (dim,), init=0, net=name)),
    )
    sizes, labels = {**bound.sizes, label: size}, {**bound.labels, label: None}
    arrays = {**bound.arrays, label: code.start}
    return program, replace(bound, sizes=sizes, labels=labels, arrays=arrays)


def _with_parameters(node: Node, name: str, dim: Dim) -> Node:
    if isinstance(node.op, Matrix) and isinstance(node.op.function, Extern) and node.op.function.function == name:
        return replace(node, op=replace(node.op, events=(*node.op.events, (dim,))), args=(*node.args, 1))
    return node
