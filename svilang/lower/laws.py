"""Distributions with their arguments as arrays: densities, draws, and the mass inside narrowed supports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..catalog.distribution import AnyLaw, Combinator, Compound, Distribution, Param
from ..catalog.distribution import Bound as BoundLaw
from ..catalog.log_prob import typed
from ..ir import nodes as ir
from ..ir.walk import along, support_of
from ..lazy import jnp
from ..types import Dims
from .axes import Value, align
from .values import Values

Adjust = Callable[[Value], Value]
"""What is done to each argument."""


def bind_law(law: ir.Law, values: Values, batch: Dims, adjust: Adjust | None = None) -> AnyLaw:
    """A law with its arguments aligned to the axes ``batch``, each of full rank or a plain number."""
    row = law.row
    if isinstance(row, Distribution):
        form = row.forms[law.form]
        events = dict(zip(reversed(row.event), reversed(law.event), strict=True))
        args = [
            _argument(arg, param, values, batch, _expected(param, events), adjust)
            for arg, param in zip(law.args, form.params, strict=True)
        ]
        return BoundLaw(row, form, tuple(args))
    inside = batch if law.mixed is None or len(law.children) > 1 else (*batch, law.mixed)
    inside = (*inside, *law.event) if along(law) else inside
    children = tuple(bind_law(child, values, inside, adjust) for child in law.children)
    args = [
        None if arg is None else _argument(arg, param, values, batch, _own_event(law, row, param), adjust)
        for arg, param in zip(law.args, row.params, strict=True)
    ]
    return Compound(row, _outline(law), children, tuple(args))


def site_law(site: ir.Site, values: Values) -> AnyLaw:
    """The law of a site with its arguments."""
    return bind_law(site.law, values, batch_dims(site))


def batch_dims(site: ir.Site) -> Dims:
    """The axes of a site over which its law is independent."""
    return site.dims[: len(site.dims) - len(site.law.event)]


def _own_event(law: ir.Law, row: Combinator, param: Param) -> Dims:
    """The event axes of a combinator's own parameter, as far as they are those of the variate."""
    if param.name == row.each:
        return law.event
    return _expected(param, {} if row.along is None else {row.along: law.event[0]})


def _expected(param: Param, events: dict[str, Any]) -> Dims:
    """The event axes that a parameter shares with the variate, the second of a square primed."""
    found: list[Any] = []
    for name in param.event:
        dim = events.get(name)
        if dim is None:
            return ()
        found.append(dim.primed if dim in found else dim)
    return tuple(found)


def _argument(
    node: ir.Id | None, param: Param, values: Values, batch: Dims, expected: Dims, adjust: Adjust | None
) -> Value:
    assert node is not None
    value, dims = values[node], values.dims(node)
    own = tuple(dim for dim in dims if dim not in batch)
    event = expected if set(own) <= set(expected) else own
    arg = _of_kind(align(value, dims, (*batch, *event)), param, values.dtype)
    return arg if adjust is None else adjust(arg)


def numbers(nodes: Sequence[ir.Id], param: Param, values: Values) -> Value:
    """The arguments of laws of single numbers as one: what they share as it is, else a vector."""
    same = len(set(nodes)) == 1
    return _of_kind(values[nodes[0]] if same else values.vector(nodes), param, values.dtype)


def _of_kind(value: Value, param: Param, dtype: Any) -> Value:
    """A parameter that is a real number as one, whatever it was written as."""
    if param.kind.interval.integer:
        return value
    if isinstance(value, (bool, int)):
        return float(value)
    return value if isinstance(value, float) or jnp.issubdtype(value.dtype, jnp.inexact) else value.astype(dtype)


def _outline(law: ir.Law) -> Distribution:
    return replace(
        leaf_row(law),
        **dict.fromkeys(("sample", "from_noise", "location_scale", "cdf", "icdf", "log_cdf", "log_sf")),
        forms=(),
        event=tuple(dim.name for dim in law.event),
        support=support_of(law),
    )


def leaf_row(law: ir.Law) -> Distribution:
    """The distribution at the bottom of a law (the first, where it wraps several)."""
    while not isinstance(law.row, Distribution):
        law = law.children[0]
    return law.row


def variate(value: Value, law: ir.Law, rank: int, dtype: Any) -> Value:
    """A value as the density of ``law`` takes it: integers for a discrete law, else of ``dtype``; of rank ``rank``."""
    value = typed(value, support_of(law).interval.integer, dtype)
    return value if value.ndim else jnp.reshape(value, (1,) * rank)


def is_improper(law: ir.Law) -> bool:
    """Whether a law adds nothing to the density."""
    return isinstance(law.row, Distribution) and not law.row.normalised
