"""Location-scale variables seen between centred and noncentred, by a degree that is fitted with the guide.

For ``x ~ Normal(loc, scale)`` the guide sees ``z`` with ``x = loc + scale^(1 - a) (z - a loc)``: ``x`` itself where the
degree ``a`` is 1, and the standardised variable where it is 0. Under the model ``z ~ Normal(a loc, scale^a)``. The
degree of each member is a parameter of the map alone: the model stays what it is, and the bound says which is best.

Source: Gorinova, Moore & Hoffman (2020), Automatic reparameterisation of probabilistic programs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..catalog.distribution import Distribution
from ..ir import nodes as ir
from ..lazy import jnp
from ..types import Kind, intervals
from .axes import Value


def degree_of(name: str) -> str:
    """What the degree of centring of a variable is called."""
    return f"centered({name})"


def with_degrees(program: ir.Program, learned: Sequence[str]) -> ir.Program:
    """The program with a degree for each member of these variables, after its own parameters."""
    kind = Kind(interval=intervals.UNIT)
    sites = (site for site in program.sites if site.name in learned)
    degrees = (ir.Param(degree_of(site.name), kind, site.dims, span=site.span) for site in sites)
    return replace(program, params=(*program.params, *degrees))


def to_standard(z: Value, degree: Value, law: ir.Law, args: Sequence[Value]) -> tuple[Value, Value]:
    """The standardised value of what the guide sees, and the log of its derivative."""
    loc, log_scale = _loc_and_log_scale(law, args)
    return (z - degree * loc) * jnp.exp(-degree * log_scale), -degree * log_scale


def from_standard(standard: Value, degree: Value, law: ir.Law, args: Sequence[Value]) -> Value:
    """What the guide sees of a standardised value."""
    loc, log_scale = _loc_and_log_scale(law, args)
    return degree * loc + jnp.exp(degree * log_scale) * standard


def _loc_and_log_scale(law: ir.Law, args: Sequence[Value]) -> tuple[Value, Value]:
    assert isinstance(law.row, Distribution)
    named = dict(zip((param.name for param in law.row.forms[0].params), args, strict=True))
    return named["loc"], jnp.log(named["scale"])
