"""Initial values of optimised parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..catalog.distribution import Bound as BoundLaw
from ..catalog.distribution import Distribution
from ..ir import nodes as ir
from ..ir.walk import depends_on, law_operands
from ..lazy import jax, jnp, np, random
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
    """
    if all(param.init is None for param in model.program.params):
        return np.zeros(model.params.size)
    needed = {name: data[name] for name in sorted(depends_on(model.program, _references(model.program)).data)}
    noise = _noise(model)
    with jax.enable_x64(True):
        return np.asarray(jax.jit(lambda arrays, noise: _flat(model, arrays, noise))(needed, noise))


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


def _flat(model: Model, data: Mapping[str, Value], noise: Mapping[str, Value]) -> Value:
    none, dtype = Latents(model.latents, None, {}), jnp.float64
    run = model.start(unprepared(data), jnp.zeros(model.params.size, dtype), dtype, none)
    for i, param in enumerate(model.program.params):
        if param.init is None:
            continue
        piece = model.params.pieces[param.name]
        x = _value(param, piece.shape, run, noise.get(param.name), i).astype(dtype)
        # Bounds of later parameters read the ones that are set already.
        run.theta = run.theta.at[piece.start : piece.stop].set(piece.unconstrain(x, run))
    return run.theta


def _value(param: ir.Param, shape: tuple[int, ...], run: Run, noise: Value | None, i: int) -> Any:
    if isinstance(param.init, ir.Law):
        law = bind_law(param.init, run.values, param.dims[: len(param.dims) - len(param.init.event)])
        if noise is not None and isinstance(law, BoundLaw) and law.row.from_noise is not None:
            return law.row.from_noise(noise, *law.canonical())
        return law.sample(random.fold_in(random.key(SEED), i), shape)
    assert param.init is not None
    return fill(jnp.asarray(run.values.aligned(param.init, param.dims)), shape)
