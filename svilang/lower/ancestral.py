"""Draws of a model from its own laws, in dependency order: of its latents, and of the data that it would see.

A chain is drawn at all of its steps at once, again and again under the same noise: after as many rounds as it has steps
each step has been drawn given the right values before it. That asks nothing of how a step reads the ones before, and
the noise is made once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from ..catalog.distribution import AnyLaw, Compound
from ..catalog.distribution import Bound as BoundLaw
from ..catalog.distributions.truncated import TRUNCATED
from ..ir import nodes as ir
from ..ir.walk import depends_on, law_operands, laws
from ..lazy import jnp, lax, random
from ..plan import chain_of
from ..types import Dim
from .alike import law_of, row_of
from .axes import Value, fill
from .bound import shape_of
from .density import Model
from .laws import bind_law, leaf_row
from .layout import FEWEST
from .narrowed import narrowed_ends
from .run import Latents, Run

Start = Callable[[Mapping[str, Value]], tuple[Run, Latents]]
"""An evaluation at some values."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Values of a site that are not drawn: all of them, or the members that ``where`` marks."""

    values: Value
    where: Value | None = None


def drawn_latents(model: Model, start: Start, key: Any, kept: Mapping[str, Kept]) -> dict[str, Value]:
    """One draw of every latent from its law, given the values that are kept.

    Narrowed supports are kept to: between two ends by inverting the distribution function, in order by sorting.
    """
    program, sizes = model.program, model.plan.sizes
    first, last, steps = _chained(program, sizes)
    values: dict[str, Value] = {}

    def through(sites: Mapping[int, ir.Site], found: dict[str, Value]) -> dict[str, Value]:
        for many in _next_to_each_other(program, sites, kept):
            run, own = start(found)[0], random.fold_in(key, next(iter(many)))
            found = {**found, **_drawn(many, run, own, kept)}
        return found

    numbered = dict(enumerate(program.sites))
    before = {i: site for i, site in numbered.items() if i < first}
    chains = {i: site for i, site in numbered.items() if first <= i <= last}
    values = through(before, values)
    if chains:
        zeros = {site.name: _zeros(site, model) for site in chains.values()}
        fixed = dict(values)

        def again(_: int, found: dict[str, Value]) -> dict[str, Value]:
            made = through(chains, {**fixed, **found})
            return {name: made[name].astype(zeros[name].dtype) for name in zeros}

        values |= lax.fori_loop(0, steps, again, zeros)
    return through({i: site for i, site in numbered.items() if i > last}, values)


def _next_to_each_other(
    program: ir.Program, sites: Mapping[int, ir.Site], kept: Mapping[str, Kept]
) -> Iterator[dict[int, ir.Site]]:
    """The sites in order; those next to each other that can be drawn as one vector together, where they are many."""
    runs: list[dict[int, ir.Site]] = []
    before: Hashable | None = None
    names: set[str] = set()
    for i, site in sites.items():
        row = None if site.name in kept else row_of(program, site)
        if row is None or row != before or not names.isdisjoint(depends_on(program, law_operands(site.law)).latents):
            runs.append({})
            names.clear()
        runs[-1][i] = site
        names.add(site.name)
        before = row
    for many in runs:
        yield from (many,) if len(many) >= FEWEST else ({i: site} for i, site in many.items())


def _drawn(sites: Mapping[int, ir.Site], run: Run, key: Any, kept: Mapping[str, Kept]) -> dict[str, Value]:
    """One value of each of some sites that do not read each other."""
    many = list(sites.values())
    if len(many) == 1:
        return {many[0].name: _one(many[0], run, key, kept.get(many[0].name))}
    values = lax.split(law_of(many, run.values).sample(key, (len(many),)), [1] * len(many))
    return {site.name: jnp.reshape(value, ()) for site, value in zip(many, values, strict=True)}


def without_draw(program: ir.Program) -> tuple[ir.Site, ...]:
    """The sites that :func:`drawn_latents` cannot draw: improper ones, and narrowed ones whose mass is not known."""
    return tuple(
        site for site in program.sites if not can_sample(site.law) or (site.narrowed and site.normaliser is None)
    )


def can_sample(law: ir.Law) -> bool:
    """Whether all rows of a law know how to draw."""
    return all(inner.row.sample is not None for inner in laws(law))


def chain_dims(program: ir.Program) -> tuple[Dim, ...]:
    """The dimensions along which a latent is a chain."""
    found = (chain_of(program, site.law) for site in program.sites)
    return tuple(dict.fromkeys(dim for dim in found if dim is not None))


def _chained(program: ir.Program, sizes: Mapping[str, int]) -> tuple[int, int, int]:
    """The first and the last site of a chain, and the most steps of one; the last is before the first without any."""
    places = [i for i, site in enumerate(program.sites) if chain_of(program, site.law) is not None]
    if not places:
        return len(program.sites), len(program.sites) - 1, 0
    return places[0], places[-1], max(sizes[dim.name] for dim in chain_dims(program))


def _zeros(site: ir.Site, model: Model) -> Value:
    whole = leaf_row(site.law).support.interval.integer
    return jnp.zeros(shape_of(site.dims, model.plan.sizes), jnp.int32 if whole else float)


def _one(site: ir.Site, run: Run, key: Any, kept: Kept | None) -> Value:
    if kept is None:
        return drawn_site(site, run, key)
    if kept.where is None:
        return kept.values
    law = run.law(site)
    if _is_causal(law):
        return _following(law, kept, key)
    return jnp.where(kept.where, kept.values, drawn_site(site, run, key))


def _is_causal(law: AnyLaw) -> TypeGuard[BoundLaw]:
    """Whether values of a law can follow others of it."""
    return isinstance(law, BoundLaw) and law.row.causal


def _following(law: BoundLaw, kept: Kept, key: Any) -> Value:
    """What is kept, and values that follow: the noise behind what is kept is its own, further noise is drawn."""
    standard, params = law.row.location_scale, law.canonical()
    assert standard is not None
    assert kept.where is not None
    behind = standard.inverse(kept.values, *params)
    noise = jnp.where(kept.where, behind, random.normal(key, behind.shape, behind.dtype))
    return jnp.where(kept.where, kept.values, standard.forward(noise, *params))


def drawn_site(site: ir.Site, run: Run, key: Any) -> Value:
    """One value of a site, within its narrowed support."""
    law, shape = run.law(site), shape_of(site.dims, run.plan.sizes)
    match site.normaliser if site.narrowed else None:
        case "truncate":
            assert isinstance(law, BoundLaw)
            return Compound(TRUNCATED, law.row, (law,), narrowed_ends(site, run)).sample(key, shape)
        case "order":
            return jnp.sort(law.sample(key, shape), axis=-1)
        case _:
            return law.sample(key, shape)


def drawn_observation(observation: ir.Observation, run: Run, key: Any, kept: Kept | None = None) -> Value:
    """New data in the place of an observation, with the axes of its plates and its event.

    All members are drawn, those that were missing or left out by ``where`` too; what is kept stays, and others follow.
    """
    law = bind_law(observation.law, run.values, observation.plates)
    shape = shape_of((*observation.plates, *observation.law.event), run.plan.sizes)
    if kept is not None and _is_causal(law):
        return _following(law, kept, key)
    return fill(law.sample(key, shape), shape)


def reads_outcomes(program: ir.Program) -> bool:
    """Whether a law reads data that is observed, so that what is drawn depends on what was drawn before."""
    observed = depends_on(program, [one.value for one in program.observations]).data
    operands = [i for one in (*program.sites, *program.observations) for i in law_operands(one.law)]
    return not observed.isdisjoint(depends_on(program, operands).data)
