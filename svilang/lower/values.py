"""The values of a program's nodes.

Each value is an array whose axes are exactly ``node.dims`` in that order, or a Python number. A node is made at one of
three times: while the program is compiled (numbers, positions), once from data alone (:meth:`Plan.early`), or for each
density. Nothing is made that nobody asks for, and nothing twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from ..ir import nodes as ir
from ..ir.walk import late_nodes
from ..lazy import jnp, lax, np
from ..types import Dim, Dims, union
from .axes import Pick, Value, align, fill, gather, permute
from .bound import shape_of
from .carry import Recurrence, carried, recurrences
from .flow import Equations, equations, solved
from .sums import WeightedSum, weighted_sums

Chain = tuple[ir.Id, tuple[tuple[Dim, ir.Id], ...]]
Leaf = Callable[[ir.Input | ir.Latent | ir.Parameter | ir.Before | ir.Varying], Value]


@dataclass(frozen=True, slots=True)
class Design:
    """The data of a product: one array with its axes in the order ``dims``, or columns with the axes ``dims``, each
    times its sign, along a new first axis.
    """

    nodes: tuple[ir.Id, ...]
    dims: Dims
    signs: tuple[int, ...] = ()

    def made(self, values: Values) -> Value:
        """The array."""
        found = [values.floating(values.aligned(node, self.dims)).astype(values.dtype) for node in self.nodes]
        if not self.signs:
            return found[0]
        return jnp.stack(found) * np.reshape(np.asarray(self.signs, values.dtype), (-1, *[1] * len(self.dims)))


@dataclass(frozen=True, eq=False)
class Plan:
    """What is known of a program's nodes before anything runs.

    Args:
        program: whose nodes.
        sizes: of its dimensions.
        static: nodes that are numbers.
        late: nodes that depend on a latent or a parameter.
        chains: for each gather the value at the bottom and all indexes that are used at once.
        designs: for each product of data with a latent value, which operand is data. It is kept with the axis of the
            sum first, where both the product and its derivative run along memory.
        sums: sums of columns of data times numbers, which are such products too.
        carries: for each carried definition the group that is made with it.
        flows: for each solution of differential equations what they are.
        also: nodes that are needed besides those that the program's own terms take.
        shares: where only some members of a dimension are seen, how many each of them stands for.
    """

    program: ir.Program
    sizes: Mapping[str, int]
    static: Mapping[ir.Id, float | int | bool]
    late: frozenset[ir.Id]
    chains: Mapping[ir.Id, Chain]
    designs: Mapping[ir.Id, int]
    carries: Mapping[ir.Id, Recurrence]
    flows: Mapping[ir.Id, Equations]
    sums: Mapping[ir.Id, WeightedSum]
    also: tuple[ir.Id, ...] = ()
    shares: Mapping[str, float] = field(default_factory=dict)

    def scale(self, dims: Dims) -> float:
        """How many members of these plates each one that is seen stands for."""
        return math.prod(self.shares.get(dim.name, 1) for dim in dims)

    def operands(self, node: ir.Id) -> tuple[ir.Id, ...]:
        """The values that ``node`` is made from, besides a design."""
        if node in self.carries:
            return self.carries[node].operands
        if node in self.flows:
            return self.flows[node].operands
        if node in self.sums:
            return (*self.sums[node].factors, *(term for term, _ in self.sums[node].rest))
        if node in self.chains:
            base, picks = self.chains[node]
            return (base, *(index for _, index in picks))
        args = self.program.nodes[node].args
        return (args[1 - self.designs[node]],) if node in self.designs else args

    def design(self, node: ir.Id) -> Design:
        """The data of a product as it is kept."""
        if node in self.sums:
            one = self.sums[node]
            return Design(one.columns, one.dims, one.signs)
        op, args = self.program.nodes[node].op, self.program.nodes[node].args
        assert isinstance(op, ir.Contract)
        at = self.designs[node]
        own, other = self.program.nodes[args[at]].dims, self.program.nodes[args[1 - at]].dims
        summed, gone = (op.left, op.right) if at == 0 else (op.right, op.left)
        shared = tuple(dim for dim in own if dim != summed and dim in other and dim != gone)
        return Design((args[at],), (*shared, summed, *(dim for dim in own if dim != summed and dim not in shared)))

    def order(self, roots: Iterable[ir.Id], known: Mapping[ir.Id, Value]) -> list[ir.Id]:
        """All nodes that ``roots`` need besides those known, operands first."""
        seen: set[ir.Id] = set()
        ahead = [node for node in roots if node not in known]
        while ahead:
            node = ahead.pop()
            if node not in seen:
                seen.add(node)
                ahead.extend(arg for arg in self.operands(node) if arg not in known and arg not in seen)
        return sorted(seen)

    def early(self, roots: Iterable[ir.Id]) -> list[ir.Id]:
        """The values of data alone that are asked for by ``roots`` or by what ``roots`` need."""
        wanted = list(roots)
        for node in self.order(wanted, self.static):
            if node in self.late:
                wanted.extend(self.operands(node))
        return sorted({node for node in wanted if node not in self.late and node not in self.static})


def plan(
    program: ir.Program,
    sizes: Mapping[str, int],
    position: Callable[[str, str | int], int],
    also: tuple[ir.Id, ...] = (),
) -> Plan:
    """Sort the nodes of a program by when they are made; ``position`` finds a label in a dimension."""
    static: dict[ir.Id, float | int | bool] = {}
    for i, node in enumerate(program.nodes):
        match node.op:
            case ir.Const(value):
                static[i] = value
            case ir.Label(dim, label):
                static[i] = position(dim, label)
            case _:
                pass
    late = late_nodes(program)

    def inner(part: ir.Program) -> Plan:
        # Within a part nothing is prepared beforehand.
        return replace(plan(part, sizes, position), designs={}, sums={})

    carries, flows = recurrences(program, inner), equations(program, inner)
    chains, sums = _chains(program, late), weighted_sums(program, late, also)
    return Plan(program, sizes, static, late, chains, _designs(program, late), carries, flows, sums, also)


def _designs(program: ir.Program, late: frozenset[ir.Id]) -> dict[ir.Id, int]:
    found: dict[ir.Id, int] = {}
    for i, node in enumerate(program.nodes):
        if isinstance(node.op, ir.Contract) and i in late:
            data = [at for at, arg in enumerate(node.args) if arg not in late and len(program.nodes[arg].dims) > 1]
            found.update((i, at) for at in data)
    return found


def _chains(program: ir.Program, late: frozenset[ir.Id]) -> dict[ir.Id, Chain]:
    """Gathers from gathers as one, where the order of the indexes does not matter."""
    found: dict[ir.Id, Chain] = {}
    for i, node in enumerate(program.nodes):
        if not isinstance(node.op, ir.Gather):
            continue
        inner, index = node.args
        base, picks = inner, ((node.op.dim, index),)
        if inner in found and (inner in late) == (i in late):
            below, earlier = found[inner]
            if _independent(program, node.op.dim, below, earlier):
                base, picks = below, (*earlier, *picks)
        found[i] = base, picks
    return found


def _independent(program: ir.Program, dim: Dim, base: ir.Id, picks: tuple[tuple[Dim, ir.Id], ...]) -> bool:
    """Whether ``dim`` is an axis of the bottom value and not one that an earlier index brought in."""
    nodes = program.nodes
    return dim in nodes[base].dims and all(dim != gone and dim not in nodes[index].dims for gone, index in picks)


class Values:
    """Makes values of nodes and remembers them.

    Args:
        plan: of the program.
        leaf: the value of a data item, latent or parameter.
        dtype: of the numbers that are made here.
        known: values that exist already, beside the numbers of the program.
        designs: data of products, as :meth:`Plan.design` orders their axes.
        numbers: the values of some latents that are single numbers as one vector, where they are made as one.
    """

    def __init__(
        self,
        plan: Plan,
        leaf: Leaf,
        dtype: Any,
        known: Mapping[ir.Id, Value],
        designs: Mapping[ir.Id, Value] | None = None,
        numbers: Callable[[Sequence[str]], Value | None] | None = None,
    ) -> None:
        self.plan = plan
        self.leaf = leaf
        self.dtype = dtype
        self.designs = designs or {}
        self.known: dict[ir.Id, Value] = {**plan.static, **known}
        self._numbers = numbers
        self.carried: dict[tuple[ir.Id, ...], tuple[Value, ...]] = {}

    def __getitem__(self, node: ir.Id) -> Value:
        for step in self.plan.order((node,), self.known):
            # Asking a latent for its value may make further nodes on the way.
            if step not in self.known:
                self.known[step] = self._make(step)
        return self.known[node]

    def dims(self, node: ir.Id) -> Dims:
        """The axes of a node."""
        return self.plan.program.nodes[node].dims

    def aligned(self, arg: ir.Id, wanted: Dims) -> Value:
        """The value with its axes in the order of ``wanted``, of size 1 where it has none."""
        return align(self[arg], self.dims(arg), wanted)

    def _shape(self, dims: Dims) -> tuple[int, ...]:
        return shape_of(dims, self.plan.sizes)

    def _make(self, i: ir.Id) -> Value:
        node = self.plan.program.nodes[i]
        value = self._weighted(i, node) if i in self.plan.sums else self._operate(i, node)
        return fill(value, self._shape(node.dims)) if node.dims else value

    def _operate(self, i: ir.Id, node: ir.Node) -> Value:
        match node.op:
            case ir.Input() | ir.Latent() | ir.Parameter() | ir.Before() | ir.Varying():
                return self.leaf(node.op)
            case ir.Carry(dim, _, _, index):
                made = self._series(i)[index]
                own = tuple(d for d in self.plan.carries[i].dims[index] if d in node.dims)
                return align(made, (dim, *own), node.dims)
            case ir.Flow():
                found = self.plan.flows[i]
                return align(solved(found, self, self._inner), found.made, node.dims)
            case ir.Apply(function):
                return function.apply(*(self.aligned(arg, node.dims) for arg in node.args))
            case ir.Reduce(function, dim) | ir.Along(function, dim):
                dims = self.dims(node.args[0])
                made = function.apply(self[node.args[0]], dims.index(dim))
                return align(made, tuple(d for d in dims if d in node.dims), node.dims)
            case ir.Matrix(function, events, out):
                batch = node.dims[: len(node.dims) - len(out)]
                pairs = zip(node.args, events, strict=True)
                return function.apply(*(self.aligned(arg, (*batch, *event)) for arg, event in pairs))
            case ir.Contract(left, right):
                return self._contract(i, node, left, right)
            case ir.Gather():
                return self._gather(i, node)
            case ir.Stack(dim):
                return self._stack(node, dim)
            case ir.Fill(function, over):
                return self._fill(node, function, over)
            case ir.Relabel(old, new):
                arg = node.args[0]
                renamed = tuple(new if dim == old else dim for dim in self.dims(arg))
                return align(self[arg], renamed, node.dims)
            case ir.Lag(dim, steps):
                return self._lag(node, dim, steps)
            case ir.Const() | ir.Label():
                return self.plan.static[i]

    def _series(self, i: ir.Id) -> tuple[Value, ...]:
        """The series of all definitions that are carried together, made once."""
        args = self.plan.program.nodes[i].args
        if args not in self.carried:
            self.carried[args] = carried(self.plan.carries[i], self, self._inner)
        return self.carried[args]

    def _inner(self, plan: Plan, leaf: Leaf) -> Values:
        return Values(plan, leaf, self.dtype, {})

    def floating(self, value: Value) -> Value:
        """The value as floating-point numbers."""
        value = jnp.asarray(value)
        return value if jnp.issubdtype(value.dtype, jnp.inexact) else value.astype(self.dtype)

    def _contract(self, i: ir.Id, node: ir.Node, left: Dim, right: Dim) -> Value:
        """One ``dot_general``: axes that both have by name are batches."""
        (x, x_dims), (y, y_dims) = (self._factor(i, at, arg) for at, arg in enumerate(node.args))
        dtype = jnp.promote_types(x.dtype, y.dtype)
        rest_x = tuple(dim for dim in x_dims if dim != left)
        rest_y = tuple(dim for dim in y_dims if dim != right)
        shared = tuple(dim for dim in rest_x if dim in rest_y)
        made = (*shared, *(d for d in rest_x if d not in shared), *(d for d in rest_y if d not in shared))
        value = lax.dot_general(
            x.astype(dtype),
            y.astype(dtype),
            (
                ((x_dims.index(left),), (y_dims.index(right),)),
                (tuple(map(x_dims.index, shared)), tuple(map(y_dims.index, shared))),
            ),
            precision=lax.Precision.HIGHEST,
        )
        return permute(value, [made.index(dim) for dim in node.dims])

    def _weighted(self, i: ir.Id, node: ir.Node) -> Value:
        one = self.plan.sums[i]
        design = self.designs[i] if i in self.designs else self.plan.design(i).made(self)
        found = lax.dot_general(
            self.vector(one.factors), design, (((0,), (0,)), ((), ())), precision=lax.Precision.HIGHEST
        )
        found = align(found, one.dims, node.dims)
        for term, sign in one.rest:
            value = self.aligned(term, node.dims)
            found = found + value if sign > 0 else found - value
        return found

    def vector(self, nodes: Sequence[ir.Id]) -> Value:
        """Single numbers as one vector."""
        parts: list[Value] = []
        for what, many in groupby(nodes, self._origin):
            some = list(many)
            if what is ir.Const:
                parts.append(np.array([self.plan.static[i] for i in some], self.dtype))
            else:
                parts += self._latents(some) if what is ir.Latent else map(self._number, some)
        return parts[0] if len(parts) == 1 else jnp.concatenate(parts)

    def _origin(self, node: ir.Id) -> type:
        if node in self.plan.static:
            return ir.Const
        return ir.Latent if isinstance(self.plan.program.nodes[node].op, ir.Latent) else ir.Node

    def _latents(self, nodes: Sequence[ir.Id]) -> list[Value]:
        names = [op.name for op in (self.plan.program.nodes[i].op for i in nodes) if isinstance(op, ir.Latent)]
        together = None if self._numbers is None else self._numbers(names)
        return [self._number(i) for i in nodes] if together is None else [together]

    def _number(self, node: ir.Id) -> Value:
        return jnp.reshape(self.floating(self[node]), (1,))

    def _factor(self, i: ir.Id, at: int, arg: ir.Id) -> tuple[Value, Dims]:
        if self.plan.designs.get(i) == at:
            return self.designs[i], self.plan.design(i).dims
        return self.floating(self[arg]), self.dims(arg)

    def _gather(self, i: ir.Id, node: ir.Node) -> Value:
        base, picks = self.plan.chains[i]
        indexes = [Pick(dim, self.index(index), self.dims(index)) for dim, index in picks]
        return gather(self[base], self.dims(base), indexes, node.dims, self.plan.sizes)

    def index(self, node: ir.Id) -> Value:
        """The value as positions: a Python integer where it is known, so that taking it is a slice."""
        value = self[node]
        return int(value) if isinstance(value, (int, float)) else value

    def _stack(self, node: ir.Node, dim: Dim) -> Value:
        if all(arg in self.plan.static for arg in node.args):
            numbers = np.array([self.plan.static[arg] for arg in node.args])
            return jnp.asarray(numbers, dtype=None if numbers.dtype == bool else self.dtype)
        rest = tuple(other for other in node.dims if other != dim)
        if not rest and all(isinstance(self.plan.program.nodes[arg].op, ir.Latent) for arg in node.args):
            return self.vector(node.args)
        shape = self._shape(rest)
        parts = [fill(jnp.asarray(self.aligned(arg, rest)), shape) for arg in node.args]
        if not all(part.dtype == bool for part in parts):
            parts = [part.astype(self.dtype) for part in parts]
        return jnp.stack(parts, axis=node.dims.index(dim))

    def _fill(self, node: ir.Node, function: Any, over: Dims) -> Value:
        """Axes of the values lead, those that are filled follow."""
        own = union(*(self.dims(arg) for arg in node.args))
        made = function.apply(self._shape(over), *(self.aligned(arg, own) for arg in node.args))
        if not hasattr(made, "dtype"):
            return made
        made = made.astype(self.dtype) if jnp.issubdtype(made.dtype, jnp.inexact) else made
        return align(made, (*own, *(dim for dim in node.dims if dim not in own)), node.dims)

    def _lag(self, node: ir.Node, dim: Dim, steps: int) -> Value:
        axis = node.dims.index(dim)
        shape = self._shape(node.dims)
        values, start = (self.aligned(arg, node.dims) for arg in node.args)
        dtype = jnp.result_type(values, start)
        values, start = fill(values.astype(dtype), shape), jnp.asarray(start, dtype=dtype)
        start_shape = (*shape[:axis], min(steps, shape[axis]), *shape[axis + 1 :])
        if start.ndim and start.shape[axis] > 1:
            start = lax.slice_in_dim(start, 0, start_shape[axis], axis=axis)
        kept = lax.slice_in_dim(values, 0, max(shape[axis] - steps, 0), axis=axis)
        return jnp.concatenate([fill(start, start_shape), kept], axis=axis)
