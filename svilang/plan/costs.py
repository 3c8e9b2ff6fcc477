"""What the sums over discrete variables cost, in words.

A cell is one combination of values at one member of the plates: one density of each term that stands in it, and one
multiplication and addition of the sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..types import Dim, Dims, union
from .enumerate import Elimination
from .fronts import Front, Term, fronts

GRADIENT = 3
"""How many times as much as a density its gradient takes: forwards, backwards, and the derivatives of the terms."""


def cells(elimination: Elimination | None, sizes: Mapping[str, int]) -> int:
    """How many cells one density goes through."""
    found = [] if elimination is None else fronts(elimination, {}, sizes)
    return sum(_known(_cells(front), sizes) or 0 for front in found)


def told(found: Sequence[Front], sizes: Mapping[str, int]) -> tuple[str, ...]:
    """A few lines for each sum, and one for all of them."""
    lines: list[str] = []
    for i, front in enumerate(found, start=1):
        first, *more = _front(front, sizes)
        lines += [f"{i}. {first}", *(f"   {line}" for line in more)]
    total = sum(_known(_cells(front), sizes) or math.nan for front in found) if found else math.nan
    if not math.isnan(total):
        both = f"{_number(total)} cells for a density, about {_number(GRADIENT * total)} with its gradient"
        lines.append(f"In all {both}.")
    if found:
        lines.append("A cell is one combination of values at one member of the plates.")
    return tuple(lines)


def _front(front: Front, sizes: Mapping[str, int]) -> Iterator[str]:
    summed = union(*((Dim(dim.name),) for dim in front.summed))
    each = tuple(dim for dim in front.plates if dim != front.chain)
    where = f", for each {_listed(_sized(each, sizes))}" if each else ""
    along = f" along the chain {_listed(_sized((front.chain,), sizes, 'steps'))}" if front.chain else ""
    yield f"over {_listed(_sized(summed, sizes, 'values'))}{along}{where}"
    if front.terms:
        yield f"in the terms of {_listed(_term(term, sizes) for term in front.terms)}"
    if front.chain is None:
        ((axis, axes),) = front.sums
        beside = tuple(dim for dim in axes if dim != axis)
        if beside:
            yield f"for each combination of {_listed(_sized(beside, sizes, 'values'))}"
    elif len(front.summed) > 1:
        yield f"carried from step to step: {_product(front.summed, sizes)} combinations"
        steps = [f"over the earlier `{_name(gone)}` ({_product(axes, sizes)} cells)" for gone, axes in front.sums]
        yield f"at each step: {', then '.join(steps)}"
    yield f"table: {_table(front, sizes)}"
    for term in front.terms:
        if term.added:
            yield f"`{term.name}` before it is added up: {_equals([(*term.axes, *term.plates)], sizes)}"


def _term(term: Term, sizes: Mapping[str, int]) -> str:
    if not term.added:
        return f"`{term.name}`"
    each, home = _listed(f"`{dim}`" for dim in term.plates), _listed(f"`{dim}`" for dim in term.added)
    return f"`{term.name}` (one for each {each}, added up for each {home})"


def _table(front: Front, sizes: Mapping[str, int]) -> str:
    """The cells of a sum; along a chain those of all its steps."""
    products = [(*axes, *front.plates) for _, axes in front.sums]
    if front.chain is None or len(products) == 1:
        return _equals(products, sizes)
    kept = " × ".join(_factor(dim, sizes) for dim in front.plates)
    steps = " + ".join(_product(axes, sizes) for _, axes in front.sums)
    return f"({steps}) × {kept}{_result(products, sizes)}"


def _equals(products: Sequence[Dims], sizes: Mapping[str, int]) -> str:
    made = " + ".join(_product(dims, sizes) for dims in products)
    return f"{made}{_result(products, sizes) if len(products) > 1 or len(products[0]) > 1 else ' cells'}"


def _result(products: Sequence[Dims], sizes: Mapping[str, int]) -> str:
    known = _known(products, sizes)
    return " cells" if known is None else f" = {_number(known)} cells"


def _cells(front: Front) -> list[Dims]:
    """All tables of a sum, those of terms that are added up before it included."""
    added = [(*term.axes, *term.plates) for term in front.terms if term.added]
    return [*((*axes, *front.plates) for _, axes in front.sums), *added]


def _known(products: Iterable[Dims], sizes: Mapping[str, int]) -> int | None:
    products = list(products)
    if any(dim.name not in sizes for dims in products for dim in dims):
        return None
    return sum(math.prod(sizes[dim.name] for dim in dims) for dims in products)


# --- words -----------------------------------------------------------------------------------------------------------


def _number(value: float) -> str:
    return f"{int(value):,}"


def _name(dim: Dim) -> str:
    return dim.name.removesuffix("~")


def _factor(dim: Dim, sizes: Mapping[str, int]) -> str:
    if dim.name in sizes:
        return _number(sizes[dim.name])
    return f"values of `{_name(dim)}`" if dim.name.endswith("~") else f"members of `{dim.name}`"


def _product(dims: Dims, sizes: Mapping[str, int]) -> str:
    return " × ".join(_factor(dim, sizes) for dim in dims)


def _sized(dims: Iterable[Dim], sizes: Mapping[str, int], unit: str = "members") -> list[str]:
    return [f"`{_name(dim)}`" + (f" ({_number(sizes[dim.name])} {unit})" if dim.name in sizes else "") for dim in dims]


def _listed(texts: Iterable[str]) -> str:
    found = list(texts)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


