"""The log density of a distribution at a value: ``log_prob(D(…), x)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.distribution import Combinator, Distribution
from ..catalog.distributions import DISTRIBUTIONS
from ..catalog.log_prob import log_prob
from ..ir import nodes as ir
from ..ir.walk import support_of
from ..syntax import ast
from ..types import Dim, Dims, Kind, union
from . import errors

if TYPE_CHECKING:
    from .laws import Laws, Typed
    from .scope import Scope

PARAMS = ("distribution", "x")


def density(laws: Laws, node: ast.Call, scope: Scope) -> ir.Id | None:
    """The node of ``log_prob(D(…), x)``.

    The axes of ``x`` that D does not give act as plates, and so do those of the arguments where D is all of numbers.
    """
    e, given = laws.e, laws.e.arguments(node, PARAMS, {})
    value = None if given is None else e.expr(given["x"], scope)
    if given is None or value is None:
        return None
    free = e.free(value, scope)
    inside = max(0, len(free) - _rank(given["distribution"]))
    extra, event = free[:inside], free[inside:]
    if (spread := _spread(laws, given["distribution"], scope)) is None:
        return None
    extra = union(extra, spread)
    member = laws.b.kind(value).member
    typed = laws.law(given["distribution"], scope, extra, event if member is None else (Dim(member),))
    if typed is None:
        return None
    law, row = typed.law, typed.law.row
    if not isinstance(row, Distribution) or row.edge_moves or not row.normalised:
        return e.fail(errors.no_log_prob(law.span, row.name))
    if len(event) != len(law.event) or not all(map(laws.b.same_root, event, law.event)):
        return e.fail(errors.variate_dimension(given["x"].span, free, law, "the value taken"))
    if not fits(laws, value, typed, given["x"], "the value taken"):
        return None
    function = log_prob(row.name, law.form)
    plates = (*scope.context, *extra)
    args = (value, *(arg for arg in law.args if arg is not None))
    events = (event, *(tuple(d for d in laws.b.dims(arg) if d not in plates) for arg in args[1:]))
    dims = _ordered(plates, [laws.b.dims(arg) for arg in args])
    op = ir.Matrix(function, events, ()) if function.signature is not None else ir.Apply(function)
    return laws.b.add(op, args, dims, Kind(), node.span)


def fits(laws: Laws, value: ir.Id, typed: Typed, node: ast.Expr, what: str) -> bool:
    """Whether a value can come from a law; reports why it cannot. ``what`` is what the value is there."""
    b, kind, before = laws.b, laws.b.kind(value), len(laws.b.problems)
    if typed.kind.member is not None and kind.member is not None:
        if b.table.root(typed.kind.member) != b.table.root(kind.member):
            b.problems.append(errors.other_member(node.span, kind.member, typed.kind.member))
        return len(b.problems) == before
    if typed.kind.member is not None:
        b.problems.append(errors.no_member(node, typed.law.row.name, typed.kind.member, what))
        return False
    if kind.member is not None and _has_levels(typed.law.row):
        return True
    wanted = support_of(typed.law)
    # An end of the support may be there (a waiting time of 0); whether its density is finite the numbers say.
    closed = Kind(wanted.structure, wanted.interval.closed)
    if kind.member is not None or not closed.holds(kind):
        role = f"{what} as {typed.law.row.name}"
        laws.check_support(value, Kind(wanted.structure, wanted.interval), role, node.span)
    return len(b.problems) == before


def _spread(laws: Laws, node: ast.Expr, scope: Scope) -> Dims | None:
    """The axes of the arguments of a distribution of a number by numbers; ``None`` where one of them is wrong."""
    call = node if isinstance(node, ast.Call) else None
    row = None if call is None else DISTRIBUTIONS.get(call.function.name)
    if call is None or row is None or row.event or any(param.event for form in row.forms for param in form.params):
        return ()
    if not row.normalised:
        return ()
    found: Dims = ()
    for argument in call.arguments:
        if not isinstance(argument.value, ast.ListLiteral):
            value = laws.e.expr(argument.value, scope)
            if value is None:
                return None
            found = union(found, laws.e.free(value, scope))
    return found


def _rank(node: ast.Expr) -> int:
    """How many axes a variate of the distribution has."""
    name = node.function.name if isinstance(node, ast.Call) else getattr(node, "name", "")
    row = DISTRIBUTIONS.get(name)
    return 0 if row is None else len(row.event)


def _ordered(plates: Dims, dims: list[Dims]) -> Dims:
    found = union(*dims)
    return tuple(dim for dim in plates if dim in found)


def _has_levels(row: Distribution | Combinator) -> bool:
    """Whether the variate counts the levels of one of the distribution's own axes, as cutpoints do."""
    if isinstance(row, Combinator):
        return row.along is None and any(param.event and param.name != row.mixes for param in row.params)
    return row.finite_support is not None and isinstance(row.finite_support.upper, tuple)
