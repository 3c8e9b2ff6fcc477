"""The hand-written part of a guide as one function of noise, and the families as coordinates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..diagnostics import Diagnostic, SvilangError
from ..ir import nodes as ir
from ..ir.walk import depends_on
from ..lazy import jnp, lax
from ..plan import Role, Treated
from ..runtime.guides import FAMILIES
from ..runtime.structure import FamilyUse
from ..runtime.target import Explicit, GuideDraw
from .axes import Value, permute
from .bound import Bound
from .changes import Map, log_det
from .density import Model, Prepared, references, scaled, site_log_prob, summed
from .expected import expectation
from .layout import Layout
from .noise import NoiseUse, most, one_each, site_draw
from .run import Latents, Run, remade
from .structure import Structures


def families(
    guide: ir.Program | None, bound: Bound, layout: Layout, shares: Mapping[str, float] | None = None
) -> Iterator[tuple[FamilyUse, tuple[str, ...]]]:
    """The coordinates that each family covers, and their sites; without a guide one mean field covers all.

    Args:
        guide: the guide.
        bound: the model with its data.
        layout: of the latents that families cover.
        shares: how many members each one that is seen stands for, by dimension. A family over sites of different
            shares, each for itself, is one over each share.
    """
    if guide is None or guide.guide is None:
        covers = [ir.Family("mean_field", tuple(layout.pieces))] if layout.size else []
    else:
        covers = [*guide.guide.families]
    structures = Structures(bound, layout)
    for family in covers:
        graphs = family.name in FAMILIES and FAMILIES[family.name].graphs
        shared: dict[tuple[str, ...], list[str]] = {}
        for name in family.sites:
            own = {dim.name for dim in layout.pieces[name].declared.dims}
            shared.setdefault(tuple(dim for dim in shares or {} if dim in own), []).append(name)
        for dims, names in shared.items():
            indices, structure = layout.indices(names), structures.of(names, graphs)
            yield FamilyUse(family.name, indices, family.settings, bool(dims), structure=structure), tuple(names)


def guide_sizes(guide: ir.Program, sizes: Mapping[str, int]) -> dict[str, int]:
    """Sizes of the model's dimensions, and of those that the guide's own lists and nets made."""
    own = {one.name: guide.nodes[one.size].op for one in guide.dimensions if one.size is not None}
    fixed = {name: int(op.value) for name, op in own.items() if isinstance(op, ir.Const)}
    aliases = {one.name: sizes[one.alias] for one in guide.dimensions if one.alias is not None}
    return {**sizes, **fixed, **aliases}


def _refuse_model_parameters(model: Model, guide: ir.Program) -> None:
    """A guide that reads a latent must know its support before the model's own parameters are known."""
    ahead = list(depends_on(guide, references(guide)).latents)
    seen: set[str] = set()
    while ahead:
        name = ahead.pop()
        if name in seen or name not in model.latents.pieces:
            continue
        seen.add(name)
        piece = model.latents.pieces[name]
        below = depends_on(model.program, piece.references())
        if below.params:
            message = f"this version cannot run a guide that reads `{name}`, which depends on a model parameter"
            raise SvilangError([Diagnostic("E0690", message, piece.declared.span)])
        ahead.extend(below.latents)


def explicit(
    model: Model,
    guide: Model,
    treated: Treated,
    whole: tuple[Model, Model] | None,
    init: Value,
) -> Explicit | None:
    """The explicit statements of a guide, in order; ``None`` if it has none.

    Args:
        model: what the guide approximates; its layout covers the latents of the families.
        guide: the guide's own nodes and parameters.
        treated: what each explicit site gets.
        whole: model and guide with the axes of an expectation, where there is one.
        init: the unconstrained values at which its parameters start.
    """
    if not guide.program.sites and not treated.changes:
        return None
    _refuse_model_parameters(model, guide.program)
    uses, noise = one_each(guide.program, treated.roles, guide.plan.sizes)
    expected = None
    if whole is not None and treated.expected is not None:
        expected, more = expectation(treated.expected, *whole)
        noise = most(noise, more)

    def sample(prepared: Mapping[str, Prepared], phi: Value, given_noise: Mapping[str, Value], z: Value) -> GuideDraw:
        return _sampled(model, guide, treated, uses, prepared, phi, given_noise, z)

    return Explicit(guide.params.size, init, noise, sample, guide.params.blocks, expected)


def _sampled(
    model: Model,
    guide: Model,
    treated: Treated,
    uses: Mapping[str, tuple[NoiseUse, ...]],
    prepared: Mapping[str, Prepared],
    phi: Value,
    noise: Mapping[str, Value],
    z: Value,
) -> GuideDraw:
    """One value of every explicit site, those that others read first."""
    latents = Latents(model.latents, z, {})
    model.start(prepared["model"], jnp.zeros(model.params.size, phi.dtype), phi.dtype, latents)
    axes = {site.name: site.dims for site in model.program.sites}
    own: dict[str, Value] = {}

    def latent(name: str) -> Value:
        return own[name] if name in own else latents(name)

    run = Run(guide.plan, guide.params, prepared["guide"], phi, phi.dtype, latent)
    log_q: dict[str, Value] = {}
    scored: dict[str, Value] = {}
    for site in guide.program.sites:
        x = site_draw(site, run, uses[site.name], noise)
        smooth = treated.roles[site.name] in (Role.PATHWISE, Role.ANALYTIC)
        if not smooth:
            x = lax.stop_gradient(x)
        own[site.name], log_q[site.name] = x, scaled(site_log_prob(site, x, run), site.dims, run)
        if not smooth:
            scored[site.name] = log_q[site.name]
        if site.name in axes:
            latents.found[site.name] = permute(x, [site.dims.index(dim) for dim in axes[site.name]])
    made = dict(guide.program.definitions)
    for i, change in enumerate(treated.changes):
        nodes = [made[name] for name in change.formulas]
        outputs = [guide.program.nodes[node].dims for node in nodes]
        for name, node, dims in zip(change.formulas, nodes, outputs, strict=True):
            latents.found[name] = permute(run.values[node], [dims.index(dim) for dim in axes[name]])
        dims = {site.name: site.dims for site in guide.program.sites}
        shape = Map({name: dims[name] for name in change.auxiliary}, outputs, change.plates)
        at = {name: own[name] for name in change.auxiliary}
        log_q[f"change {i}"] = -scaled(
            jnp.sum(log_det(shape, at, remade(run, nodes), guide.plan.sizes)), change.plates, run
        )
    given = {name: value for name, value in latents.found.items() if name in treated.drawn}
    return GuideDraw(given, summed(log_q, phi.dtype), summed(scored, phi.dtype) if scored else None)
