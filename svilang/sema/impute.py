"""``impute y``: the missing entries of data as latents, with the law of their observation as prior.

The missing entries are a dimension of their own, ``y.entry``, whose size the data decides. The site ``y.missing`` has
the law of the observation, with every argument taken at the place of the entry; elsewhere in the model ``y`` is the
data where it is known and that site where it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..catalog.functions import FUNCTIONS
from ..diagnostics import Span
from ..ir import nodes as ir
from ..types import Dim, Kind, intervals
from .expressions import Expressions
from .laws import Typed


class Imputed:
    """What one imputed item adds to the model.

    Args:
        e: makes nodes.
        item: the data.
        raw: the node of its values as they were given.
        span: its name in the statement.
    """

    def __init__(self, e: Expressions, item: ir.Data, raw: ir.Id, span: Span) -> None:
        self.e, self.b = e, e.b
        self.item, self.raw, self.span = item, raw, span
        self.name = f"{item.name}.missing"
        self.dim = Dim(f"{item.name}.entry")
        self.dimension = ir.Dimension(self.dim.name, span=span)
        self.places = [
            self._made(
                f"{item.name}.place{axis}", ir.Gaps("place", item.name, axis), (self.dim,), Kind(member=dim.name)
            )
            for axis, dim in enumerate(item.dims)
        ]
        self.known = self._made(
            f"{item.name}.known", ir.Gaps("known", item.name), item.dims, Kind(interval=intervals.BINARY)
        )
        self.slot = self._made(f"{item.name}.slot", ir.Gaps("slot", item.name), item.dims, Kind(member=self.dim.name))

    @property
    def data(self) -> tuple[ir.Data, ...]:
        """The items that binding makes."""
        return (*self.places, self.known, self.slot)

    def site(self, typed: Typed) -> ir.Site:
        """The latent that holds the missing entries."""
        ends = (None if end is None else self._at_places(end) for end in (typed.bounds.lower, typed.bounds.upper))
        law = self._law(typed.law)
        return ir.Site(self.name, law, (self.dim,), 1, typed.kind, ir.Bounds(*ends), span=self.span)

    def completed(self, latent: ir.Id) -> ir.Id:
        """The values with those of ``latent`` where they are missing."""
        kind = self.b.kind(latent)
        if kind.member is None:
            kind = Kind(interval=kind.interval.hull(self.item.kind.interval))
        there = self.e.gather(latent, self.dim, self._input(self.slot), self.span)
        args = (self._input(self.known), self.raw, there)
        return self.b.add(ir.Apply(FUNCTIONS["if"]), args, self.item.dims, kind, self.span)

    def _law(self, law: ir.Law) -> ir.Law:
        args = tuple(None if arg is None else self._at_places(arg) for arg in law.args)
        return replace(law, args=args, children=tuple(self._law(child) for child in law.children))

    def _at_places(self, node: ir.Id) -> ir.Id:
        for place, dim in zip(self.places, self.item.dims, strict=True):
            if dim in self.b.dims(node):
                node = self.e.gather(node, dim, self._input(place), self.span)
        return node

    def _made(self, name: str, gaps: ir.Gaps, dims: Sequence[Dim], kind: Kind) -> ir.Data:
        return ir.Data(name, kind, tuple(dims), gaps=gaps, span=self.span)

    def _input(self, item: ir.Data) -> ir.Id:
        return self.b.add(ir.Input(item.name), (), item.dims, item.kind, self.span)
