"""Chains seen noncentred: the states as a recursion over their standardised steps.

``h ~ Normal(0, 1) then Normal(a * prev(h), s)`` becomes ``h = z then a * prev(h) + s * z``, a carried definition over a
standardised ``z`` of the same axes. The recursion is added to the program of the model, which stays what it is.

Source: Papaspiliopoulos, Roberts & Sköld (2007), A general framework for the parametrization of hierarchical models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..catalog.distribution import Distribution, LocationScale
from ..catalog.function import Function, Role
from ..ir import nodes as ir
from ..plan import chain_of, steps_back
from ..types import Dim, Kind, intervals, union


def standardised(name: str) -> str:
    """What the standardised steps of a chain are called."""
    return f"{name}~"


def with_innovations(program: ir.Program, noncentered: Sequence[str]) -> ir.Program:
    """The program with a definition ``h~`` of the states of each noncentred chain ``h`` from its steps."""
    for site in program.sites:
        chain = chain_of(program, site.law)
        if site.name in noncentered and chain is not None:
            program = _Unrolled(program, site, chain).run()
    return program


class _Unrolled:
    def __init__(self, program: ir.Program, site: ir.Site, chain: Dim) -> None:
        self.program, self.site, self.chain = program, site, chain
        self.nodes = list(program.nodes)
        self.reads = self._readers()
        self.steps = self._add(ir.Latent(standardised(site.name)), (), site.dims)

    def run(self) -> ir.Program:
        *starts, step = self.site.law.children
        first: list[ir.Id] = []
        for i, law in enumerate(starts):
            first.append(self._state(law, i, first))
        body = self._state(step, None, first)
        op = ir.Carry(self.chain, (self.site.name,), len(first), 0)
        series = self._add(op, (*first, body), self.site.dims)
        made = (*self.program.definitions, (standardised(self.site.name), series))
        return replace(self.program, nodes=tuple(self.nodes), definitions=made)

    def _add(self, op: ir.Op, args: tuple[ir.Id, ...], dims: tuple[Dim, ...], kind: Kind | None = None) -> ir.Id:
        self.nodes.append(ir.Node(op, args, dims, kind or Kind(), self.site.span))
        return len(self.nodes) - 1

    def _readers(self) -> set[ir.Id]:
        """The nodes that depend on the states."""
        found: set[ir.Id] = set()
        for i, node in enumerate(self.program.nodes):
            own = isinstance(node.op, ir.Latent) and node.op.name == self.site.name
            if own or any(arg in found for arg in node.args):
                found.add(i)
        return found

    def _state(self, law: ir.Law, at: int | None, before: list[ir.Id]) -> ir.Id:
        """The state at one step, or at any later one where ``at`` is ``None``, from its standardised value."""
        made: dict[ir.Id, ir.Id] = {}
        own = self.steps if at is None else self._at(self.steps, at)
        args = [self._moved(arg, at, before, made) for arg in law.args if arg is not None]
        dims = union(*(self.nodes[i].dims for i in (own, *args)))
        return self._add(ir.Apply(_forward(law)), (own, *args), dims)

    def _at(self, node: ir.Id, step: int) -> ir.Id:
        """The value of a node at one step."""
        dims = self.nodes[node].dims
        if self.chain not in dims:
            return node
        index = self._add(ir.Const(step), (), (), Kind(interval=intervals.point(step)))
        rest = tuple(dim for dim in dims if dim != self.chain)
        return self._add(ir.Gather(self.chain), (node, index), rest, self.nodes[node].kind)

    def _moved(self, node: ir.Id, at: int | None, before: list[ir.Id], made: dict[ir.Id, ir.Id]) -> ir.Id:
        """A node with the states of earlier steps in the place of ``prev``."""
        if node not in self.reads:
            return node if at is None else self._at(node, at)
        if node not in made:
            made[node] = self._earlier(node, at, before) or self._again(node, at, before, made)
        return made[node]

    def _earlier(self, node: ir.Id, at: int | None, before: list[ir.Id]) -> ir.Id | None:
        """``prev(h)`` itself."""
        gather = self.program.nodes[node]
        base = self.program.nodes[gather.args[0]].op if gather.args else None
        if not isinstance(gather.op, ir.Gather) or not isinstance(base, ir.Latent) or base.name != self.site.name:
            return None
        steps = steps_back(self.program, gather.args[1])
        if steps is None:
            return None
        if at is not None:
            return before[at - steps]
        rest = tuple(dim for dim in self.site.dims if dim != self.chain)
        return self._add(ir.Before(self.site.name, steps), (), rest, gather.kind)

    def _again(self, node: ir.Id, at: int | None, before: list[ir.Id], made: dict[ir.Id, ir.Id]) -> ir.Id:
        old = self.program.nodes[node]
        args = tuple(self._moved(arg, at, before, made) for arg in old.args)
        present = {dim for arg in args for dim in self.nodes[arg].dims}
        dims = tuple(dim for dim in old.dims if dim != self.chain or dim in present)
        return self._add(old.op, args, dims, old.kind)


def map_of(law: ir.Law) -> LocationScale:
    """The standardising map of one part of a chain."""
    assert isinstance(law.row, Distribution)
    assert law.row.location_scale is not None
    return law.row.location_scale


def _forward(law: ir.Law) -> Function:
    """``(z, *arguments) -> x`` as a function of the language."""
    assert isinstance(law.row, Distribution)
    form, forward = law.row.forms[law.form], map_of(law).forward

    def apply(z: object, *args: object) -> object:
        return forward(z, *(args if form.canonical is None else form.canonical(*args)))

    names = ("z", *(param.name for param in form.params))
    return Function(f"state of {law.row.name}", Role.ELEMENTWISE, names, apply, lambda *_: intervals.REAL, "")
