"""Functions that go in steps, and comparisons, of what is continuous: the gradient sees no jump."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ..diagnostics import Diagnostic
from ..ir import nodes as ir
from . import errors
from .model import ModelStatements
from .parts import laws, named

ROUNDED = frozenset(["floor", "ceil", "round", "sign", "step", "mod"])
"""Functions that are flat between their jumps, or jump."""
COMPARED = frozenset(["<", "<=", ">", ">=", "==", "!="])


def jumps(model: ModelStatements) -> Iterator[Diagnostic]:
    """The steps that the log density may take where a continuous latent variable moves."""
    continuous = {site.name for site in model.sites if not site.kind.discrete and site.kind.member is None}
    if not continuous:
        return
    terms = [arg for law in laws(model) for arg in named(law).values()]
    reached = sorted(set(model.b.below(*terms, *(factor.value for factor in model.factors))))
    nodes = model.b.nodes
    users: dict[ir.Id, list[ir.Id]] = {}
    for at in reached:
        for arg in nodes[at].args:
            users.setdefault(arg, []).append(at)
    for at in reached:
        function = _function(nodes[at])
        moving = continuous.intersection(model.b.latents(at))
        if not moving or function not in ROUNDED | COMPARED:
            continue
        first = next(site.name for site in model.sites if site.name in moving)
        if function in ROUNDED - {"step"}:
            yield errors.goes_in_steps(f"`{function}`", first, nodes[at].span)
        elif not _meets(model, at, users.get(at, [])):
            yield errors.goes_in_steps("`step`" if function == "step" else "this comparison", first, nodes[at].span)


def _meets(model: ModelStatements, comparison: ir.Id, users: list[ir.Id]) -> bool:
    """Whether what is chosen by a comparison is the same on both sides where its operands are equal."""
    u, *rest = model.b.nodes[comparison].args
    v = rest[0] if rest else None

    @cache
    def vanishes(node: ir.Id) -> bool:
        """Whether a value is 0 where the operands are equal."""
        if model.b.number(node) == 0 or (node == u and (v is None or model.b.number(v) == 0)):
            return True
        args = model.b.nodes[node].args
        match _function(model.b.nodes[node]):
            case "*":
                return any(map(vanishes, args))
            case "-" if v is not None and _same(model, args, (u, v)):
                return True
            case "+" | "-" | "if":
                return all(map(vanishes, args[-2:]))
            case "/" | "^" | "negate":
                return vanishes(args[0])
            case _:
                return False

    for user in users:
        name = _function(model.b.nodes[user])
        others = [arg for arg in model.b.nodes[user].args if arg != comparison]
        if name == "*" and others and vanishes(others[0]):
            continue
        if name != "if" or not all(map(vanishes, others)):
            return False
    return True


def _function(node: ir.Node) -> str:
    """The name of an elementwise function; nothing for all else."""
    return node.op.function.name if isinstance(node.op, ir.Apply) else ""


def _same(model: ModelStatements, some: tuple[ir.Id, ...], others: tuple[ir.Id, ir.Id]) -> bool:
    """Whether two pairs of nodes hold the same values, in either order."""

    @cache
    def equal(one: ir.Id, other: ir.Id) -> bool:
        if one == other:
            return True
        left, right = model.b.nodes[one], model.b.nodes[other]
        return left.op == right.op and len(left.args) == len(right.args) and all(map(equal, left.args, right.args))

    (a, b), (u, v) = some, others
    return (equal(a, u) and equal(b, v)) or (equal(a, v) and equal(b, u))
