"""Which elements of a value rest on missing data: presence, carried through the nodes in place of values."""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Iterable

from ..ir import nodes as ir
from ..ir.walk import depends_on, tied
from ..lazy import jnp
from ..types import Dim, Dims
from .axes import Pick, Value, align, gather
from .bound import presence_key
from .run import Run
from .values import Values


class Presence(Values):
    """For each node, whether all that an element is made from is there; ``True`` where nothing can be missing."""

    def __init__(self, run: Run, optional: Collection[str]) -> None:
        super().__init__(run.plan, run.values.leaf, run.values.dtype, dict.fromkeys(run.plan.static, True))
        self.run = run
        self.optional = optional

    def over(self, node: ir.Id, plates: Dims) -> Value:
        """Presence of each member of ``plates``: an element with a part missing counts as missing."""
        dims = self.dims(node)
        present = self._whole(self[node], dims, tuple(dim for dim in dims if dim not in plates))
        return align(present, tuple(dim for dim in dims if dim in plates), plates)

    def entries(self, node: ir.Id, wanted: Dims) -> Value:
        """Presence of each element, aligned to the axes ``wanted``."""
        return align(self[node], self.dims(node), wanted)

    def _make(self, i: ir.Id) -> Value:
        return self._operate(i, self.plan.program.nodes[i])

    def _operate(self, i: ir.Id, node: ir.Node) -> Value:
        match node.op:
            case ir.Input(name):
                return self.run.data[presence_key(name)] if name in self.optional else True
            case ir.Gather():
                return self._gathered(i, node)
            case ir.Reduce(_, dim):
                return self._whole(self[node.args[0]], self.dims(node.args[0]), (dim,))
            case ir.Along(_, dim):
                return self._spread(node, ((dim,),))
            case ir.Contract(left, right):
                return self._spread(node, ((left,), (right,)))
            case ir.Matrix(_, events, _):
                return self._spread(node, events)
            case ir.Flow():
                together = tied(self.plan.program.nodes, node)
                return self._spread(node, tuple(_both(self.dims(arg), together) for arg in node.args))
            case ir.Relabel() | ir.Lag():
                return True if self[node.args[0]] is True else super()._operate(i, node)
            case _:
                return self._spread(node, ((),) * len(node.args))

    def _whole(self, present: Value, dims: Dims, gone: Dims) -> Value:
        return present if present is True else jnp.all(present, axis=tuple(dims.index(dim) for dim in gone))

    def _spread(self, node: ir.Node, gone: tuple[tuple[Dim, ...], ...]) -> Value:
        """Present where all operands are; an operand counts as one along the axes that are used together."""
        parts: list[Value] = []
        for arg, together in zip(node.args, gone, strict=True):
            dims = self.dims(arg)
            rest = tuple(dim for dim in dims if dim not in together)
            parts.append(align(self._whole(self[arg], dims, together), rest, node.dims))
        present = functools.reduce(operator.and_, parts, True)
        return present if present is True else jnp.broadcast_to(present, self._shape(node.dims))

    def _gathered(self, i: ir.Id, node: ir.Node) -> Value:
        base, picks = self.plan.chains[i]
        present = self[base]
        if present is not True:
            indexes = [Pick(dim, self.run.values.index(index), self.dims(index)) for dim, index in picks]
            present = gather(present, self.dims(base), indexes, node.dims, self.plan.sizes)
        for _, index in picks:
            present = align(self[index], self.dims(index), node.dims) & present
        return present if present is True else jnp.broadcast_to(present, self._shape(node.dims))


def where_known(value: Value, run: Run, nodes: Iterable[ir.Id], dims: Dims) -> Value:
    """A value over ``dims`` that is made from ``nodes``, not a number where a covariate of it is missing."""
    present: Value = True
    program = run.plan.program
    read = depends_on(program, nodes := tuple(nodes)).data
    optional = {name for one in program.observations for name in one.optional} & read
    presence = Presence(run, optional)
    for node in nodes if optional else ():
        present = presence.over(node, dims) & present
    return value if present is True else jnp.where(present, value, jnp.nan)


def _both(dims: Dims, other: Dims) -> Dims:
    return tuple(dim for dim in dims if dim in other)
