"""Ways through a program: what refers to what, what is reachable, what a value depends on, and renumbering.

Nothing here recurses over nodes: a program may have a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..catalog.distribution import Distribution, Param
from ..types import Dim, Dims, Kind, Structure, intervals, union
from .nodes import (
    Along,
    Apply,
    Before,
    Bounds,
    Carry,
    Const,
    Contract,
    Fill,
    Flow,
    Gather,
    Id,
    Input,
    Label,
    Lag,
    Latent,
    Law,
    Matrix,
    Node,
    Parameter,
    Program,
    Reduce,
    Relabel,
    Stack,
    Varying,
)


def laws(law: Law) -> Iterator[Law]:
    """``law`` and everything that it wraps, outside first."""
    open_laws = [law]
    while open_laws:
        outer = open_laws.pop()
        yield outer
        open_laws.extend(reversed(outer.children))


def law_params(law: Law) -> tuple[Param, ...]:
    """The parameters that ``law.args`` belong to, in order."""
    row = law.row
    return row.forms[law.form].params if isinstance(row, Distribution) else row.params


def support_of(law: Law) -> Kind:
    """The support that the rows give, whatever the parameters are; the hull over several parts."""
    if isinstance(law.row, Distribution):
        return law.row.support
    first, *others = (support_of(child) for child in law.children)
    interval = first.interval
    for other in others:
        interval = interval.hull(other.interval)
    return replace(first, interval=law.row.support(interval) if callable(law.row.support) else interval)


def knows_parts(law: Law) -> bool:
    """Whether a law of vectors also gives a density to some of their entries alone."""
    return bool(law.event) and law.row.marginal is not None


def along(law: Law) -> bool:
    """Whether the event axes of a law are batch axes of what it wraps."""
    return not isinstance(law.row, Distribution) and law.row.along is not None


def law_operands(law: Law) -> tuple[Id, ...]:
    """The nodes that a law and everything that it wraps take as arguments."""
    return tuple(arg for inner in laws(law) for arg in inner.args if arg is not None)


def operands(program: Program, node: Id) -> tuple[Id, ...]:
    """The nodes that ``node`` is made from."""
    return program.nodes[node].args


def users(program: Program) -> tuple[tuple[Id, ...], ...]:
    """For each node, the nodes that are made from it, each once and in order."""
    found: list[list[Id]] = [[] for _ in program.nodes]
    for user, node in enumerate(program.nodes):
        for arg in dict.fromkeys(node.args):
            found[arg].append(user)
    return tuple(map(tuple, found))


def roots(program: Program) -> tuple[Id, ...]:
    """The nodes that a declaration, a site, an observation, a factor or a report refers to, each once.

    A definition of a model is only a name for a node. In a guide it may make a latent of the model, so that there it
    is a root too.
    """
    found: list[Id] = []
    collect = _Collector(found)
    _map_references(program, collect.node, collect.law)
    if program.guide is not None:
        found.extend(node for _, node in program.definitions)
    return tuple(dict.fromkeys(found))


def reachable(program: Program, start: Iterable[Id]) -> frozenset[Id]:
    """``start`` and all that it is made from.

    Example:
        >>> reachable(Program("empty"), [])
        frozenset()
    """
    seen: set[Id] = set()
    ahead = list(start)
    while ahead:
        node = ahead.pop()
        if node not in seen:
            seen.add(node)
            ahead.extend(program.nodes[node].args)
    return frozenset(seen)


# --- what a value depends on -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaves:
    """The names of the latents, data items and parameters that a value is made from."""

    latents: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()
    params: frozenset[str] = frozenset()

    def __or__(self, other: Leaves) -> Leaves:
        if other is self or other == NO_LEAVES:
            return self
        return Leaves(self.latents | other.latents, self.data | other.data, self.params | other.params)

    @property
    def fixed(self) -> bool:
        """Whether the value is known when the data is."""
        return not self.latents and not self.params


NO_LEAVES = Leaves()


def leaves(program: Program) -> tuple[Leaves, ...]:
    """For each node, what it depends on, in one walk over the program."""
    known: list[Leaves] = []
    shared: dict[Leaves, Leaves] = {NO_LEAVES: NO_LEAVES}
    for node in program.nodes:
        found = _own_leaf(node)
        for arg in node.args:
            found = known[arg] | found
        known.append(shared.setdefault(found, found))
    return tuple(known)


def depends_on(program: Program, start: Iterable[Id]) -> Leaves:
    """What any of the nodes ``start`` depends on."""
    found = NO_LEAVES
    for node in reachable(program, start):
        found = found | _own_leaf(program.nodes[node])
    return found


def _own_leaf(node: Node) -> Leaves:
    match node.op:
        case Latent(name):
            return Leaves(latents=frozenset((name,)))
        case Input(name):
            return Leaves(data=frozenset((name,)))
        case Parameter(name):
            return Leaves(params=frozenset((name,)))
        case _:
            return NO_LEAVES


def late_nodes(program: Program) -> frozenset[Id]:
    """The nodes that depend on a latent or a parameter, or stand within differential equations."""
    late: set[Id] = set()
    for i, node in enumerate(program.nodes):
        if isinstance(node.op, Latent | Parameter | Varying) or any(arg in late for arg in node.args):
            late.add(i)
    return frozenset(late)


def moved_ends(program: Program) -> dict[str, str]:
    """The observations whose support ends where latents or parameters say, each with the law that ends there."""
    found: dict[str, str] = {}
    for observation in program.observations:
        for law in laws(observation.law):
            ends = [
                arg
                for arg, param in zip(law.args, law_params(law), strict=True)
                if arg is not None
                and (_ends_by(law, param) or _may_fall(program, arg, param, observation.plates))
            ]
            if not depends_on(program, ends).fixed:
                found[observation.name] = law.row.name
    return found


def _ends_by(law: Law, param: Param) -> bool:
    """Whether a parameter says where the support of a law ends."""
    if isinstance(law.row, Distribution):
        return law.row.edge_moves or param.name in law.row.bounds
    return param.name == law.row.moves and support_of(law.children[0]).interval != intervals.REAL


def _may_fall(program: Program, value: Id, param: Param, plates: Dims) -> bool:
    """Whether values that must rise, as cut points, are computed in a way that does not say that they do."""
    if param.kind.structure not in RISING:
        return False
    free = [dim for dim in program.nodes[value].dims if dim not in plates]
    return bool(free) and not _rises(program, value, free[-1])


def _rises(program: Program, value: Id, dim: Dim) -> bool:
    """Whether values certainly rise along a dimension: as declared, moved as a whole or by a positive factor."""
    while True:
        node = program.nodes[value]
        if node.kind.structure in RISING and node.dims[-1] == dim:
            return True
        along = [arg for arg in node.args if dim in program.nodes[arg].dims]
        match node.op:
            case Gather(dim=gone) if gone != dim:
                value = node.args[0]
            case Relabel(old=old, new=new) if new == dim:
                value, dim = node.args[0], old
            case Apply(function) if function.name in ("+", "-", "*", "/") and len(along) == 1:
                (other,) = (arg for arg in node.args if arg != along[0])
                first = along[0] == node.args[0]
                scaled = function.name in ("*", "/")
                if (function.name in ("-", "/") and not first) or (
                    scaled and program.nodes[other].kind.interval.lower < 0
                ):
                    return False
                value = along[0]
            case _:
                return False


RISING = frozenset({Structure.ORDERED, Structure.POSITIVE_ORDERED})
"""How values that rise along their last axis are tied."""

CENTRES = frozenset({"loc", "mean"})
"""Parameters of distributions that move a variate and leave its width."""


def latent_widths(program: Program) -> frozenset[str]:
    """The latents whose width is latent too: something else than the centre of their law depends on another latent."""
    found: set[str] = set()
    for site in program.sites:
        for law in laws(site.law):
            given = zip(law.args, law_params(law), strict=True)
            others = [arg for arg, param in given if arg is not None and param.name not in CENTRES]
            if depends_on(program, others).latents - {site.name}:
                found.add(site.name)
    return frozenset(found)


def squares(program: Program) -> Iterator[Dim]:
    """The dimensions of the matrices that functions and distributions take or give."""
    for node in program.nodes:
        if isinstance(node.op, Matrix):
            yield from (event[0] for event in (*node.op.events, node.op.out) if len(event) == 2)
    sites, observed = (site.law for site in program.sites), (one.law for one in program.observations)
    for law in (inner for outer in (*sites, *observed) for inner in laws(outer)):
        if len(law.event) == 2:
            yield law.event[0]
        for arg, param in zip(law.args, law_params(law), strict=True):
            if arg is not None and len(param.event) == 2:
                yield program.nodes[arg].dims[-1]


def acts_on(node: Node, dim: Dim) -> bool:
    """Whether a node takes or makes several members of ``dim`` at once, and not each one by itself."""
    touched: tuple[Dim, ...] = ()
    match node.op:
        case Const() | Label() | Input() | Latent() | Parameter() | Before() | Varying() | Flow() | Apply():
            pass
        case Reduce(_, axis) | Along(_, axis) | Gather(axis) | Stack(axis) | Lag(axis, _) | Carry(axis):
            touched = (axis,)
        case Matrix(_, events, out):
            touched = (*(axis for event in events for axis in event), *out)
        case Contract(left, right) | Relabel(left, right):
            touched = (left, right)
        case Fill(_, over):
            touched = over
    return any(axis.name == dim.name for axis in touched)


def varying(nodes: Sequence[Node], flow: Node) -> tuple[Id, ...]:
    """What makes the rate of change of a flow and depends on its state or its time, in order."""
    assert isinstance(flow.op, Flow)
    names = (flow.op.state, flow.op.time)
    below: set[Id] = set()
    ahead = [flow.args[3]]
    while ahead:
        node = ahead.pop()
        if node not in below:
            below.add(node)
            ahead.extend(nodes[node].args)
    found: dict[Id, None] = {}
    for i in sorted(below):
        op = nodes[i].op
        if (isinstance(op, Varying) and op.name in names) or any(arg in found for arg in nodes[i].args):
            found[i] = None
    return tuple(found)


def tied(nodes: Sequence[Node], flow: Node) -> Dims:
    """The axes of a flow's state along which its equations tie the members to each other."""
    own = union(nodes[flow.args[0]].dims, nodes[flow.args[3]].dims)
    inside = [nodes[i] for i in varying(nodes, flow)]
    return tuple(dim for dim in own if any(acts_on(node, dim) for node in inside))


# --- renumbering -----------------------------------------------------------------------------------------------------


def rebuild(program: Program, entries: Sequence[Node | Id | None]) -> Program:
    """The program with other nodes, renumbered, and every reference following.

    Args:
        program: the program before.
        entries: for each of its nodes what takes its place: a node, whose operands are counted as *before*; the
            position of an earlier node, which stands for it from now on; or ``None``, which drops a node that nothing
            refers to.

    Names in ``definitions`` of a dropped node are dropped with it.
    """
    number: list[Id | None] = []
    nodes: list[Node] = []

    def new(old: Id) -> Id:
        position = number[old]
        assert position is not None, f"node %{old} is dropped and still used"
        return position

    for entry in entries:
        match entry:
            case Node():
                number.append(len(nodes))
                args = tuple(map(new, entry.args))
                nodes.append(entry if args == entry.args else replace(entry, args=args))
            case None:
                number.append(None)
            case earlier:
                number.append(new(earlier))
    referring = _map_references(program, new, lambda law: _renumbered(law, new))
    kept = tuple((name, new(node)) for name, node in program.definitions if number[node] is not None)
    return replace(referring, nodes=tuple(nodes), definitions=kept)


def prefixed(program: Program, nodes: Sequence[Node]) -> Program:
    """The program with more nodes in front of its own, which they may then be used by."""
    shift = len(nodes)

    def moved(node: Id) -> Id:
        return node + shift

    referring = _map_references(program, moved, lambda law: _renumbered(law, moved))
    own = (replace(node, args=tuple(map(moved, node.args))) for node in program.nodes)
    definitions = tuple((name, moved(node)) for name, node in program.definitions)
    return replace(referring, nodes=(*nodes, *own), definitions=definitions)


def _renumbered(law: Law, new: Callable[[Id], Id]) -> Law:
    """A law is as deep as its text, so that recursion is safe here."""
    return replace(
        law,
        args=tuple(None if arg is None else new(arg) for arg in law.args),
        children=tuple(_renumbered(child, new) for child in law.children),
    )


class _Collector:
    """Notes every reference and changes nothing."""

    def __init__(self, found: list[Id]) -> None:
        self.found = found

    def node(self, node: Id) -> Id:
        self.found.append(node)
        return node

    def law(self, law: Law) -> Law:
        self.found.extend(law_operands(law))
        return law


def _map_references(program: Program, node: Callable[[Id], Id], law: Callable[[Law], Law]) -> Program:
    """The program with every reference from outside its nodes mapped; its definitions are left as they are."""

    def maybe(reference: Id | None) -> Id | None:
        return None if reference is None else node(reference)

    def ends(bounds: Bounds) -> Bounds:
        return replace(bounds, lower=maybe(bounds.lower), upper=maybe(bounds.upper))

    return replace(
        program,
        dimensions=tuple(replace(d, size=maybe(d.size)) for d in program.dimensions),
        data=tuple(replace(d, bounds=ends(d.bounds)) for d in program.data),
        params=tuple(
            replace(p, bounds=ends(p.bounds), init=law(p.init) if isinstance(p.init, Law) else maybe(p.init))
            for p in program.params
        ),
        sites=tuple(replace(s, law=law(s.law), bounds=ends(s.bounds)) for s in program.sites),
        observations=tuple(
            replace(o, value=node(o.value), law=law(o.law), mask=maybe(o.mask), weight=maybe(o.weight))
            for o in program.observations
        ),
        factors=tuple(replace(f, value=node(f.value)) for f in program.factors),
        reports=tuple(
            replace(r, value=maybe(r.value), law=None if r.law is None else law(r.law)) for r in program.reports
        ),
    )
