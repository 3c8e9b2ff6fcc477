"""Which entries of the data make a log density, or its gradient, not finite."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .data.table import shown
from .ir import depends_on
from .ir import nodes as ir
from .ir.walk import law_operands, moved_ends
from .lazy import jax, jnp, np
from .runtime.errors import Culprit, beyond_arguments, impossible_at, undefined_at
from .types import Dims

if TYPE_CHECKING:
    import numpy

    from .data import Bound
    from .runtime.errors import NotFinite

_MOST = 4
"""Data items of which the value is told."""


def culprits(error: NotFinite, bound: Bound, drawn: Collection[str]) -> list[Culprit]:
    """The terms that entries of the data make not finite where a run stopped, in the order of the program.

    Args:
        error: what stopped it, with the values of latents and parameters.
        bound: all data, before rows were put together.
        drawn: the discrete sites that have values, since the guide draws them.
    """
    from .lower.after import After

    draws = error.draws
    after = After(bound, drawn=drawn)
    needed = [site.name for site in bound.program.sites if not site.kind.discrete or site.name in drawn]
    if draws is None or not all(name in draws for name in needed):
        return []
    latents = {name: np.asarray(draws[name]) for name in needed}
    params = {one.name: np.asarray(draws[one.name]) for one in bound.program.params}
    count = len(next(iter(draws.values()), ()))
    if not count:
        return []
    double = any(value.dtype == np.float64 for value in (*latents.values(), *params.values()))
    with jax.enable_x64(double or not (latents or params)):
        values = jax.jit(jax.vmap(lambda *one: dict(after.terms(after.data, *one)), axis_size=count))
        found = _broken(after.term_plates, values(latents, params))
        if not found and error.diagnostics[0].code == "E0703" and not bound.functions:
            slopes = jax.jit(jax.vmap(lambda *one: _slopes(after, *one), axis_size=count))
            found = _broken(after.term_plates, slopes(latents, params))
            return [_culprit(bound, name, where, None) for name, (where, _) in found.items()]
    return [_culprit(bound, name, where, values[where][0]) for name, (where, values) in found.items()]


def _slopes(after: Any, latents: Any, params: Any) -> dict[str, Any]:
    """The derivative of each entry of each term where all latents and parameters grow together."""
    ones = jax.tree.map(jnp.ones_like, (latents, params))
    return jax.jvp(lambda *at: dict(after.terms(after.data, *at)), (latents, params), ones)[1]


def _broken(
    plates: Mapping[str, Dims], terms: Mapping[str, Any]
) -> dict[str, tuple[numpy.ndarray, numpy.ndarray]]:
    """By term the entries that are not finite in the first draw that has some, and the values of all."""
    found: dict[str, tuple[numpy.ndarray, numpy.ndarray]] = {}
    for name in plates:
        many = np.asarray(terms[name], float)
        wrong = ~np.isfinite(many)
        if wrong.any():
            first = int(np.argmax(wrong.reshape(len(many), -1).any(1)))
            found[name] = wrong[first], many[first]
    return found


def _culprit(bound: Bound, name: str, where: numpy.ndarray, value: float | None) -> Culprit:
    """Of a term and the entries where it is not finite; ``value`` is that of the first, ``None`` for its slope."""
    program = bound.program
    one = next((one for one in program.observations if one.name == name), None)
    index = tuple(int(i) for i in np.argwhere(where)[0])
    if one is None:
        factor = next(factor for shown_as, factor in _factors(program) if shown_as == name)
        operands, plates, fix = (factor.value,), factor.plates, undefined_at(f"`{name}`")
    else:
        law = one.law.row.name
        operands, plates = (one.value, *law_operands(one.law)), one.plates
        moved = moved_ends(program).get(name)
        fix = undefined_at(f"the arguments of `{law}`")
        if value == -np.inf:
            fix = impossible_at(law) if moved is None else beyond_arguments(moved)
    place = ", ".join(filter(None, (_place(bound, plates, index), _values(bound, operands, plates, index))))
    return Culprit(name, value, place, int(where.sum()), where.size, fix)


def _factors(program: ir.Program) -> Iterator[tuple[str, ir.Factor]]:
    """The factors with what they are called among the terms."""
    from .lower.density import factor_name

    yield from ((factor_name(i, program), one) for i, one in enumerate(program.factors))


def _place(bound: Bound, plates: Dims, index: tuple[int, ...]) -> str:
    """Where an entry stands, by labels or counted from 1."""
    if not plates:
        return ""
    labels = [bound.labels.get(dim.name) for dim in plates]
    if len(plates) == 1 and labels[0] is None:
        return f"in row {index[0] + 1}"
    named = [str(i + 1) if own is None else shown(own[i]) for own, i in zip(labels, index, strict=True)]
    return "at " + " and ".join(f"{dim} {label}" for dim, label in zip(plates, named, strict=True))


def _values(bound: Bound, operands: tuple[ir.Id, ...], plates: Dims, index: tuple[int, ...]) -> str:
    """What the data that a term reads are at an entry, the observed ones first."""
    items = {item.name: item for item in bound.program.data}
    names = dict.fromkeys(name for node in operands for name in sorted(depends_on(bound.program, (node,)).data))
    position = dict(zip(plates, index, strict=True))
    told: list[str] = []
    for name in names:
        item = items[name]
        if name in bound.arrays and all(dim in position for dim in item.dims):
            at = tuple(position[dim] for dim in item.dims)
            member = None if item.kind.member is None else bound.labels.get(item.kind.member)
            value = bound.arrays[name][at]
            told.append(f"`{name}` is {shown(value if member is None else member[int(value)])}")
    return f"where {' and '.join(told[:_MOST])}" if told else ""
