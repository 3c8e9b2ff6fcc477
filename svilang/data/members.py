"""What is legal and suspicious in labels and codes: an order that nothing says, labels that look alike, marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..diagnostics import Diagnostic
from ..ir.nodes import Along, Carry, Fill, Lag, Program
from ..ir.walk import law_params, laws
from ..types import Structure
from . import errors
from .axes import Axes
from .bound import Labels
from .sources import Located
from .table import NEGATIVE_MARKS, labels, shown

SERIES = ("cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp")
"""Functions along a dimension that read its members one after the other."""
ORDERS = (Structure.ORDERED, Structure.POSITIVE_ORDERED)
MARKS = frozenset(
    {".", "-", "--", "?", "missing", "n.a.", "na", "none", "#ref!", "#div/0!", *map(str, NEGATIVE_MARKS[1:])}
)
"""Labels, in small letters, that often stand for an entry that is not known."""
DATE = re.compile(r"\d{4}-\d\d")
"""How a date begins of which the alphabet knows the order."""
CODES = frozenset({-1, *NEGATIVE_MARKS})
"""Negative codes that often do, beside codes that are not negative."""


def of_labels(program: Program, axes: Axes, located: Sequence[Located]) -> Iterator[Diagnostic]:
    """Warnings about the labels of dimensions and the codes that refer to them."""
    ordered = {axes.root(dim): (why, steps) for dim, why, steps in _ordered(program)}
    for root, found in axes.labels.items():
        if root in ordered:
            yield from _order(axes, root, found, *ordered[root])
        if root in axes.gathered:
            groups = list(_alike(found))
            if groups:
                yield errors.alike(root, groups, axes.sources[root], axes.span(root))
    for hit in located:
        if hit.item.kind.member is not None:
            yield from _members(hit, axes)


def _ordered(program: Program) -> Iterator[tuple[str, str, bool]]:
    """Dimensions the order of whose members has a meaning, to what, and whether each is a step from the one before."""
    drawn = [(site.law, site.kind) for site in program.sites]
    drawn += [(one.law, program.nodes[one.value].kind) for one in program.observations]
    chains = {law.args[0] for outer, _ in drawn for law in laws(outer) if law.row.name == "then"}
    for at, node in enumerate(program.nodes):
        match node.op:
            case Along(function, dim) if function.name in SERIES:
                yield dim.name, f"`{function.name}`", True
            case Lag(dim) | Carry(dim):
                yield dim.name, "`markov`", True
            case Fill(function, over) if function.name == "position":
                why = "`markov`" if at in chains else "`position`"
                yield from ((dim.name, why, True) for dim in over)
            case _:
                pass
    for site in program.sites:
        if site.kind.structure in ORDERS:
            yield site.dims[-1].name, f"`{site.kind}`", False
    for outer, kind in drawn:
        for law in laws(outer):
            why = f"`{law.row.name}`"
            if law.row.walks:
                yield law.event[0].name, why, True
            if kind.member is not None and any(param.kind.structure in ORDERS for param in law_params(law)):
                yield kind.member, why, False


def _order(axes: Axes, root: str, found: Labels, why: str, steps: bool) -> Iterator[Diagnostic]:
    texts = [label for label in found if isinstance(label, str)]
    numbers = [label for label in found if isinstance(label, int)]
    back = _first_back(numbers) or _first_back([text for text in texts if DATE.match(text)])
    if texts and root in axes.gathered and not _orders_itself(texts):
        yield errors.sorted_by_alphabet(root, texts, why, axes.sources[root], axes.span(root))
    elif back is not None:
        yield errors.goes_back(root, *back, why, axes.sources[root], axes.span(root))
    elif steps and numbers:
        least = min((two - one for one, two in pairwise(numbers)), default=1)
        wide = next(((one, two) for one, two in pairwise(numbers) if two - one > least), None)
        if wide is not None:
            yield errors.uneven_steps(root, *wide, why, axes.span(root))


def _first_back(found: Sequence[Any]) -> tuple[str, str] | None:
    """The first two neighbours that are not in order."""
    return next(((shown(one), shown(two)) for one, two in pairwise(found) if two < one), None)


def _orders_itself(texts: Sequence[str]) -> bool:
    """Whether the alphabet is an order that is meant: single letters, dates and what else is told apart by numbers."""
    if all(len(text) == 1 for text in texts):
        return True
    return all(re.search(r"\d", text) for text in texts) and sorted(texts, key=_natural) == list(texts)


def _natural(text: str) -> list[tuple[int, str]]:
    """Text with its whole numbers as numbers, so that 10 comes after 2."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", text) if part]


def _alike(found: Iterable[str | int]) -> Iterator[list[str]]:
    groups: dict[str, list[str]] = {}
    for label in map(str, found):
        groups.setdefault(_plainly(label), []).append(label)
    yield from (group for group in groups.values() if len(group) > 1)


def _plainly(label: str) -> str:
    """A label without what a reader does not see or heed; numbers by their value."""
    plain = " ".join(unicodedata.normalize("NFKC", label).casefold().split())
    return plain.lstrip("0") or "0" if plain.isdigit() else re.sub(r"^0*(\d+)\.0+$", r"\1", plain)


def _members(hit: Located, axes: Axes) -> Iterator[Diagnostic]:
    item, member = hit.item, hit.item.kind.member
    assert member is not None
    root = axes.root(member)
    found, wrong = labels(hit.column)
    known = found[~hit.column.absent & ~wrong]
    if known.dtype.kind == "O":
        marks = [label for label in known.tolist() if label.strip().casefold() in MARKS]
        if marks and root in axes.gathered:
            yield errors.stands_for_missing(item, f'"{marks[0]}"', hit.subject, marks.count(marks[0]))
    elif root in axes.labels and root not in axes.bases:
        marks = [code for code in known.tolist() if code in CODES]
        if marks and known.max(initial=-1) >= 0 and axes.sources[root] == "the codes in the data":
            yield errors.stands_for_missing(item, str(marks[0]), hit.subject, marks.count(marks[0]))
    elif root not in axes.labels and item.base is None and known.size and np.min(known) == 1:
        yield errors.no_code_of_first(item, member, axes.sizes[root], hit.subject)
