"""The order in which enumerated sites are summed out, as it follows from the program: which tables meet, whether they
may, and how large they are.

What :mod:`svilang.lower.eliminate` does with arrays is done here with names, so that a sum that cannot be taken is
found when the spec is checked, and its cost can be told.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..diagnostics import Span, SvilangError
from ..ir import nodes as ir
from ..types import Dim, Dims, union
from . import errors
from .enumerate import Elimination, Owner, Reach, Route
from .guided import batch_of

Nodes = Sequence[ir.Node]

GUESS = 10
"""What a size counts as that is not known before there are data."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term that reads enumerated sites: its name, and the axes and plates of its table.

    ``added`` are the plates by whose members its own are added up before it meets other terms.
    """

    name: str
    axes: Dims
    plates: Dims
    added: Dims = ()


@dataclass(frozen=True, slots=True)
class Front:
    """One sum, for each member of ``plates``.

    Args:
        summed: the axis that it takes, or the states of the chains of which it takes one after the other.
        plates: where it is taken.
        sums: for each axis taken the axes of its table, itself included; along a chain those of one step.
        chain: the dimension along which the sums are taken at each step.
        terms: that meet in it and in no earlier sum.
        span: of the term in which most of the sites meet.
    """

    summed: Dims
    plates: Dims
    sums: tuple[tuple[Dim, Dims], ...]
    chain: Dim | None
    terms: tuple[Term, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class _Table:
    axes: Dims
    plates: frozenset[Dim]
    span: Span
    terms: tuple[Term, ...] = ()
    waits: Waits | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """The members of a table are added up along indexes once the sites of its own plates are summed out.

    Args:
        route: the indexes, and for each the plate into which it leads.
        gone: the plates that end there.
    """

    route: Route
    gone: frozenset[Dim]

    @property
    def into(self) -> frozenset[Dim]:
        """The plates that take their place."""
        return frozenset(plate for plate, _ in self.route)

    def local(self, axes: Iterable[Dim], plates: Mapping[Dim, frozenset[Dim]]) -> list[Dim]:
        """The sites that must be summed out first."""
        return [dim for dim in axes if dim in plates and not plates[dim] & self.into and plates[dim] & self.gone]

    def landed(self, plates: Iterable[Dim]) -> frozenset[Dim]:
        """The plates of a table afterwards."""
        return frozenset(plates) - self.gone | self.into

    def before(self, plates: Mapping[Dim, frozenset[Dim]], axes: Iterable[Dim]) -> frozenset[Dim]:
        """The plates that a table must keep until then."""
        own = (plates[dim] - self.into for dim in axes if dim in plates)
        return self.gone.union(*own)


def waiting(reach: Reach, own: Iterable[Dim], plates: Mapping[Dim, frozenset[Dim]], nodes: Nodes) -> Waits | None:
    """What a term with the axes ``own`` waits for before its members are added up; ``None`` if nothing."""
    if not reach.route:
        return None
    waits = Waits(reach.route, frozenset(dim for _, index in reach.route for dim in nodes[index].dims))
    return waits if waits.local(own, plates) else None


def next_leaf(pending: Mapping[frozenset[Dim], Iterable[Waits | None]]) -> frozenset[Dim] | None:
    """The innermost plates to which no table of others is still to come; ``None`` where each waits for another."""

    def expects(leaf: frozenset[Dim]) -> bool:
        others = ((plates, one) for plates, many in pending.items() if plates != leaf for one in many if one)
        return any(leaf <= one.landed(plates) for plates, one in others)

    return max((leaf for leaf in pending if not expects(leaf)), key=len, default=None)


def fronts(
    model: Elimination, owners: Mapping[Dim, Owner], sizes: Mapping[str, int] | None = None
) -> tuple[Front, ...]:
    """The sums over the model's discrete sites in order.

    Args:
        model: its finite discrete latents turned into axes.
        owners: the guide sites whose axes are carried along.
        sizes: of axes and plates, as far as they are known.

    Raises:
        Unsummable: where sites of plates that cross meet, or a site of the model ties members of a guide site together.
    """
    if not model.variables:
        return ()
    plates = {variable.dim: frozenset(variable.plates) for variable in model.variables}
    chains = {variable.dim: variable.chain for variable in model.variables if variable.chain and variable.order}
    known = sizes or {}
    pending: dict[frozenset[Dim], list[_Table]] = {}
    for table in _tables(model):
        pending.setdefault(table.plates, []).append(table)
    found: list[Front] = []
    while pending:
        leaf = next_leaf({where: [table.waits for table in tables] for where, tables in pending.items()})
        if leaf is None:
            tables = [table for many in pending.values() for table in many if table.waits]
            raise _coupled((dim for table in tables for dim in table.axes), plates, tables)
        own = {dim for dim, where in plates.items() if where == leaf}
        for group in _connected(pending.pop(leaf), own):
            axes = union(*(_now(table.axes) for table in group))
            summed = [dim for dim in axes if dim in own]
            steps = {chains[dim] for dim in summed if dim in chains}
            left = tuple(dim for dim in axes if dim not in own)
            inner = [dim for dim in left if dim in plates]
            outside = frozenset[Dim]().union(*(plates[dim] for dim in inner)) if inner else leaf - steps
            several = {table.waits for table in group if table.waits}
            waits = next(iter(several), None)
            lands = waits is not None and not waits.local(left, plates)
            if waits is not None:
                outside = waits.landed(leaf - steps) if lands else waits.before(plates, left)
            crossing = not lands and inner and not outside < leaf
            ended = waits.gone if waits is not None and lands else outside if inner else frozenset[Dim]()
            if len(steps) > 1 or len(several) > 1 or crossing or steps & ended:
                raise _coupled(axes, plates, group)
            for dim in left:
                if dim in owners and not set(owners[dim].dims) <= outside:
                    raise errors.more_global(owners[dim].name, [_name(one) for one in (*summed, *inner)], outside)
            found += _sums(group, own, chains, leaf, known)
            if inner:
                kept = None if lands else waits
                pending.setdefault(outside, []).append(_Table(left, outside, _meeting(group, left), (), kept))
    return tuple(found)


def _coupled(axes: Iterable[Dim], plates: Mapping[Dim, frozenset[Dim]], tables: list[_Table]) -> SvilangError:
    met = tuple(dim for dim in dict.fromkeys(axes) if dim in plates)
    return errors.coupled([(_name(dim), sorted(plates[dim])) for dim in met], _meeting(tables, met))


def _name(dim: Dim) -> str:
    return dim.name.removesuffix("~")


def _now(axes: Dims) -> Dims:
    """Axes of which the state some steps before is the same site."""
    return union(*((Dim(dim.name),) for dim in axes))


def _tables(model: Elimination) -> Iterable[_Table]:
    """Every term that reads enumerated sites."""
    program = model.program
    for one in model.variables:
        yield _table(model, one.name, (one.dim, *one.reach.axes), one.plates, one.reach, one.span)
    for site, reach in zip(program.sites, model.sites, strict=True):
        yield _table(model, site.name, reach.axes, batch_of(site), reach, site.span)
    for one, reach in zip(program.observations, model.observations, strict=True):
        yield _table(model, one.name, reach.axes, one.plates[len(reach.axes) :], reach, one.span)
    for one, reach in zip(program.factors, model.factors, strict=True):
        yield _table(model, "factor", reach.axes, one.plates[len(reach.axes) :], reach, one.span)


def _table(model: Elimination, name: str, axes: Iterable[Dim], plates: Dims, reach: Reach, span: Span) -> _Table:
    own, left = union(tuple(axes)), plates
    homes = {variable.dim: frozenset(variable.plates) for variable in model.variables}
    waits = waiting(reach, own, homes, model.program.nodes)
    for plate, index in () if waits else reach.route:
        gone = model.program.nodes[index].dims
        left = (plate, *(dim for dim in left if dim not in gone))
    added = () if waits else tuple(plate for plate, _ in reach.route)
    terms = (Term(name, _now(own) if not added else own, plates, added),) if own else ()
    return _Table(own, frozenset(left), span, terms, waits)


def _meeting(tables: list[_Table], axes: Dims) -> Span:
    """Where the term stands in which most of these sites meet."""
    return max(tables, key=lambda table: len(set(table.axes) & set(axes))).span


def _connected(tables: list[_Table], own: set[Dim]) -> list[list[_Table]]:
    """Tables that share a site of the plate itself, together."""
    groups: list[tuple[set[Dim], list[_Table]]] = []
    for table in tables:
        axes, members = {dim for dim in _now(table.axes) if dim in own}, [table]
        apart: list[tuple[set[Dim], list[_Table]]] = []
        for known, others in groups:
            if known & axes:
                axes, members = axes | known, [*others, *members]
            else:
                apart.append((known, others))
        groups = [*apart, (axes, members)]
    return [members for _, members in groups]


# --- the sums of one plate -------------------------------------------------------------------------------------------


def _sums(
    tables: list[_Table], own: set[Dim], chains: Mapping[Dim, Dim], leaf: frozenset[Dim], sizes: Mapping[str, int]
) -> list[Front]:
    """The plate's own sites that are no chains, the one with the smallest table first, and then its chains."""
    found: list[Front] = []
    rest, plates = list(tables), tuple(sorted(leaf))
    while candidates := {axis for table in rest for axis in table.axes if axis in own and axis not in chains}:
        joint = {axis: union(*(table.axes for table in rest if axis in table.axes)) for axis in candidates}
        axis = min(sorted(candidates), key=lambda axis: cells(joint[axis], sizes))
        met = [table for table in rest if axis in table.axes]
        span = _meeting(met, joint[axis])
        found.append(Front((axis,), plates, ((axis, joint[axis]),), None, _terms(met), span))
        left = replace(met[0], axes=tuple(dim for dim in joint[axis] if dim != axis), terms=())
        rest = [*(table for table in rest if axis not in table.axes), left]
    linked = union(*(tuple(dim for dim in table.axes if Dim(dim.name) in own) for table in rest))
    return [*found, _chain(rest, linked, chains, plates, sizes)] if linked else found


def _terms(tables: Iterable[_Table]) -> tuple[Term, ...]:
    return tuple(term for table in tables for term in table.terms)


def _chain(
    tables: list[_Table], linked: Dims, chains: Mapping[Dim, Dim], plates: Dims, sizes: Mapping[str, int]
) -> Front:
    """Chains that meet: at each step the oldest states are summed out, one after the other."""
    step = chains[Dim(linked[0].name)]
    order: dict[str, int] = {}
    for dim in linked:
        order[dim.name] = max(order.get(dim.name, 1), dim.prime)
    oldest = [Dim(name, many) for name, many in order.items()]
    state = tuple(Dim(name, level) for name, many in order.items() for level in range(many))
    free = tuple(dim for dim in union(*(table.axes for table in tables)) if dim.name not in order)
    kept = tuple(dim for dim in plates if dim != step)
    moves = [(*table.axes, *kept) for table in tables if set(oldest) & set(table.axes)]
    sums = chain_sums(oldest, moves, tuple(dim.primed for dim in state), (*free, *kept), sizes)
    tabled = tuple((gone, tuple(dim for dim in dims if dim not in kept)) for gone, _, dims in sums)
    return Front(state, plates, tabled, step, _terms(tables), _meeting(tables, linked))


def chain_sums(
    oldest: Sequence[Dim], moves: Sequence[Dims], before: Dims, rest: Dims, sizes: Mapping[str, int]
) -> list[tuple[Dim, tuple[int, ...], Dims]]:
    """In which order the oldest states of a step are summed out, so that what is made on the way stays small.

    Args:
        oldest: the states to be summed out.
        moves: the axes of each transition table.
        before: the carried states, one step later.
        rest: all other axes.
        sizes: as far as they are known.

    Returns:
        For each sum its axis, the tables that it takes in, and the axes of their product.
    """

    def taken(sequence: tuple[Dim, ...]) -> list[tuple[Dim, tuple[int, ...], Dims]]:
        used: set[int] = set()
        dims, found = (*before, *rest), list[tuple[Dim, tuple[int, ...], Dims]]()
        for gone in sequence:
            own = tuple(i for i, axes in enumerate(moves) if gone in axes and i not in used)
            used |= set(own)
            dims = union(dims, *(moves[i] for i in own))
            found.append((gone, own, dims))
            dims = tuple(dim for dim in dims if dim != gone)
        return found

    tried = map(taken, itertools.islice(itertools.permutations(oldest), 120))
    return min(tried, key=lambda sums: sum(cells(dims, sizes) for _, _, dims in sums))


def cells(dims: Dims, sizes: Mapping[str, int]) -> int:
    """The number of entries of a table."""
    return math.prod(sizes.get(dim.name, GUESS) for dim in dims)
