"""Annealed importance sampling along the likelihood of a few rows, so that no step of a path reads all data."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...lazy import jax, jnp, np
from ..structure import Structure
from .dais import Slope, moved, start
from .family import COUNT, OUTERMOST, PLATE, Density, Family, FamilyRow, Settings, Whiten
from .gaussian import spread

if TYPE_CHECKING:
    from jax import Array


def _path(
    steps: int, size: int, rows: int, complete: bool, params: Array, normals: Array, whiten: Whiten, density: Density
) -> tuple[Array, Array]:
    """A draw of `dais` whose moves follow the density by some rows, weighted.

    That has its mode elsewhere and another width there: with K of N rows it is some sqrt(N / K) standard deviations
    off. But where all rows have theirs is known, since the start was found there. So only what the rows say beyond two
    terms of their Taylor series counts, and in the place of these stands the start's Gaussian:
    ``-u'u / 2 + s(u) - s(0) - s'(0) u - u' s''(0) u / 2``. Any force leaves the bound a bound.

    Source: Jankowiak & Phan (2021), Surrogate likelihoods for variational annealed importance sampling; the terms that
    are replaced after Quiroz, Kohn, Villani & Tran (2019), Speeding up MCMC by efficient data subsampling.
    """
    own, weights = params[: len(params) - rows], jax.nn.softmax(params[len(params) - rows :])
    rough = jax.grad(lambda u: density(whiten.loc + spread(u, whiten), weights))
    slope = rough if complete else _about_the_start(rough, whiten, jnp.zeros(size, params.dtype))
    return moved(steps, size, 1, own, normals, whiten, slope)


def _about_the_start(rough: Slope, whiten: Whiten, origin: Array) -> Slope:
    """The slope with the start's own terms in the place of the first ones, as far as the start knows them."""
    if whiten.tril is None:
        first = rough(origin)
        return lambda u: rough(u) - first
    first, curve = jax.linearize(rough, origin)
    return lambda u: rough(u) - first - curve(u) - u


def _over(structure: Structure, settings: Settings) -> Family:
    steps, rows = int(settings["steps"]), structure.rows
    begin = np.concatenate([start(structure.size, 1, steps), np.zeros(rows)])
    return Family(
        params=len(begin),
        normals=(steps + 1) * structure.size,
        init=lambda whiten: begin,
        path=partial(_path, steps, structure.size, rows, structure.complete),
    )


SURROGATE_DAIS = FamilyRow(
    name="surrogate_dais",
    summary="`dais` along a few weighted rows of a plate and the Gaussian of the start: for many rows, in minibatches",
    over=_over,
    settings={"rows": 50, "steps": 4, "dim": OUTERMOST},
    kinds={"rows": COUNT, "steps": COUNT, "dim": PLATE},
    density=False,
    surrogate=True,
)
