"""The whole of lowering: a bound program and a guide as pure functions of arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..diagnostics import did_you_mean
from ..ir import nodes as ir
from ..ir.walk import latent_widths, moved_ends, squares
from ..lazy import jax, jnp, np
from ..plan import Elimination, Expected, Treated, Variable, apart, cells, check_tables, treat
from ..runtime.objectives import OBJECTIVES
from ..runtime.structure import FamilyUse
from ..runtime.target import Axis, Batch, PyTree, Rows, Selection, Target
from ..sema import requests
from ..types import Dim, Dims
from .ancestral import drawn_latents, without_draw
from .axes import Value
from .batch import Part, part, positions
from .bound import Bound, arguments, as_own, shape_of
from .degrees import with_degrees
from .density import Model, inputs, model, prepare, terms
from .eliminate import enumerated_nodes, enumerated_sizes
from .guide import explicit, families, guide_sizes
from .initial import initial
from .innovations import standardised, with_innovations
from .layout import Layout
from .predictive import visible
from .run import WEIGHT, Latents, Run, as_arrays, numbers, vector
from .seeds import seeds
from .summed import check_guide_tables, guide_axes, guide_nodes
from .surrogate import Chosen, rows_of, surrogate_rows
from .values import Plan, plan

if TYPE_CHECKING:
    import numpy


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """One latent: its axes and the shape of a value."""

    name: str
    dims: Dims
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EnumeratedInfo:
    """One latent that is summed out: its plates, the axis of its probabilities, and the values that these are of.

    The axis is the dimension that the site is a member of, or one of its own, whose labels are ``values``.
    """

    name: str
    plates: Dims
    axis: Dim
    values: tuple[int, ...] | None


class Unconstrained:
    """The density of a model over R^size: all latents, mapped one to one as their kinds say.

    Example:
        ``lowered.unconstrained.log_density(jnp.zeros(lowered.unconstrained.size))``
    """

    def __init__(self, owner: Lowered) -> None:
        self._owner = owner
        self.layout: Layout = owner.full.latents

    @property
    def size(self) -> int:
        """Number of unconstrained coordinates."""
        return self.layout.size

    def log_density(self, flat: Value, params: Mapping[str, Any] | None = None) -> Value:
        """Log density in nats with the log Jacobian; ``params`` as for :meth:`Lowered.log_density`.

        Raises:
            ValueError: ``flat`` is no vector of :attr:`size` numbers.
        """
        flat = self._vector(flat)
        return self._owner.evaluate(flat, {}, params, flat.dtype)

    def constrain(self, flat: Value) -> dict[str, Value]:
        """Constrained values of all latents.

        Raises:
            ValueError: ``flat`` is no vector of :attr:`size` numbers.
        """
        flat = self._vector(flat)
        _, latents = self._owner.begin(flat, {}, None, flat.dtype)
        return {name: latents(name) for name in self.layout.pieces}

    def unconstrain(self, latents: Mapping[str, Any]) -> numpy.ndarray:
        """The flat vector at which :meth:`constrain` gives ``latents``.

        Raises:
            ValueError: as :meth:`Lowered.log_density` does, and for a value outside of its support.
        """
        latents, _ = self._owner.named(latents, {})
        given = as_arrays(latents, _dtype(latents))
        run, _ = self._owner.begin(None, given, None, _dtype(latents))
        found = {name: np.asarray(piece.unconstrain(given[name], run)) for name, piece in self.layout.pieces.items()}
        for name, values in found.items():
            if not np.isfinite(values).all():
                raise ValueError(f"`{name}` lies outside of its support, or on its edge")
        return self.layout.flatten(found)

    def _vector(self, flat: Value) -> Value:
        return vector("an unconstrained vector", flat, self.size)


@dataclass(frozen=True, eq=False)
class Lowered:
    """What lowering makes.

    Args:
        target: what the runtime optimises: the latents of families in ``z``, explicit ones given.
        families: coordinates of ``z`` by family.
        sites: every latent of the model that has a value, in order.
        enumerated: the latents that are summed out, where their probabilities are few enough to be among the draws.
        full: the model with all latents unconstrained, whatever the guide does.
        covered: the model with the latents of families unconstrained, as these see them.
        guide: the explicit part of the guide, where there is one.
        drawn: the latents that this part makes.
    """

    target: Target
    families: tuple[FamilyUse, ...]
    sites: tuple[SiteInfo, ...]
    enumerated: tuple[EnumeratedInfo, ...]
    bound: Bound
    full: Model
    covered: Model
    guide: Model | None = None
    drawn: tuple[str, ...] = ()

    def guide_parameters(self, phi: Value) -> dict[str, Value]:
        """Constrained values of the guide's own parameters from the flat unconstrained ones; pure."""
        if self.guide is None:
            return {}
        run = self.begin_guide(phi)
        return {param.name: run.parameter(param.name) for param in self.guide.program.params}

    def prepared(self) -> PyTree:
        """What depends on the data alone, made within the program that calls it."""
        return self.target.prepare(_constants(self.target.data))

    def begin_guide(self, phi: Value) -> Run:
        """An evaluation of the guide at its flat unconstrained parameters."""
        assert self.guide is not None
        return self.guide.start(self.prepared()["guide"], phi, phi.dtype, Latents(self.guide.latents, None, {}))

    def log_density(self, latents: Mapping[str, Any], params: Mapping[str, Any] | None = None) -> Value:
        """Log density in nats of constrained values of all latents, without Jacobian; pure, for ``jit`` and ``grad``.

        Args:
            latents: value of each latent by name, with the axes of its declaration.
            params: value of the model's parameters by name; those left out have their initial values.

        Raises:
            ValueError: where a latent has no value or one of another shape, or a name is none of the model's.
        """
        latents, params = self.named(latents, params)
        dtype = _dtype(latents)
        return self.evaluate(None, as_arrays(latents, dtype), params, dtype)

    def named(
        self, latents: Mapping[str, Any], params: Mapping[str, Any] | None
    ) -> tuple[dict[str, Value], dict[str, Value]]:
        """Values of all latents and of some parameters as arrays.

        Raises:
            ValueError: a latent has no value, a value has another shape or holds no numbers, or a name is none of the
                model's.
        """
        latents = requests.mapping("latents", latents, '{"mu": 0.5}')
        params = requests.mapping("params", params, '{"mu": 0.5}')
        shapes = {site.name: site.shape for site in self.sites}
        summed_out = {site.name for site in self.bound.program.sites} - set(shapes)
        for name in latents:
            if name in summed_out:
                raise ValueError(f"`{name}` is summed out of the density, and takes no value")
        values = _shaped("latent variable", latents, shapes)
        for name in shapes:
            if name not in values:
                raise ValueError(f"the latent variable `{name}` has no value")
        own = {param.name: shape_of(param.dims, self.bound.sizes) for param in self.bound.program.params}
        return values, _shaped("parameter", params, own)

    @cached_property
    def unconstrained(self) -> Unconstrained:
        """The same density over unconstrained vectors."""
        return Unconstrained(self)

    def placed(self, latents: Mapping[str, numpy.ndarray]) -> tuple[numpy.ndarray, dict[str, numpy.ndarray]]:
        """The coordinates of some latents as the families see them, all others at their origin; and the values there.

        Args:
            latents: constrained values with the axes of their declarations. Of a value outside the support the
                coordinates are not finite, or give another value.
        """
        pieces, dtype = self.covered.latents.pieces, jnp.result_type(float)
        known = prepare(self.covered, _constants(self.target.data), dtype)

        def begin(flat: Any, given: Mapping[str, Value]) -> tuple[Run, Latents]:
            held = Latents(self.covered.latents, jnp.asarray(flat, dtype), given)
            return self.covered.start(known, jnp.asarray(self.target.theta, dtype), dtype, held), held

        run, held = begin(np.zeros(self.target.size), as_arrays(latents, dtype))
        blank = {name: np.zeros(piece.stop - piece.start) for name, piece in pieces.items()}
        found = {name: np.asarray(pieces[name].unconstrain(held(name), run)) for name in latents}
        flat = self.covered.latents.flatten({**blank, **found})
        return flat, {name: np.asarray(begin(flat, {})[1](name)) for name in latents}

    def evaluate(
        self, flat: Value | None, given: Mapping[str, Value], params: Mapping[str, Any] | None, dtype: Any
    ) -> Value:
        """The sum of all terms at a flat vector or at given values."""
        prepared, run, latents = self._begin(flat, given, params, dtype)
        return terms(self.full, prepared, run, latents).total(dtype)

    def begin(
        self, flat: Value | None, given: Mapping[str, Value], params: Mapping[str, Any] | None, dtype: Any
    ) -> tuple[Run, Latents]:
        """An evaluation at a flat vector or at given values."""
        _, run, latents = self._begin(flat, given, params, dtype)
        return run, latents

    def _begin(
        self, flat: Value | None, given: Mapping[str, Value], params: Mapping[str, Any] | None, dtype: Any
    ) -> tuple[Any, Run, Latents]:
        theta = jnp.asarray(self.target.theta, dtype)
        latents = Latents(self.full.latents, flat, given)
        prepared = prepare(self.full, _constants(self._data), dtype)
        run = self.full.start(prepared, theta, dtype, latents)
        for name, value in (params or {}).items():
            run.set_parameter(name, jnp.asarray(value, dtype))
        return prepared, run, latents

    @cached_property
    def _data(self) -> Mapping[str, numpy.ndarray]:
        needed = inputs(self.full.plan)
        return {name: array for name, array in arguments(self.bound).items() if name in needed}


def _constants(data: Mapping[str, numpy.ndarray]) -> dict[str, Value]:
    """Data as constants of one program."""
    return {name: jnp.asarray(values) for name, values in as_own(data).items()}


def _with_degrees(treated: Treated, learned: tuple[str, ...]) -> Treated:
    """The same with the fitted degrees of centring among the parameters of the model."""
    if not learned:
        return treated
    own, expected = treated.model, treated.expected
    if expected is not None:
        inner = replace(expected.model, program=with_degrees(expected.model.program, learned))
        expected = replace(expected, model=inner)
    return replace(treated, model=replace(own, program=with_degrees(own.program, learned)), expected=expected)


def _held(covered: Model) -> int:
    """How many numbers the degrees of centring are."""
    degrees = [piece.degree for piece in covered.latents.pieces.values() if piece.degree is not None]
    pieces = [covered.params.pieces[name] for name in degrees]
    return sum(piece.stop - piece.start for piece in pieces)


def _no_such(what: str, name: str, known: Iterable[str]) -> str:
    suggestion = did_you_mean(name, known)
    return f"there is no {what} `{name}`" + (f": {suggestion}" if suggestion else "")


def _shaped(what: str, given: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Value]:
    """Values by name, each of the shape that it has in the model."""
    found: dict[str, Value] = {}
    for name, value in given.items():
        if name not in shapes:
            raise ValueError(_no_such(what, name, shapes))
        found[name] = numbers(f"`{name}`", value)
        if found[name].shape != shapes[name]:
            raise ValueError(f"`{name}` has shape {shapes[name]}, but the value given has {found[name].shape}")
    return found


def _dtype(latents: Mapping[str, Value]) -> Any:
    return jnp.result_type(float, *latents.values())


def lower(
    bound: Bound,
    guide: ir.Program | None = None,
    batches: Mapping[str, int] | None = None,
    objective: str = "elbo",
) -> Lowered:
    """Turn a bound program and its guide into pure functions.

    Args:
        bound: the model with its data.
        guide: families and explicit statements; ``None`` is one mean field over all latents.
        batches: how many members of a dimension a step sees, where it does not see all.
        objective: the name of the bound, which may be taken for each member by itself.

    Example:
        ``lowered = lower(bound, guide); prepared = lowered.target.prepare(lowered.target.data)``
    """
    seen = guide.guide if guide is not None and guide.guide is not None else ir.GuideParts()
    treated = _with_degrees(treat(bound.program, guide, bound.sizes), seen.learned)
    noncentered = seen.reparameterised
    elimination, nodes = treated.model, sorted_nodes(treated.model, bound, noncentered=noncentered)
    sites = elimination.program.sites
    full = model(nodes, tuple(site for site in sites if not site.kind.discrete), (), elimination)
    of_families = tuple(site for site in sites if site.name not in treated.drawn)
    covered = model(nodes, of_families, noncentered, elimination)
    own = None if guide is None else model(plan(guide, guide_sizes(guide, bound.sizes), bound.position), ())
    arrays = arguments(bound)
    alone = () if OBJECTIVES[objective].linear else _alone(treated.model, guide, bound)
    counts = {**{name: bound.sizes[name] for name in alone}, **(batches or {})}
    axes = tuple(Axis(name, bound.sizes[name], count) for name, count in counts.items())
    pieces = list(families(guide, bound, covered.latents, {axis.name: axis.size / axis.rows for axis in axes}))
    uses, rows = surrogate_rows(guide, elimination, covered, of_families, noncentered, [use for use, _ in pieces])
    pieces = [(use, names) for use, (_, names) in zip(uses, pieces, strict=True)]
    programs = {"model": covered, **({} if own is None else {"guide": own})}
    if treated.expected is not None:
        programs |= _whole(treated.expected, bound, of_families, noncentered)
    target = _target(arrays, programs, treated, rows)
    if not treated.drawn and not without_draw(bound.program):
        target = replace(target, prior=_prior(bound, covered, target.theta))
    if axes:
        laid_out = {name: (of_families, noncentered) if name in ("model", "whole") else ((), ()) for name in programs}

        def batch(axes: tuple[Axis, ...], one: bool = False) -> Batch:
            seen = tuple(replace(axis, rows=1) for axis in axes) if one else axes
            parts = {name: part(program, *laid_out[name], seen) for name, program in programs.items()}
            return replace(_batch(arrays, parts, treated, pieces, rows), axes=axes, resized=batch, apart=one)

        target = replace(target, batch=batch(axes, bool(alone)))
    shown = tuple(_enumerated(one, covered, bound) for one in shown_variables(covered))
    infos = tuple(SiteInfo(site.name, site.dims, shape_of(site.dims, bound.sizes)) for site in sites)
    return Lowered(target, tuple(uses), infos, shown, bound, full, covered, own, treated.drawn)


def _alone(elimination: Elimination, guide: ir.Program | None, bound: Bound) -> tuple[str, ...]:
    """The dimensions for whose members the bound is taken, where there are members."""
    names = tuple(dim.name for dim in apart(elimination, guide).plates)
    return names if all(bound.sizes[name] for name in names) else ()


def sorted_nodes(
    elimination: Elimination,
    bound: Bound,
    more: Mapping[str, int] | None = None,
    noncentered: Sequence[str] = (),
) -> Plan:
    """The nodes of a model, with the sizes of the axes of its discrete sites; ``more`` are those of the guide's.

    The states of chains that are seen noncentred get definitions of their own.

    Raises:
        SvilangError: a table that is too large.
    """
    sizes = {**bound.sizes, **enumerated_sizes(elimination, bound), **(more or {})}
    check_tables(elimination, sizes)
    program = with_innovations(elimination.program, noncentered)
    series = (node for name, node in program.definitions if name in map(standardised, noncentered))
    return plan(program, sizes, bound.position, (*enumerated_nodes(elimination), *series))


def _whole(
    expected: Expected, bound: Bound, of_families: tuple[ir.Site, ...], noncentered: tuple[str, ...]
) -> dict[str, Model]:
    """Model and guide of an expectation, with the axes of the guide's sums."""
    guide = expected.guide
    sizes = {**guide_sizes(guide.program, bound.sizes), **guide_axes(guide, bound)}
    check_guide_tables(guide, sizes)
    own = model(plan(guide.program, sizes, bound.position, guide_nodes(guide)), ())
    axes = {dim.name: sizes[dim.name] for dim in guide.handed.owners}
    nodes = sorted_nodes(expected.model, bound, axes, noncentered)
    names = {site.name for site in of_families}
    sites = tuple(site for site in nodes.program.sites if site.name in names)
    return {"whole": model(nodes, sites, noncentered, expected.model), "parts": own}


MOST_PROBABILITIES = 20_000
"""Probabilities of summed-out sites that one draw may hold."""


def shown_variables(model: Model) -> list[Variable]:
    """The summed-out sites whose probabilities are part of a draw."""
    if model.elimination is None:
        return []
    sizes = model.plan.sizes
    few: list[Variable] = []
    for variable in model.elimination.variables:
        if math.prod(shape_of((variable.dim, *variable.plates), sizes)) <= MOST_PROBABILITIES:
            few.append(variable)
    return few


def _enumerated(variable: Variable, model: Model, bound: Bound) -> EnumeratedInfo:
    site = next(site for site in bound.program.sites if site.name == variable.name)
    if site.kind.member is not None:
        return EnumeratedInfo(variable.name, variable.plates, Dim(site.kind.member), None)
    size = model.plan.sizes[variable.dim.name]
    first = variable.lower if isinstance(variable.lower, int) else 0
    return EnumeratedInfo(variable.name, variable.plates, Dim(f"{variable.name} ="), tuple(range(first, first + size)))


def _target(
    arrays: Mapping[str, numpy.ndarray], programs: Mapping[str, Model], treated: Treated, rows: Chosen
) -> Target:
    """The target over all members."""

    def prepared_from(data: PyTree) -> PyTree:
        dtype = jnp.result_type(float)
        return {**{name: prepare(one, data, dtype) for name, one in programs.items()}, **rows_of(rows, data)}

    theta = initial(programs["model"], arrays)
    init = initial(programs["guide"], arrays) if "guide" in programs else np.zeros(0)
    return _over(arrays, programs, treated, prepared_from, theta, init, rows)


def _prior(bound: Bound, covered: Model, theta: numpy.ndarray) -> Callable[[PyTree, Value], Value]:
    """Draws of the coordinates of a model from its own laws, its parameters being where they start."""

    def prior(data: PyTree, key: Value) -> Value:
        dtype = jnp.result_type(float)
        whole = model(plan(bound.program, bound.sizes, bound.position), ())
        prepared = {one: prepare(one, data, dtype) for one in (whole, covered)}

        def start(values: Mapping[str, Value], of: Model = whole) -> tuple[Run, Latents]:
            latents = Latents(of.latents, None, values)
            return of.start(prepared[of], jnp.asarray(theta, dtype), dtype, latents), latents

        drawn = drawn_latents(whole, start, key, {})
        pieces = covered.latents.pieces
        run, _ = start({name: drawn[name] for name in pieces}, covered)
        return jnp.concatenate([pieces[name].unconstrain(drawn[name], run) for name in pieces])

    return prior


def _batch(
    arrays: Mapping[str, numpy.ndarray],
    parts: Mapping[str, Part],
    treated: Treated,
    pieces: list[tuple[FamilyUse, tuple[str, ...]]],
    chosen: Chosen,
) -> Batch:
    """The same from some members."""
    covered, guide = parts["model"], parts.get("guide")
    whole, seen = covered.whole.latents, covered.seen.latents

    def settled(data: PyTree) -> PyTree:
        dtype = jnp.result_type(float)
        return {**{name: one.settle(data, dtype) for name, one in parts.items()}, **rows_of(chosen, data)}

    def select(prepared: PyTree, rows: Rows) -> PyTree:
        dtype = jnp.result_type(float)
        return {**prepared, **{name: one.select(prepared[name], rows, dtype) for name, one in parts.items()}}

    def members(rows: Rows) -> Selection:
        families = tuple(positions(whole, seen, names, rows) for _, names in pieces)
        phi = None if guide is None else guide.parameters(rows)
        return Selection(families, phi, covered.parameters(rows))

    theta = np.zeros(covered.seen.params.size)
    init = np.zeros(0) if guide is None else np.zeros(guide.seen.params.size)
    target = _over(arrays, {name: one.seen for name, one in parts.items()}, treated, settled, theta, init, chosen)
    uses = tuple(_seen(use, names, covered.seen) for use, names in pieces)
    own = any(use.partial for use, _ in pieces) or covered.has_own or (guide is not None and guide.has_own)
    return Batch(covered.axes, target, uses, select, members, own)


def _seen(use: FamilyUse, names: tuple[str, ...], seen: Model) -> FamilyUse:
    """A family over the coordinates of one step."""
    scale = seen.plan.scale(seen.latents.pieces[names[0]].declared.dims) if names else 1.0
    structure = None if use.partial else use.structure
    return replace(use, indices=seen.latents.indices(names), scale=scale, structure=structure)


def _over(
    arrays: Mapping[str, numpy.ndarray],
    programs: Mapping[str, Model],
    treated: Treated,
    prepared_from: Callable[[PyTree], PyTree],
    theta: numpy.ndarray,
    init: numpy.ndarray,
    rows: Chosen,
) -> Target:
    covered, guide = programs["model"], programs.get("guide")
    whole = (programs["whole"], programs["parts"]) if "whole" in programs else None
    needed = set[str]().union(*(inputs(one.plan) for one in programs.values()))

    def term_values(prepared: PyTree, z: Value, theta: Value, given: PyTree) -> Mapping[str, Value]:
        run, latents = _begin(covered, prepared, z, theta, given)
        return terms(covered, prepared["model"], run, latents).by_name()

    def log_density(prepared: PyTree, z: Value, theta: Value, given: PyTree) -> Value:
        run, latents = _begin(covered, prepared, z, theta, given)
        return terms(covered, prepared["model"], run, latents).total(z.dtype)

    shown, groups = shown_variables(covered), covered.latents.groups

    def tilted(tilts: Mapping[str, Value], prepared: PyTree, z: Value, theta: Value, given: PyTree) -> Value:
        run, latents = _begin(covered, prepared, z, theta, given)
        return terms(covered, prepared["model"], run, latents, tilts).total(z.dtype)

    def draws(prepared: PyTree, z: Value, theta: Value, given: PyTree) -> tuple[Mapping[str, Value], Value]:
        run, latents = _begin(covered, prepared, z, theta, given)
        found = visible(covered, run, latents, groups)
        if not shown:
            return found, terms(covered, prepared["model"], run, latents).total(z.dtype)
        # The derivative of the log of a sum over states by the log weight of one state is that state's probability.
        flat = {one.name: jnp.zeros(shape_of((one.dim, *one.plates), covered.plan.sizes), z.dtype) for one in shown}
        density, slopes = jax.value_and_grad(tilted)(flat, prepared, z, theta, given)
        return {**found, **{name: jnp.moveaxis(slope, 0, -1) for name, slope in slopes.items()}}, density

    return Target(
        size=covered.latents.size,
        blocks=covered.latents.blocks,
        data={name: array for name, array in arrays.items() if name in needed},
        prepare=prepared_from,
        log_density=log_density,
        terms=term_values,
        theta=theta,
        explicit=None if guide is None else explicit(covered, guide, treated, whole, init),
        draws=draws,
        edges=moved_ends(covered.program),
        cells=cells(covered.elimination, covered.plan.sizes),
        squares=max((covered.plan.sizes[dim.name] for dim in squares(covered.program)), default=0),
        held=_held(covered),
        peaked=_peaked(covered),
        seeds=seeds(covered, arrays),
        neural=any(param.net for one in (covered, guide) if one is not None for param in one.program.params),
        weighed=_weighed,
        surrogates=tuple(None if one is None else one.density for one in rows),
        together={group.name: tuple(group.places) for group in groups},
    )


def _peaked(covered: Model) -> bool:
    """Whether a latent that is seen as it is declared has a width that is latent."""
    widths = latent_widths(covered.program)
    seen = (name for name, piece in covered.latents.pieces.items() if piece.bare)
    return not widths.isdisjoint(seen)


def _weighed(prepared: PyTree, weight: Value) -> PyTree:
    return {name: {**one, WEIGHT: weight} for name, one in prepared.items()}


def _begin(covered: Model, prepared: PyTree, z: Value, theta: Value, given: PyTree) -> tuple[Run, Latents]:
    latents = Latents(covered.latents, z, given or {})
    return covered.start(prepared["model"], theta, z.dtype, latents), latents
