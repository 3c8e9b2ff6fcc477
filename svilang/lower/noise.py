"""Draws of explicit guide sites from parameter-free noise."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..catalog.distribution import Bound as BoundLaw
from ..catalog.distribution import Distribution
from ..ir import nodes as ir
from ..lazy import jnp, random
from ..plan import Role
from ..runtime.target import Noise
from .ancestral import drawn_site
from .axes import Value
from .bound import shape_of
from .laws import AnyLaw
from .run import Run


@dataclass(frozen=True, slots=True)
class NoiseUse:
    """Which noise one draw takes: ``start:stop`` of the vector ``source``, or one key."""

    source: str
    start: int
    stop: int


class Purse:
    """Hands out noise, each piece once."""

    def __init__(self) -> None:
        self.used = {"normal": 0, "uniform": 0, "keys": 0}

    def take(self, source: str, shape: tuple[int, ...]) -> NoiseUse:
        """The next piece for a draw of this shape."""
        start = self.used[source]
        self.used[source] += 1 if source == "keys" else math.prod(shape)
        return NoiseUse(source, start, self.used[source])

    def total(self) -> Noise:
        """All that was handed out."""
        return Noise(**self.used)


def source_of(law: ir.Law, role: Role) -> str:
    """What a draw is made from: keys where no gradient goes through it, so that its noise is its own."""
    smooth = role in (Role.PATHWISE, Role.BRANCH, Role.ANALYTIC)
    return (law.row.noise if smooth and isinstance(law.row, Distribution) else None) or "keys"


def one_each(
    guide: ir.Program, roles: Mapping[str, Role], sizes: Mapping[str, int]
) -> tuple[dict[str, tuple[NoiseUse, ...]], Noise]:
    """The noise of one value of each explicit site in order, and how much there is of each sort."""
    purse = Purse()
    found = {
        site.name: (purse.take(source_of(site.law, roles[site.name]), shape_of(site.dims, sizes)),)
        for site in guide.sites
    }
    return found, purse.total()


def most(*many: Noise) -> Noise:
    """Enough for each of several."""
    return Noise(*(max(getattr(one, name) for one in many) for name in ("normal", "uniform", "keys")))


def site_draw(site: ir.Site, run: Run, uses: Iterable[NoiseUse], noise: Mapping[str, Value]) -> Value:
    """One value of a site."""
    (use,) = uses
    if site.narrowed:
        return typed(drawn_site(site, run, random.wrap_key_data(noise["keys"][use.start])), run.values.dtype)
    return law_draw(run.law(site), use, noise, shape_of(site.dims, run.plan.sizes), run.values.dtype)


def law_draw(law: AnyLaw, use: NoiseUse, noise: Mapping[str, Value], shape: tuple[int, ...], dtype: Any) -> Value:
    """A draw of this shape from a law."""
    if use.source == "keys":
        return typed(law.sample(random.wrap_key_data(noise["keys"][use.start]), shape), dtype)
    assert isinstance(law, BoundLaw)
    assert law.row.from_noise is not None
    standard = jnp.reshape(noise[use.source][use.start : use.stop], shape)
    return jnp.broadcast_to(law.row.from_noise(standard, *law.canonical()), shape)


def typed(value: Value, dtype: Any) -> Value:
    """Real numbers in the working precision."""
    return value.astype(dtype) if jnp.issubdtype(value.dtype, jnp.inexact) else value
