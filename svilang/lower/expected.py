"""The log weight of one draw, with the sums over a guide's discrete sites and mixture branches taken exactly, and the
means over its analytic sites.

Every term of model and guide is a table: a number for each combination of the values of enumerated guide sites that it
depends on, in each member of its plates. Its part of the bound is the sum of the table times the probability of that
combination under the guide. A term that depends on a sampled site without a pathwise gradient is handed on beside the
log density of that site, member by member where the plan proves that members belong together.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..catalog.distribution import Bound as BoundLaw
from ..ir import nodes as ir
from ..ir.walk import depends_on
from ..lazy import jnp, lax
from ..plan import Drawn, Expected, Link, Links, Made, Reach, Role, all_axes, links_of, merged
from ..runtime.target import Noise
from ..types import Dim, Dims, union
from .axes import Pick, Value, align, fill, gather, permute
from .bound import shape_of
from .changes import Map, log_det
from .density import Model, Terms, collected, scaled
from .eliminate import Tables, sum_out
from .laws import Compound, bind_law, variate
from .narrowed import normaliser
from .noise import NoiseUse, Purse, law_draw, site_draw, source_of
from .reduction import Total
from .run import Latents, Run, remade
from .tables import Table

Pair = tuple[Value, Value]
"""Costs, and the log density of a sampled site that they depend on, of the same shape."""

Expectation = Callable[[Any, Value, Value, Mapping[str, Value], Value], tuple[Value, tuple[Pair, ...]]]


def expectation(plan: Expected, model: Model, guide: Model) -> tuple[Expectation, Noise]:
    """The function of :attr:`Explicit.expected`, and the noise that it takes."""
    uses, noise = _uses(plan, guide.plan.sizes)

    def expected(
        prepared: Any, phi: Value, theta: Value, given: Mapping[str, Value], z: Value
    ) -> tuple[Value, tuple[Pair, ...]]:
        latents = Latents(model.latents, z, {})
        run = model.start(prepared["whole"], theta, z.dtype, latents)
        sheet = _Sheet(plan, guide, prepared["parts"], phi, latents, z.dtype)
        for one in plan.guide.sites:
            sheet.draw(one, uses[one.site.name], given)
        for made in plan.guide.made:
            sheet.make(made)
        numbers, tables = collected(model, prepared["whole"], run, latents)
        return sheet.weighed(numbers, tables, z.dtype)

    return expected, noise


def _uses(plan: Expected, sizes: Mapping[str, int]) -> tuple[dict[str, tuple[NoiseUse, ...]], Noise]:
    purse = Purse()
    found: dict[str, tuple[NoiseUse, ...]] = {}
    for one in plan.guide.sites:
        law, shape = one.site.law, shape_of(one.own, sizes)
        match one.role:
            case Role.SUM | Role.ANALYTIC:
                found[one.site.name] = ()
            case Role.BRANCH:
                inner = shape if len(law.children) == 1 else shape[1:]
                found[one.site.name] = tuple(purse.take(source_of(child, one.role), inner) for child in law.children)
            case Role.PATHWISE | Role.SCORE:
                found[one.site.name] = (purse.take(source_of(law, one.role), shape),)
    return found, purse.total()


class _Sheet:
    """What one draw of the guide has come to: values, tables of its log density, and the weights of its sums."""

    def __init__(self, plan: Expected, guide: Model, prepared: Any, phi: Value, latents: Latents, dtype: Any) -> None:
        self.plan = plan
        self.sizes = guide.plan.sizes
        self.latents = latents
        self.own: dict[str, Value] = {}
        self.run = Run(guide.plan, guide.params, prepared, phi, dtype, self._latent)
        self.costs = Tables(None, self.run, {}, Total())
        self.odds: dict[Dim, Table] = {}
        self.scored: dict[str, Table] = {}

    def _latent(self, name: str) -> Value:
        return self.own[name] if name in self.own else self.latents(name)

    def draw(self, one: Drawn, uses: Sequence[NoiseUse], noise: Mapping[str, Value]) -> None:
        """Values of a site for each combination of those that it reads, and their log density."""
        site, axes = one.site, all_axes(one)
        x = self._values(one, uses, noise)
        if one.role is Role.SCORE:
            x = lax.stop_gradient(x)
        self.own[site.name] = self.latents.found[site.name] = x
        batch = (*axes, *one.batch)
        law = bind_law(site.law, self.run.values, batch)
        value = align(x, one.own, (*axes, *site.dims))
        log_q = law.log_prob(variate(value, site.law, len(batch) + len(site.law.event), self.run.values.dtype))
        if site.narrowed:
            log_q = log_q + normaliser(replace(site, dims=(*axes, *site.dims)), law, self.run)
        log_q = fill(jnp.asarray(log_q), shape_of(batch, self.sizes))
        if one.role is Role.SCORE:
            self.scored[site.name] = Table(log_q, axes, one.batch)
            log_q = lax.stop_gradient(log_q)
        if one.role is Role.SUM:
            assert one.axis is not None
            self.odds[one.axis] = Table(log_q, axes, one.batch, links=one.reach.links)
        if one.role is Role.ANALYTIC:
            assert one.axis is not None
            points = self.sizes[one.axis.name]
            self.odds[one.axis] = Table(jnp.full(points, -math.log(points), self.run.values.dtype), (one.axis,), ())
        if one.role is Role.BRANCH:
            assert one.axis is not None
            self.odds[one.axis] = Table(self._branches(one), axes, one.batch, links=one.reach.links)
        self.costs.add(-self.run.weighed(log_q), Reach(axes, one.reach.route, links_of(one)), one.batch)

    def make(self, made: Made) -> None:
        """The latents of a change of variables, and its log determinant."""
        nodes, change = self.run.plan.program.nodes, made.change
        for name, node in zip(change.formulas, made.nodes, strict=True):
            self.latents.found[name] = self.run.values[node]
        axes = {one.site.name: one.own for one in self.plan.guide.sites}
        inputs = {name: axes[name] for name in change.auxiliary}
        shape = Map(inputs, [nodes[node].dims for node in made.nodes], (*made.reach.axes, *change.plates))
        at = {name: self.own[name] for name in change.auxiliary}
        volume = log_det(shape, at, remade(self.run, made.nodes), self.sizes)
        self.costs.add(self.run.weighed(volume), made.reach, change.plates)

    def _values(self, one: Drawn, uses: Sequence[NoiseUse], noise: Mapping[str, Value]) -> Value:
        values, dtype = self.run.values, self.run.values.dtype
        shape = shape_of(one.own, self.sizes)
        if one.role is Role.SUM:
            assert one.value is not None
            return jnp.asarray(values[one.value])
        batch = (*one.reach.axes, *one.batch)
        if one.space is not None:
            law = bind_law(one.site.law, values, batch)
            assert isinstance(law, BoundLaw)
            args = [jnp.asarray(arg) for arg in law.canonical()]
            # Numbers that all members share have the axes of these too, so that the points come in front of them.
            args = [arg if arg.ndim else jnp.reshape(arg, (1,) * len(batch)) for arg in args]
            return fill(one.space.points(*args).astype(dtype), shape)
        if one.role is not Role.BRANCH:
            if one.site.narrowed:
                return site_draw(replace(one.site, dims=one.own), self.run, uses, noise)
            (use,) = uses
            return law_draw(bind_law(one.site.law, values, batch), use, noise, shape, dtype)
        law = bind_law(one.site.law, values, batch)
        assert isinstance(law, Compound)
        if len(law.children) > 1:
            parts = zip(law.children, uses, strict=True)
            return jnp.stack([law_draw(child, use, noise, shape[1:], dtype) for child, use in parts])
        at = len(batch)
        inner = (*shape[1 : at + 1], shape[0], *shape[at + 1 :])
        (use,) = uses
        return jnp.moveaxis(law_draw(next(iter(law.children)), use, noise, inner, dtype), at, 0)

    def _branches(self, one: Drawn) -> Value:
        """Log probabilities of the components, which lead."""
        batch = (*one.reach.axes, *one.batch)
        law = bind_law(one.site.law, self.run.values, batch)
        assert isinstance(law, Compound)
        (weights,) = law.args
        log_weights = jnp.moveaxis(jnp.log(jnp.asarray(weights)), -1, 0)
        while log_weights.ndim < len(batch) + 1:
            log_weights = jnp.expand_dims(log_weights, 1)
        return fill(log_weights, shape_of(union(all_axes(one), one.batch), self.sizes))

    # --- the bound ---------------------------------------------------------------------------------------------------

    def weighed(
        self, numbers: Terms, tables: Tables, dtype: Any
    ) -> tuple[Value, tuple[Pair, ...]]:
        """The expected log weight, and the costs of each sampled site beside its log density."""
        parts = [numbers.total(dtype)]
        pairs: list[Pair] = []
        told = self._baselines()
        of_model = ((one, tables) for one in tables.contracted())
        of_guide = ((one, self.costs) for one in self.costs.found)
        for table, home in (*of_model, *of_guide):
            if not table.axes and not table.links:
                parts.append(home.whole(table))
                continue
            cost = self._weighted(table.full(self.sizes))
            cost = replace(cost, value=scaled(cost.value, cost.plates, home.run))
            parts.append(jnp.sum(cost.value))
            for name, link in cost.links.items():
                pairs.append(self._pair(cost, home.run, self.scored[name], link))
                if name in told:
                    parts.append(_followed(*self._pair(cost, home.run, told[name], link)))
        for name, baseline in told.items():
            here: Link = frozenset((plate, None) for plate in baseline.plates)
            cost = self._weighted(replace(baseline, value=-lax.stop_gradient(baseline.value), links={name: here}))
            cost = replace(cost, value=scaled(cost.value, cost.plates, self.run))
            pairs.append(self._pair(cost, self.run, self.scored[name], here))
            parts.append(_followed(*self._pair(cost, self.run, baseline, here)))
        return functools.reduce(operator.add, parts).astype(dtype), tuple(pairs)

    def _baselines(self) -> dict[str, Table]:
        """What the guide takes from the costs of its sites: numbers that only parameters of their own move."""
        program = self.run.plan.program
        made, found = dict(program.definitions), dict[str, Table]()
        for name, log_q in self.scored.items():
            node = made.get(ir.baseline_of(name))
            if node is not None:
                fixed = depends_on(program, [node]).latents
                (value,) = remade(self.run, [node])({one: lax.stop_gradient(self._latent(one)) for one in fixed})
                value = align(value, program.nodes[node].dims, log_q.dims)
                value = fill(value.astype(log_q.value.dtype), shape_of(log_q.dims, self.sizes))
                found[name] = replace(log_q, value=value)
        return found

    def _weighted(self, table: Table) -> Table:
        """A table times the probabilities of its combinations, 0 where these are 0."""
        axes = [dim for dim in table.axes if dim in self.odds]
        if not axes:
            return table
        chosen = self._behind(axes)
        odds = [self.odds[dim] for dim in chosen]
        same = [Table(align(one.value, one.dims, (*one.axes, *table.plates)), one.axes, table.plates) for one in odds]
        left = sum_out(same, set(chosen) - set(axes), self.sizes, Total())
        log_weight = functools.reduce(operator.add, (align(one.value, one.dims, table.dims) for one in left))
        weight = jnp.exp(log_weight)
        links = merged([table.links, *(_by_name(one.links, table.plates) for one in odds)])
        return replace(table, value=jnp.where(weight > 0, table.value, 0) * weight, links=links)

    def _behind(self, axes: Sequence[Dim]) -> list[Dim]:
        """Some axes and those that their probabilities depend on."""
        found: dict[Dim, None] = {}
        ahead = list(axes)
        while ahead:
            dim = ahead.pop()
            if dim not in found:
                found[dim] = None
                ahead.extend(self.odds[dim].axes)
        return list(found)

    def _pair(self, cost: Table, run: Run, scored: Table, link: Link) -> Pair:
        """Costs added up to the members of a sampled site that they belong to."""
        value, dims, together = scored.value, scored.dims, dict(link)
        for plate in scored.plates:
            if plate not in together:
                value = jnp.sum(value, axis=dims.index(plate))
                dims = tuple(dim for dim in dims if dim != plate)
            elif (index := together[plate]) is not None:
                pick = Pick(plate, run.values.index(index), run.values.dims(index))
                wanted = union(pick.dims, tuple(dim for dim in dims if dim != plate))
                value, dims = gather(value, dims, [pick], wanted, self.sizes), wanted
        extra = tuple(i for i, dim in enumerate(dims) if dim not in cost.dims)
        value, dims = jnp.sum(value, axis=extra), tuple(dim for dim in dims if dim in cost.dims)
        gone = tuple(i for i, dim in enumerate(cost.dims) if dim not in dims)
        kept = tuple(dim for dim in cost.dims if dim in dims)
        return jnp.sum(cost.value, axis=gone), permute(value, [dims.index(dim) for dim in kept])


def _followed(cost: Value, baseline: Value) -> Value:
    """Zero, with the derivative by which a baseline grows with a cost: with all of them, that of least squares."""
    return jnp.sum(lax.stop_gradient(cost) * (baseline - lax.stop_gradient(baseline)))


def _by_name(links: Links, plates: Dims) -> Links:
    """The links of a weight; through an index all members count."""
    return {name: frozenset((at, i) for at, i in link if i is None and at in plates) for name, link in links.items()}
