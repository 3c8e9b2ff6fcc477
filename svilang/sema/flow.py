"""Differential equations: ``u = ode(rates, start, times=t)``, with the right-hand side handed by its name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..ir import nodes as ir
from ..ir.walk import tied
from ..syntax import ast
from ..types import Dims, Kind, union
from . import errors

if TYPE_CHECKING:
    from .expressions import Expressions
    from .scope import Scope

PARAMS = ("rates", "start", "times", "begin", "tolerance", "stiff")
OPTIONAL = {"begin": 0.0, "tolerance": 1e-6, "stiff": False}


def ode(e: Expressions, node: ast.Call, scope: Scope) -> ir.Id | None:
    """The state at each of the times, where the rate of its change is ``rates(state, time)`` or ``rates(state)``.

    A state that the equations do not tie to another, as that of another member of an open plate, is solved by itself.
    """
    given = e.arguments(node, PARAMS, OPTIONAL)
    if given is None:
        return None
    count = _inputs(e, given["rates"])
    start, times = e.number(given["start"], scope), e.number(given["times"], scope)
    begin = e.number(given["begin"], scope) if "begin" in given else e.b.constant(OPTIONAL["begin"], node.span)
    tolerance, stiff = _tolerance(e, given.get("tolerance"), scope), _stiff(e, given.get("stiff"), scope)
    if count is None or None in (start, times, begin, tolerance, stiff):
        return None
    assert start is not None
    assert times is not None
    assert begin is not None
    assert tolerance is not None
    op = ir.Flow(f"state.{len(e.b.nodes)}", f"time.{len(e.b.nodes)}", tolerance, bool(stiff))
    if e.free(begin, scope):
        return _fail(e, errors.ode_begins_once(given["begin"].span, e.free(begin, scope)))
    rate = _rate(e, given["rates"], count, start, op, scope)
    if rate is None:
        return None
    dims = union(e.b.dims(times), e.b.dims(begin), e.b.dims(start), e.b.dims(rate))
    return _checked(e, ir.Node(op, (start, times, begin, rate), dims, Kind(), node.span), given)


def _fail(e: Expressions, problem: errors.Diagnostic) -> None:
    e.b.problems.append(problem)


def _inputs(e: Expressions, rates: ast.Expr) -> int | None:
    """How many arguments the right-hand side takes: the state, or the state and the time."""
    symbol = e.declared(rates.name, rates.span) if isinstance(rates, ast.Name) else None
    match None if symbol is None else symbol.statement:
        case ast.FunctionDef() | ast.NetDecl() | ast.ExternDecl() as statement:
            count = len(statement.parameters)
        case _:
            return _fail(e, errors.ode_of_no_function(rates.span))
    return count if count in (1, 2) else _fail(e, errors.ode_of_other_arguments(rates, count))


def _tolerance(e: Expressions, node: ast.Expr | None, scope: Scope) -> float | None:
    if node is None:
        return OPTIONAL["tolerance"]
    number = e.b.number(e.expr(node, scope))
    if number is None or not 0 < number < 1:
        return _fail(e, errors.family_setting(node.span, "tolerance", "a number between 0 and 1"))
    return float(number)


def _stiff(e: Expressions, node: ast.Expr | None, scope: Scope) -> bool | None:
    if node is None:
        return False
    if not isinstance(node, ast.Bool):
        return _fail(e, errors.family_setting(node.span, "stiff", "`true` or `false`"))
    return node.value


def _rate(e: Expressions, rates: ast.Expr, count: int, start: ir.Id, op: ir.Flow, scope: Scope) -> ir.Id | None:
    """The rate of change; the state gets those open plates that the rate turns out to vary over."""
    assert isinstance(rates, ast.Name)
    dims = e.b.dims(start)
    kept = len(e.b.problems), len(e.b.warnings)
    while True:
        found = _called(e, rates, count, dims, op, scope)
        if found is None:
            return None
        more = tuple(dim for dim in e.b.dims(found) if dim not in dims)
        if any(dim not in scope.context for dim in more):
            own = tuple(dim for dim in dims if dim not in scope.context)
            return _fail(e, errors.ode_over_others(rates, e.free(found, scope), own))
        if not more:
            return found
        del e.b.problems[kept[0] :], e.b.warnings[kept[1] :]
        dims = union(more, dims)


def _called(e: Expressions, rates: ast.Name, count: int, dims: Dims, op: ir.Flow, scope: Scope) -> ir.Id | None:
    """The rate where the state has the axes ``dims``."""
    state = e.b.add(ir.Varying(op.state), (), dims, Kind(), rates.span)
    time = e.b.add(ir.Varying(op.time), (), (), Kind(), rates.span)
    placed = {"the state": state, "the time": time}
    arguments = tuple(ast.Argument(None, ast.Name(name, span=rates.span), span=rates.span) for name in placed)
    call = ast.Call(ast.Ident(rates.name, span=rates.span), arguments[:count], span=rates.span)
    inner = replace(scope, chain=None, reach=0, locals={**scope.locals, **placed})
    free = tuple(dim for dim in dims if dim not in scope.context)
    return e.number(call, inner, free)


def _checked(e: Expressions, node: ir.Node, given: dict[str, ast.Expr]) -> ir.Id | None:
    """The solution, unless it is asked for at other times for members that are solved together."""
    _, times, begin, _ = node.args
    together = tied(e.b.nodes, node)
    for name, moving in (("times", times), ("begin", begin)):
        if clash := [dim for dim in e.b.dims(moving) if dim in together]:
            return _fail(e, errors.ode_tied_times(given[name].span, name, clash[0].name))
    return e.b.add(node.op, node.args, node.dims, node.kind, node.span)
