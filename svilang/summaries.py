"""What a model computes of its rows, as `mean(x)`, stays that of the data of the fit in predictions for other data.

The coefficients of `standardize(x)` are in units of the spread that was fitted: over new rows `x` is scaled as it was
then. So where a law reads a reduction over rows, it becomes a parameter with the value of the fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .carried import Carried
from .catalog.function import Function, Role
from .catalog.functions import FUNCTIONS
from .ir import nodes as ir
from .ir.walk import law_operands, leaves, prefixed, reachable, rebuild
from .lazy import np
from .types import Dim, Interval, Kind, intervals

if TYPE_CHECKING:
    import numpy

    from .data import Bound

_PARTS = {
    "center": (("mean",), lambda x, mean: x - mean),
    "standardize": (("mean", "std"), lambda x, mean, std: (x - mean) / std),
}
"""By the name of a function along rows: the reductions that it needs, and what it does with them."""


@dataclass(frozen=True, eq=False)
class Summaries:
    """A model with its summaries of rows as parameters.

    Args:
        bound: the model with the data of the fit.
        values: of each its value over these data.
        notes: a sentence for each, for people.
    """

    bound: Bound
    values: Mapping[str, numpy.ndarray]
    notes: tuple[str, ...]


def summaries(bound: Bound, text: str) -> Summaries:
    """Those of a model.

    Args:
        bound: the model with the data of the fit.
        text: of its spec.
    """
    program = bound.program
    written = {at: _written(program.nodes[at], text) for at in sorted(_over_rows(program))}
    if not written:
        return Summaries(bound, {}, ())
    found = {at: _reductions(program.nodes[at]) for at in written}
    parts: dict[str, ir.Node] = {}
    for at, some in found.items():
        for function, node in some.items():
            name = f"{function} of {written[at]}"
            while name in parts:
                name += "'"
            parts[name] = node
    params = [ir.Param(name, Kind(), node.dims) for name, node in parts.items()]
    made = [ir.Node(ir.Parameter(name), (), node.dims, _kind(node)) for name, node in parts.items()]
    whole = prefixed(replace(program, params=(*program.params, *params)), made)
    entries: list[ir.Node | ir.Id | None] = list(whole.nodes)
    place = iter(range(len(made)))
    for at, some in found.items():
        own = [next(place) for _ in some]
        entries[at + len(made)] = _made(program.nodes[at], whole.nodes[at + len(made)].args, own)
    notes = tuple(f"`{name}` is that of the data of the fit" for name in dict.fromkeys(written.values()))
    return Summaries(replace(bound, program=rebuild(whole, entries)), _values(bound, parts), notes)


def _written(node: ir.Node, text: str) -> str:
    return " ".join(text[node.span.start : node.span.end].split())


def _made(node: ir.Node, args: tuple[ir.Id, ...], own: list[ir.Id]) -> ir.Node | ir.Id:
    """What stands in the place of a node, given those of its summaries."""
    if not isinstance(node.op, ir.Along):
        return own[0]
    name = node.op.function.name
    names, apply = _PARTS[name]
    summary = f"{name} by what the fit had"
    made = Function(f"{name}.fitted", Role.ELEMENTWISE, ("x", *names), apply, lambda *_: intervals.REAL, summary)
    return replace(node, op=ir.Apply(made), args=(*args, *own))


def _over_rows(program: ir.Program) -> set[ir.Id]:
    """The nodes of data alone that sum up the rows of some law, the same for all members of the law that reads them; of
    one in another the outer.
    """
    known, found = leaves(program), set[ir.Id]()
    # The values of a discrete site are as many as its new members, whatever they were.
    laws = [(one.law, one.dims) for one in program.sites if not one.kind.discrete]
    laws += [(one.law, (*one.plates, *one.law.event)) for one in program.observations]
    rows = {dim for _, dims in laws for dim in dims}
    for law, dims in laws:
        for at in reachable(program, law_operands(law)):
            node = program.nodes[at]
            if known[at].fixed and (dim := _summed(node)) is not None:
                rest = {other for arg in node.args for other in program.nodes[arg].dims if other != dim}
                if dim in rows and rest.isdisjoint(dims):
                    found.add(at)
    sums = [at for at in found if not isinstance(program.nodes[at].op, ir.Along)]
    return found - {part for at in sums for part in reachable(program, program.nodes[at].args)}


def _summed(node: ir.Node) -> Dim | None:
    """The dimension of a reduction, of its size, or of a function of the table above."""
    match node.op:
        case ir.Reduce(_, dim):
            return dim
        case ir.Along(function, dim) if function.name in _PARTS:
            return dim
        case ir.Fill(function, (dim, *_)) if function.name == "size":
            return dim
        case _:
            return None


def _reductions(node: ir.Node) -> dict[str, ir.Node]:
    """Those that a node of :func:`_over_rows` needs, by their function."""
    match node.op:
        case ir.Along(function, dim):
            dims, parts = tuple(other for other in node.dims if other != dim), _PARTS[function.name][0]
            return {part: ir.Node(ir.Reduce(FUNCTIONS[part], dim), node.args, dims, Kind()) for part in parts}
        case ir.Reduce(function) | ir.Fill(function):
            return {function.name: node}
        case _:
            return {}


def _kind(node: ir.Node) -> Kind:
    return Kind(interval=Interval(integer=node.kind.interval.integer))


def _values(bound: Bound, parts: Mapping[str, ir.Node]) -> dict[str, numpy.ndarray]:
    """The summaries of the data of a fit."""
    from .predictor import predicted

    program, first = bound.program, len(bound.program.nodes)
    reports = [ir.Report(name, first + i, None, node.dims, node.kind) for i, (name, node) in enumerate(parts.items())]
    bare = ir.Program(
        program.name,
        program.dimensions,
        program.data,
        reports=tuple(reports),
        nodes=(*program.nodes, *parts.values()),
    )
    nothing = Carried({"": np.zeros(1)}, {}, {}, ())
    made = predicted(replace(bound, program=bare), nothing, 0, 0, {})["latents"]
    return {name: array[0] for name, array in made.items()}
