"""Calls: which function a name stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.distributions import COMBINATORS, DISTRIBUTIONS
from ..catalog.function import Role
from ..catalog.functions import FUNCTIONS
from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dims
from . import errors
from .axes import call_fill, call_over, one_hot
from .earlier import lag, prev
from .elementwise import call_elementwise
from .flow import ode
from .matrices import call_matrix
from .outputs import Outputs
from .scope import Scope

if TYPE_CHECKING:
    from .expressions import Expressions


def call(e: Expressions, node: ast.Call, scope: Scope, hint: Dims) -> ir.Id | Outputs | None:
    """A call: of a function of the spec, a net, an extern function, or one of the table."""
    name = node.function.name
    symbol = e.declared(name, node.function.span)
    if symbol is not None and isinstance(symbol.statement, ast.FunctionDef):
        e.b.used_names.add(name)
        return e.functions.call(node, symbol.statement, scope, hint)
    if symbol is not None and isinstance(symbol.statement, (ast.NetDecl, ast.ExternDecl)):
        e.b.used_names.add(name)
        return e.call_declared(node, symbol, scope)
    if name == "lag":
        return lag(e, node, scope)
    if name == "prev":
        return prev(e, node, scope)
    if name == "one_hot":
        return one_hot(e, node, scope)
    if name == "ode":
        return ode(e, node, scope)
    if name == "log_prob":
        return e.density(node, scope)
    function = FUNCTIONS.get(name)
    if name in DISTRIBUTIONS or name in COMBINATORS:
        return e.fail(errors.distribution_as_value(name, node.function.span))
    if function is None and symbol is not None:
        return e.fail(errors.variable_as_function(node.function, symbol.name.span))
    if function is None:
        return e.fail(errors.unknown_function(node.function, _function_names(e)))
    match function.role:
        case Role.ELEMENTWISE:
            return call_elementwise(e, node, function, scope, hint)
        case Role.REDUCE | Role.ALONG:
            return call_over(e, node, function, scope, hint)
        case Role.MATRIX:
            return call_matrix(e, node, function, scope)
        case Role.FILL:
            return call_fill(e, node, function, scope)


def _function_names(e: Expressions) -> list[str]:
    functions = (ast.FunctionDef, ast.NetDecl, ast.ExternDecl)
    own = [n for n, s in e.b.suggested(e.b.table.symbols.items()) if isinstance(s.statement, functions)]
    return [*own, *(name for name in FUNCTIONS if name.isidentifier()), "lag", "prev", "one_hot", "ode", "log_prob"]
