"""The log density of a program, term by term."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..ir import nodes as ir
from ..ir.walk import depends_on, law_operands
from ..lazy import jnp
from ..plan import Elimination
from ..types import Dims
from .alike import log_prob_together, together
from .axes import Value, align, total
from .bound import presence_key, shape_of
from .eliminate import Tables
from .laws import batch_dims, is_improper, variate
from .layout import Layout, layout
from .narrowed import normaliser
from .observe import Keep, keep, keeps_early, log_likelihood
from .reduction import Reduction, Total
from .run import Latents, Run
from .statistics import splits, statistics
from .values import Plan

Prepared = Mapping[str, Any]
"""What depends on data alone: ``nodes`` and ``designs`` by position in the program, ``keep`` and ``statistics`` by the
place of the observation, ``data`` by name."""


@dataclass(frozen=True, eq=False)
class Model:
    """A program ready for evaluation: its nodes sorted, its latents and parameters laid out.

    Args:
        plan: of its nodes.
        latents: layout of the latents that are mapped from unconstrained values.
        params: layout of its parameters.
        elimination: what is summed out of its terms, where there is anything.
    """

    plan: Plan
    latents: Layout
    params: Layout
    elimination: Elimination | None = None

    @property
    def program(self) -> ir.Program:
        return self.plan.program

    def start(self, prepared: Prepared, theta: Value, dtype: Any, latents: Latents) -> Run:
        """Begin an evaluation."""
        run = Run(self.plan, self.params, prepared, theta, dtype, latents)
        latents.run = run
        return run


def model(
    plan: Plan,
    covered: tuple[ir.Site, ...],
    noncentered: tuple[str, ...] = (),
    elimination: Elimination | None = None,
) -> Model:
    """Lay out the latents ``covered`` and the parameters of a program."""
    params = layout(plan.program.params, plan.sizes)
    made = dict(plan.program.definitions)
    return Model(plan, layout(covered, plan.sizes, noncentered, made, params.pieces), params, elimination)


# --- what depends on data alone --------------------------------------------------------------------------------------


def references(program: ir.Program, *, reports: bool = True) -> Iterator[ir.Id]:
    """The nodes that the terms of a program, its supports and its reports take."""
    for declared in (*program.sites, *program.params):
        yield from declared.bounds.ends
    for one in (*program.sites, *program.observations):
        yield from law_operands(one.law)
    for observation in program.observations:
        yield from (i for i in (observation.mask, observation.weight) if i is not None)
        yield from () if observation.grouped else (observation.value,)
    yield from (factor.value for factor in program.factors)
    for report in program.reports if reports else ():
        yield from (report.value,) if report.value is not None else ()
        yield from law_operands(report.law) if report.law is not None else ()


def inputs(plan: Plan) -> set[str]:
    """The names of the arrays that preparing takes."""
    nodes = plan.program.nodes
    wanted = [*references(plan.program), *plan.also, *design_nodes(plan)]
    needed = plan.order(wanted, plan.static)
    found = {node.op.name for node in (nodes[i] for i in needed) if isinstance(node.op, ir.Input)}
    for observation in plan.program.observations:
        found.update(observation.grouped)
        found.update(map(presence_key, observation.optional))
    return found


def used_designs(plan: Plan) -> list[ir.Id]:
    """The products of data with a latent value that something needs."""
    wanted = [*references(plan.program, reports=not plan.shares), *plan.also]
    return [i for i in plan.order(wanted, plan.static) if i in plan.designs or i in plan.sums]


def design_nodes(plan: Plan) -> list[ir.Id]:
    """The data of these products."""
    return [node for i in used_designs(plan) for node in plan.design(i).nodes]


def prepare(model: Model, data: Mapping[str, Value], dtype: Any, made: Prepared | None = None) -> Prepared:
    """Make what depends on data alone, where it is not ``made`` already."""
    plan = model.plan
    known: Prepared = {**(made or unprepared(data)), "data": data}
    run = evaluation(model, known, dtype)
    wanted = [*references(plan.program, reports=not plan.shares), *plan.also]
    nodes = {i: _settled(run.values[i], dtype) for i in plan.early(wanted)}
    early = {i: one for i, one in enumerate(plan.program.observations) if keeps_early(one, plan)}
    masks = {i: known["keep"][i] if i in known["keep"] else keep(one, run) for i, one in early.items()}
    designs = {i: run.values.designs.get(i) for i in used_designs(plan)}
    designs = {i: plan.design(i).made(run.values) if one is None else one for i, one in designs.items()}
    made_of = {i: statistics(one, run, masks[i]) for i, one in splits(plan, model.elimination).items()}
    found = {i: one for i, one in made_of.items() if one is not None}
    kept_data = dict(_kept_data(model, data, dtype))
    return {"nodes": nodes, "designs": designs, "keep": masks, "statistics": found, "data": kept_data}


def evaluation(model: Model, known: Prepared, dtype: Any) -> Run:
    """An evaluation of values that depend on data alone."""
    return model.start(known, jnp.zeros(model.params.size, dtype), dtype, Latents(model.latents, None, {}))


def unprepared(data: Mapping[str, Value]) -> Prepared:
    """Data alone, with nothing made from it yet."""
    return {"nodes": {}, "designs": {}, "keep": {}, "data": data}


def _settled(value: Value, dtype: Any) -> Value:
    """A value as later stages take it: no weak types, and in the working precision."""
    value = jnp.asarray(value)
    return value.astype(dtype) if jnp.issubdtype(value.dtype, jnp.inexact) else value


def _kept_data(model: Model, data: Mapping[str, Value], dtype: Any) -> Iterator[tuple[str, Value]]:
    """Statistics of groups, and presence where it matters later: for what a latent selects, and of covariates."""
    dims = {item.name: item.dims for item in model.program.data}
    for observation in model.program.observations:
        for name in observation.grouped:
            own = tuple(dim for dim in dims[name] if dim not in observation.plates)
            yield name, align(data[name], dims[name], (*observation.plates, *own)).astype(dtype)
        late = not keeps_early(observation, model.plan)
        read = depends_on(model.program, law_operands(observation.law)).data if observation.optional else ()
        wanted = (name for name in observation.optional if late or name in read)
        yield from ((key, data[key]) for key in map(presence_key, wanted))


# --- terms -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a log density.

    Args:
        alone: single ones by name.
        together: vectors of terms with their names.
    """

    alone: dict[str, Value] = field(default_factory=dict[str, Value])
    together: list[tuple[Iterable[str], Value]] = field(default_factory=list[tuple[Iterable[str], Value]])

    def add(self, name: str, value: Value) -> None:
        """A further part of the term ``name``."""
        self.alone[name] = self.alone[name] + value if name in self.alone else value

    def by_name(self) -> dict[str, Value]:
        """Each term by itself."""
        apart = Terms(dict(self.alone))
        for names, values in self.together:
            for i, name in enumerate(names):
                apart.add(name, values[i])
        return apart.alone

    def total(self, dtype: Any) -> Value:
        """Their sum."""
        many = (jnp.sum(values) for _, values in self.together)
        return functools.reduce(operator.add, many, summed(self.alone, dtype)).astype(dtype)


def terms(
    model: Model,
    prepared: Prepared,
    run: Run,
    latents: Latents,
    tilts: Mapping[str, Value] | None = None,
    reduction: Reduction | None = None,
) -> Terms:
    """The terms of the log density: sites (with the log Jacobian of their map), observations, factors.

    ``tilts`` are added to the log probabilities of enumerated sites, with their axis in front of their plates. Without
    a ``reduction`` these are summed out.
    """
    found, tables = collected(model, prepared, run, latents, tilts, reduction)
    for name, value in tables.summed_out():
        found.add(name, value)
    return found


def collected(
    model: Model,
    prepared: Prepared,
    run: Run,
    latents: Latents,
    tilts: Mapping[str, Value] | None = None,
    reduction: Reduction | None = None,
) -> tuple[Terms, Tables]:
    """The terms that are one number, and the tables of those from which sites are still to be summed out."""
    found = Terms()
    add = found.add
    tables = Tables(model.elimination, run, tilts or {}, reduction or Total())
    single = [site for i, site in enumerate(model.program.sites) if not tables.reach_of_site(i)]
    many = together(model.program, single, latents)
    for sites in many:
        found.together.append(([site.name for site in sites], run.weighed(log_prob_together(sites, run, latents))))
    done = {site.name for sites in many for site in sites}
    for i, site in enumerate(model.program.sites):
        if site.name in done:
            continue
        x = latents(site.name)
        tabled = tables.reach_of_site(i)
        if tabled:
            tables.add_site(i, site, x)
        for value in _of_latent(site, x, run, latents, tabled):
            add(site.name, run.weighed(scaled(value, site.dims, run)))
    found.together.extend((group.places, run.weighed(value)) for group, value in latents.log_dets.items())
    for i, observation in enumerate(model.program.observations):
        keeping = kept(prepared, i, observation, run)
        if tables.reach_of_observation(i):
            tables.add_likelihood(i, observation, keeping, prepared.get("statistics", {}).get(i))
        else:
            add(observation.name, scaled(log_likelihood(observation, run, keeping), observation.plates, run))
    for i, factor in enumerate(model.program.factors):
        value = run.values.aligned(factor.value, factor.plates)
        if tables.reach_of_factor(i):
            tables.add_factor(i, factor, value)
        else:
            added = total(value, shape_of(factor.plates, run.plan.sizes))
            add(factor_name(i, model.program), scaled(added, factor.plates, run))
    return found, tables


def _of_latent(site: ir.Site, x: Value, run: Run, latents: Latents, tabled: bool) -> Iterator[Value]:
    """What a latent adds: its log density, where no table holds that, and the log Jacobian of its map.

    Both together are that of the standardised value where it is known. The value itself may have lost how far it is
    from its centre, which would pass for a density without bound where the scale is very small.
    """
    if not tabled and site.name in latents.log_prob:
        yield latents.log_prob[site.name]
        return
    if not tabled:
        yield site_log_prob(site, x, run)
    if site.name in latents.log_det:
        yield latents.log_det[site.name]


def scaled(value: Value, plates: Dims, run: Run) -> Value:
    """A sum over the members of plates that are seen, as an estimate of the sum over all of them."""
    scale = run.plan.scale(plates)
    return value if scale == 1 else scale * value


def factor_name(i: int, program: ir.Program) -> str:
    """What a factor is called among the terms."""
    return "factor" if len(program.factors) == 1 else f"factor {i + 1}"


def kept(prepared: Prepared, i: int, observation: ir.Observation, run: Run) -> Keep | None:
    """Which members of the plates of the ``i``-th observation count."""
    return prepared["keep"][i] if i in prepared["keep"] else keep(observation, run)


def summed(parts: Mapping[str, Value], dtype: Any) -> Value:
    """The sum of all terms."""
    return functools.reduce(operator.add, parts.values(), jnp.zeros((), dtype)).astype(dtype)


def site_log_prob(site: ir.Site, x: Value, run: Run) -> Value:
    """Log density of a site at the constrained value ``x``, over all its members, its narrowing included."""
    shape = shape_of(batch_dims(site), run.plan.sizes)
    if is_improper(site.law):
        return jnp.zeros((), run.values.dtype)
    value = total(run.law(site).log_prob(variate(x, site.law, len(site.dims), run.values.dtype)), shape)
    if not site.narrowed:
        return value
    return value + total(normaliser(site, run.law(site), run), shape_of(site.dims, run.plan.sizes))
