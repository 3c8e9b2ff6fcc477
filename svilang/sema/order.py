"""The order in which names are made: dependencies first, or the cycle that forbids it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TypeVar

from ..catalog.distributions import DISTRIBUTIONS
from ..catalog.function import Role
from ..catalog.functions import FUNCTIONS
from ..syntax import ast

N = TypeVar("N", bound=ast.Node)


def names_in(node: object, *, earlier: bool = False) -> Iterator[ast.Name]:
    """Every use of a name below ``node``, in source order.

    Arguments that are dimensions are left out, and so is what ``prev`` reads, since it belongs to an earlier step,
    unless ``earlier`` asks for it.
    """
    stack: list[object] = [node]
    while stack:
        item = stack.pop()
        match item:
            case ast.Name():
                yield item
            case ast.Call():
                stack.extend(argument.value for argument in reversed(_value_arguments(item, earlier)))
            case ast.Node():
                stack.extend(getattr(item, name) for name in reversed(item.__dataclass_fields__) if name != "span")
            case tuple():
                stack.extend(reversed(item))
            case _:
                pass


def _value_arguments(call: ast.Call, earlier: bool) -> list[ast.Argument]:
    name = call.function.name
    arguments = [a for a in call.arguments if a.name is None or a.name.name != "over"]
    if name == "prev":
        return arguments if earlier else []
    if name in FUNCTIONS and FUNCTIONS[name].role is Role.FILL:
        values = len(FUNCTIONS[name].params) - len(FUNCTIONS[name].dims)
        return arguments[len(arguments) - values :]
    if name in DISTRIBUTIONS and DISTRIBUTIONS[name].dimension_first:
        return arguments[1:]
    return arguments


def nodes_in(node: object, kind: type[N]) -> list[N]:
    """Every node of a kind at ``node`` or below it."""
    found: list[N] = []
    stack: list[object] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, kind):
            found.append(item)
        if isinstance(item, ast.Node):
            stack.extend(getattr(item, name) for name in item.__dataclass_fields__ if name != "span")
        elif isinstance(item, tuple):
            stack.extend(item)
    return found


def reached(start: str, edges: Mapping[str, Set[str]]) -> set[str]:
    """What can be reached from ``start`` by one edge or more; a name without edges ends a way."""
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        for name in edges.get(ahead.pop(), set[str]()) - seen:
            seen.add(name)
            ahead.append(name)
    return seen


def dependency_order(edges: Mapping[str, Iterable[str]]) -> tuple[list[str], list[list[str]]]:
    """The keys of ``edges`` with what they need before them, and the cycles met on the way.

    Each cycle is a list of names that ends with the one it began with. Iterative, so that long chains of definitions
    are no danger.
    """
    done: dict[str, bool] = {}
    order: list[str] = []
    cycles: list[list[str]] = []
    for root in edges:
        if root in done:
            continue
        path: list[str] = [root]
        pending = [iter(edges[root])]
        done[root] = False
        while path:
            for needed in pending[-1]:
                if needed not in edges:
                    continue
                if needed not in done:
                    done[needed] = False
                    path.append(needed)
                    pending.append(iter(edges[needed]))
                    break
                if not done[needed]:
                    cycles.append([*path[path.index(needed) :], needed])
            else:
                pending.pop()
                finished = path.pop()
                done[finished] = True
                order.append(finished)
    return order, cycles
