"""Latents that formulas of a guide make from ``aux`` variables: which belong together, and whether the map is square.

If ``x = f(u)`` is one to one, ``log q(x) = log q(u) - log |det ∂x/∂u|``. Formulas that share ``aux`` variables are one
map. Along the plates in which member ``i`` of every formula depends on member ``i`` of every variable only, the matrix
falls into blocks, one for each member, and each must have as many rows as columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from ..ir import nodes as ir
from ..ir.walk import reachable
from ..types import Dim, Dims, Structure
from . import errors
from .links import Link, Links, carried

Size = Counter[tuple[str, ...]]
"""A count of numbers: how often each product of unknown sizes."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of variables.

    Args:
        auxiliary: the variables that it starts from.
        formulas: the latents that it makes.
        plates: the dimensions along which it is member by member.
        proved: whether it is known to be one to one wherever its determinant is not 0.
    """

    auxiliary: tuple[str, ...]
    formulas: tuple[str, ...]
    plates: Dims
    proved: bool = True


def changes(model: ir.Program, guide: ir.Program) -> tuple[Change, ...]:
    """The changes of variables of a guide.

    Raises:
        SvilangError: for an ``aux`` variable or a formula that is part of none, or a map that is not square.
    """
    auxiliary = {site.name: site for site in guide.sites if site.auxiliary}
    made = dict(guide.definitions)
    formulas = {name: made[name] for name in (guide.guide.formulas if guide.guide is not None else ())}
    reads = {name: _auxiliary_in(guide, node, auxiliary) for name, node in formulas.items()}
    for name, node in formulas.items():
        if not reads[name]:
            raise errors.no_randomness(name, guide.nodes[node].span)
    for name, site in auxiliary.items():
        if site.kind.discrete or site.kind.structure is not Structure.SCALAR:
            raise errors.no_change_from(name, discrete=site.kind.discrete, span=site.span)
        if not any(name in used for used in reads.values()):
            raise errors.no_part(name, site.span)
    links = _links(guide, auxiliary)
    sizes = _Sizes(model, guide)
    return tuple(_change(guide, group, reads, formulas, links, sizes) for group in _together(reads))


def _auxiliary_in(guide: ir.Program, node: ir.Id, auxiliary: Mapping[str, ir.Site]) -> tuple[str, ...]:
    ops = (guide.nodes[i].op for i in sorted(reachable(guide, [node])))
    return tuple(dict.fromkeys(op.name for op in ops if isinstance(op, ir.Latent) and op.name in auxiliary))


def _together(reads: Mapping[str, tuple[str, ...]]) -> list[list[str]]:
    """Formulas that share a variable, in groups."""
    groups: list[tuple[set[str], list[str]]] = []
    for name, used in reads.items():
        shared, members = set(used), [name]
        apart: list[tuple[set[str], list[str]]] = []
        for known, others in groups:
            if known & shared:
                shared, members = shared | known, [*others, *members]
            else:
                apart.append((known, others))
        groups = [*apart, (shared, members)]
    return [members for _, members in groups]


def _links(guide: ir.Program, auxiliary: Mapping[str, ir.Site]) -> list[Links]:
    known: list[Links] = []
    for node in guide.nodes:
        if isinstance(node.op, ir.Latent) and node.op.name in auxiliary:
            here: Link = frozenset((dim, None) for dim in node.dims)
            known.append({node.op.name: here})
        else:
            known.append(carried(node, guide.nodes, known))
    return known


def _change(
    guide: ir.Program,
    group: list[str],
    reads: Mapping[str, tuple[str, ...]],
    formulas: Mapping[str, ir.Id],
    links: list[Links],
    sizes: _Sizes,
) -> Change:
    used = tuple(dict.fromkeys(name for formula in group for name in reads[formula]))
    sites = {site.name: site for site in guide.sites}
    dims = [guide.nodes[formulas[name]].dims for name in group]
    shared = [set(own) for own in (*dims, *(sites[name].dims for name in used))]
    by_member = set[Dim].intersection(*shared)
    for name in group:
        for link in links[formulas[name]].values():
            by_member &= {dim for dim, index in link if index is None}
    plates = tuple(dim for dim in dims[0] if dim in by_member)
    rows, columns = sizes.of(dims, plates), sizes.of((sites[name].dims for name in used), plates)
    if rows != columns:
        raise errors.not_square(
            group, used, _words(rows), _words(columns), plates, guide.nodes[formulas[group[0]]].span
        )
    shapes = _shapes(guide, used)
    return Change(used, tuple(group), plates, all(shapes[formulas[name]] is not _Shape.OTHER for name in group))


class _Shape(Enum):
    """What is known of a value as a function of the ``aux`` variables: monotone is meant of one affine number."""

    FREE = 0
    AFFINE = 1
    MONOTONE = 2
    OTHER = 3


MONOTONE = frozenset(["exp", "log", "expit", "logit", "softplus", "tanh", "sinh", "arctan", "log1p", "expm1", "cbrt"])
"""Functions that are strictly monotone wherever they are defined."""


def _shapes(guide: ir.Program, used: tuple[str, ...]) -> list[_Shape]:
    found: list[_Shape] = []
    for node in guide.nodes:
        known = [found[arg] for arg in node.args]
        if isinstance(node.op, ir.Latent) and node.op.name in used:
            found.append(_Shape.AFFINE)
        else:
            found.append(_shape(node.op, known))
    return found


def _shape(op: ir.Op, known: list[_Shape]) -> _Shape:
    moving = [shape for shape in known if shape is not _Shape.FREE]
    if not moving:
        return _Shape.FREE
    affine, alone = all(shape is _Shape.AFFINE for shape in moving), len(moving) == 1
    match op:
        case ir.Apply(function) if function.name in ("+", "-"):
            return moving[0] if affine or alone else _Shape.OTHER
        case ir.Apply(function) if function.name == "*" or (function.name == "/" and known[1] is _Shape.FREE):
            return moving[0] if alone else _Shape.OTHER
        case ir.Apply(function) if function.name in MONOTONE and moving[0] is not _Shape.OTHER:
            return _Shape.MONOTONE
        case ir.Gather() if known[1] is _Shape.FREE:
            return moving[0]
        case ir.Relabel():
            return moving[0]
        case ir.Stack() if affine:
            return _Shape.AFFINE
        case ir.Contract() if affine and alone:
            return _Shape.AFFINE
        case ir.Reduce(function, _) if affine and function.name in ("sum", "mean"):
            return _Shape.AFFINE
        case _:
            return _Shape.OTHER


class _Sizes:
    """What is known of the sizes of dimensions before there are data."""

    def __init__(self, model: ir.Program, guide: ir.Program) -> None:
        own = ((one, guide) for one in guide.dimensions if one.size is not None)
        self.declared = {one.name: (one, program) for one, program in (*((d, model) for d in model.dimensions), *own)}

    def of(self, many: Iterable[Dims], plates: Dims) -> Size:
        """How many numbers there are in all, in each member of ``plates``."""
        total: Size = Counter()
        for dims in many:
            number, unknown = 1, list[str]()
            for dim in dims:
                size = None if dim in plates else self._number(dim.name)
                if size is not None:
                    number *= size
                elif dim not in plates:
                    unknown.append(self._root(dim.name))
            total[tuple(sorted(unknown))] += number
        return total

    def _root(self, dim: str) -> str:
        """The dimension at the end of a chain of aliases."""
        while dim in self.declared and (alias := self.declared[dim][0].alias) is not None:
            dim = alias
        return dim

    def _number(self, dim: str) -> int | None:
        root = self._root(dim)
        if root not in self.declared:
            return None
        one, program = self.declared[root]
        if one.labels is not None:
            return len(one.labels)
        op = None if one.size is None else program.nodes[one.size].op
        return int(op.value) if isinstance(op, ir.Const) else None


def _words(size: Size) -> str:
    """A count as it is written in a message: ``2``, ``size(a)``, ``1 + 2 * size(a)``."""
    parts: list[str] = []
    for dims, number in sorted(size.items()):
        factors = ([str(number)] if number != 1 or not dims else []) + [f"size({dim})" for dim in dims]
        parts.append(" * ".join(factors))
    return " + ".join(parts)
