"""Which sampled sites without a pathwise gradient a value depends on, and along which plates member by member.

The gradient of such a site multiplies every term that depends on it. Where member ``i`` of a term depends on member
``i`` of the site only, that member's cost alone multiplies the gradient of that member, which takes out the noise of
all the others (Rao–Blackwellisation over plates).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..ir import nodes as ir
from ..ir.walk import law_operands
from ..types import Dim, Dims

Link = frozenset[tuple[Dim, ir.Id | None]]
"""The plates of a site along which members belong together: by name, or through an index into the site's plate. Along
its other plates all members count."""

Links = Mapping[str, Link]
"""A link for each site that a value depends on."""


def merged(many: Iterable[Links]) -> Links:
    """Of several values together: members belong together where they do for all."""
    found: dict[str, Link] = {}
    for links in many:
        for name, link in links.items():
            found[name] = found[name] & link if name in found else link
    return found


def within(links: Links, nodes: Sequence[ir.Node], plates: Dims) -> Links:
    """The links of a value of which only the axes ``plates`` are left apart."""
    return {name: frozenset(part for part in link if _kept(part, nodes, plates)) for name, link in links.items()}


def _kept(part: tuple[Dim, ir.Id | None], nodes: Sequence[ir.Node], plates: Dims) -> bool:
    plate, index = part
    return plate in plates if index is None else set(nodes[index].dims) <= set(plates)


def carried(node: ir.Node, nodes: Sequence[ir.Node], known: Sequence[Links]) -> Links:
    """The links of a node from those of its operands."""
    if not any(known[arg] for arg in node.args):
        return {}
    if isinstance(node.op, ir.Gather):
        base, index = node.args
        return merged([_gathered(known[base], node.op.dim, index, nodes, known), known[index]])
    gone = _crossed(node.op)
    rest = (tuple(dim for dim in nodes[arg].dims if dim not in gone) for arg in node.args)
    return merged(within(known[arg], nodes, dims) for arg, dims in zip(node.args, rest, strict=True))


def _crossed(op: ir.Op) -> set[Dim]:
    """Axes along which an operation takes all members at once."""
    match op:
        case ir.Reduce(_, dim) | ir.Along(_, dim) | ir.Lag(dim, _) | ir.Relabel(dim, _):
            return {dim}
        case ir.Contract(left, right):
            return {left, right}
        case ir.Matrix(_, events, _):
            return {dim for event in events for dim in event}
        case _:
            return set()


def _gathered(links: Links, dim: Dim, index: ir.Id, nodes: Sequence[ir.Node], known: Sequence[Links]) -> Links:
    """Of ``x[index]``: what was linked along ``dim`` by name is linked through the index, if that is data."""
    fixed = _from_data(index, nodes)

    def moved(part: tuple[Dim, ir.Id | None]) -> tuple[Dim, ir.Id | None] | None:
        plate, earlier = part
        if earlier is not None:
            return None if dim in nodes[earlier].dims else part
        if plate != dim:
            return part
        return (plate, index) if fixed else None

    return {name: frozenset(new for part in link if (new := moved(part)) is not None) for name, link in links.items()}


def _from_data(node: ir.Id, nodes: Sequence[ir.Node]) -> bool:
    ahead = [node]
    while ahead:
        one = nodes[ahead.pop()]
        if isinstance(one.op, (ir.Latent, ir.Parameter)) or any(dim.name.endswith("~") for dim in one.dims):
            return False
        ahead.extend(one.args)
    return True


def at_term(many: Iterable[Links], nodes: Sequence[ir.Node], plates: Dims) -> Links:
    """The links of a term that has a number for each member of ``plates``."""
    return within(merged(many), nodes, plates)


def at_law(
    law: ir.Law, nodes: Sequence[ir.Node], known: Sequence[Links], plates: Dims, others: Iterable[ir.Id] = ()
) -> Links:
    """The links of a density, or of a draw, that is independent over ``plates``."""
    return at_term([known[arg] for arg in (*law_operands(law), *others)], nodes, plates)
