"""The hand-written part of a guide as one function of noise, and the families as coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..catalog.distribution import Bound as BoundLaw
from ..catalog.distribution import Distribution
from ..diagnostics import Diagnostic, SvilangError
from ..ir import nodes as ir
from ..ir.walk import depends_on
from ..lazy import jnp, random
from ..runtime.guides import FAMILIES
from ..runtime.target import Explicit, FamilyUse, Noise
from .axes import Value, permute
from .bound import Bound, shape_of
from .density import Model, Prepared, references, scaled, site_log_prob, summed
from .laws import AnyLaw
from .layout import Layout
from .run import Latents, Run
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


@dataclass(frozen=True, slots=True)
class Draw:
    """Which noise one explicit site takes: ``start:stop`` of the vector ``source``, or one key."""

    site: ir.Site
    source: str
    start: int
    stop: int
    shape: tuple[int, ...]


def draws(guide: ir.Program, sizes: Mapping[str, int]) -> tuple[tuple[Draw, ...], Noise]:
    """The noise of each explicit site in order, and how much there is of each sort."""
    used = {"normal": 0, "uniform": 0, "keys": 0}
    found: list[Draw] = []
    for site in guide.sites:
        shape = shape_of(site.dims, sizes)
        source = (site.law.row.noise if isinstance(site.law.row, Distribution) else None) or "keys"
        start = used[source]
        used[source] += 1 if source == "keys" else math.prod(shape)
        found.append(Draw(site, source, start, used[source], shape))
    return tuple(found), Noise(**used)


def explicit(model: Model, guide: Model, init: Value) -> Explicit | None:
    """The explicit statements of a guide, in order; ``None`` if it has none.

    Args:
        model: what the guide approximates; its layout covers the latents of the families.
        guide: the guide's own nodes and parameters.
        init: the unconstrained values at which its parameters start.
    """
    if not guide.program.sites:
        return None
    _refuse_model_parameters(model, guide.program)
    plan, noise = draws(guide.program, guide.plan.sizes)
    axes = {site.name: site.dims for site in model.program.sites}

    def sample(prepared: Mapping[str, Prepared], phi: Value, given_noise: Mapping[str, Value], z: Value) -> Any:
        latents = Latents(model.latents, z, {})
        model.start(prepared["model"], jnp.zeros(model.params.size, phi.dtype), phi.dtype, latents)
        own: dict[str, Value] = {}

        def latent(name: str) -> Value:
            return own[name] if name in own else latents(name)

        run = Run(guide.plan, guide.params, prepared["guide"], phi, phi.dtype, latent)
        log_q: dict[str, Value] = {}
        for draw in plan:
            site = draw.site
            x = _drawn(draw, run.law(site), given_noise, phi.dtype)
            own[site.name], log_q[site.name] = x, scaled(site_log_prob(site, x, run), site.dims, run)
            if site.name in axes:
                latents.found[site.name] = permute(x, [site.dims.index(dim) for dim in axes[site.name]])
        given = {name: value for name, value in latents.found.items() if name in own}
        return given, summed(log_q, phi.dtype)

    return Explicit(guide.params.size, init, noise, sample, guide.params.blocks)


def _drawn(draw: Draw, law: AnyLaw, noise: Mapping[str, Value], dtype: Any) -> Value:
    if draw.source == "keys":
        return _typed(law.sample(random.wrap_key_data(noise["keys"][draw.start]), draw.shape), dtype)
    assert isinstance(law, BoundLaw)
    assert law.row.from_noise is not None
    standard = jnp.reshape(noise[draw.source][draw.start : draw.stop], draw.shape)
    return jnp.broadcast_to(law.row.from_noise(standard, *law.canonical()), draw.shape)


def _typed(value: Value, dtype: Any) -> Value:
    return value.astype(dtype) if jnp.issubdtype(value.dtype, jnp.inexact) else value
