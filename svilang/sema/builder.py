"""The growing list of nodes of one program, and what is known about them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ..diagnostics import MOST_SHOWN, Diagnostic, Span
from ..ir import nodes as ir
from ..types import NAMELESS, Dim, Dims, Interval, Kind, intervals
from . import errors
from .symbols import Table

T = TypeVar("T")


@dataclass
class Builder:
    """Nodes in dependency order; equal leaves are made once."""

    table: Table
    nodes: list[ir.Node] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    extra_dimensions: list[ir.Dimension] = field(default_factory=list)
    used_dims: set[str] = field(default_factory=set)
    used_names: set[str] = field(default_factory=set)
    _random: list[bool] = field(default_factory=list)
    _masks: list[int] = field(default_factory=list)
    _bits: dict[str, int] = field(default_factory=dict)
    _leaves: dict[tuple[ir.Op, Dims, Span], ir.Id] = field(default_factory=dict)

    def add(self, op: ir.Op, args: tuple[ir.Id, ...], dims: Dims, kind: Kind, span: Span) -> ir.Id:
        """Append a node and return its position."""
        key = (op, dims, span)
        if not args and key in self._leaves:
            return self._leaves[key]
        self.nodes.append(ir.Node(op, args, dims, kind, span))
        drawn = isinstance(op, (ir.Latent, ir.Parameter, ir.Varying))
        self._random.append(drawn or any(self._random[arg] for arg in args))
        if not args:
            self._leaves[key] = len(self.nodes) - 1
        return len(self.nodes) - 1

    def constant(self, value: float | int | bool, span: Span) -> ir.Id:
        """A number as a node."""
        interval = intervals.BINARY if isinstance(value, bool) else intervals.point(value)
        return self.add(ir.Const(value), (), (), Kind(interval=interval), span)

    def dims(self, node: ir.Id) -> Dims:
        """The axes of a node."""
        return self.nodes[node].dims

    def kind(self, node: ir.Id) -> Kind:
        """The kind of a node."""
        return self.nodes[node].kind

    def interval(self, node: ir.Id) -> Interval:
        """The interval of a node's elements."""
        return self.nodes[node].kind.interval

    def number(self, node: ir.Id | None) -> float | int | None:
        """The value of a constant node, else ``None``."""
        if node is None:
            return None
        op = self.nodes[node].op
        if isinstance(op, ir.Const):
            return op.value
        interval = self.nodes[node].kind.interval
        return interval.lower if interval.lower == interval.upper and not self.nodes[node].dims else None

    def narrow(self, node: ir.Id, kind: Kind) -> None:
        """Replace what is known about a node's elements."""
        self.nodes[node] = replace(self.nodes[node], kind=kind)

    def anonymous(self, size: int, span: Span) -> Dim:
        """A new dimension for a list that nothing gives one."""
        name = f"{NAMELESS}{len(self.extra_dimensions)}"
        self.extra_dimensions.append(ir.Dimension(name, self.constant(size, span), span=span))
        return Dim(name)

    def told(self) -> list[Diagnostic]:
        """The problems; one in terms of a dimension that the text does not name is that the list has none."""
        lists = {dim.name: dim.span for dim in self.extra_dimensions}
        found: list[Diagnostic] = []
        for problem in self.problems:
            words = re.findall(f"{NAMELESS}[0-9]+", f"{problem.message} {problem.help}")
            if not words:
                found.append(problem)
                continue
            span = lists[words[0]]
            nested = any(span.start < inner.start and inner.end <= span.end for inner in lists.values())
            found.append(errors.list_without_dimension(span, nested=nested))
        return found

    def suggested(self, names: Iterable[T]) -> Iterable[T]:
        """``names`` as candidates for a suggestion; none after as many errors as are shown: looking takes time."""
        return names if len(self.problems) < MOST_SHOWN else ()

    def same_root(self, first: Dim, second: Dim) -> bool:
        """Whether two dimensions are equal or aliases of one."""
        return self.table.root(first.name) == self.table.root(second.name)

    def data_only(self, node: ir.Id) -> bool:
        """Whether a node depends on data and constants alone."""
        return not self._random[node]

    def latents(self, node: ir.Id) -> set[str]:
        """The latents that a node is computed from, without those behind them."""
        for made in self.nodes[len(self._masks) :]:
            mask = 0
            for arg in made.args:
                mask |= self._masks[arg]
            if isinstance(made.op, ir.Latent):
                mask |= 1 << self._bits.setdefault(made.op.name, len(self._bits))
            self._masks.append(mask)
        names, mask = list(self._bits), self._masks[node]
        return {names[i] for i, bit in enumerate(reversed(f"{mask:b}")) if bit == "1"} if mask else set()

    def below(self, *nodes: ir.Id) -> list[ir.Id]:
        """The nodes and everything they depend on."""
        seen: set[ir.Id] = set()
        stack = list(nodes)
        while stack:
            current = stack.pop()
            if current not in seen:
                seen.add(current)
                stack.extend(self.nodes[current].args)
        return sorted(seen)
