"""A data set from the model itself: covariates that nothing describes from plain laws, then latents and outcomes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..ir import nodes as ir
from ..ir.walk import depends_on
from ..lazy import jax, jnp, lax, np, random
from ..runtime import effort
from .ancestral import drawn_latents, drawn_observation, reads_outcomes
from .axes import Value, align
from .bound import Bound, arguments, presence_key, shape_of
from .density import model, prepare, unprepared
from .initial import initial
from .layout import layout
from .run import Latents, Run
from .values import plan

if TYPE_CHECKING:
    import numpy

    from .density import Model


@dataclass(frozen=True, eq=False)
class Simulated:
    """What :func:`simulate` draws.

    Args:
        data: every data item, members as positions.
        latents: every latent.
        params: the model's own parameters, at their initial values.
        covariates: the items that no distribution of the model describes, so that they were drawn from plain laws.
    """

    data: Mapping[str, numpy.ndarray]
    latents: Mapping[str, numpy.ndarray]
    params: Mapping[str, numpy.ndarray]
    covariates: tuple[str, ...]


def outcomes(program: ir.Program) -> dict[str, list[int]]:
    """The observations of each data item that is observed as it is; ``""`` for those of expressions."""
    found: dict[str, list[int]] = {}
    for i, one in enumerate(program.observations):
        op = program.nodes[one.value].op
        found.setdefault(op.name if isinstance(op, ir.Input) else "", []).append(i)
    return found


def simulate(bound: Bound, seed: int) -> Simulated:
    """One data set and the values it came from, in float64.

    Args:
        bound: the program with all sizes and the data that are given; outcomes are drawn whether given or not.
        seed: of all noise.
    """
    program = bound.program
    source, key = np.random.default_rng((seed, 0)), random.fold_in(random.key(seed), 1)
    observed = outcomes(program)
    with jax.enable_x64(True):
        whole = model(plan(program, bound.sizes, bound.position), ())
        known = arguments(bound)
        missing = [item for item in program.data if item.name not in known and item.name not in observed]
        for item in _in_order(program, missing):
            known[item.name] = _covariate(item, whole, known, source)
        items = {item.name: item for item in program.data if item.name in observed}
        blank = {name: _blank(item, bound.sizes) for name, item in items.items()}
        everything = {presence_key(item.name): True for item in program.data if item.optional}
        shapes = {item.name: shape_of(item.dims, bound.sizes) for item in program.data}
        known |= {name: np.ones(shapes[name[:-1]], bool) for name in everything}
        theta = initial(whole, {**known, **blank})
        options = effort.in_order()
        draw = jax.jit(lambda data: _drawn(whole, data, jnp.asarray(theta), key, observed), compiler_options=options)
        made = draw({**known, **blank})
        latents, drawn, params = jax.tree.map(np.asarray, made)
    data = {item.name: {**known, **drawn}[item.name] for item in program.data}
    return Simulated(data, latents, params, tuple(item.name for item in missing))


def _drawn(whole: Model, data: Mapping[str, Value], theta: Value, key: Any, observed: Mapping[str, list[int]]) -> Any:
    program, dtype = whole.program, jnp.result_type(float)
    first, second = random.split(key)

    def once(filled: Mapping[str, Value]) -> Any:
        everything = {**data, **filled}
        prepared = prepare(whole, everything, dtype)

        def start(values: Mapping[str, Value]) -> tuple[Run, Latents]:
            found = Latents(whole.latents, None, values)
            return whole.start(prepared, theta, dtype, found), found

        latents = drawn_latents(whole, start, first, {})
        run = start(latents)[0]
        made = {name: _outcome(name, before, run, second, observed[name]) for name, before in filled.items()}
        return latents, made, {param.name: run.parameter(param.name) for param in program.params}

    blank = {name: jnp.asarray(data[name]) for name in observed if name}
    rounds = _rounds(program, whole) if reads_outcomes(program) else 0
    filled = lax.fori_loop(0, rounds, lambda _, found: once(found)[1], blank)
    return once(filled)


def _rounds(program: ir.Program, whole: Model) -> int:
    """After how many rounds every outcome rests on outcomes that are right: the longest lag, and one for each term."""
    lags = [whole.plan.sizes[node.op.dim.name] for node in program.nodes if isinstance(node.op, ir.Lag)]
    return max(lags, default=0) + len(program.observations) + len(program.sites)


def _outcome(name: str, found: Value, run: Run, key: Any, places: list[int]) -> Value:
    """The draws of all observations of one item, each where its mask says."""
    program = run.plan.program
    item = next(item for item in program.data if item.name == name)
    for i in places:
        one = program.observations[i]
        own = (*one.plates, *one.law.event)
        made = align(drawn_observation(one, run, random.fold_in(key, i)), own, item.dims).astype(found.dtype)
        if one.mask is None:
            found = made
        else:
            found = jnp.where(align(jnp.asarray(run.values.aligned(one.mask, own)) != 0, own, item.dims), made, found)
    return found


def _blank(item: ir.Data, sizes: Mapping[str, int]) -> numpy.ndarray:
    whole = item.kind.interval.integer or item.kind.member is not None
    return np.zeros(shape_of(item.dims, sizes), np.int32 if whole else float)


def _in_order(program: ir.Program, items: list[ir.Data]) -> list[ir.Data]:
    """Items after those that their bounds read."""
    left, done, found = list(items), set[str](), list[ir.Data]()
    names = {item.name for item in items}
    while left:
        ready = [item for item in left if _bounded_by(program, item) & names <= done | {item.name}]
        chosen = ready or left
        found += chosen
        done |= {item.name for item in chosen}
        left = [item for item in left if item not in chosen]
    return found


def _bounded_by(program: ir.Program, item: ir.Data) -> frozenset[str]:
    return depends_on(program, item.bounds.ends).data


def _covariate(item: ir.Data, whole: Model, known: Mapping[str, Any], source: numpy.random.Generator) -> numpy.ndarray:
    """A value of the item's kind: members and binary numbers evenly, counts about 3, others a standard normal mapped
    into the support.
    """
    shape = shape_of(item.dims, whole.plan.sizes)
    if item.kind.member is not None:
        size = whole.plan.sizes[item.kind.member]
        return np.reshape(source.permutation(np.arange(math.prod(shape)) % size), shape).astype(np.int32)
    nothing = Latents(whole.latents, None, {})
    run = whole.start(unprepared(known), jnp.zeros(whole.params.size), jnp.result_type(float), nothing)
    if not item.kind.interval.integer:
        piece = layout([ir.Param(item.name, item.kind, item.dims, item.bounds)], whole.plan.sizes).pieces[item.name]
        return np.asarray(piece.constrain(jnp.asarray(source.standard_normal(piece.stop)), run)[0])
    ends = ((item.bounds.lower, item.kind.interval.lower), (item.bounds.upper, item.kind.interval.upper))
    found = [end if node is None else run.values.aligned(node, item.dims) for node, end in ends]
    low, high = (np.broadcast_to(np.asarray(end, float), shape) for end in found)
    if np.all(np.isfinite(low)) and np.all(np.isfinite(high)):
        return np.floor(low + source.random(shape) * (high - low + 1)).astype(np.int32)
    start = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high - 6, -3))
    return np.minimum(start + source.poisson(3, shape), high).astype(np.int32)
