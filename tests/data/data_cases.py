"""Small programs built by hand, and what the tests of this folder say in few words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from svilang.catalog.distributions import DISTRIBUTIONS
from svilang.catalog.functions import FUNCTIONS
from svilang.data import Bound, Table, bind, table
from svilang.data.table import text_column
from svilang.diagnostics import SvilangError
from svilang.ir.nodes import (
    Apply,
    Const,
    Data,
    Dimension,
    Fill,
    Gather,
    Id,
    Input,
    Latent,
    Law,
    Node,
    Observation,
    Op,
    Program,
)
from svilang.types import KINDS, Dim, Kind
from svilang.types.intervals import COUNT


def kind(name: str) -> Kind:
    return KINDS[name].kind if name in KINDS else Kind(interval=COUNT, member=name)


def dims(names: str) -> tuple[Dim, ...]:
    """``"obs k k'"`` as axes."""
    return tuple(Dim(name.rstrip("'"), name.count("'")) for name in names.split())


def item(name: str, of: str = "real", over: str = "", **more: Any) -> Data:
    return Data(name, kind(of), dims(over), **more)


def program(*data: Data, dimensions: tuple[Dimension, ...] = (), nodes: tuple[Node, ...] = ()) -> Program:
    """A program that declares ``data``, and every dimension of theirs that ``dimensions`` leaves out."""
    names = [dim.name for one in data for dim in one.dims] + [one.kind.member for one in data if one.kind.member]
    own = {dimension.name for dimension in dimensions}
    rest = tuple(Dimension(name) for name in dict.fromkeys(names) if name not in own)
    return Program("model", dimensions=(*dimensions, *rest), data=data, nodes=nodes)


def csv(origin: str = "a.csv", **columns: str) -> Table:
    """A table as the CSV reader makes it, from cells with spaces between them; ``_`` is an empty cell."""
    cells = {name: ["" if cell == "_" else cell for cell in text.split()] for name, text in columns.items()}
    rows = len(next(iter(cells.values())))
    return Table(origin, {name: text_column(c) for name, c in cells.items()}, lines=np.arange(2, rows + 2))


def bound(*data: Data, given: Any = None, sets: Any = None, **more: Any) -> Bound:
    """Bind one table that holds everything, or the tables of a dict."""
    tables = given if isinstance(given, dict) and all(isinstance(v, Table) for v in given.values()) else None
    if tables is None:
        tables = {} if given is None else {"": given if isinstance(given, Table) else table(given)}
    return bind(program(*data, **more), tables, sets)


def errors(*data: Data, **more: Any) -> dict[str, str]:
    """The messages of a binding that must fail, by code."""
    with pytest.raises(SvilangError) as caught:
        bound(*data, **more)
    return {d.code: d.message for d in caught.value.diagnostics}


class Nodes:
    """Writes nodes one after another."""

    def __init__(self) -> None:
        self.made: list[Node] = []

    def add(self, op: Op, args: tuple[Id, ...] = (), over: str = "", of: str = "real") -> Id:
        self.made.append(Node(op, args, dims(over), kind(of)))
        return len(self.made) - 1

    def const(self, value: float) -> Id:
        return self.add(Const(value))

    def input(self, data: Data) -> Id:
        self.made.append(Node(Input(data.name), (), data.dims, data.kind))
        return len(self.made) - 1

    def latent(self, name: str, over: str = "") -> Id:
        return self.add(Latent(name), (), over)

    def apply(self, function: str, *args: Id) -> Id:
        names = dict.fromkeys(dim for arg in args for dim in self.made[arg].dims)
        self.made.append(Node(Apply(FUNCTIONS[function]), args, tuple(names), Kind()))
        return len(self.made) - 1

    def gather(self, dim: str, whole: Id, index: Id) -> Id:
        rest = tuple(d for d in self.made[whole].dims if d.name != dim)
        out = tuple(dict.fromkeys((*self.made[index].dims, *rest)))
        self.made.append(Node(Gather(Dim(dim)), (whole, index), out, self.made[whole].kind))
        return len(self.made) - 1

    def size(self, dim: str) -> Id:
        return self.add(Fill(FUNCTIONS["size"], dims(dim)), (), "", "count")


def law(name: str, *args: Id, form: int = 0) -> Law:
    return Law(DISTRIBUTIONS[name], form, args)


def observed(name: str, value: Id, of: Law, plates: str, **more: Any) -> Observation:
    return Observation(name, value, of, dims(plates), **more)
