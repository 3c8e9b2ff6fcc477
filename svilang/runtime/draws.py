"""Draws from a fitted guide, with their densities under model and guide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..lazy import jax, np
from . import cache, effort, errors, layout, noise
from .layout import Layout
from .noise import Plan, Stream
from .result import RunResult
from .target import Target

_ELEMENTS = 2**22
"""Numbers that one batch of draws may hold for each array of the data's size."""

_LEAST = 0.99
"""How much of a guide must lie within the supports that latents move."""

_JUDGED = 1000
"""After how many draws that is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Draws from the guide.

    Args:
        z: unconstrained latents, ``[draws, D]``.
        values: user-visible values of each draw, ``[draws, …]``.
        log_p: log joint density of each draw, in nats.
        log_q: log density of each draw under the guide, in nats.
        elbo: their mean difference and its standard error, in nats.
        share: how much of the guide lies within the supports that latents move: draws are from there.
    """

    z: np.ndarray
    values: Mapping[str, np.ndarray]
    log_p: np.ndarray
    log_q: np.ndarray
    elbo: tuple[float, float]
    share: float


def draw(result: RunResult, target: Target, draws: int, seed: int) -> Draws:
    """Draws from a fitted guide within the supports that latents move, in float64.

    One compiled program, called on batches small enough for memory, until there are enough draws within.

    Args:
        result: the fit.
        target: the log density that was fitted, or the same model over other data.
        draws: how many.
        seed: of the noise, independent of the fit's.

    Raises:
        NotFinite: when less than 99 % of the guide lie within.

    Example:
        >>> sample = draw(result, target, 1000, seed=1)  # doctest: +SKIP
        >>> sample.log_p.shape  # doctest: +SKIP
        (1000,)
    """
    cache.enable()
    plan = layout.make(target, result.families)
    rows = effort.count(target.data) + plan.noise.normal + plan.size
    batch = max(1, min(draws, 1000, _ELEMENTS // max(rows, 1), effort.alone(target.squares)))
    shape = Plan(batch, 1, plan.noise, antithetic=False)
    arguments = jax.tree.map(lambda array: np.asarray(array, float), (result.params, result.whitens))
    pieces: list[Any] = []
    program: Any = None
    found, share = 0, 1.0
    with jax.enable_x64(True):
        while found < draws:
            source = noise.on_host(shape, seed, Stream.DRAWS, len(pieces), np.dtype(float))
            given = (target.data, *arguments, {name: array[:, 0] for name, array in source.items()})
            if program is None:
                program = effort.compiled(partial(_sample, plan), given, rows, loop=False)
            piece = jax.tree.map(np.asarray, program(*given))
            if target.edges:
                inside = np.flatnonzero(piece[2] > -np.inf)
                piece = jax.tree.map(partial(np.take, indices=inside, axis=0), piece)
            pieces.append(piece)
            found += len(piece[2])
            share = found / (batch * len(pieces))
            if share < _LEAST and batch * len(pieces) >= _JUDGED:
                raise errors.far_beyond_edges(target.edges, 1 - share, result.steps)
    z, values, log_p, log_q = jax.tree.map(lambda *parts: np.concatenate(parts)[:draws], *pieces)
    values = target.by_name(values)
    weights = log_p - (log_q := log_q - np.log(share))
    error = float(np.std(weights, ddof=1) / np.sqrt(draws)) if draws > 1 else float("nan")
    return Draws(z, values, log_p, log_q, (float(np.mean(weights)), error), share)


def _sample(plan: Layout, data: Any, params: Any, whitens: Any, rows: Any) -> Any:
    target = plan.target
    params, prepared = plan.cut(params), target.prepare(data)

    def one(noise: Any) -> Any:
        drawn = plan.draw(params, whitens, prepared, noise)
        log_q = plan.log_q(params, whitens, drawn)
        if drawn.log_q is not None:
            log_q = log_q + drawn.log_q
        place = prepared, drawn.z, drawn.theta, drawn.given
        values, log_p = ({}, target.log_density(*place)) if target.draws is None else target.draws(*place)
        return drawn.z, dict(values), log_p, log_q

    return jax.vmap(one)(rows)
