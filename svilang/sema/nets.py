"""Neural functions as what they are: parameters, products and activations, written out where they are called.

``net f(x: real[a]) -> real[b] = mlp(400, tanh)`` declares the parameters ``f.1.x``, ``f.1.bias`` of its first layer and
``f.out.weight``, ``f.out.bias`` of its head (by name of the output where it has one), over the dimension ``f.1`` of the
400 units. Nothing behind this stage knows of nets but for the results, which count their parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..catalog.distributions import DISTRIBUTIONS
from ..catalog.nets import ACTIVATIONS, ARCHITECTURES, Architecture, Layer
from ..diagnostics import Span
from ..ir import nodes as ir
from ..syntax import ast
from ..types import Dim, Dims, Kind, union
from . import errors
from .compose import Compose
from .laws import Laws
from .links import link
from .outputs import Outputs
from .scope import Scope
from .signatures import SINGLE, Typed, arguments, named_returns, typed


@dataclass(frozen=True)
class Net:
    """A declared net.

    Args:
        name: of the function.
        context: the plates around its declaration; each of their members has parameters of its own.
        inputs, outputs: what its signature says.
        single: whether its one output has no name.
        layers: each with the dimension of its units.
        activation: the function behind a layer.
    """

    name: ast.Ident
    context: Dims
    inputs: tuple[Typed, ...]
    outputs: tuple[Typed, ...]
    single: bool
    layers: tuple[tuple[Layer, Dim], ...]
    activation: str | None


@dataclass
class Nets:
    """Declares and calls the nets of one block."""

    laws: Laws
    params: list[ir.Param]
    known: dict[str, Net | None] = field(default_factory=dict[str, "Net | None"])

    # --- declaration ---------------------------------------------------------------------------------------------

    def declare(self, statement: ast.NetDecl, scope: Scope) -> None:
        """Check the head and the body of a net, and make its parameters; ``known`` has ``None`` after an error."""
        name = statement.name.name
        self.known[name] = None
        inputs = typed(self.laws.e, statement.parameters, scope)
        single = isinstance(statement.returns, ast.Type)
        outputs = typed(self.laws.e, named_returns(statement), scope)
        body = self._body(statement, scope)
        if inputs is None or outputs is None or body is None or not self._continuous(outputs):
            return
        if not inputs:
            self.laws.b.problems.append(errors.net_without_input(statement.name))
            return
        layers, activation = body
        net = Net(statement.name, scope.context, inputs, outputs, single, layers, activation)
        self._parameters(net)
        self.known[name] = net

    def _continuous(self, outputs: tuple[Typed, ...]) -> bool:
        discrete = [one for one in outputs if one.kind.discrete]
        self.laws.b.problems += [errors.discrete_output(one.span, one.name, one.kind) for one in discrete]
        return not discrete

    def _body(
        self, statement: ast.NetDecl, scope: Scope
    ) -> tuple[tuple[tuple[Layer, Dim], ...], str | None] | None:
        body = statement.body
        call = body
        if isinstance(body, ast.Name):
            call = ast.Call(ast.Ident(body.name, span=body.span), (), span=body.span)
        if not isinstance(call, ast.Call) or call.function.name not in ARCHITECTURES:
            self.laws.b.problems.append(errors.unknown_architecture(body, ARCHITECTURES))
            return None
        row = ARCHITECTURES[call.function.name]
        values = [argument.value for argument in call.arguments if argument.name is None]
        activation = self._activation(call, row, values)
        if row.activated and activation is None:
            return None
        sizes = values[:-1] if row.activated and len(values) == len(call.arguments) else values
        counts = self._counts(call, row, sizes)
        if counts is None:
            return None
        plan = row.layers(*sizes[: len(sizes) - len(row.counts)], *counts)
        dims = [self._units(statement.name, i, layer.width, scope) for i, layer in enumerate(plan, start=1)]
        made = tuple((layer, dim) for layer, dim in zip(plan, dims, strict=True) if dim is not None)
        return (made, activation) if len(made) == len(plan) else None

    def _activation(self, call: ast.Call, row: Architecture, values: list[ast.Expr]) -> str | None:
        named = [argument for argument in call.arguments if argument.name is not None]
        for argument in named:
            assert argument.name is not None
            if argument.name.name != "activation" or not row.activated:
                known = ("activation",) if row.activated else ()
                self.laws.b.problems.append(errors.unknown_argument(row.name, argument.name, known))
                return None
        if not row.activated:
            return None
        value = named[0].value if named else (values[-1] if values else None)
        if value is None or (not named and isinstance(value, ast.Number)):
            self.laws.b.problems.append(errors.no_activation(call, row.form))
        elif not isinstance(value, ast.Name) or value.name not in ACTIVATIONS:
            self.laws.b.problems.append(errors.unknown_activation(value, ACTIVATIONS))
        else:
            return value.name
        return None

    def _counts(self, call: ast.Call, row: Architecture, sizes: list[ast.Expr]) -> list[int] | None:
        """The whole numbers behind the widths."""
        fewest = 1 if row.widths is None else row.widths
        wanted = fewest + len(row.counts)
        if len(sizes) < wanted or (row.widths is not None and len(sizes) > wanted):
            self.laws.b.problems.append(errors.layers_do_not_fit(call, row.form))
            return None
        given = sizes[len(sizes) - len(row.counts) :]
        counts = [one.value for one in given if isinstance(one, ast.Number) and isinstance(one.value, int)]
        if len(counts) < len(row.counts) or any(count < 1 for count in counts):
            self.laws.b.problems.append(errors.layers_do_not_fit(call, row.form))
            return None
        return counts

    def _units(self, net: ast.Ident, layer: int, width: ast.Expr, scope: Scope) -> Dim | None:
        """The dimension of the units of one layer."""
        b, name = self.laws.b, f"{net.name}.{layer}"
        if isinstance(width, ast.Name) and width.name in b.table.dims:
            b.used_dims.add(width.name)
            b.extra_dimensions.append(ir.Dimension(name, alias=width.name, span=width.span))
            return Dim(name)
        if not isinstance(width, ast.Number) or not isinstance(width.value, int) or width.value < 1:
            b.problems.append(errors.width_is_no_size(width))
            return None
        b.extra_dimensions.append(ir.Dimension(name, b.constant(width.value, width.span), span=width.span))
        return Dim(name)

    # --- parameters ----------------------------------------------------------------------------------------------

    def _parameters(self, net: Net) -> None:
        gain = 1.0 if net.activation is None else ACTIVATIONS[net.activation]
        before: tuple[Typed, ...] = net.inputs
        for _, dim in net.layers:
            label = dim.name
            for one in before:
                self._weights(net, f"{label}.{one.name}", one, (dim,), before, gain)
            self._bias(net, f"{label}.bias", (dim,))
            before = (Typed("weight", Kind(), (dim,), ir.NO_BOUNDS, net.name.span),)
        for output in net.outputs:
            label = f"{net.name.name}.{output.name}"
            for one in before:
                self._weights(net, f"{label}.{one.name}", one, self._own(net, output, before), before, 1.0)
            self._bias(net, f"{label}.bias", output.dims)

    def _own(self, net: Net, output: Typed, before: tuple[Typed, ...]) -> Dims:
        """The axes of an output as its weights have them: under another name where an input has the same axis."""
        taken = {dim for one in before for dim in _axes(one)}
        return tuple(self._other(net, dim) if dim in taken else dim for dim in output.dims)

    def _other(self, net: Net, dim: Dim) -> Dim:
        name = f"{net.name.name}.{dim.name}"
        if all(known.name != name for known in self.laws.b.extra_dimensions):
            self.laws.b.extra_dimensions.append(ir.Dimension(name, alias=dim.name, span=net.name.span))
        return Dim(name, dim.prime)

    def _weights(
        self, net: Net, name: str, one: Typed, out: Dims, before: tuple[Typed, ...], gain: float
    ) -> None:
        """Weights from one input, drawn at the start with variance ``gain`` over the number of all inputs."""
        c = Compose(self.laws.b, net.name.span)
        scale = c.apply("sqrt", c.apply("/", c.number(gain), self._count(c, before)))
        normal = DISTRIBUTIONS["Normal"]
        init = ir.Law(normal, 0, (c.number(0.0), scale), span=net.name.span)
        dims = (*net.context, *_axes(one), *out)
        self.params.append(ir.Param(name, Kind(), dims, init=init, net=net.name.name, span=net.name.span))

    def _bias(self, net: Net, name: str, out: Dims) -> None:
        dims = (*net.context, *out)
        self.params.append(ir.Param(name, Kind(), dims, net=net.name.name, span=net.name.span))

    def _count(self, c: Compose, inputs: tuple[Typed, ...]) -> ir.Id:
        """How many numbers come in; of a member one is 1 and the others are 0."""
        total: ir.Id | None = None
        for one in inputs:
            count = c.number(1)
            for dim in one.dims:
                count = c.apply("*", count, c.size(dim))
            total = count if total is None else c.apply("+", total, count)
        assert total is not None
        return total

    # --- calls ---------------------------------------------------------------------------------------------------

    def call(self, node: ast.Call, scope: Scope) -> ir.Id | Outputs | None:
        """The output of a net, or its outputs by name."""
        net = self.known.get(node.function.name)
        if net is None:
            for argument in node.arguments:
                self.laws.e.expr(argument.value, scope)
            return None
        given = arguments(self.laws, node, net.inputs, scope)
        if given is None:
            return None
        own = union(*(_axes(one) for one in net.inputs), *(one.dims for one in net.outputs))
        for one, value in zip(net.inputs, given.values(), strict=True):
            over = [d for d in self.laws.e.free(value, scope) if d not in one.dims and d in own]
            if over:
                self.laws.b.problems.append(errors.net_over_its_own(node.span, net.name.name, one.name, over[0].name))
                return None
        return self._evaluate(net, given, node.span)

    def _evaluate(self, net: Net, given: Mapping[str, ir.Id], span: Span) -> ir.Id | Outputs:
        c = Compose(self.laws.b, span)
        before, values = net.inputs, tuple(given.values())
        history: list[ir.Id] = []
        for layer, dim in net.layers:
            value = self._affine(c, net, dim.name, before, values, (dim,))
            if layer.activated and net.activation is not None:
                value = c.apply(net.activation, value)
            if layer.adds:
                behind, there = history[-layer.adds], net.layers[len(history) - layer.adds][1]
                value = c.apply("+", value, c.relabel(behind, there, dim), last=(dim,))
            history.append(value)
            before, values = (Typed("weight", Kind(), (dim,), ir.NO_BOUNDS, net.name.span),), (value,)
        found: dict[str, ir.Id] = {}
        for output in net.outputs:
            out = self._own(net, output, before)
            value = self._affine(c, net, f"{net.name.name}.{output.name}", before, values, out, output.dims)
            rank = output.kind.structure.rank
            event = output.dims[len(output.dims) - rank :]
            found[output.name] = link(c, value, output.kind, output.bounds, event)
        return found[SINGLE] if net.single else Outputs(net.name.name, found)

    def _affine(
        self,
        c: Compose,
        net: Net,
        label: str,
        inputs: tuple[Typed, ...],
        values: tuple[ir.Id, ...],
        out: Dims,
        named: Dims = (),
    ) -> ir.Id:
        """``Σ W x + b``; axes that the weights have under other names get their own, ``named``, back."""
        total: ir.Id | None = None
        for one, value in zip(inputs, values, strict=True):
            weights = self._parameter(c, net, f"{label}.{one.name}")
            product = self._product(c, one, value, weights)
            for old, new in zip(out, named, strict=False):
                product = c.relabel(product, old, new) if old != new else product
            total = product if total is None else c.apply("+", total, product, last=named or out)
        assert total is not None
        return c.apply("+", total, self._parameter(c, net, f"{label}.bias"), last=named or out)

    def _parameter(self, c: Compose, net: Net, name: str) -> ir.Id:
        param = next(one for one in self.params if one.name == name)
        return c.b.add(ir.Parameter(name), (), param.dims, param.kind, c.span)

    def _product(self, c: Compose, one: Typed, value: ir.Id, weights: ir.Id) -> ir.Id:
        if one.kind.member is not None:
            picked = c.gather(weights, Dim(one.kind.member), value)
            for dim in one.dims:
                picked = c.reduce("sum", picked, dim)
            return picked
        if not one.dims:
            return c.apply("*", value, weights)
        product = c.contract(value, weights, one.dims[-1])
        for dim in one.dims[:-1]:
            product = c.reduce("sum", product, dim)
        return product


def _axes(one: Typed) -> Dims:
    """The axes that the weights of an input run over: a member has one for each that it could be."""
    return one.dims if one.kind.member is None else (*one.dims, Dim(one.kind.member))
