"""From the numbers of a run to a fit with the names and labels of the spec."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from .catalog.distribution import Distribution
from .diagnostics import Source
from .ir import depends_on
from .ir import nodes as ir
from .ir.text import write
from .lazy import jax, np
from .plan import chain_of
from .predictor import Predictor, discrete_draws
from .types import Dims

if TYPE_CHECKING:
    from .data import Bound
    from .lower import Lowered
    from .results import Fit, Sample
    from .results.tree import Labels, Variable
    from .runtime.result import RunResult
    from .runtime.settings import FitSettings
    from .runtime.stand import Stand
    from .sema import Checked


INDEPENDENT = frozenset(["mean_field", "student"])
"""Families in which no number depends on another."""


@dataclass(frozen=True, eq=False)
class Facts:
    """What a fit tells besides the numbers of its run.

    Args:
        source: the text of the spec.
        checked: its programs.
        bound: all its data, before rows were put together.
        settings: that the run had.
        notes: what was done with the data.
        seconds: from the text to functions of arrays.
    """

    source: Source
    checked: Checked
    bound: Bound
    settings: FitSettings
    notes: tuple[str, ...]
    seconds: float


def outcome(facts: Facts, lowered: Lowered, result: RunResult) -> Fit:
    """The fit that a run has led to."""
    from .results import Elbo, Fit

    sites = {name: _names(dims) for name, dims in _axes(facts, lowered)}
    seconds = dict(result.seconds)
    params = _params(facts, lowered, result)
    observed, constants, complete = _data(facts.bound)
    values, drawn = {name: param.values for name, param in params.items()}, discrete_draws(facts.checked.guide)
    predictor = Predictor(facts.source, facts.bound, values, drawn)
    return Fit(
        spec=facts.source.name,
        text=facts.source.text,
        guide=_guide(facts.checked),
        dims=named_sizes(facts.bound.sizes),
        labels=_labels(facts.bound, sites, lowered),
        sites=sites,
        params=params,
        losses=result.losses,
        elbo=Elbo(*result.elbo),
        status=str(result.status),
        advice=result.status.advice or str(result.status),
        converged=result.status.ok,
        starts=result.starts,
        signal=result.signal,
        stand=result.stand,
        matters=matters(facts.checked, facts.bound, facts.settings, result.precision),
        settings=_plain(facts.settings) | {"precision": result.precision},
        seconds={
            "check": facts.seconds,
            "compile": seconds.get("start", 0.0) + seconds.get("compile", 0.0),
            "fit": seconds.get("fit", 0.0),
        },
        data=observed,
        constants=constants,
        complete=complete,
        warnings=(*facts.checked.warnings, *facts.bound.warnings, *result.messages),
        notes=facts.notes,
        sample=lambda draws, seed: _sample(facts, lowered, result, predictor, draws, seed),
        predictor=lambda: predictor,
        members={site.name: site.kind.member for site in facts.checked.model.sites if site.kind.member is not None},
        scales=dict(_scales(facts.checked)),
        chains=dict(_chains(facts.checked)),
        device=_device(),
        versions=_versions(),
    )


def named_sizes(sizes: Mapping[str, int]) -> dict[str, int]:
    """Sizes of the dimensions of the text; those that nets and lists make are left out."""
    return {name: size for name, size in sizes.items() if "." not in name and name[0] != "_"}


def _sample(
    facts: Facts, lowered: Lowered, result: RunResult, predictor: Predictor, draws: int, seed: int
) -> Sample:
    from .results import Sample
    from .results.summary import probability
    from .runtime.draws import draw

    drawn = draw(result, lowered.target, draws, seed)
    known = {**drawn.values, **{probability(one.name): drawn.values[one.name] for one in lowered.enumerated}}
    if predictor.completes:
        known |= predictor.complete(drawn.values, seed)
    values = {name: known[name] for name, _ in _axes(facts, lowered)}
    return Sample(values, drawn.log_p, drawn.log_q)


def _axes(facts: Facts, lowered: Lowered) -> Iterator[tuple[str, Dims]]:
    """Latents and reports with their axes, then the probabilities of summed-out sites, with one more for the values."""
    from .results.summary import probability

    yield from ((site.name, site.dims) for site in facts.checked.model.sites)
    yield from ((report.name, report.dims) for report in facts.checked.model.reports)
    yield from ((probability(one.name), (*one.plates, one.axis)) for one in lowered.enumerated)


def _scales(checked: Checked) -> Iterator[tuple[str, str]]:
    """Latents of a plate or a chain that a family of the guide sees as they are written, with the latent that is their
    scale.
    """
    parts = checked.guide.guide or ir.GuideParts()
    seen = {name for family in parts.families for name in family.sites} - set(parts.reparameterised)
    nodes, axes = checked.model.nodes, {site.name: set(site.dims) for site in checked.model.sites}
    for site in checked.model.sites:
        # The last part of a chain is the law of all steps but the first ones.
        law = site.law if chain_of(checked.model, site.law) is None else site.law.children[-1]
        row = law.row
        if site.name not in seen or not isinstance(row, Distribution) or row.location_scale is None:
            continue
        for param, arg in zip(row.forms[law.form].params, law.args, strict=True):
            op = nodes[arg].op if arg is not None else None
            if param.name == "scale" and isinstance(op, ir.Latent) and axes[op.name] < axes[site.name]:
                yield site.name, op.name


def _chains(checked: Checked) -> Iterator[tuple[str, int]]:
    """Chains whose steps, or what these add, are independent in the guide, with the number of steps they look back."""
    parts = checked.guide.guide or ir.GuideParts()
    apart = {name for family in parts.families if family.name in INDEPENDENT for name in family.sites}
    for site in checked.model.sites:
        if site.name in apart - set(parts.reparameterised) and chain_of(checked.model, site.law) is not None:
            yield site.name, len(site.law.children) - 1


def _guide(checked: Checked) -> str:
    """The guide's name, or for one without a name what it is made of."""
    guide = checked.guide
    name = guide.name.removeprefix("guide ")
    if name in checked.guides:
        return name
    families = dict.fromkeys(family.name for family in guide.guide.families) if guide.guide is not None else {}
    return " + ".join([*families, *(["explicit"] if guide.sites else [])]) or "empty"


def _names(dims: Dims) -> tuple[str, ...]:
    return tuple(str(dim) for dim in dims)


def _labels(bound: Bound, sites: Mapping[str, tuple[str, ...]], lowered: Lowered) -> dict[str, Labels]:
    """Labels by axis; the second axis of a square has those of the first."""
    known = {name: labels for name, labels in bound.labels.items() if labels is not None}
    known |= {one.axis.name: one.values for one in lowered.enumerated if one.values is not None}
    axes = {axis for dims in sites.values() for axis in dims}
    return known | {axis: known[axis.rstrip("'")] for axis in axes if axis.rstrip("'") in known}


def _params(facts: Facts, lowered: Lowered, result: RunResult) -> dict[str, Variable]:
    """The constrained values of the parameters of model and guide."""
    from .results.tree import Variable
    from .runtime.draws import draw

    own, others = lowered.full.program.params, () if lowered.guide is None else lowered.guide.program.params
    values = {name: drawn[0] for name, drawn in draw(result, lowered.target, 1, 0).values.items()} if own else {}
    if others:
        with jax.enable_x64(True):
            found = jax.jit(lowered.guide_parameters)(np.asarray(result.phi, float))
            values |= {name: np.asarray(value) for name, value in found.items()}
    return {param.name: Variable(_names(param.dims), values[param.name]) for param in (*own, *others)}


MOST_KEPT = 20_000_000
"""Numbers in the data that a fit keeps besides what it conditions on."""


def _data(bound: Bound) -> tuple[dict[str, Variable], dict[str, Variable], bool]:
    """The data that observations condition on, all other data as far as they are few, and whether they are."""
    program = bound.program
    names = depends_on(program, [observation.value for observation in program.observations]).data
    items = [item for item in program.data if item.name in bound.arrays and item.gaps is None]
    observed = {item.name: _known(item, bound) for item in items if item.name in names}
    others = [item for item in items if item.name not in names]
    few = sum(bound.arrays[item.name].size for item in others) <= MOST_KEPT
    return observed, {item.name: _known(item, bound) for item in others} if few else {}, few


def _known(item: ir.Data, bound: Bound) -> Variable:
    """The values of an item; a missing entry is not a number."""
    from .results.tree import Variable

    values, present = bound.arrays[item.name], bound.present.get(item.name)
    if present is not None and not present.all():
        values = np.where(present, values, np.nan)
    return Variable(_names(item.dims), values)


_DECIDING = ("objective", "particles", "optimizer", "minibatch", "seed", "init", "rewrites", "baseline")


def matters(checked: Checked, bound: Bound, settings: FitSettings, precision: str) -> dict[str, str]:
    """What must be the same for a run to go on, by name; settings in backquotes."""
    programs = {"the model": checked.model, "the guide": checked.guide}
    found = {name: sha256(write(program).encode()).hexdigest() for name, program in programs.items()}
    plain = _plain(settings) | {"precision": precision}
    told = {f"`{name}`": str(plain[name]) for name in (*_DECIDING, "precision")}
    return {**found, "the data": bound.digest, **told}


def going_on(fit: Fit, checked: Checked, bound: Bound, settings: FitSettings) -> tuple[FitSettings, Stand]:
    """The settings of a run that goes on with a fit, and where that stood.

    Raises:
        SvilangError: it is a fit of something else, or nothing is left to go on with.
    """
    from .runtime.errors import cannot_go_on
    from .runtime.stand import differences

    if fit.stand is None:
        raise cannot_go_on(["it has no state: no steps were taken, or several starts"])
    precision = settings.precision or str(fit.settings["precision"])
    found = differences(fit.matters, matters(checked, bound, settings, precision))
    if found:
        raise cannot_go_on(found)
    return replace(settings, precision=precision, starts=1), fit.stand


def _plain(value: Any) -> Any:
    """Settings as JSON takes them; a call is its text."""
    if is_dataclass(value) and not isinstance(value, type):
        if hasattr(value, "args"):
            return _call(value)
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _call(call: Any) -> str:
    """A call as the fit block writes it."""
    if not call.args:
        return call.name
    arguments = ((f"{name}=" if name else "") + str(_plain(value)) for name, value in call.args)
    return f"{call.name}({', '.join(arguments)})"


def _device() -> str:
    first = jax.devices()[0]
    return first.platform if first.platform == "cpu" else f"{first.platform} ({first.device_kind})"


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str] = {}
    for package in ("svilang", "jax", "jaxlib", "numpy", "optax"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found
