"""Mixtures and hidden states whose parts can change places: the posterior has a mode for each order of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..diagnostics import Diagnostic
from ..ir import nodes as ir
from ..types import Dim, Structure, intervals
from . import errors
from .model import ModelStatements
from .parts import latents_of_law, laws, named

SYMMETRIC = frozenset(["sum", "mean", "prod", "max", "min", "logsumexp", "std", "var"])
"""Reductions that do not see an order."""

# --- written as a mixture --------------------------------------------------------------------------------------------


def mixtures(model: ModelStatements) -> Iterator[Diagnostic]:
    """Mixtures whose parts have the same prior."""
    sites = {site.name: site for site in model.sites}
    for law in laws(model):
        if law.mixed is None or len(law.children) != 1:
            continue
        read = [sites[name] for name in sorted(latents_of_law(model, law)) if name in sites]
        over = [site for site in read if law.mixed in site.dims]
        given = any(_differs(model, arg, law.mixed) for arg in (*named(law).values(), *named(law.children[0]).values()))
        if over and not given and all(_same_for_all(model, site, law.mixed) for site in over):
            free = next((site for site in over if _can_be_ordered(site, law.mixed)), None)
            if free is not None:
                yield errors.exchangeable(free.name, _ordered_kind(free), law.mixed.name, law.span)


def _can_be_ordered(site: ir.Site, dim: Dim) -> bool:
    return site.dims == (dim,) and site.kind.structure is Structure.SCALAR and not site.kind.discrete


def _ordered_kind(site: ir.Site) -> str | None:
    """The kind that puts the members of a vector in order; none has two ends."""
    if site.kind.interval.upper < intervals.inf:
        return None
    return "ordered" if site.kind.interval.lower < 0 else "positive_ordered"


def _differs(model: ModelStatements, node: ir.Id, dim: Dim) -> bool:
    """Whether something that is not drawn tells the members of ``dim`` apart."""
    alike = (ir.Latent, ir.Apply, ir.Matrix, ir.Reduce)
    return any(
        dim in model.b.dims(i)
        and not isinstance(model.b.nodes[i].op, alike)
        and not _constant_fill(model.b.nodes[i].op)
        for i in model.b.below(node)
    )


def _constant_fill(op: ir.Op) -> bool:
    return isinstance(op, ir.Fill) and op.function.name in ("ones", "zeros", "full")


def _same_for_all(model: ModelStatements, site: ir.Site, dim: Dim) -> bool:
    """Whether the prior of a site does not tell the members of ``dim`` apart."""
    if site.kind.structure in (Structure.ORDERED, Structure.POSITIVE_ORDERED):
        return False
    args = [arg for arg in site.law.args if arg is not None and dim in model.b.dims(arg)]
    return not site.law.children and not any(_differs(model, arg, dim) or model.b.latents(arg) for arg in args)


# --- written with a class or a state for each member -----------------------------------------------------------------


def hidden_states(model: ModelStatements) -> Iterator[Diagnostic]:
    """Classes and hidden states whose numbers could change places without a change of the density."""
    for root in dict.fromkeys(model.table.root(site.kind.member) for site in model.sites if site.kind.member):
        states = [site for site in model.sites if site.kind.member and model.table.root(site.kind.member) == root]
        if not _seen(model, [site.name for site in states]) or not _Symmetry(model, root).holds():
            continue
        emitted = _gathered(model, root)
        free = next((s for s in model.sites if s.name in emitted and _can_be_ordered(s, Dim(s.dims[-1].name))), None)
        if free is not None:
            yield errors.exchangeable_states(
                states[0].name, free.name, _ordered_kind(free), free.dims[0].name, states[0].span
            )


def _seen(model: ModelStatements, names: list[str]) -> bool:
    return any(latents_of_law(model, one.law) & set(names) for one in model.observations)


def _gathered(model: ModelStatements, root: str) -> set[str]:
    """The vectors over a dimension of which an observation reads the entry of a drawn member."""
    tops = [arg for one in model.observations for law in _with_children(one.law) for arg in named(law).values()]
    gathers = (model.b.nodes[i] for i in model.b.below(*tops) if isinstance(model.b.nodes[i].op, ir.Gather))
    found: set[str] = set()
    for node in gathers:
        base, index = (model.b.nodes[arg] for arg in node.args)
        member = index.kind.member
        if isinstance(base.op, ir.Latent) and member is not None and model.table.root(member) == root:
            found.add(base.op.name)
    return found


def _with_children(law: ir.Law) -> Iterator[ir.Law]:
    yield law
    for child in law.children:
        yield from _with_children(child)


class _Symmetry:
    """Whether a model says the same of all members of a dimension, so far as its structure shows."""

    def __init__(self, model: ModelStatements, root: str) -> None:
        self.model, self.root = model, root

    def holds(self) -> bool:
        """Whether nothing tells them apart."""
        tops = [arg for law in laws(self.model) for arg in named(law).values()]
        tops += [one.value for one in (*self.model.observations, *self.model.factors)]
        tops += [arg for one in self.model.observations for arg in (one.mask, one.weight) if arg is not None]
        alike = all(self._is_alike(node) for node in self.model.b.below(*tops) if self._concerns(node))
        return alike and not any(self._breaks(site) for site in self.model.sites)

    def _over(self, dims: Iterable[Dim]) -> bool:
        return any(self.model.table.root(dim.name) == self.root for dim in dims)

    def _concerns(self, at: ir.Id) -> bool:
        node = self.model.b.nodes[at]
        member = node.kind.member is not None and self.model.table.root(node.kind.member) == self.root
        inner = isinstance(node.op, (ir.Gather, ir.Reduce)) and self._over([node.op.dim])
        return member or inner or self._over(node.dims)

    def _is_alike(self, at: ir.Id) -> bool:
        node = self.model.b.nodes[at]
        match node.op:
            case ir.Latent() | ir.Apply() | ir.Gather() | ir.Contract() | ir.Relabel() | ir.Lag():
                return True
            case ir.Reduce(function=function) | ir.Along(function=function):
                return function.name in SYMMETRIC or function.name == "softmax" or not self._over([node.op.dim])
            case ir.Stack(dim=dim):
                return not self._over([dim]) or len({self.model.b.number(arg) for arg in node.args} - {None}) == 1
            case op:
                return _constant_fill(op)

    def _breaks(self, site: ir.Site) -> bool:
        """Whether the kind of a site puts the members in order."""
        return self._over(site.dims) and site.kind.structure in (Structure.ORDERED, Structure.POSITIVE_ORDERED)
