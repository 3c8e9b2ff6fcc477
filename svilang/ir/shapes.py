"""Which axes each operation gives, from those of its operands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..types import Dim, Dims, union
from .nodes import (
    Along,
    Apply,
    Before,
    Carry,
    Const,
    Contract,
    Fill,
    Flow,
    Gather,
    Input,
    Label,
    Lag,
    Latent,
    Matrix,
    Node,
    Parameter,
    Program,
    Reduce,
    Relabel,
    Stack,
    Varying,
)

Axes = frozenset[Dim]


@dataclass(frozen=True, slots=True)
class Declared:
    """The axes of everything that a node can name; ``latents`` is ``None`` where the model of a guide is not known."""

    data: Mapping[str, Dims] = field(default_factory=dict[str, Dims])
    params: Mapping[str, Dims] = field(default_factory=dict[str, Dims])
    latents: Mapping[str, Dims] | None = field(default_factory=dict[str, Dims])


def declared(program: Program, model: Program | None) -> Declared:
    """What the nodes of ``program`` may name; the axes of a latent are those that its model gives it."""
    sites = {site.name: site.dims for site in (*program.sites, *(model.sites if model else ()))}
    sites |= {report.name: report.dims for report in program.reports if report.law is not None}
    return Declared(
        {data.name: data.dims for data in program.data},
        {param.name: param.dims for param in (*(model.params if model else ()), *program.params)},
        None if program.guide is not None and model is None else sites,
    )


def node_faults(node: Node, operands: tuple[Node, ...], names: Declared) -> Iterator[str]:
    """What is wrong with the operands and axes of one node."""
    if len(set(node.dims)) < len(node.dims):
        yield "has an axis twice"
    many = _operand_count(node)
    if many is not None and len(node.args) != many:
        yield f"takes {many} operands, not {len(node.args)}"
        return
    axes = tuple(frozenset(operand.dims) for operand in operands)
    match node.op:
        case Input(name):
            yield from _named(node, "data item", name, names.data)
        case Parameter(name):
            yield from _named(node, "parameter", name, names.params)
        case Before() | Varying():
            return
        case Latent(name):
            if names.latents is not None:
                yield from _named(node, "latent", name, names.latents)
        case _:
            yield from _operand_faults(node, axes)
            expected = _axes_of(node, axes)
            if expected != frozenset(node.dims):
                yield f"has the axes {_shown(node.dims)} where its operands give {_shown(tuple(sorted(expected)))}"


def _named(node: Node, noun: str, name: str, known: Mapping[str, Dims]) -> Iterator[str]:
    if name not in known:
        yield f"names the {noun} `{name}`, which is not declared"
    elif known[name] != node.dims:
        yield f"has the axes {_shown(node.dims)} where `{name}` has {_shown(known[name])}"


def _operand_count(node: Node) -> int | None:
    """How many operands an operation takes; ``None`` where it may vary."""
    match node.op:
        case Const() | Label() | Input() | Latent() | Parameter() | Before() | Varying():
            return 0
        case Reduce() | Along() | Relabel():
            return 1
        case Contract() | Gather() | Lag():
            return 2
        case Matrix(_, events, _):
            return len(events)
        case Apply(function):
            return None if function.variadic or function.optional else len(function.params)
        case Carry(_, names, depth, _):
            return len(names) * (depth + 1)
        case Flow():
            return 4
        case Fill() | Stack():
            return None


def _operand_faults(node: Node, axes: tuple[Axes, ...]) -> Iterator[str]:
    """Axes that an operation needs of its operands, or must not find."""
    match node.op:
        case Reduce(_, dim) | Along(_, dim) | Gather(dim) | Relabel(dim, _) | Lag(dim, _):
            yield from _lacks(axes[0], dim, "first")
        case Contract(left, right):
            yield from _lacks(axes[0], left, "first")
            yield from _lacks(axes[1], right, "second")
        case Matrix(_, events, out):
            for position, (given, event) in enumerate(zip(axes, events, strict=True), start=1):
                for dim in event:
                    yield from _lacks(given, dim, f"{position}.")
            for dim in sorted(_batch(axes, events) & set(out)):
                yield f"has `{dim}` among its results and its batch"
            if out and node.dims[-len(out) :] != out:
                yield f"does not end with the axes {_shown(out)} of its result"
        case Stack(dim):
            if any(dim in given for given in axes):
                yield f"stacks operands that have the axis `{dim}` already"
            if not axes:
                yield "stacks nothing"
        case _:
            return
    match node.op:
        case Relabel(_, new) if new in axes[0]:
            yield f"has the axis `{new}` already"
        case Lag(dim, steps):
            if dim in axes[1]:
                yield f"starts with a value that has the axis `{dim}`"
            if steps < 1:
                yield f"goes {steps} steps back"
        case _:
            return


def _axes_of(node: Node, axes: tuple[Axes, ...]) -> Axes:
    match node.op:
        case Reduce(_, dim):
            return axes[0] - {dim}
        case Contract(left, right):
            return (axes[0] - {left}) | (axes[1] - {right})
        case Gather(dim):
            return (axes[0] - {dim}) | axes[1]
        case Relabel(old, new):
            return (axes[0] - {old}) | {new}
        case Matrix(_, events, out):
            return _batch(axes, events) | set(out)
        case Stack(dim):
            return _all(axes) | {dim}
        case Fill():
            return _all(axes) | frozenset(filled(node.op))
        case Carry(dim, names, depth, index):
            own = frozenset(node.dims)
            starts = axes[index * depth : (index + 1) * depth]
            whole = _all((*starts, axes[len(names) * depth + index])) | {dim}
            return own if whole <= own else whole
        case _:
            return _all(axes)


def filled(op: Fill) -> Dims:
    """The axes that a value made from dimensions has of its own: ``eye`` gives a square, ``size`` a number."""
    axes = len(op.function.signature[1]) if op.function.signature is not None else len(op.over)
    return () if axes == 0 else union(op.over, tuple(dim.primed for dim in op.over))[: max(axes, len(op.over))]


def _batch(axes: tuple[Axes, ...], events: tuple[Dims, ...]) -> Axes:
    return _all(tuple(given - set(event) for given, event in zip(axes, events, strict=True)))


def _all(axes: tuple[Axes, ...]) -> Axes:
    return frozenset[Dim]().union(*axes)


def _lacks(axes: Axes, dim: Dim, which: str) -> Iterator[str]:
    if dim not in axes:
        yield f"lacks the axis `{dim}` in its {which} operand"


def _shown(dims: Dims) -> str:
    return f"[{', '.join(map(str, dims))}]"
