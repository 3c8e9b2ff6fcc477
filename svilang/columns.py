"""Dimensions whose members act as the columns of a design: laws of observations sum latents with data over them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .ir import nodes as ir
from .ir.walk import depends_on, law_operands, reachable
from .lazy import np
from .results import errors

if TYPE_CHECKING:
    from .carried import Members


@dataclass(frozen=True, slots=True)
class Columns:
    """Latents that are summed with data over one dimension.

    Args:
        latents: those along the dimension.
        population: whether they have a distribution that was fitted, so that further members can be drawn from it.
    """

    latents: tuple[str, ...]
    population: bool


def columns(program: ir.Program) -> Mapping[str, Columns]:
    """The dimensions that are summed over in the laws of observations, in products of data with latents.

    Example:
        >>> import svilang
        >>> model = "model { b: real[p] ~ Normal(0, 1) plate n { observe y ~ Normal(X @ b, 1) } }"
        >>> columns(svilang.compile("data { X: real[n, p] y: real[n] }" + model).checked.model)
        {'p': Columns(latents=('b',), population=False)}
    """
    sites = {site.name: site for site in program.sites}
    along = {item.name: {dim.name for dim in item.dims} for item in program.data}
    read = reachable(program, [i for one in program.observations for i in law_operands(one.law)])
    found: dict[str, Columns] = {}
    for name, node in [(name, i) for i in sorted(read) for name in _summed(program.nodes[i])]:
        leaves = depends_on(program, program.nodes[node].args)
        own = [one for one in sorted(leaves.latents) if name in {dim.name for dim in sites[one].dims}]
        if own and any(name in along[item] for item in leaves.data):
            behind = depends_on(program, [arg for one in own for arg in law_operands(sites[one].law)]).latents
            population = bool((leaves.latents | behind) - set(own))
            before = found.get(name, Columns((), True))
            found[name] = Columns((*dict.fromkeys([*before.latents, *own]),), before.population and population)
    return found


def _summed(node: ir.Node) -> Collection[str]:
    """The dimensions that a node sums over."""
    match node.op:
        case ir.Contract(left, right):
            return {left.name, right.name}
        case ir.Reduce(_, dim):
            return {dim.name}
        case ir.Matrix(_, events, out):
            return {dim.name for event in events for dim in event} - {dim.name for dim in out}
        case _:
            return ()


def other_columns(program: ir.Program, members: Members) -> Iterator[Any]:
    """What is wrong where new data have other columns than those whose coefficients were fitted."""
    spans = {site.name: site.span for site in program.sites}
    for name, found in columns(program).items():
        if name in members.apart or name in members.chains or name not in members.sizes:
            continue
        place, size = members.of_name(name), members.sizes[name]
        old, new = members.labels.get(name), members.bound.labels.get(name)
        shared = bool((place >= 0).any())
        if old is None or new is None:
            if size != len(place):
                yield errors.other_size(name, size, len(place), found.latents, spans[found.latents[0]])
        elif not (shared and found.population):
            lacking = [str(old[i]) for i in np.setdiff1d(np.arange(size), place)]
            strange = [str(label) for label, at in zip(new, place, strict=True) if at < 0]
            if lacking or strange:
                yield errors.other_columns(name, lacking, strange, found.latents, spans[found.latents[0]])
