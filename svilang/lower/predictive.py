"""What users see of one draw: latents, parameters, reports, generated quantities and pointwise likelihoods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..ir import nodes as ir
from ..ir.walk import depends_on, law_operands, reachable, rebuild, roots
from ..lazy import jnp, random
from ..types import Dims, Kind, intervals
from .ancestral import Kept, can_sample, drawn_observation
from .axes import Value, align, fill
from .bound import shape_of
from .density import Model, Prepared, factor_name, kept, references
from .laws import bind_law
from .layout import Numbers
from .observe import elements, pointwise
from .presence import where_known
from .run import Latents, Run


def visible(model: Model, run: Run, latents: Latents, together: Iterable[Numbers] = ()) -> dict[str, Value]:
    """Constrained latents, parameters and reported values, each with the axes of its declaration; those ``together`` as
    one vector for each group.
    """
    found = {group.name: latents.vector(group) for group in together}
    within = {name for group in together for name in group.places}
    found.update((site.name, latents(site.name)) for site in model.program.sites if site.name not in within)
    found.update((param.name, run.parameter(param.name)) for param in model.program.params)
    apart = {report.name for report in late(model.program)}
    found.update((report.name, reported(report, run)) for report in model.program.reports if report.name not in apart)
    return found


def reported(report: ir.Report, run: Run) -> Value:
    """The value of a report with the axes of its declaration, not a number where its covariates are missing."""
    assert report.value is not None
    value = where_known(run.values.aligned(report.value, report.dims), run, (report.value,), report.dims)
    return fill(jnp.asarray(value), shape_of(report.dims, run.plan.sizes))


def late(program: ir.Program) -> tuple[ir.Report, ...]:
    """Reports that are not functions of the continuous latents alone: drawn ones, and those that read a value that is
    drawn after the fit.
    """
    known = {site.name for site in program.sites if not site.kind.discrete}
    return tuple(
        report
        for report in program.reports
        if report.value is None or not depends_on(program, (report.value,)).latents <= known
    )


def generated(model: Model, run: Run, latents: Latents, key: Any) -> dict[str, Value]:
    """The reports of :func:`late`, in the order of the program: drawn ones first, since others may read them."""
    found: dict[str, Value] = {}
    places = {report.name: i for i, report in enumerate(model.program.reports)}
    reports = late(model.program)
    for report in reports:
        if report.law is not None:
            batch = report.dims[: len(report.dims) - len(report.law.event)]
            law = bind_law(report.law, run.values, batch)
            shape = shape_of(report.dims, run.plan.sizes)
            own = random.fold_in(key, places[report.name])
            latents.found[report.name] = found[report.name] = law.sample(own, shape)
    for report in reports:
        if report.law is None:
            found[report.name] = reported(report, run)
    return found


def predicted(model: Model, run: Run, key: Any, known: Mapping[str, Kept]) -> dict[str, Value]:
    """New data in the place of each observation, with the axes of its plates and its event; what is known stays, and
    where covariates are missing is no number.

    Observations that were collapsed to statistics, or whose law cannot be drawn from, are left out.
    """
    found: dict[str, Value] = {}
    for i, one in enumerate(model.program.observations):
        if not one.grouped and can_sample(one.law):
            made = drawn_observation(one, run, random.fold_in(key, i), known.get(one.name))
            found[one.name] = where_known(made, run, law_operands(one.law), (*one.plates, *one.law.event))
    return found


def begun_again(model: Model, run: Run, key: Any, before: Mapping[str, Value]) -> dict[str, Value]:
    """The draws of :func:`predicted` of the outcomes ``before``, as the parameters of their names have them."""
    dims = {param.name: param.dims for param in model.program.params}
    found: dict[str, Value] = {}
    for i, one in enumerate(model.program.observations):
        if one.name in before:
            made = drawn_observation(one, run, random.fold_in(key, i))
            found[one.name] = align(made, (*one.plates, *one.law.event), dims[one.name]).astype(before[one.name].dtype)
    return found


def without_outcomes(program: ir.Program) -> ir.Program:
    """The program as far as draws of its latents, reports and new observations need it: it reads no outcome.

    Observations lose their values, masks and weights, factors and reports of outcomes are gone, and with them the nodes
    that only they need.
    """
    outcomes = outcome_data(program)
    reports = tuple(one for one in program.reports if outcomes.isdisjoint(_report_data(program, one)))
    nothing = len(program.nodes)
    nodes = (*program.nodes, ir.Node(ir.Const(0), (), (), Kind(interval=intervals.point(0))))
    read = [depends_on(program, law_operands(one.law)).data for one in program.observations]
    observations = tuple(
        replace(one, value=nothing, mask=None, weight=None, optional=tuple(n for n in one.optional if n in names))
        for one, names in zip(program.observations, read, strict=True)
    )
    bare = replace(program, nodes=nodes, observations=observations, factors=(), reports=reports, definitions=())
    alive = reachable(bare, roots(bare))
    return rebuild(bare, [node if i in alive else None for i, node in enumerate(nodes)])


def without_own_ends(program: ir.Program) -> ir.Program:
    """The program with outcomes that are censored where they are themselves, as ``time if event == 0 else inf`` says,
    as they would be without an end: of a new one it is not known where it would be censored.
    """

    def law(one: ir.Observation) -> ir.Law:
        if one.law.row.name != "Censored":
            return one.law
        ends = [arg for arg in one.law.args if arg is not None]
        own = depends_on(program, ends).data & depends_on(program, [one.value]).data
        return one.law.children[0] if own else one.law

    return replace(program, observations=tuple(replace(one, law=law(one)) for one in program.observations))


def outcome_data(program: ir.Program) -> frozenset[str]:
    """The data items that are observed and that no distribution reads."""
    observed = depends_on(program, [one.value for one in program.observations if not one.grouped]).data
    read = [i for one in (*program.sites, *program.observations) for i in law_operands(one.law)]
    return observed - depends_on(program, read).data


def _report_data(program: ir.Program, report: ir.Report) -> frozenset[str]:
    operands = [report.value] if report.value is not None else []
    return depends_on(program, [*operands, *(law_operands(report.law) if report.law is not None else ())]).data


def needed_data(program: ir.Program) -> frozenset[str]:
    """The data items that the terms and reports of a program read, and those that their bounds read."""
    items = {item.name: item for item in program.data}
    found: set[str] = set()
    sizes = [one.size for one in program.dimensions if one.size is not None]
    ahead = depends_on(program, [*references(program), *sizes]).data
    while ahead:
        found |= ahead
        ends = [end for name in ahead for end in items[name].bounds.ends]
        sources = {gaps.of for name in ahead if (gaps := items[name].gaps) is not None}
        ahead = (depends_on(program, ends).data | sources) - found
    return frozenset(found)


def log_likelihoods(model: Model, prepared: Prepared, run: Run) -> dict[str, Value]:
    """Log density of each observed element, NaN where an element does not count; without those of summed-out sites."""
    reaches = model.elimination.observations if model.elimination is not None else ()
    return {
        observation.name: pointwise(observation, run, kept(prepared, i, observation, run))
        for i, observation in enumerate(model.program.observations)
        if not (reaches and reaches[i].axes)
    }


def member_terms(model: Model, prepared: Prepared, run: Run) -> dict[str, Value]:
    """Each observation and factor by the members of its plates, the largest over the values of summed-out sites."""
    program, elimination, found = model.program, model.elimination, dict[str, Value]()

    def largest(value: Value, plates: Dims, axes: Dims) -> Value:
        return jnp.max(fill(value, shape_of(plates, run.plan.sizes)), tuple(range(len(axes))))

    for i, one in enumerate(program.observations):
        axes = () if elimination is None else elimination.observations[i].axes
        found[one.name] = largest(elements(one, run, kept(prepared, i, one, run)), one.plates, axes)
    for i, one in enumerate(program.factors):
        axes = () if elimination is None else elimination.factors[i].axes
        value = jnp.asarray(run.values.aligned(one.value, one.plates), run.values.dtype)
        found[factor_name(i, program)] = largest(value, one.plates, axes)
    return found
