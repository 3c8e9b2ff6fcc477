"""Where the search for the start of a fit begins: values of latents, each checked against its declaration."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from ..catalog.structures import TESTS
from ..diagnostics import NOWHERE, Diagnostic, Span
from ..ir import nodes as ir
from ..lazy import np
from ..runtime.settings import Numbers
from ..syntax import ast
from ..types import Structure
from . import errors

if TYPE_CHECKING:
    import numpy

_OPEN = (Structure.SCALAR, Structure.SIMPLEX, Structure.POSITIVE_ORDERED)
"""Structures of which no element stands on an end of its interval."""


@dataclass(frozen=True)
class Start:
    """A value of a latent: where its name and its value stand, and each number of the value."""

    name: ast.Ident
    value: Numbers
    span: Span = NOWHERE
    places: tuple[Span, ...] = ()


def written(setting: ast.Setting, problems: list[Diagnostic]) -> Start | None:
    """``init[mu] = 700``; problems are appended."""
    if len(setting.dims) != 1:
        problems.append(errors.start_of_one_latent(setting))
        return None
    name, leaves = setting.dims[0], tuple(_leaves(setting.value))
    wrong = [leaf for leaf in leaves if _number(leaf) is None]
    if wrong:
        problems.append(errors.start_is_no_number(name.name, wrong[0].span))
        return None
    return Start(name, _numbers(setting.value), setting.value.span, tuple(leaf.span for leaf in leaves))


def given(values: Mapping[str, Any], problems: list[Diagnostic]) -> list[Start]:
    """Values from the command line or from Python; problems are appended."""
    found: list[Start] = []
    for name, value in values.items():
        numbers = _array(value)
        if numbers is None:
            problems.append(errors.start_is_no_number(name, NOWHERE))
        else:
            found.append(Start(ast.Ident(name, span=NOWHERE), _tuples(numbers.tolist())))
    return found


def _array(value: Any) -> numpy.ndarray | None:
    """A value as an array of numbers; ``None`` for anything else, such as truth values and texts."""
    try:
        array, parts = np.asarray(value), np.asarray(value, object).flat
        numbers = array.dtype.kind in "iuf" and not any(isinstance(part, bool | np.bool_) for part in parts)
        return array.astype(float) if numbers else None
    except (TypeError, ValueError):
        return None


def check(start: Start, model: ir.Program, guides: Iterable[ir.Program], sizes: Mapping[str, int]) -> Diagnostic | None:
    """What keeps a latent from beginning there, as far as the sizes of dimensions are known."""
    covered = covers(guides)
    sites = {site.name: site for site in model.sites}
    name = start.name.name
    if name not in covered:
        what, fix = _other(name, model)
        return errors.no_start(start.name, what, fix, [one for one in sites if one in covered])
    site = sites[name]
    return _misshapen(start, site, sizes) or _outside(start, site, sizes)


def covers(guides: Iterable[ir.Program]) -> frozenset[str]:
    """The latents that families of these guides cover."""
    parts = [guide.guide for guide in guides if guide.guide is not None]
    return frozenset(name for part in parts for family in part.families for name in family.sites)


def _other(name: str, model: ir.Program) -> tuple[str | None, str]:
    """What a name without a start is, and what to do instead."""
    discrete = [site.name for site in model.sites if site.kind.discrete]
    sites, params = [site.name for site in model.sites], [param.name for param in model.params]
    only = "only latent variables take one"
    table: list[tuple[str, Collection[str], str]] = [
        ("a discrete variable", discrete, "leave it out: its values are weighed by their probabilities, or drawn"),
        ("drawn by the guide", sites, "its parameters there start at `param a: real = 0.5`"),
        ("data", [item.name for item in model.data], only),
        ("a parameter", params, f"its start stands in its declaration: `param {name}: real = 0.5`"),
        ("a definition", [one for one, _ in model.definitions], "give the latent variables of which it is made"),
        ("a report", [report.name for report in model.reports], only),
    ]
    found = ((what, fix) for what, names, fix in table if name in names)
    return next(found, (None, "no family of the guide covers a latent variable"))


def _misshapen(start: Start, site: ir.Site, sizes: Mapping[str, int]) -> Diagnostic | None:
    if not isinstance(start.value, tuple):
        return None
    shape = _shape(start.value)
    if shape is None:
        return errors.start_of_wrong_shape(site, "lists of different lengths", sizes, start.span)
    wanted = [sizes.get(dim.name) for dim in site.dims]
    if len(shape) == len(wanted) and all(size in (None, n) for size, n in zip(wanted, shape, strict=True)):
        return None
    return errors.start_of_wrong_shape(site, f"of shape [{', '.join(map(str, shape))}]", sizes, start.span)


def _outside(start: Start, site: ir.Site, sizes: Mapping[str, int]) -> Diagnostic | None:
    kind = site.kind
    ends = replace(kind.interval, lower_open=True, upper_open=True) if kind.structure in _OPEN else kind.interval
    for i, number in enumerate(_flat(start.value)):
        if not isfinite(number) or number not in ends:
            return errors.start_outside(site, number, start.places[i] if start.places else start.span)
    event = site.dims[len(site.dims) - kind.structure.rank :]
    if kind.structure is Structure.SCALAR or any(dim.name not in sizes for dim in event):
        return None
    shape = tuple(sizes[dim.name] for dim in event)
    values = np.asarray(start.value) if isinstance(start.value, tuple) else np.full(shape, start.value)
    return None if TESTS[kind.structure](values).all() else errors.start_outside(site, None, start.span)


def _leaves(node: ast.Expr) -> Iterator[ast.Expr]:
    if isinstance(node, ast.ListLiteral):
        for item in node.items:
            yield from _leaves(item)
    else:
        yield node


def _number(node: ast.Expr) -> float | None:
    match node:
        case ast.Number(value=value):
            return value
        case ast.Unary(op="-", operand=ast.Number(value=value)):
            return -value
        case _:
            return None


def _numbers(node: ast.Expr) -> Numbers:
    if isinstance(node, ast.ListLiteral):
        return tuple(_numbers(item) for item in node.items)
    value = _number(node)
    assert value is not None
    return float(value)


def _tuples(value: Any) -> Numbers:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _flat(value: Numbers) -> Iterator[float]:
    if isinstance(value, tuple):
        for part in value:
            yield from _flat(part)
    else:
        yield value


def _shape(value: Numbers) -> tuple[int, ...] | None:
    """How long the lists are at each level; ``None`` where they differ."""
    if not isinstance(value, tuple):
        return ()
    inner: Sequence[tuple[int, ...] | None] = [_shape(part) for part in value]
    if None in inner or len(set(inner)) > 1:
        return None
    return (len(value), *(inner[0] or () if inner else ()))
