"""Arguments of laws that data decide: whether each is what its law asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..catalog.distribution import Param
from ..catalog.structures import TESTS, TOLERANCE, inside
from ..diagnostics import Diagnostic
from ..ir import nodes as ir
from ..ir.walk import along, late_nodes, law_params
from ..lazy import jax, jnp, np
from ..sema.constants import misfit
from ..sema.errors import wrong_constant
from ..sema.squares import matrices_of
from ..types import Dims, Structure
from .axes import Value, align
from .bound import Bound, arguments
from .density import evaluation, model, unprepared
from .observe import keep, keeps_early, replaced
from .run import Run
from .values import plan

if TYPE_CHECKING:
    import numpy

Term = ir.Site | ir.Observation | ir.Report


def misfits(program: ir.Program, bound: Bound) -> list[Diagnostic]:
    """What is wrong with arguments that are computed from data alone, with the first member where it is.

    The parts of mixtures and chains are left out: not every part is asked for every member. Plain data and what a
    formula rules out were looked at before.
    """
    late = late_nodes(program)
    asked = [(term, found) for term in _terms(program) if (found := list(_asked(program, term, late)))]
    problems: list[Diagnostic] = []
    if asked:
        with jax.enable_x64(True):
            whole = model(plan(program, bound.sizes, bound.position), ())
            run = evaluation(whole, unprepared(arguments(bound)), jnp.float64)
            for term, some in asked:
                adjust = _counting(term, run)
                for law, batch, at in some:
                    problem = None if adjust is None else _problem(law, batch, at, run, bound, adjust)
                    problems += [] if problem is None else [problem]
    return problems


def _terms(program: ir.Program) -> Iterator[Term]:
    yield from (*program.sites, *program.observations, *program.reports)


def _asked(program: ir.Program, term: Term, late: frozenset[ir.Id]) -> Iterator[tuple[ir.Law, Dims, int]]:
    """The arguments whose kind nothing has settled: the law, the axes of its members, and the place in ``law.args``."""
    law = term.law
    if law is None:
        return
    batch = term.plates if isinstance(term, ir.Observation) else term.dims[: len(term.dims) - len(law.event)]
    while True:
        for at, (arg, param) in enumerate(zip(law.args, law_params(law), strict=True)):
            if arg is not None and arg not in late and not isinstance(program.nodes[arg].op, ir.Const | ir.Input):
                kind = program.nodes[arg].kind
                fits = param.kind.holds(kind) if param.kind.structure.rank else param.kind.interval.holds(kind.interval)
                if not fits and kind.member is None:
                    yield law, batch, at
        if len(law.children) != 1:
            return
        batch = (*batch, *law.event) if along(law) else batch
        (law,) = law.children


def _counting(term: Term, run: Run) -> Callable[[Value], Value] | None:
    """A map to values of members that count; ``None`` where latents decide which do."""
    if not isinstance(term, ir.Observation):
        return lambda value: value
    if not keeps_early(term, run.plan):
        return None
    kept = keep(term, run)
    return lambda value: value if kept is None else replaced(value, len(term.plates), kept)


def _problem(
    law: ir.Law, batch: Dims, at: int, run: Run, bound: Bound, adjust: Callable[[Value], Value]
) -> Diagnostic | None:
    arg, param = law.args[at], law_params(law)[at]
    assert arg is not None
    dims = run.values.dims(arg)
    event = tuple(dim for dim in dims if dim not in batch)
    value = np.asarray(adjust(align(jnp.asarray(run.values[arg]), dims, (*batch, *event))), float)
    if len(event) != len(param.event):
        return None
    wrong = ~_holds(param, value)
    if not wrong.any():
        return None
    first = tuple(np.argwhere(wrong)[0].tolist())
    why = str(misfit(value[first], param.kind))
    members = zip(batch, first, wrong.shape, strict=True)
    where = ", ".join(_member(bound, dim.name, i) for dim, i, size in members if size > 1)
    what, span = f"the {param.name} of {law.row.name}", run.plan.program.nodes[arg].span
    return wrong_constant(span, what, param.kind, f"{why} at {where}" if where else why, matrices_of(law.row))


def _holds(param: Param, value: numpy.ndarray) -> numpy.ndarray:
    """Of each member, whether its value is what a parameter must be."""
    ends = tuple(range(value.ndim - len(param.event), value.ndim))
    good = np.asarray(inside(param.kind.interval, value).all(ends))
    if param.kind.structure is Structure.SCALAR:
        return good
    if param.singular:
        value = value + TOLERANCE * np.abs(value).max(initial=0) * np.eye(value.shape[-1])
    return good & TESTS[param.kind.structure](value)


def _member(bound: Bound, dim: str, position: int) -> str:
    labels = bound.labels[dim]
    return f"{dim} {position if labels is None else labels[position]}"
