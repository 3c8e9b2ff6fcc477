"""What users see of one draw: latents, parameters, reports, generated quantities and pointwise likelihoods."""

from __future__ import annotations

from typing import Any

from ..catalog.distribution import Bound as BoundLaw
from ..catalog.distributions.truncated import TRUNCATED
from ..ir import nodes as ir
from ..ir.walk import depends_on, laws
from ..lazy import jnp, random
from .axes import Value, fill
from .bound import shape_of
from .density import Model, Prepared, kept, narrowed_ends
from .laws import Compound, bind_law
from .observe import pointwise
from .run import Latents, Run


def visible(model: Model, run: Run, latents: Latents) -> dict[str, Value]:
    """Constrained latents, parameters and reported values, each with the axes of its declaration."""
    found = {site.name: latents(site.name) for site in model.program.sites}
    found.update((param.name, run.parameter(param.name)) for param in model.program.params)
    for report in model.program.reports:
        if report.value is not None and not _reads_generated(model.program, report.value):
            found[report.name] = reported(report, run)
    return found


def reported(report: ir.Report, run: Run) -> Value:
    """The value of a report with the axes of its declaration."""
    assert report.value is not None
    value = run.values.aligned(report.value, report.dims)
    return fill(jnp.asarray(value), shape_of(report.dims, run.plan.sizes))


def _reads_generated(program: ir.Program, node: ir.Id) -> bool:
    drawn = {report.name for report in program.reports if report.law is not None}
    return False if not drawn else bool(drawn & depends_on(program, (node,)).latents)


def generated(model: Model, run: Run, latents: Latents, key: Any) -> dict[str, Value]:
    """Draws of the generated quantities, and reports that are made from them, in the order of the program."""
    found: dict[str, Value] = {}
    for i, report in enumerate(model.program.reports):
        if report.law is not None:
            batch = report.dims[: len(report.dims) - len(report.law.event)]
            law = bind_law(report.law, run.values, batch)
            shape = shape_of(report.dims, run.plan.sizes)
            latents.found[report.name] = found[report.name] = law.sample(random.fold_in(key, i), shape)
    for report in model.program.reports:
        if report.value is not None and _reads_generated(model.program, report.value):
            found[report.name] = reported(report, run)
    return found


def predicted(model: Model, run: Run, key: Any) -> dict[str, Value]:
    """New data in the place of each observation, with the axes of its plates and its event.

    All members are drawn, those that were missing or left out by ``where`` too. Observations that were collapsed to
    statistics are not.
    """
    found: dict[str, Value] = {}
    for i, observation in enumerate(model.program.observations):
        if observation.grouped or not can_sample(observation.law):
            continue
        law = bind_law(observation.law, run.values, observation.plates)
        shape = shape_of((*observation.plates, *observation.law.event), run.plan.sizes)
        found[observation.name] = law.sample(random.fold_in(key, i), shape)
    return found


def can_sample(law: ir.Law) -> bool:
    """Whether all rows of a law know how to draw."""
    return all(inner.row.sample is not None for inner in laws(law))


def log_likelihoods(model: Model, prepared: Prepared, run: Run) -> dict[str, Value]:
    """Log density of each observed element, NaN where an element does not count."""
    return {
        observation.name: pointwise(observation, run, kept(prepared, i, observation, run))
        for i, observation in enumerate(model.program.observations)
    }


def prior(model: Model, run: Run, latents: Latents, key: Any) -> dict[str, Value]:
    """One draw of every latent from its law, in dependency order: values for ``given``.

    Narrowed supports are kept to: between two ends by inverting the distribution function, in order by sorting.
    """
    found: dict[str, Value] = {}
    for i, site in enumerate(model.program.sites):
        value = _prior_draw(site, run, random.fold_in(key, i))
        latents.found[site.name] = found[site.name] = value
    return found


def without_prior(program: ir.Program) -> tuple[ir.Site, ...]:
    """The sites that :func:`prior` cannot draw: improper ones, and narrowed ones whose missing mass is not known."""
    return tuple(
        site for site in program.sites if not can_sample(site.law) or (site.narrowed and site.normaliser is None)
    )


def _prior_draw(site: ir.Site, run: Run, key: Any) -> Value:
    law, shape = run.law(site), shape_of(site.dims, run.plan.sizes)
    match site.normaliser if site.narrowed else None:
        case "truncate":
            assert isinstance(law, BoundLaw)
            return Compound(TRUNCATED, law.row, (law,), narrowed_ends(site, run)).sample(key, shape)
        case "order":
            return jnp.sort(law.sample(key, shape), axis=-1)
        case _:
            return law.sample(key, shape)
