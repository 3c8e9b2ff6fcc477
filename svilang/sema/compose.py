"""Nodes that no expression of the text asks for one by one: what a net or a kind is made of."""

from __future__ import annotations

from dataclasses import dataclass

from ..catalog.functions import FUNCTIONS
from ..diagnostics import Span
from ..ir import nodes as ir
from ..types import Dim, Dims, Kind, intervals, union
from .builder import Builder


@dataclass(frozen=True)
class Compose:
    """Appends nodes that all stand at one place of the text."""

    b: Builder
    span: Span

    def number(self, value: float | int) -> ir.Id:
        """A constant."""
        return self.b.constant(value, self.span)

    def apply(self, name: str, *args: ir.Id, last: Dims = ()) -> ir.Id:
        """An elementwise function, the axes ``last`` behind all others."""
        row = FUNCTIONS[name]
        kind = Kind(interval=row.support(*(self.b.interval(arg) for arg in args)))
        dims = union(*(self.b.dims(arg) for arg in args))
        dims = (*(d for d in dims if d not in last), *last)
        return self.b.add(ir.Apply(row), args, dims, kind, self.span)

    def reduce(self, name: str, value: ir.Id, dim: Dim) -> ir.Id:
        """A reduction over one dimension."""
        row = FUNCTIONS[name]
        kept = tuple(d for d in self.b.dims(value) if d != dim)
        kind = Kind(interval=row.support(self.b.interval(value)))
        return self.b.add(ir.Reduce(row, dim), (value,), kept, kind, self.span)

    def along(self, name: str, value: ir.Id, dim: Dim) -> ir.Id:
        """A function along one dimension, which goes last."""
        row = FUNCTIONS[name]
        dims = (*(d for d in self.b.dims(value) if d != dim), dim)
        kind = Kind(interval=row.support(self.b.interval(value)))
        return self.b.add(ir.Along(row, dim), (value,), dims, kind, self.span)

    def matrix(self, name: str, value: ir.Id, event: Dims, out: Dims) -> ir.Id:
        """A function of one matrix or vector with the axes ``event``, which gives one with the axes ``out``."""
        row = FUNCTIONS[name]
        batch = tuple(d for d in self.b.dims(value) if d not in event)
        kind = Kind(interval=row.support(self.b.interval(value)))
        return self.b.add(ir.Matrix(row, (event,), out), (value,), (*batch, *out), kind, self.span)

    def contract(self, left: ir.Id, right: ir.Id, dim: Dim) -> ir.Id:
        """The product of two values summed over a dimension that both have."""
        rest = (tuple(d for d in self.b.dims(side) if d != dim) for side in (left, right))
        return self.b.add(ir.Contract(dim, dim), (left, right), union(*rest), Kind(), self.span)

    def gather(self, value: ir.Id, dim: Dim, index: ir.Id) -> ir.Id:
        """``value[index]``, the axes of the index first."""
        rest = (d for d in self.b.dims(value) if d != dim)
        dims = union(self.b.dims(index), tuple(rest))
        return self.b.add(ir.Gather(dim), (value, index), dims, self.b.kind(value), self.span)

    def relabel(self, value: ir.Id, old: Dim, new: Dim) -> ir.Id:
        """The same values with an axis under another name."""
        dims = tuple(new if dim == old else dim for dim in self.b.dims(value))
        return self.b.add(ir.Relabel(old, new), (value,), dims, self.b.kind(value), self.span)

    def size(self, dim: Dim) -> ir.Id:
        """The number of members of a dimension."""
        kind = Kind(interval=intervals.COUNT)
        return self.b.add(ir.Fill(FUNCTIONS["size"], (dim,)), (), (), kind, self.span)

    def position(self, dim: Dim) -> ir.Id:
        """0, 1, 2, … along a dimension."""
        kind = Kind(interval=intervals.COUNT)
        return self.b.add(ir.Fill(FUNCTIONS["position"], (dim,)), (), (dim,), kind, self.span)
