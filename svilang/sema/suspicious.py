"""What is legal and seldom meant: priors with hard edges, funnels, mixtures whose parts can change places.

Each check warns only where the structure of the program shows the trouble; what depends on the data is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..catalog.distribution import Distribution
from ..diagnostics import Diagnostic
from ..ir import nodes as ir
from ..types import Dim, intervals
from . import errors
from .confounded import confounded
from .exchangeable import hidden_states, mixtures
from .habits import habits
from .jumps import jumps
from .model import ModelStatements
from .parts import flat_without_end, latents_of_law, laws, named

SCALES = frozenset(["scale", "sd"])
"""Names of parameters that are standard deviations or their like."""

TINY = 0.01
"""Gamma(ε, ε) with ε up to this is meant as a vague prior."""

SPREADS = SCALES | {"precision", "kernel", "covariance_matrix", "covariance_row"}
"""Names of parameters that say how far many members lie from their centre: those of a few have a factor, and are better
seen as they are."""

GAUSSIAN = frozenset(["mean_field", "full_rank", "low_rank", "structured", "block", "markov_gaussian", "laplace"])
"""Families that are normal distributions of the unconstrained values."""

FLAT = frozenset(["Improper", "Uniform"])
"""Priors beside which a term is a density of its own."""

MOST_DF = 2
"""Student's t has no variance with so few degrees of freedom."""


def suspicious(model: ModelStatements, guides: list[ir.Program]) -> list[Diagnostic]:
    """Warnings about priors and about what the guides make of them."""
    priors = (_uniform_scales, _spikes, _whole_matrices, _weighed_priors, _flat, confounded, mixtures, hidden_states)
    priors = (*priors, habits, jumps)
    found = [one for check in priors for one in check(model)]
    return [*found, *(one for guide in guides for check in (_funnels, _heavy_tails) for one in check(model, guide))]


def _latents(model: ModelStatements, node: ir.Id) -> set[str]:
    return model.b.latents(node)


def _uniform_scales(model: ModelStatements) -> Iterator[Diagnostic]:
    sites = {site.name: site for site in model.sites}
    scales = [arg for law in laws(model) for name, arg in named(law).items() if name in SCALES]
    for name in dict.fromkeys(op.name for i in scales if isinstance(op := model.b.nodes[i].op, ir.Latent)):
        site = sites.get(name)
        if site is not None and site.law.row.name == "Uniform" and site.kind.interval.upper < intervals.inf:
            yield errors.hard_edge(name, site.kind.interval.upper, site.span)


def _spikes(model: ModelStatements) -> Iterator[Diagnostic]:
    for site in model.sites:
        if site.law.row.name in ("Gamma", "InverseGamma") and site.law.form == 0:
            shape, rate = (model.b.number(arg) for arg in site.law.args)
            if shape is not None and rate is not None and shape <= TINY and rate <= TINY:
                yield errors.spike(site.name, site.law.row.name, shape, rate, site.law.span)


def _whole_matrices(model: ModelStatements) -> Iterator[Diagnostic]:
    for site in model.sites:
        if site.law.row.name == "LKJ":
            dim = site.dims[-1].name if site.dims else None
            yield errors.matrix_not_factor(site.name, dim, site.law.span)


def _weighed_priors(model: ModelStatements) -> Iterator[Diagnostic]:
    """Terms made of one latent and numbers alone, beside a prior that is not flat."""
    sites = {site.name: site for site in model.sites}
    for factor in model.factors:
        read = [sites[name] for name in model.b.latents(factor.value)]
        plain = (ir.Latent, ir.Apply, ir.Const)
        if len(read) != 1 or read[0].kind.discrete or read[0].law.row.name in FLAT:
            continue
        if all(isinstance(model.b.nodes[node].op, plain) for node in model.b.below(factor.value)):
            site = read[0]
            yield errors.weighed_prior(site.name, site.law.row.name, model.b.nodes[factor.value].span, site.span)


# --- flat priors without an end --------------------------------------------------------------------------------------


def _flat(model: ModelStatements) -> Iterator[Diagnostic]:
    """Improper priors, where no likelihood is sure to make the posterior proper."""
    for site in model.sites:
        if not flat_without_end(site):
            continue
        seen = [one.law for one in model.observations if site.name in latents_of_law(model, one.law)]
        behind = any(site.name in latents_of_law(model, other.law) for other in model.sites)
        if behind or any(site.name in model.b.latents(factor.value) for factor in model.factors):
            continue
        if not seen:
            yield errors.without_posterior(site.name, site.span)
        elif all(_bounded(law) for law in seen):
            yield errors.perhaps_without_posterior(site.name, seen[0].row.name, site.span)


# --- funnels ---------------------------------------------------------------------------------------------------------


def _funnels(model: ModelStatements, guide: ir.Program) -> Iterator[Diagnostic]:
    parts = guide.guide or ir.GuideParts()
    factorised = {name for family in parts.families if family.name == "mean_field" for name in family.sites}
    centred = factorised - set(parts.reparameterised)
    movable = [site for site in model.sites if site.name in centred and _has_latent_spread(model, site)]
    if not movable:
        return
    behind = {name for site in model.sites for name in latents_of_law(model, site.law)}
    behind |= {name for factor in model.factors for name in _latents(model, factor.value)}
    plates: dict[str, set[Dim]] = {}
    for observation in model.observations:
        for name in latents_of_law(model, observation.law):
            plates.setdefault(name, set()).update(observation.plates)
    for site in movable:
        # With many observations for each member the likelihood outweighs the prior, and the centred form is better.
        if site.name not in behind and site.name in plates and plates[site.name] <= set(site.dims):
            yield errors.funnel(site.name, site.span)


def _heavy_tails(model: ModelStatements, guide: ir.Program) -> Iterator[Diagnostic]:
    """Latents without a variance that at most one observation each informs, and none with light tails."""
    families = guide.guide.families if guide.guide is not None else ()
    normal = {name: family.name for family in families if family.name in GAUSSIAN for name in family.sites}
    heavy = [site for site in model.sites if site.name in normal and _without_variance(model, site)]
    if not heavy:
        return
    behind = {name for site in model.sites for name in latents_of_law(model, site.law)}
    behind |= {name for factor in model.factors for name in _latents(model, factor.value)}
    for site in heavy:
        seen = [one for one in model.observations if site.name in latents_of_law(model, one.law)]
        few = all(set(one.plates) <= set(site.dims) for one in seen)
        if seen and few and site.name not in behind and all(_bounded(one.law) for one in seen):
            yield errors.heavy_tails(site.name, site.law.row.name, normal[site.name], site.span)


def _without_variance(model: ModelStatements, site: ir.Site) -> bool:
    if site.law.row.name == "StudentT":
        df = model.b.number(named(site.law).get("df"))
        return df is not None and df <= MOST_DF
    return site.law.row.name == "Cauchy" and not site.narrowed


def _bounded(law: ir.Law) -> bool:
    """Whether a likelihood stays away from zero, or falls off slowly, however far its arguments go."""
    row = law.row
    finite = isinstance(row, Distribution) and row.finite_support is not None
    return row.name in ("Cauchy", "StudentT") or (finite and not row.name.startswith("Ordered"))


def _has_latent_spread(model: ModelStatements, site: ir.Site) -> bool:
    """Whether the guide could see several numbers in units of their spread, which is not known."""
    row, spreads = site.law.row, (arg for name, arg in named(site.law).items() if name in SPREADS)
    can_move = isinstance(row, Distribution) and row.location_scale is not None and not site.narrowed
    return bool(site.dims) and can_move and any(_latents(model, arg) for arg in spreads)
