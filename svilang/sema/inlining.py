"""Functions that the spec defines, written out where they are called."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from ..diagnostics import Note
from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dims
from . import errors
from .outputs import Outputs
from .scope import Scope

if TYPE_CHECKING:
    from .expressions import Expressions

MOST_FAILURES = 20
"""How many calls of one function with a mistake inside are told of; what the others would say is much the same."""

MOST_INLINED = 20_000
"""How many calls of functions a block may hold, those inside of functions counted at each call."""

MOST_DEEP = 200
"""How many functions may stand in each other's bodies."""


class Inlining:
    """Calls of the spec's own functions: each is written out once for the same arguments in the same place."""

    def __init__(self, expressions: Expressions) -> None:
        """Take what elaborates their bodies."""
        self._e = expressions
        self.recursive: set[str] = set()
        self._inlined: dict[tuple[object, ...], ir.Id | Outputs | None] = {}
        self._failed: Counter[str] = Counter()
        self._outermost: ast.Call | None = None
        self._depth = 0

    def call(self, node: ast.Call, function: ast.FunctionDef, scope: Scope, hint: Dims) -> ir.Id | Outputs | None:
        """The body of the function where it is called, with its arguments for their names."""
        names = tuple(parameter.name for parameter in function.parameters)
        given = None if len(set(names)) < len(names) else self._e.arguments(node, names, {})
        if given is None or function.name.name in self.recursive:
            return None
        values = {name: self._e.value(value, scope) for name, value in given.items()}
        if any(value is None for value in values.values()):
            return None
        place = (scope.context, scope.chain, scope.reach, scope.step)
        key = (function.name.name, tuple(values[name] for name in names), place, hint)
        if key not in self._inlined:
            if len(self._inlined) >= MOST_INLINED or self._depth >= MOST_DEEP:
                return self._too_long(node)
            if self._failed[function.name.name] >= MOST_FAILURES:
                return None
            self._inlined[key] = None
            self._outermost = self._outermost or node
            self._inlined[key] = self._written_out(node, function, replace(scope, locals=values), hint)
            self._outermost = None if self._outermost is node else self._outermost
        return self._inlined[key]

    def _too_long(self, node: ast.Call) -> None:
        if () not in self._inlined:
            self._inlined[()] = None
            self._e.fail(errors.written_out_too_long(self._outermost or node))

    def _written_out(
        self, node: ast.Call, function: ast.FunctionDef, scope: Scope, hint: Dims
    ) -> ir.Id | Outputs | None:
        before = len(self._e.b.problems)
        self._depth += 1
        result = self._e.value(function.body, scope, hint)
        self._depth -= 1
        for i in range(before, len(self._e.b.problems)):
            problem = self._e.b.problems[i]
            if not any(note.span == node.span for note in problem.notes) and len(problem.notes) < 2:
                note = Note(f"in this call of `{function.name.name}`", node.span)
                self._e.b.problems[i] = replace(problem, notes=(*problem.notes, note))
        self._failed[function.name.name] += len(self._e.b.problems) > before
        return result
