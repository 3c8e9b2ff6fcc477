"""Programs written by hand, node by node, and data bound to them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from svilang.catalog.functions import FUNCTIONS
from svilang.data.scalars import evaluate
from svilang.ir import nodes as ir
from svilang.types import KINDS, Dim, Dims, Kind, union

REAL = KINDS["real"].kind
COUNT = KINDS["count"].kind


def dims(names: str) -> Dims:
    """``"a b"`` as axes; a trailing quote is the second axis of a square."""
    return tuple(Dim(name.rstrip("'"), name.count("'")) for name in names.split())


@dataclass(frozen=True)
class Table:
    """A bound program as lowering sees it."""

    program: ir.Program
    sizes: dict[str, int]
    labels: dict[str, tuple[str, ...] | None]
    arrays: dict[str, Any]
    present: dict[str, Any]

    def position(self, dim: str, label: str | int) -> int:
        if isinstance(label, int):
            return label % self.sizes[dim]
        known = self.labels[dim]
        assert known is not None
        return known.index(label)

    def value(self, program: ir.Program, node: ir.Id) -> Any:
        return evaluate(program, node, self.arrays, self.sizes.get)


@dataclass
class Writer:
    """Writes a program; each method returns the node it made."""

    name: str = "model"
    sizes: dict[str, int] = field(default_factory=dict)
    labels: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    nodes: list[ir.Node] = field(default_factory=list)
    arrays: dict[str, Any] = field(default_factory=dict)
    present: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, list[Any]] = field(default_factory=dict)

    def node(self, op: ir.Op, args: tuple[int, ...] = (), axes: Dims = (), kind: Kind = REAL) -> int:
        self.nodes.append(ir.Node(op, args, axes, kind))
        return len(self.nodes) - 1

    def _add(self, part: str, value: Any) -> None:
        self.parts.setdefault(part, []).append(value)

    def of(self, value: Any) -> int:
        """A node, or a number as one (whole numbers are nodes: write ``2.0``)."""
        return self.node(ir.Const(value)) if isinstance(value, float) else value

    # --- leaves ---

    def data(self, name: str, axes: str, values: Any, kind: Kind = REAL, missing: Any = None) -> int:
        axes_, values = dims(axes), np.asarray(values)
        self._add("data", ir.Data(name, kind, axes_, optional=missing is not None))
        self.arrays[name] = values
        if missing is not None:
            self.present[name] = ~np.asarray(missing)
        self.sizes.update(zip((dim.name for dim in axes_), values.shape, strict=True))
        return self.node(ir.Input(name), (), axes_, kind)

    def label(self, dim: str, label: str | int) -> int:
        return self.node(ir.Label(dim, label), (), (), Kind(member=dim))

    def param(self, name: str, axes: str = "", kind: Kind = REAL, init: Any = None, bounds: Any = ir.NO_BOUNDS) -> int:
        self._add("params", ir.Param(name, kind, dims(axes), bounds, self.of(init)))
        return self.node(ir.Parameter(name), (), dims(axes), kind)

    def use(self, name: str, axes: str = "") -> int:
        """The value of a latent that another program declares."""
        return self.node(ir.Latent(name), (), dims(axes))

    # --- operations ---

    def apply(self, function: str, *args: Any) -> int:
        ids = tuple(self.of(arg) for arg in args)
        axes = union(*(self.nodes[i].dims for i in ids))
        return self.node(ir.Apply(FUNCTIONS[function]), ids, axes)

    def reduce(self, function: str, arg: int, dim: str) -> int:
        (along,) = dims(dim)
        return self.node(ir.Reduce(FUNCTIONS[function], along), (arg,), self._without(arg, along))

    def along(self, function: str, arg: int, dim: str) -> int:
        return self.node(ir.Along(FUNCTIONS[function], dims(dim)[0]), (arg,), self.nodes[arg].dims)

    def matrix(self, function: str, args: list[int], events: list[str], out: str) -> int:
        batches = [tuple(d for d in self.nodes[i].dims if d not in dims(e)) for i, e in zip(args, events, strict=True)]
        op = ir.Matrix(FUNCTIONS[function], tuple(map(dims, events)), dims(out))
        return self.node(op, tuple(args), (*union(*batches), *dims(out)))

    def contract(self, x: int, y: int, left: str, right: str) -> int:
        (a,), (b,) = dims(left), dims(right)
        return self.node(ir.Contract(a, b), (x, y), union(self._without(x, a), self._without(y, b)))

    def gather(self, x: int, dim: str, index: int) -> int:
        (along,) = dims(dim)
        own = self.nodes[x].dims
        at = own.index(along)
        axes = union(own[:at], self.nodes[index].dims, own[at + 1 :])
        return self.node(ir.Gather(along), (x, index), axes)

    def stack(self, dim: str, *args: Any) -> int:
        ids = tuple(self.of(arg) for arg in args)
        self.sizes[dim] = len(ids)
        return self.node(ir.Stack(Dim(dim)), ids, (Dim(dim), *union(*(self.nodes[i].dims for i in ids))))

    def fill(self, function: str, over: str, *args: Any) -> int:
        ids = tuple(self.of(arg) for arg in args)
        own = union(*(self.nodes[i].dims for i in ids))
        made = {"eye": dims(over + " " + over + "'"), "size": ()}.get(function, dims(over))
        return self.node(ir.Fill(FUNCTIONS[function], dims(over)), ids, (*own, *made))

    def relabel(self, x: int, old: str, new: str) -> int:
        (a,), (b,) = dims(old), dims(new)
        return self.node(ir.Relabel(a, b), (x,), tuple(b if d == a else d for d in self.nodes[x].dims))

    def lag(self, x: int, dim: str, steps: int, start: Any) -> int:
        first = self.of(start)
        axes = union(self.nodes[x].dims, self.nodes[first].dims)
        return self.node(ir.Lag(dims(dim)[0], steps), (x, first), axes)

    def _without(self, arg: int, dim: Dim) -> Dims:
        return tuple(d for d in self.nodes[arg].dims if d != dim)

    # --- statements ---

    def law(self, row: Any, *args: Any, event: str = "", form: int = 0, children: Any = (), mixed: str = "") -> ir.Law:
        ids = tuple(None if arg is None else self.of(arg) for arg in args)
        return ir.Law(row, form, ids, tuple(children), dims(event), dims(mixed)[0] if mixed else None)

    def site(self, name: str, law: ir.Law, plates: str = "", extra: str = "", **more: Any) -> int:
        axes = (*dims(plates), *(dims(extra) if extra else law.event))
        leaf = law
        while leaf.children:
            leaf = leaf.children[0]
        more.setdefault("kind", leaf.row.support)
        self._add("sites", ir.Site(name, law, axes, len(dims(plates)), **more))
        return self.node(ir.Latent(name), (), axes, more["kind"])

    def observe(self, name: str, value: int, law: ir.Law, plates: str = "", **more: Any) -> None:
        self._add("observations", ir.Observation(name, value, law, dims(plates), **more))

    def factor(self, value: int, plates: str = "") -> None:
        self._add("factors", ir.Factor(value, dims(plates)))

    def report(self, name: str, value: int) -> None:
        self._add("reports", ir.Report(name, value, None, self.nodes[value].dims, self.nodes[value].kind))

    def generate(self, name: str, law: ir.Law, plates: str = "") -> int:
        axes = (*dims(plates), *law.event)
        self._add("reports", ir.Report(name, None, law, axes, REAL))
        return self.node(ir.Latent(name), (), axes)

    # --- results ---

    def program(self, **more: Any) -> ir.Program:
        parts = {name: tuple(values) for name, values in self.parts.items()}
        return ir.Program(self.name, nodes=tuple(self.nodes), **parts, **more)

    def bind(self) -> Table:
        return Table(self.program(), self.sizes, self.labels, self.arrays, self.present)

    def guide(self, *families: ir.Family, noncentered: tuple[str, ...] = ()) -> ir.Program:
        return replace(self.program(), guide=ir.GuideParts(families, noncentered))
