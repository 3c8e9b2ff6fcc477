"""Values of earlier steps: ``lag`` of data and ``prev`` in a chain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..catalog.functions import FUNCTIONS
from ..diagnostics import Span
from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dim, Dims, Kind, intervals, union
from . import errors
from .indexing import label_of
from .order import names_in, nodes_in
from .outputs import Outputs
from .scope import Scope, Step

if TYPE_CHECKING:
    from .expressions import Expressions


def lag(e: Expressions, node: ast.Call, scope: Scope) -> ir.Id | None:
    """``lag(x, k, start)``: a value k steps back, in the chain or else along the plate that it has, or ``over`` one."""
    given = e.arguments(node, ("x", "steps", "start", "over"), {"steps": 1, "start": None, "over": None})
    if given is None:
        return None
    value = e.expr(given["x"], scope)
    steps = e.b.number(e.expr(given["steps"], scope)) if "steps" in given else 1
    if value is None:
        return None
    if not isinstance(steps, int) or steps < 1:
        return e.fail(errors.lag_not_positive(node.span))
    dims = e.b.dims(value)
    along = _stepped(e, node, given.get("over"), dims, scope)
    if along is None:
        return None
    own_past = any(isinstance(e.b.nodes[i].op, ir.Before) for i in e.b.below(value))
    if own_past or not (e.b.data_only(value) or (scope.chain is None and "start" in given)):
        return e.fail(errors.lag_of_latent(node.span, chain=scope.chain is not None or own_past))
    member = e.b.kind(value).member
    start = _start(e, given.get("start"), member, node.span, scope)
    if start is None:
        return None
    op = ir.Lag(along, steps)
    interval = e.b.interval(value).hull(e.b.interval(start)) if "start" in given else e.b.interval(value)
    same = member if "start" not in given or e.b.kind(start).member == member else None
    kind = Kind(interval=interval, member=same)
    node_id = e.b.add(op, (value, start), union(dims, e.b.dims(start)), kind, node.span)
    if "start" not in given and steps > (scope.reach if along == scope.chain else 0):
        e.unstarted[node_id] = steps
    return node_id


def _stepped(e: Expressions, node: ast.Call, over: ast.Expr | None, dims: Dims, scope: Scope) -> Dim | None:
    """The dimension along which a lag goes."""
    open_plates = [dim for dim in scope.context if dim in dims]
    if over is not None:
        along = e.dim(over)
        if along is not None and along not in open_plates:
            return e.fail(errors.lag_without_plate(node.span, dims))
        return along
    if scope.chain is not None and scope.chain in dims:
        return scope.chain
    if scope.chain is not None or not open_plates:
        return e.fail(errors.lag_without_plate(node.span, dims))
    if len(open_plates) > 1:
        return e.fail(errors.which_dimension(node, tuple(reversed(open_plates))))
    return open_plates[0]


def _start(e: Expressions, given: ast.Expr | None, member: str | None, span: Span, scope: Scope) -> ir.Id | None:
    """What a lag reads before the first value: of a member, a label too."""
    if given is None:
        return e.b.constant(0, span)
    if member is not None and isinstance(given, (ast.String, ast.Number)):
        return label_of(e, member, given)
    return e.expr(given, scope)


def prev(e: Expressions, node: ast.Call, scope: Scope) -> ir.Id | None:
    """``prev(x, k)``: the value k steps back; at the first steps, where it is not used, that of the first one."""
    if scope.chain is None:
        return e.fail(errors.prev_outside_chain(node.span, _of_data(e, node)))
    given = e.arguments(node, ("x", "steps"), {"steps": 1})
    if given is None:
        return None
    steps = e.b.number(e.expr(given["steps"], scope)) if "steps" in given else 1
    if not isinstance(steps, int) or steps < 1:
        return e.fail(errors.prev_not_positive(node.span))
    if steps > scope.reach:
        return e.fail(errors.prev_before_start(node.span, steps, scope.reach, _of_data(e, node)))
    if scope.step is not None and _reads_carried(e, given["x"], scope.step):
        return _prev_of_carried(e, given["x"], steps, scope, scope.step)
    value = e.expr(given["x"], scope)
    if value is None:
        return None
    if scope.chain not in e.b.dims(value):
        return e.fail(errors.prev_without_chain(node.span, scope.chain.name))
    return e.gather(value, scope.chain, _earlier(e, scope.chain, steps, node.span), node.span)


def _reads_carried(e: Expressions, node: ast.Expr, step: Step) -> bool:
    return any(name.name in step.names for name in names_in(node, earlier=True))


def _prev_of_carried(e: Expressions, node: ast.Expr, steps: int, scope: Scope, step: Step) -> ir.Id | None:
    """``prev`` of an expression with carried definitions: every name in it as it was so many steps earlier."""
    found: dict[str, ir.Id | Outputs | None] = {}
    for name in names_in(node, earlier=True):
        if name.name in step.names:
            e.b.used_names.add(name.name)
            found[name.name] = step.before(name.name, steps, name.span)
            continue
        value = e.name(name.name, name.span, scope)
        if isinstance(value, int) and scope.chain in e.b.dims(value):
            assert scope.chain is not None
            value = e.gather(value, scope.chain, _earlier(e, scope.chain, steps, name.span), name.span)
        found[name.name] = value
    for call in nodes_in(node, ast.Call):
        if call.function.name in ("prev", "lag"):
            return e.fail(errors.prev_within_prev(call.span))
    return e.expr(node, replace(scope, locals={**scope.locals, **found}))


def _of_data(e: Expressions, node: ast.Call) -> str | None:
    """The data item whose earlier value a call asks for, if it is one."""
    value = node.arguments[0].value if node.arguments else None
    symbol = e.b.table.symbols.get(value.name) if isinstance(value, ast.Name) else None
    return symbol.name.name if symbol is not None and isinstance(symbol.statement, ast.DataDecl) else None


def _earlier(e: Expressions, chain: Dim, steps: int, span: Span) -> ir.Id:
    """The position ``steps`` before each one, or the first."""
    count, whole = Kind(interval=intervals.COUNT), Kind(interval=intervals.INTEGER)
    here = e.b.add(ir.Fill(FUNCTIONS["position"], (chain,)), (), (chain,), count, span)
    back = e.b.constant(steps, span)
    moved = e.b.add(ir.Apply(FUNCTIONS["-"]), (here, back), (chain,), whole, span)
    zero = e.b.constant(0, span)
    return e.b.add(ir.Apply(FUNCTIONS["maximum"]), (moved, zero), (chain,), count, span)
