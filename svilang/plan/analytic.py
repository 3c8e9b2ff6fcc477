"""Which explicit sites of a guide need no draw, because the mean of every term that reads them is known.

A term is a log density, and each of its arguments enters it as a sum of few functions (:mod:`svilang.catalog.spaces`).
If an argument is the site itself, a multiple or a power of it, or a sum of it and what does not depend on it, the
term is a sum of functions of the site. Where the means of all of these are known, the mean of the term is that over a
few points. Several sites in one term are independent of each other, so that their points are combined. The coordinates
of a Gaussian vector may be mixed in any way that is linear; those of different members may not.

A site is treated so if all of its terms can be: then the gradient is the conditional expectation of the pathwise one
given everything else that is drawn, whose variance is never larger (Rao–Blackwell). A term in closed form beside a
drawn one would lose what the two have in common: at the posterior ``log p - log q`` is the same for every draw.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ..catalog.distribution import Distribution
from ..catalog.spaces import SPACES, USES, Function, Functions, Part, Space
from ..ir import nodes as ir
from ..ir.walk import law_operands, leaves, support_of
from ..types import Dim
from .enumerate import Elimination

MOST_COORDINATES = 10
"""Of a vector that is analytic: every term that reads it is computed for as many points, and one more. Of 1,000 rows a
step takes 1.3 times as long as that of two draws with 10 coordinates, and 20 times as long with 20.
"""

MOST_TOGETHER = 3
"""Analytic sites in one term: it is computed for each combination of their points."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A value as a function of one member of a site: ``a x^power + b``, with ``a = 1`` where it is not ``scaled``, and
    ``b = 0`` where it is not ``shifted``. Along the axes ``members`` it is that of another member, reached through the
    indexes ``through``.
    """

    members: frozenset[Dim]
    power: float = 1.0
    scaled: bool = False
    shifted: bool = False
    through: tuple[ir.Id, ...] = ()

    @property
    def place(self) -> tuple[frozenset[Dim], tuple[ir.Id, ...]]:
        """Which member it is of."""
        return self.members, self.through

    @property
    def itself(self) -> bool:
        """Whether it is the member as it is."""
        return self.power == 1 and not self.scaled and not self.shifted


_Shape = _Way | None
"""``None`` where nothing is known."""


@dataclass(frozen=True, slots=True)
class Analytic:
    """What there is of it in a guide.

    Args:
        spaces: of the sites that can be treated so.
        reasons: why the other pathwise ones cannot.
    """

    spaces: Mapping[str, Space]
    reasons: Mapping[str, str]


def analytic(
    model: ir.Program, guide: ir.Program, candidates: Iterable[str], sizes: Mapping[str, int] | None = None
) -> Analytic:
    """The sites among ``candidates`` whose terms all have a known mean; ``sizes`` as far as they are known."""
    own = {site.name: site for site in guide.sites}
    spaces: dict[str, Space] = {}
    reasons: dict[str, str] = {}
    for name in candidates:
        found = _space(model, guide, own[name], sizes or {})
        if isinstance(found, str):
            reasons[name] = found
        else:
            spaces[name] = found
    terms = list(_terms(model))
    latents = [leaf.latents for leaf in leaves(model)]
    for term in terms:
        met = {term.own} | {name for node in term.nodes for name in latents[node]}
        for name in [name for name in spaces if name in met][MOST_TOGETHER:]:
            del spaces[name]
            reasons[name] = f"{MOST_TOGETHER} others in `{term.name}` are in closed form already"
    return Analytic(spaces, reasons)


def in_a_sum(model: Elimination, axes: Mapping[Dim, str]) -> dict[str, str]:
    """Sites (by the axes of their points) in a term from which something is summed out: no mean of a logarithm."""
    found: dict[str, str] = {}
    summed = {variable.dim.name: variable.name for variable in model.variables}
    reaches = [(variable.reach.axes, variable.name) for variable in model.variables]
    for reach in (*model.sites, *model.observations, *model.factors):
        reaches += [(reach.axes, summed[dim.name]) for dim in reach.axes if dim.name in summed]
    for dims, variable in reaches:
        found |= {axes[dim]: f"`{variable}` is summed out of a term that reads it" for dim in dims if dim in axes}
    return found


# --- one site --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Term:
    """A term of the model: the site whose density it is, if any, its law, and all nodes that it takes."""

    name: str
    own: str | None
    law: ir.Law | None
    nodes: tuple[ir.Id, ...]


def _terms(model: ir.Program) -> Iterator[_Term]:
    for site in model.sites:
        yield _Term(site.name, site.name, site.law, (*law_operands(site.law), *site.bounds.ends))
    for one in model.observations:
        more = tuple(node for node in (one.value, one.mask, one.weight) if node is not None)
        yield _Term(one.name, None, one.law, (*law_operands(one.law), *more))
    for factor in model.factors:
        yield _Term("factor", None, None, (factor.value,))


def _space(model: ir.Program, guide: ir.Program, site: ir.Site, sizes: Mapping[str, int]) -> Space | str:
    """The functions of a site in all of its terms, or why they have no known mean."""
    row = site.law.row
    space = SPACES.get(row.name)
    if space is None:
        return f"no means over {row.name} are known in closed form"
    if site.narrowed or site.auxiliary:
        return "its support is narrowed" if site.narrowed else "a formula reads it"
    if reader := _reader(guide, site.name):
        return f"`{reader}` of the guide reads it"
    if hidden := _noncentered(model, guide, site.name):
        return f"`{hidden}` is seen noncentred, and its distribution reads it"
    size = math.prod(sizes.get(dim.name, 1) for dim in site.law.event)
    if space.mixes and size > MOST_COORDINATES:
        return f"each term would be computed for {size + 1} points, {MOST_COORDINATES + 1} being the most"
    shapes = _shapes(model, site, space)
    for term in _terms(model):
        used = _used(term, site, shapes, model)
        if used is None or not used <= space.functions:
            return f"`{term.name}` has no mean over {row.name} in closed form"
    return space


def _reader(guide: ir.Program, name: str) -> str | None:
    """What in the guide reads a site."""
    latents = [leaf.latents for leaf in leaves(guide)]
    for site in guide.sites:
        if any(name in latents[node] for node in (*law_operands(site.law), *site.bounds.ends)):
            return site.name
    formulas = guide.guide.formulas if guide.guide is not None else ()
    return next((made for made, node in guide.definitions if made in formulas and name in latents[node]), None)


def _noncentered(model: ir.Program, guide: ir.Program, name: str) -> str | None:
    latents = [leaf.latents for leaf in leaves(model)]
    seen = guide.guide.reparameterised if guide.guide is not None else ()
    laws_of = {site.name: site.law for site in model.sites}
    return next((one for one in seen if any(name in latents[node] for node in law_operands(laws_of[one]))), None)


def _used(term: _Term, site: ir.Site, shapes: Mapping[ir.Id, _Shape], model: ir.Program) -> Functions | None:
    """The functions of a site that a term is a sum of; ``None`` where this is not known."""
    moving = [node for node in term.nodes if node in shapes]
    if term.own == site.name:
        return None if moving else _density(model, site)
    if not moving:
        return frozenset()
    if term.law is None:
        return _through(frozenset([1.0]), shapes[moving[0]])
    row = term.law.row
    if len(moving) > 1 or moving[0] not in term.law.args or not isinstance(row, Distribution):
        return None
    (at,) = (i for i, arg in enumerate(term.law.args) if arg == moving[0])
    slot, way = row.forms[term.law.form].params[at].name, shapes[moving[0]]
    functions = USES.get((row.name, slot))
    if functions is not None and way is not None and _crosses(functions, term.law.event, way.members):
        return None
    return _through(functions, way)


def _crosses(functions: Functions, event: tuple[Dim, ...], members: Iterable[Dim]) -> bool:
    """Whether a term has products of different members: the points of all of them move together."""
    return Part.LOG_PARTS not in functions and any(dim in event for dim in members)


def _density(model: ir.Program, site: ir.Site) -> Functions | None:
    """The functions of a variate that its log density under the model is a sum of, wherever the guide draws it."""
    (prior,) = (one for one in model.sites if one.name == site.name)
    row, own = prior.law.row, support_of(site.law).interval
    moves = prior.bounds != ir.Bounds() or not prior.kind.interval.holds(own)
    if prior.narrowed or moves or not isinstance(row, Distribution):
        return None
    functions, members = USES.get((row.name, None)), [dim for dim in site.dims if dim not in site.law.event]
    return None if functions is None or _crosses(functions, prior.law.event, members) else functions


def _through(functions: Functions | None, way: _Shape) -> Functions | None:
    """Functions of a value as functions of the site that it is made from."""
    if functions is None or way is None:
        return None
    found: set[Function] = set()
    for function in functions:
        match function:
            case float() if way.shifted and (way.power != 1 or function not in (1.0, 2.0)):
                return None
            case float() if way.shifted:
                found |= {1.0, function}
            case float():
                found.add(function * way.power)
            case _ if way.shifted:
                return None
            case Part.LOG:
                found.add(Part.LOG)
            case Part.LOG_SQUARE:
                found |= {Part.LOG, Part.LOG_SQUARE}
            case Part.LOG_REST | Part.LOG_PARTS if way.itself:
                found.add(function)
            case _:
                return None
    return frozenset(found)


def _shapes(model: ir.Program, site: ir.Site, space: Space) -> dict[ir.Id, _Shape]:
    """The nodes that depend on a site; where its coordinates may be mixed, they are no members."""
    found: dict[ir.Id, _Shape] = {}
    mixed = frozenset(site.law.event if space.mixes else ())
    alone = tuple(dim for dim in site.law.event if dim not in mixed)
    for i, node in enumerate(model.nodes):
        moving = [arg for arg in node.args if arg in found]
        if isinstance(node.op, ir.Latent) and node.op.name == site.name:
            found[i] = _Way(frozenset(site.dims) - mixed)
        elif moving:
            way = found[moving[0]]
            if len(moving) > 1:
                found[i] = _mixture(node.op, [found[arg] for arg in moving]) if mixed else None
            else:
                found[i] = None if way is None else _moved(node, moving[0], way, model, alone)
    return found


def _mixture(op: ir.Op, ways: list[_Shape]) -> _Shape:
    """A sum of multiples of coordinates of one member."""
    if not isinstance(op, ir.Apply) or op.function.name not in ("+", "-"):
        return None
    first, second = ways
    if first is None or second is None or first.place != second.place or not first.power == second.power == 1:
        return None
    return replace(first, scaled=True, shifted=True)


def _moved(node: ir.Node, moving: ir.Id, way: _Way, model: ir.Program, event: tuple[Dim, ...]) -> _Shape:
    """A value from the one of its operands that depends on the site."""
    first = node.args.index(moving) == 0
    match node.op:
        case ir.Gather(dim) if first and dim not in event:
            if dim not in way.members:
                return way
            new = model.nodes[node.args[1]].dims
            return replace(way, members=way.members - {dim} | {*new}, through=(*way.through, node.args[1]))
        case ir.Relabel(old, new):
            return replace(way, members=way.members - {old} | {new}) if old in way.members else way
        case ir.Stack():
            return way
        case ir.Reduce(function, dim) if function.name in ("sum", "mean") and dim not in way.members:
            return replace(way, scaled=True, shifted=True)
        case ir.Contract(left, right) if (left if first else right) not in way.members:
            return replace(way, scaled=True, shifted=True)
        case ir.Apply(function) if function.name in ("+", "-"):
            scaled = way.scaled or (function.name == "-" and not first)
            return replace(way, scaled=scaled, shifted=True)
        case ir.Apply(function) if function.name == "*" or (function.name == "/" and first):
            return replace(way, scaled=True)
        case ir.Apply(function) if function.name == "negate":
            return replace(way, scaled=True)
        case ir.Apply(function) if function.name == "if" and not first:
            return way
        case ir.Apply(function) if not way.shifted:
            return _power(function.name, node, first, way, model)
        case _:
            return None


def _power(name: str, node: ir.Node, first: bool, way: _Way, model: ir.Program) -> _Shape:
    exponent = {"/": -1.0, "sqrt": 0.5, "square": 2.0}.get(name)
    if name == "^" and first:
        op = model.nodes[node.args[1]].op
        exponent = float(op.value) if isinstance(op, ir.Const) else None
    if exponent is None:
        return None
    return replace(way, power=way.power * exponent, scaled=way.scaled or name == "/")
