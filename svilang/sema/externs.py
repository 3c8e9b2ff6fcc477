"""Extern functions: their heads are checked here, their code where data are bound."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..catalog.extern import Extern, closed
from ..catalog.function import Role
from ..catalog.functions.supports import always
from ..diagnostics import Span
from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dims, union
from . import errors
from .laws import Laws
from .outputs import Outputs
from .scope import Scope
from .signatures import SINGLE, Typed, arguments, named_returns, typed


@dataclass(frozen=True)
class Declared:
    """The head of an extern function."""

    name: str
    inputs: tuple[Typed, ...]
    outputs: tuple[Typed, ...]
    rows: tuple[Extern, ...]
    single: bool


@dataclass
class Externs:
    """Declares and calls the extern functions of one block."""

    laws: Laws
    known: dict[str, Declared | None] = field(default_factory=dict[str, "Declared | None"])

    def declare(self, statement: ast.ExternDecl, scope: Scope) -> None:
        """Check the head of an extern function; ``known`` has ``None`` after an error."""
        name, target = statement.name.name, statement.target.value
        self.known[name] = None
        inputs = typed(self.laws.e, statement.parameters, scope)
        outputs = typed(self.laws.e, named_returns(statement), scope)
        module, colon, function = target.partition(":")
        dotted = [*module.split("."), *function.split(".")]
        if not colon or not all(part.isidentifier() for part in dotted):
            self.laws.b.problems.append(errors.no_place_of_a_function(statement.target.span))
        elif inputs is not None and outputs is not None:
            single = isinstance(statement.returns, ast.Type)
            rows = tuple(_row(name, target, inputs, outputs, one, single) for one in outputs)
            self.known[name] = Declared(name, inputs, outputs, rows, single)

    def call(self, node: ast.Call, scope: Scope) -> ir.Id | Outputs | None:
        """The output of a function, or its outputs by name."""
        declared = self.known.get(node.function.name)
        if declared is None:
            for argument in node.arguments:
                self.laws.e.expr(argument.value, scope)
            return None
        given = arguments(self.laws, node, declared.inputs, scope)
        if given is None:
            return None
        args = tuple(given.values())
        if self._twice(declared, args, node.span):
            return None
        pairs = zip(declared.outputs, declared.rows, strict=True)
        found = {one.name: self._node(row, declared.inputs, one, args, node.span) for one, row in pairs}
        return found[SINGLE] if declared.single else Outputs(declared.name, found)

    def _twice(self, declared: Declared, args: tuple[ir.Id, ...], span: Span) -> bool:
        """Whether a dimension of a result is one over which the function is applied."""
        own = union(*(one.dims for one in declared.outputs))
        for one, arg in zip(declared.inputs, args, strict=True):
            batch = [dim for dim in self.laws.b.dims(arg) if dim not in one.dims]
            for dim in batch:
                if dim in own or any(dim in other.dims for other in declared.inputs):
                    self.laws.b.problems.append(errors.net_over_its_own(span, declared.name, one.name, dim.name))
                    return True
        return False

    def _node(
        self, row: Extern, inputs: tuple[Typed, ...], output: Typed, args: tuple[ir.Id, ...], span: Span
    ) -> ir.Id:
        events = tuple(one.dims for one in inputs)
        dims = [self.laws.b.dims(arg) for arg in args]
        batches = (tuple(d for d in own if d not in event) for own, event in zip(dims, events, strict=True))
        op = ir.Matrix(row, events, output.dims)
        return self.laws.b.add(op, args, (*union(*batches), *output.dims), output.kind, span)


def _row(
    name: str, target: str, inputs: tuple[Typed, ...], outputs: tuple[Typed, ...], output: Typed, single: bool
) -> Extern:
    return Extern(
        name=name if single else f"{name}.{output.name}",
        role=Role.MATRIX,
        params=tuple(one.name for one in inputs),
        apply=closed,
        support=always(output.kind.interval),
        summary=f"from {target}",
        signature=(tuple(_names(one.dims) for one in inputs), _names(output.dims)),
        function=name,
        target=target,
        output=None if single else output.name,
        outputs=() if single else tuple(one.name for one in outputs),
        whole=tuple(one.kind.discrete for one in inputs),
    )


def _names(dims: Dims) -> tuple[str, ...]:
    return tuple(map(str, dims))
