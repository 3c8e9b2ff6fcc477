"""The posterior of summed-out discrete sites, given values of all other latents: probabilities, best values, draws.

All three are derivatives of the same contraction; see :mod:`svilang.lower.reduction`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..lazy import jax, jnp
from ..plan import Variable
from ..types import Dims
from .axes import Value, align
from .bound import shape_of
from .density import Model, Prepared, kept, terms
from .eliminate import Tables
from .observe import elements
from .reduction import Drawn, Largest, Reduction, Total
from .run import Latents, Run

Given = Mapping[str, Value]
"""Constrained values by name."""


def begin(model: Model, prepared: Prepared, params: Given, latents: Given, dtype: Any) -> tuple[Run, Latents]:
    """An evaluation at constrained values of the parameters and of all latents that have one."""
    values = Latents(model.latents, None, latents)
    run = model.start(prepared, jnp.zeros(model.params.size, dtype), dtype, values)
    for name, value in params.items():
        run.set_parameter(name, value)
    return run, values


def probabilities(model: Model, prepared: Prepared, params: Given, latents: Given, dtype: Any) -> dict[str, Value]:
    """The probability of each value of each summed-out site, on the last axis."""
    slopes = _slopes(model, prepared, params, latents, dtype, Total())
    return {name: jnp.moveaxis(slope, 0, -1) for name, slope in slopes.items()}


def best(model: Model, prepared: Prepared, params: Given, latents: Given, dtype: Any) -> dict[str, Value]:
    """The most probable values of all summed-out sites together (for a chain: the path of Viterbi)."""
    return _values(model, prepared, params, latents, dtype, Largest())


def drawn(model: Model, prepared: Prepared, params: Given, latents: Given, dtype: Any, key: Any) -> dict[str, Value]:
    """A draw of all summed-out sites together."""
    return _values(model, prepared, params, latents, dtype, Drawn(key))


def marginal_likelihoods(
    model: Model, prepared: Prepared, params: Given, latents: Given, dtype: Any
) -> dict[str, Value]:
    """Log density of the observations that read summed-out sites, for each member of :func:`marginal_plates`."""
    name, plates = marginal_plates(model)
    if not plates:
        return {}
    run, _ = begin(model, prepared, params, latents, dtype)
    tables = Tables(model.elimination, run, {}, Total())
    for i, one in enumerate(model.program.observations):
        if tables.reach_of_observation(i):
            tables.add_observation(i, one, elements(one, run, kept(prepared, i, one, run)))
    for _ in tables.summed_out():
        pass
    (piece,) = tables.pieces
    full = piece.full(model.plan.sizes)
    return {name: align(full.value, full.dims, plates)}


def marginal_plates(model: Model) -> tuple[str, Dims]:
    """The observations that read summed-out sites, as one name, and the plates over which their sum is a product.

    There are none where a site couples all members, or where the sites do not meet in one product.
    """
    elimination = model.elimination
    if elimination is None or any(reach.axes for reach in (*elimination.sites, *elimination.factors)):
        return "", ()
    many = zip(model.program.observations, elimination.observations, strict=True)
    reached = [(one, reach) for one, reach in many if reach.axes]
    if len(elimination.variables) != 1 or not reached:
        return "", ()
    (variable,) = elimination.variables
    plates = tuple(dim for dim in variable.plates if dim != variable.chain)
    return ", ".join(one.name for one, _ in reached), plates


def table_entries(model: Model) -> int:
    """Numbers in the tables that summing out makes."""
    if model.elimination is None:
        return 0
    sizes, program, elimination = model.plan.sizes, model.program, model.elimination
    shapes = [(v.dim, *(axis for axis in v.reach.axes if axis != v.dim), *v.plates) for v in elimination.variables]
    # The plates of observations and factors begin with the axes of the sites that they read.
    for one, reach in zip(program.observations, elimination.observations, strict=True):
        shapes += [one.plates] if reach.axes else []
    for one, reach in zip(program.factors, elimination.factors, strict=True):
        shapes += [one.plates] if reach.axes else []
    return sum(math.prod(shape_of(tuple(shape), sizes)) for shape in shapes)


def _values(
    model: Model, prepared: Prepared, params: Given, latents: Given, dtype: Any, reduction: Reduction
) -> dict[str, Value]:
    chosen = _slopes(model, prepared, params, latents, dtype, reduction)
    run, _ = begin(model, prepared, params, latents, dtype)
    return {one.name: _value(one, chosen[one.name], run) for one in _variables(model)}


def _value(variable: Variable, chosen: Value, run: Run) -> Value:
    """The value of a site whose chosen state is marked by a one along the first axis."""
    values = run.values.aligned(variable.value, (variable.dim, *variable.plates))
    return jnp.sum(jnp.where(chosen > 0.5, values, 0), axis=0).astype(jnp.int32)


def _slopes(
    model: Model, prepared: Prepared, params: Given, latents: Given, dtype: Any, reduction: Reduction
) -> dict[str, Value]:
    """The derivative of the contraction by the log weight of each state, that axis first."""

    def contracted(tilts: Mapping[str, Value]) -> Value:
        run, values = begin(model, prepared, params, latents, dtype)
        return terms(model, prepared, run, values, tilts, reduction).total(dtype)

    flat = {
        one.name: jnp.zeros(shape_of((one.dim, *one.plates), model.plan.sizes), dtype) for one in _variables(model)
    }
    return jax.grad(contracted)(flat)


def _variables(model: Model) -> tuple[Variable, ...]:
    return () if model.elimination is None else model.elimination.variables
