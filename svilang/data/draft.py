"""The program that comes out when the rows of an observation are put into groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from ..ir.nodes import Data, Dimension, Id, Input, Law, Node, Observation
from ..types import Dim, Kind
from .along import varying
from .bound import Bound
from .table import Array


class Draft:
    """A program in the making, in which one observation runs over groups instead of rows.

    Args:
        bound: the program as it is.
        index: of the observation.
        rows: the plate whose members are put into groups.
        first: a row of each group.
    """

    def __init__(self, bound: Bound, index: int, rows: Dim, first: Array) -> None:
        self.bound = bound
        self.index = index
        self.observation = bound.program.observations[index]
        self.rows = rows
        self.first = first
        self.dim = Dim(f"{rows.name}@{self.observation.name}")
        self.plates = self._renamed(self.observation.plates)
        self.nodes: list[Node] = list(bound.program.nodes)
        self.data: list[Data] = []
        self.arrays: dict[str, Array] = {}
        self.sizes: dict[str, int] = {self.dim.name: len(first)}

    def add(self, name: str, array: Array, dims: tuple[Dim, ...]) -> str:
        """A new data item; axes beyond ``dims`` get dimensions of their own."""
        own = tuple(Dim(f"{name}.{axis}") for axis in range(array.ndim - len(dims)))
        self.sizes.update((axis.name, size) for axis, size in zip(own, array.shape[len(dims) :], strict=True))
        self._declare(Data(name, Kind(), (*dims, *own)), array)
        return name

    def input(self, name: str) -> Id:
        """A node that holds a new data item."""
        item = next(item for item in self.data if item.name == name)
        self.nodes.append(Node(Input(name), (), item.dims, item.kind))
        return len(self.nodes) - 1

    def substitute(self, start: Iterable[Id], columns: Iterable[str]) -> dict[Id, Id]:
        """Copies of all nodes below ``start`` that differ along the rows, over the groups instead."""
        fresh = {name: self._shorten(name) for name in columns}
        made: dict[Id, Id] = {}
        for i in varying(self.bound.program, start, self.rows):
            node = self.bound.program.nodes[i]
            op: Any = Input(fresh[node.op.name]) if isinstance(node.op, Input) else node.op
            args = tuple(made.get(arg, arg) for arg in node.args)
            self.nodes.append(replace(node, op=op, args=args, dims=self._renamed(node.dims)))
            made[i] = len(self.nodes) - 1
        return made

    def law(self, law: Law, mapping: dict[Id, Id]) -> Law:
        """A law whose arguments are the copies."""
        args = tuple(None if arg is None else mapping.get(arg, arg) for arg in law.args)
        return replace(law, args=args, children=tuple(self.law(child, mapping) for child in law.children))

    def finish(self, observation: Observation) -> Bound:
        """The program with the new observation, and its data."""
        program, bound = self.bound.program, self.bound
        observations = (
            *program.observations[: self.index],
            observation,
            *program.observations[self.index + 1 :],
        )
        program = replace(
            program,
            dimensions=(*program.dimensions, *map(Dimension, self.sizes)),
            data=(*program.data, *self.data),
            observations=observations,
            nodes=tuple(self.nodes),
        )
        return replace(
            bound,
            program=program,
            sizes={**bound.sizes, **self.sizes},
            labels={**bound.labels, **dict.fromkeys(self.sizes)},
            arrays={**bound.arrays, **self.arrays},
        )

    def _shorten(self, name: str) -> str:
        item = next(item for item in self.bound.program.data if item.name == name)
        array = np.take(self.bound.arrays[name], self.first, item.dims.index(self.rows))
        fresh = replace(item, name=f"{name}@{self.observation.name}", dims=self._renamed(item.dims), default=None)
        self._declare(replace(fresh, optional=False), array)
        return fresh.name

    def _declare(self, item: Data, array: Array) -> None:
        self.data.append(item)
        self.arrays[item.name] = np.asarray(array, order="C")

    def _renamed(self, dims: tuple[Dim, ...]) -> tuple[Dim, ...]:
        return tuple(self.dim if axis == self.rows else axis for axis in dims)
