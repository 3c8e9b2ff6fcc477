"""The log density by a few rows of a plate: the density of a single row, for each of them, and a weighted sum."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..ir import nodes as ir
from ..lazy import jax, jnp, np
from ..plan import Elimination, plate_of
from ..runtime.guides import FAMILIES
from ..runtime.structure import FamilyUse
from ..runtime.target import Axis, PyTree
from .axes import Value
from .batch import Part, part
from .density import Model, Prepared, terms
from .run import WEIGHT, Latents

if TYPE_CHECKING:
    import numpy

GOLDEN = (5**0.5 - 1) / 2
"""Multiples of it, wrapped into the unit interval, leave gaps of two or three lengths only, whatever their number."""

EACH = "each"
"""The entry of what is prepared with that of each row."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of a plate.

    Args:
        key: of what is prepared, among all that is.
        part: the program with one row, which counts as all.
        dim: the plate.
        chosen: the rows, ``[K]``.
    """

    key: str
    part: Part
    dim: str
    chosen: numpy.ndarray

    def prepare(self, data: PyTree) -> PyTree:
        """What the rows make of the data, with an axis of rows in front where these differ."""
        dtype = jnp.result_type(float)
        settled = self.part.settle(data, dtype)

        def one(row: Value) -> Prepared:
            return self.part.select(settled, {self.dim: row[None]}, dtype)

        rows = jnp.asarray(self.chosen)
        axes = self.part.axes_of(jax.eval_shape(one, rows[0]))
        return {EACH: jax.vmap(one, out_axes=axes)(rows)}

    def density(self, prepared: PyTree, weights: Value, z: Value, theta: Value, given: PyTree) -> Value:
        """The weighted sum over the rows of the log density in which one row counts as all."""
        own, model = prepared[self.key], self.part.seen
        heat = {WEIGHT: own[WEIGHT]} if WEIGHT in own else {}

        def one(row: Prepared) -> Value:
            made = {**row, **heat}
            latents = Latents(model.latents, z, given or {})
            run = model.start(made, theta, z.dtype, latents)
            return terms(model, made, run, latents).total(z.dtype)

        return weights @ jax.vmap(one, in_axes=(self.part.axes_of(own[EACH]),))(own[EACH])


Chosen = tuple[Rows | None, ...]
"""Of each family the rows that its paths follow, where they follow some."""


def rows_of(chosen: Chosen, data: PyTree) -> PyTree:
    """What is prepared for all of them."""
    return {one.key: one.prepare(data) for one in chosen if one is not None}


def spread_rows(size: int, count: int) -> numpy.ndarray:
    """``count`` different rows of ``size``, evenly spread, in step with no period of the data, always the same."""
    order = np.argsort(np.mod(np.arange(size) * GOLDEN, 1.0), kind="stable")
    return np.sort(order[:count]).astype(np.int32)


def surrogate_rows(
    guide: ir.Program | None,
    elimination: Elimination,
    covered: Model,
    sites: tuple[ir.Site, ...],
    noncentered: tuple[str, ...],
    uses: list[FamilyUse],
) -> tuple[list[FamilyUse], Chosen]:
    """The uses of families, told of their rows, and the rows of each that follows some.

    Args:
        guide: the guide.
        elimination: the model as the plan sees it.
        covered: the model over all rows.
        sites: the latents that families cover.
        noncentered: those that are seen so.
        uses: families with their coordinates.
    """
    found: list[Rows | None] = []
    told: list[FamilyUse] = []
    for i, use in enumerate(uses):
        row = FAMILIES.get(use.name)
        if row is None or not row.surrogate or guide is None:
            found.append(None)
            told.append(use)
            continue
        settings = {**row.settings, **dict(use.settings)}
        dim = plate_of(elimination, ir.Family(use.name, (), use.settings)).name
        size = covered.plan.sizes[dim]
        chosen = spread_rows(size, min(size, int(settings["rows"])))
        one = part(covered, sites, noncentered, (Axis(dim, size, 1),))
        found.append(Rows(f"rows {i}", one, dim, chosen))
        told.append(replace(use, structure=replace(use.known, rows=len(chosen), complete=len(chosen) == size)))
    return told, tuple(found)
