"""What must be true of every program: checked after elaboration and after every pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ..catalog.distribution import Distribution
from ..diagnostics import InternalError
from ..types import Dim, Dims
from .nodes import Id, Law, Observation, Program
from .shapes import declared, node_faults
from .walk import along, law_params, roots


def verify(program: Program, model: Program | None = None) -> None:
    """Check that a program is well formed.

    Args:
        program: a model or a guide.
        model: the model of the guide ``program``, when it is known; the guide may then use and cover its latents, and
            no others.

    Raises:
        InternalError: lists everything that is broken.

    Example:
        >>> verify(Program("empty"))
    """
    faults = [*_references(program), *_names(program)] or [
        *_nodes(program, model),
        *_dimensions(program),
        *_params(program),
        *_sites(program),
        *_observations(program),
        *_factors(program),
        *_reports(program),
        *(_coverage(program, model) if model is not None else ()),
    ]
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise InternalError(f"the program `{program.name}` is broken:\n{listed}")


# --- references and names --------------------------------------------------------------------------------------------


def _references(program: Program) -> Iterator[str]:
    """Operands stand before their users, and what a declaration refers to exists."""
    for position, node in enumerate(program.nodes):
        yield from (
            f"%{position} is made from %{arg}, which does not stand before it"
            for arg in node.args
            if not 0 <= arg < position
        )
    named = tuple(node for _, node in program.definitions)
    for node in dict.fromkeys((*roots(program), *named)):
        if not 0 <= node < len(program.nodes):
            yield f"%{node} is referred to and does not exist"


def _names(program: Program) -> Iterator[str]:
    """Each name means one thing."""
    spaces = {
        "dimension": [dimension.name for dimension in program.dimensions],
        "value": [item.name for item in (*program.data, *program.params, *program.sites)],
        "term": [item.name for item in (*program.sites, *program.observations)],
        "report": [report.name for report in program.reports],
        "definition": [name for name, _ in program.definitions],
    }
    for noun, names in spaces.items():
        for name, count in Counter(names).items():
            if count > 1:
                yield f"the {noun} `{name}` stands {count} times"


def _dimensions(program: Program) -> Iterator[str]:
    """Each axis and each member belongs to a declared dimension, and sizes are single numbers."""
    known = {dimension.name for dimension in program.dimensions}
    for dimension in program.dimensions:
        if dimension.alias is not None and dimension.alias not in known:
            yield f"`{dimension.name}` is an alias of `{dimension.alias}`, which is not declared"
        if dimension.size is not None and program.nodes[dimension.size].dims:
            yield f"the size of `{dimension.name}` has axes"
    typed = (*program.data, *program.params, *program.sites, *program.reports, *program.nodes)
    used = {dim.name for item in typed for dim in item.dims}
    used |= {item.kind.member for item in typed if item.kind.member is not None}
    used |= {dim.name for item in (*program.observations, *program.factors) for dim in item.plates}
    for name in sorted(used - known):
        yield f"the dimension `{name}` is used and not declared"


def _nodes(program: Program, model: Program | None) -> Iterator[str]:
    names = declared(program, model)
    for position, node in enumerate(program.nodes):
        operands = tuple(program.nodes[arg] for arg in node.args)
        for fault in node_faults(node, operands, names):
            yield f"%{position} {fault}"


# --- distributions ---------------------------------------------------------------------------------------------------


def _law(program: Program, law: Law, batch: Dims, owner: str) -> Iterator[str]:
    """Arguments match the parameters, and have the axes of the batch and of their own events at most."""
    if isinstance(law.row, Distribution) and not 0 <= law.form < len(law.row.forms):
        yield f"{owner}: `{law.row.name}` has no form {law.form}"
        return
    inner = (*batch, law.mixed) if law.mixed is not None and len(law.children) == 1 else batch
    inner = (*inner, *law.event) if along(law) else inner
    params = law_params(law)
    if len(params) != len(law.args):
        yield f"{owner}: `{law.row.name}` takes {len(params)} arguments, not {len(law.args)}"
    for param, arg in zip(params, law.args, strict=False):
        if arg is None:
            if isinstance(law.row, Distribution):
                yield f"{owner}: `{law.row.name}` lacks its `{param.name}`"
            continue
        free = [dim for dim in program.nodes[arg].dims if dim not in batch]
        wanted = law.event if not isinstance(law.row, Distribution) and param.name == law.row.each else param.event
        if len(free) not in (0, len(wanted)):
            shown = ", ".join(f"`{dim}`" for dim in free)
            yield f"{owner}: `{param.name}` of `{law.row.name}` has {shown} besides the plates"
    yield from _wrapped(law, owner)
    for child in law.children:
        yield from _law(program, child, inner, owner)


def _wrapped(law: Law, owner: str) -> Iterator[str]:
    """A distribution wraps nothing and has its row's event; a combinator has the event of what it wraps."""
    if isinstance(law.row, Distribution):
        if law.children:
            yield f"{owner}: `{law.row.name}` wraps nothing"
        if len(law.event) != len(law.row.event):
            yield f"{owner}: a variate of `{law.row.name}` has {len(law.row.event)} event axes, not {len(law.event)}"
    elif not law.children or (law.row.inner == "one" and len(law.children) > 1):
        yield f"{owner}: `{law.row.name}` cannot wrap {len(law.children)} distributions"
    elif any(child.event != (() if along(law) else law.event) for child in law.children):
        yield f"{owner}: `{law.row.name}` has another event than what it wraps"


def _variate(dims: Dims, event: Dims, owner: str) -> Iterator[str]:
    if len(set(dims)) < len(dims):
        yield f"{owner} has an axis twice"
    if event and dims[-len(event) :] != event:
        yield f"{owner} does not end with the event axes of its distribution"


def _before(dims: Dims, event: Dims) -> Dims:
    return tuple(dim for dim in dims if dim not in event)


def _params(program: Program) -> Iterator[str]:
    for param in program.params:
        owner = f"the parameter `{param.name}`"
        yield from _within(program, (param.bounds.lower, param.bounds.upper), param.dims, owner)
        if isinstance(param.init, Law):
            yield from _variate(param.dims, param.init.event, owner)
            yield from _law(program, param.init, _before(param.dims, param.init.event), owner)
        else:
            yield from _within(program, (param.init,), param.dims, owner)


def _sites(program: Program) -> Iterator[str]:
    for site in program.sites:
        owner = f"the site `{site.name}`"
        if not 0 <= site.plates <= len(site.dims) - len(site.law.event):
            yield f"{owner} has {site.plates} plates among the axes {', '.join(map(str, site.dims))}"
        yield from _variate(site.dims, site.law.event, owner)
        yield from _law(program, site.law, _before(site.dims, site.law.event), owner)
        yield from _within(program, (site.bounds.lower, site.bounds.upper), site.dims, owner)


# --- terms and reports -----------------------------------------------------------------------------------------------


def _observations(program: Program) -> Iterator[str]:
    data = {item.name for item in program.data}
    for observation in program.observations:
        owner = f"the observation `{observation.name}`"
        for name in (*observation.optional, *observation.grouped):
            if name not in data:
                yield f"{owner} names the data item `{name}`, which is not declared"
        if not observation.grouped:
            yield from _observed(program, observation, owner)
        yield from _law(program, observation.law, observation.plates, owner)
        yield from _within(program, (observation.mask, observation.weight), observation.plates, owner)


def _observed(program: Program, observation: Observation, owner: str) -> Iterator[str]:
    event, value = observation.law.event, program.nodes[observation.value].dims
    if set(event) & set(observation.plates):
        yield f"{owner} has an event axis among its plates"
    if not set(event) <= set(value):
        yield f"{owner} lacks the event axes of its distribution"
    yield from _within(program, (observation.value,), (*observation.plates, *event), owner)


def _factors(program: Program) -> Iterator[str]:
    for factor in program.factors:
        yield from _within(program, (factor.value,), factor.plates, f"the factor %{factor.value}")


def _reports(program: Program) -> Iterator[str]:
    for report in program.reports:
        owner = f"the report `{report.name}`"
        if (report.value is None) == (report.law is None):
            yield f"{owner} must have either a value or a distribution"
        if report.value is not None:
            yield from _within(program, (report.value,), report.dims, owner)
        if report.law is not None:
            yield from _variate(report.dims, report.law.event, owner)
            yield from _law(program, report.law, _before(report.dims, report.law.event), owner)


def _within(program: Program, nodes: Iterable[Id | None], dims: Dims, owner: str) -> Iterator[str]:
    """A value has no axis besides those of its place."""
    for node in nodes:
        foreign: list[Dim] = [] if node is None else [dim for dim in program.nodes[node].dims if dim not in dims]
        if foreign:
            yield f"{owner} has no axis {', '.join(f'`{dim}`' for dim in foreign)}, which %{node} has"


# --- guides ----------------------------------------------------------------------------------------------------------


def _coverage(program: Program, model: Program) -> Iterator[str]:
    """A guide covers latents of its model, each once, and adds auxiliary ones under other names."""
    assert program.guide is not None, "only a guide has a model"
    known = {site.name for site in model.sites}
    families = [name for family in program.guide.families for name in family.sites]
    explicit = [site.name for site in program.sites if not site.auxiliary]
    for name in dict.fromkeys((*families, *explicit, *program.guide.reparameterised)):
        if name not in known:
            yield f"the guide covers `{name}`, which is no latent of `{model.name}`"
    for site in program.sites:
        if site.auxiliary and site.name in known:
            yield f"the auxiliary site `{site.name}` has the name of a latent"
    made = program.guide.formulas
    defined = {name for name, _ in program.definitions}
    for name in made:
        if name not in known or name not in defined:
            yield f"the guide makes `{name}`, which is no latent of `{model.name}` or has no definition"
    for name in program.guide.scored:
        if name not in explicit:
            yield f"the guide scores `{name}`, which it does not draw"
    for name, count in Counter((*families, *explicit, *made)).items():
        if count > 1:
            yield f"the guide covers `{name}` {count} times"
