"""Initial values of optimised parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..catalog.distribution import Bound as BoundLaw
from ..catalog.distribution import Distribution
from ..diagnostics import Diagnostic, SvilangError
from ..ir import nodes as ir
from ..ir.walk import depends_on, law_operands
from ..lazy import jax, jnp, np, random
from ..types import Structure
from .axes import Value, fill
from .density import Model, unprepared
from .laws import bind_law
from .run import Latents, Run

if TYPE_CHECKING:
    import numpy

SEED = 0
"""Of initial values that are drawn: a program starts at the same point each time."""


def initial(model: Model, data: Mapping[str, numpy.ndarray]) -> numpy.ndarray:
    """The flat unconstrained values at which the parameters of a program start.

    A parameter without an initial value starts where its unconstrained value is 0.

    Raises:
        SvilangError: an initial value is none of its kind, or on the edge of it, where no step can begin.
    """
    if all(param.init is None for param in model.program.params):
        return np.zeros(model.params.size)
    needed = {name: data[name] for name in sorted(depends_on(model.program, _references(model.program)).data)}
    noise = _noise(model)
    with jax.enable_x64(True):
        flat, given, inside = jax.jit(lambda arrays, noise: _flat(model, arrays, noise))(needed, noise)
    params = {param.name: param for param in model.program.params}
    wrong = [_no_start(params[name], np.asarray(given[name])) for name, well in inside.items() if not well]
    if wrong:
        raise SvilangError(wrong)
    return np.asarray(flat)


def _no_start(param: ir.Param, value: numpy.ndarray) -> Diagnostic:
    """An initial value from which its parameter cannot start."""
    shown = " ".join(np.array2string(value, separator=", ", precision=6, threshold=10).split())
    message = f"`{param.name}` cannot start at {shown}: that is not inside `{param.kind}`"
    return Diagnostic("E0402", message, param.span, help="start off the edges, where steps in all directions are open")


def _noise(model: Model) -> dict[str, numpy.ndarray]:
    """Standard noise for the initial values that are a function of it."""
    found: dict[str, numpy.ndarray] = {}
    for i, param in enumerate(model.program.params):
        row = param.init.row if isinstance(param.init, ir.Law) else None
        if isinstance(row, Distribution) and row.from_noise is not None:
            source = np.random.default_rng((SEED, i))
            draw = source.standard_normal if row.noise == "normal" else source.random
            found[param.name] = draw(model.params.pieces[param.name].shape)
    return found


def _references(program: ir.Program) -> list[ir.Id]:
    found: list[ir.Id] = []
    for param in program.params:
        found.extend(param.bounds.ends)
        if isinstance(param.init, ir.Law):
            found.extend(law_operands(param.init))
        elif param.init is not None:
            found.append(param.init)
    return found


def _flat(
    model: Model, data: Mapping[str, Value], noise: Mapping[str, Value]
) -> tuple[Value, dict[str, Value], dict[str, Value]]:
    """The unconstrained start, the initial values that are given, and whether the start gives them back."""
    given: dict[str, Value] = {}
    inside: dict[str, Value] = {}
    none, dtype = Latents(model.latents, None, {}), jnp.float64
    run = model.start(unprepared(data), jnp.zeros(model.params.size, dtype), dtype, none)
    for i, param in enumerate(model.program.params):
        if param.init is None:
            continue
        piece = model.params.pieces[param.name]
        x = _value(param, piece.shape, run, noise.get(param.name), i).astype(dtype)
        # Bounds of later parameters read the ones that are set already.
        run.theta = run.theta.at[piece.start : piece.stop].set(piece.unconstrain(x, run))
        given[param.name], inside[param.name] = x, _off_edges(param, x, run)
    again = model.start(unprepared(data), run.theta, dtype, none)
    for name, x in given.items():
        inside[name] &= jnp.all(jnp.isfinite(x)) & jnp.allclose(x, again.parameter(name), rtol=1e-6, atol=1e-9)
    return run.theta, given, inside


def _off_edges(param: ir.Param, x: Value, run: Run) -> Value:
    """Whether a scalar stands within the ends of its kind, on neither of them."""
    if param.kind.structure is not Structure.SCALAR:
        return jnp.ones((), bool)
    own, nodes = param.kind.interval, param.bounds
    lower = own.lower if nodes.lower is None else run.values.aligned(nodes.lower, param.dims)
    upper = own.upper if nodes.upper is None else run.values.aligned(nodes.upper, param.dims)
    return jnp.all((x > lower) & (x < upper))


def _value(param: ir.Param, shape: tuple[int, ...], run: Run, noise: Value | None, i: int) -> Any:
    if isinstance(param.init, ir.Law):
        law = bind_law(param.init, run.values, param.dims[: len(param.dims) - len(param.init.event)])
        if noise is not None and isinstance(law, BoundLaw) and law.row.from_noise is not None:
            return law.row.from_noise(noise, *law.canonical())
        return law.sample(random.fold_in(random.key(SEED), i), shape)
    assert param.init is not None
    return fill(jnp.asarray(run.values.aligned(param.init, param.dims)), shape)
