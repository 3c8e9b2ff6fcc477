"""Differential equations: their solutions at given times, by an adaptive solver of the package diffrax.

Members that the equations do not tie to each other are solved each by itself, with steps of its own; those that they
do, together. Derivatives are those of the solver's own steps: along few directions they go forward beside the solution,
along many backward from its end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ..catalog.extern import over_members
from ..ir import nodes as ir
from ..ir.walk import late_nodes, tied
from ..lazy import diffrax, jax, jnp, np
from ..types import Dims, union
from .axes import Value, align, fill
from .bound import shape_of
from .part import cut

if TYPE_CHECKING:
    from .values import Plan, Values

MOST_STEPS = 16_384
"""Steps of the solver, beyond which a solution counts as not found."""

FEWEST_STEPS = 32
"""A state at rest has no error, whatever the step; how it would leave its rest is seen by short steps alone."""

MOST_DIRECTIONS = 8
"""Numbers in which derivatives go forward: up to ten or so that takes half the time of the way back, to compile and to
run."""

FINEST = 32
"""Least relative tolerance, in units of the rounding of the working precision."""


@dataclass(frozen=True, eq=False)
class Equations:
    """One system.

    Args:
        op: the node's operation.
        given: the nodes of the start, the times and the time of the beginning.
        plan: of the program of the rate of change, in which the values from outside are data, named by their position.
        rate: its root there.
        outside: the nodes that the rate takes.
        moving: of the operands those that depend on latents or parameters.
        each: axes whose members are solved each by itself.
        times: the other axes of the times.
        state: the other axes of the state.
    """

    op: ir.Flow
    given: tuple[ir.Id, ir.Id, ir.Id]
    plan: Plan
    rate: ir.Id
    outside: tuple[ir.Id, ...]
    moving: frozenset[ir.Id]
    each: Dims
    times: Dims
    state: Dims

    @property
    def operands(self) -> tuple[ir.Id, ...]:
        """What must exist before the equations are solved."""
        return (*self.given, *self.outside)

    @property
    def made(self) -> Dims:
        """The axes of the solution."""
        return (*self.each, *self.times, *self.state)


def equations(program: ir.Program, plan_of: Callable[[ir.Program], Plan]) -> dict[ir.Id, Equations]:
    """For each solution of a program its equations."""
    late = late_nodes(program)
    found = ((i, node) for i, node in enumerate(program.nodes) if isinstance(node.op, ir.Flow))
    return {i: _equations(program, node, late, plan_of) for i, node in found}


def _equations(
    program: ir.Program, node: ir.Node, late: frozenset[ir.Id], plan_of: Callable[[ir.Program], Plan]
) -> Equations:
    assert isinstance(node.op, ir.Flow)
    start, times, begin, rate = node.args
    own = union(program.nodes[start].dims, program.nodes[rate].dims)
    together = tied(program.nodes, node)
    each = tuple(dim for dim in own if dim not in together)
    part = cut(program, (rate,), (node.op.state, node.op.time), each)
    rest = tuple(dim for dim in program.nodes[times].dims if dim not in each)
    state = tuple(dim for dim in own if dim in together)
    given, (root,) = (start, times, begin), part.roots
    moving = late.intersection((*given, *part.outside))
    return Equations(node.op, given, plan_of(part.program), root, part.outside, moving, each, rest, state)


def solved(system: Equations, values: Values, make: Callable[..., Values]) -> Value:
    """The state at all times, with the axes ``system.made``.

    Args:
        system: the equations.
        values: of the program.
        make: a ``Values`` for the program of the rate, from its plan and its leaves.
    """
    sizes = values.plan.sizes
    shape = shape_of(system.state, sizes)
    events = (system.state, system.times, (), *(_without(values.dims(node), system.each) for node in system.outside))
    dtype = values.floating(values[system.given[0]]).dtype

    def rate(time: Value, state: Value, outside: Any) -> Value:
        placed = dict(zip(map(str, system.outside), outside, strict=True))

        def leaf(one: ir.Op) -> Value:
            if isinstance(one, ir.Varying):
                return state if one.name == system.op.state else time
            assert isinstance(one, ir.Input)
            return placed[one.name]

        inner = make(system.plan, leaf)
        found = align(inner[system.rate], inner.dims(system.rate), system.state)
        return fill(jnp.asarray(found, dtype), shape)

    def one(start: Value, times: Value, begin: Value, *outside: Value) -> Value:
        operands = fill(start, shape), times.ravel(), begin, *outside
        few = 0 < sum(np.size(operands[at]) for at in moving) <= MOST_DIRECTIONS
        found = (_forward if few else _backward)(partial(_solve, system.op, rate), *operands)
        return found.reshape(*shape_of(system.times, sizes), *shape)

    def placed(node: ir.Id, event: Dims) -> Value:
        value = align(values[node], values.dims(node), (*system.each, *event))
        return fill(value, (*jnp.shape(value)[: len(system.each)], *shape_of(event, sizes))) if event else value

    moving = [at for at, node in enumerate(system.operands) if node in system.moving]
    given = [placed(node, event) for node, event in zip(system.operands, events, strict=True)]
    floating = [values.floating(value).astype(dtype) for value in given[:3]]
    return over_members(one, tuple(map(len, events)))(*floating, *given[3:])


def _without(dims: Dims, gone: Dims) -> Dims:
    return tuple(dim for dim in dims if dim not in gone)


def _backward(solve: Callable[..., Value], *operands: Value) -> Value:
    """A solution whose derivatives go backward through its steps."""
    return solve(diffrax.RecursiveCheckpointAdjoint(), *operands)


def _forward(solve: Callable[..., Value], *operands: Value) -> Value:
    """A solution whose derivatives are solved beside it, one for each number of the operands that move."""
    ahead = partial(solve, diffrax.ForwardMode())
    solution = jax.custom_jvp(ahead)

    def beside(primals: tuple[Value, ...], tangents: tuple[Any, ...]) -> tuple[Value, Value]:
        still = [isinstance(tangent, jax.custom_derivatives.SymbolicZero) for tangent in tangents]
        point = [primal for primal, zero in zip(primals, still, strict=True) if not zero]

        def along(*directions: Value) -> tuple[Value, Value]:
            def moved(*places: Value) -> Value:
                left = iter(places)
                return ahead(*(primal if zero else next(left) for primal, zero in zip(primals, still, strict=True)))

            return jax.jvp(moved, tuple(point), directions)

        sizes = [np.size(one) for one in point]
        units = jnp.split(jnp.eye(sum(sizes), dtype=point[0].dtype), np.cumsum(sizes)[:-1], axis=1)
        bases = [unit.reshape(-1, *np.shape(one)).astype(one.dtype) for unit, one in zip(units, point, strict=True)]
        found, slopes = jax.vmap(along, out_axes=(None, 0))(*bases)
        way = jnp.concatenate([jnp.ravel(tangent) for tangent, zero in zip(tangents, still, strict=True) if not zero])
        return found, jnp.tensordot(way, slopes, axes=1)

    solution.defjvp(beside, symbolic_zeros=True)
    return solution(*operands)


def _solve(op: ir.Flow, rate: Any, adjoint: Any, start: Value, times: Value, begin: Value, *outside: Value) -> Value:
    """The states at ``times``, in their order; not a number at times before ``begin`` and where no solution is found.

    Source: Tsitouras (2011) for equations that are not stiff, Kværnø (2004) for those that are.
    """
    order = jnp.argsort(times)
    ahead = jnp.maximum(times[order], begin)
    tolerance = max(op.tolerance, FINEST * float(jnp.finfo(start.dtype).eps))
    end = jnp.where(ahead[-1] > begin, ahead[-1], begin + 1)
    longest = jnp.minimum((end - begin) / FEWEST_STEPS, jnp.max(jnp.diff(ahead, prepend=begin, append=end)))
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(rate),
        diffrax.Kvaerno5() if op.stiff else diffrax.Tsit5(),
        t0=begin,
        t1=end,
        dt0=None,
        y0=start,
        args=outside,
        saveat=diffrax.SaveAt(ts=ahead),
        stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance, dtmax=longest),
        max_steps=MOST_STEPS,
        adjoint=adjoint,
        throw=False,
    )
    states: Any = solution.ys
    found = solution.result == diffrax.RESULTS.successful
    right = (found & (times >= begin)).reshape(-1, *(1,) * start.ndim)
    return jnp.where(right, states[jnp.argsort(order)], jnp.nan)
