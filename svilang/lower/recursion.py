"""The steps of a hidden chain, one after the other: the same sum in logarithms and in probabilities.

The recursion in logarithms is always right. The one in probabilities, scaled at every step, makes a step a matrix
product; it is taken where every transition is likely enough that nothing which matters later can be lost.

Long chains have a derivative of their own, the backward recursion: it keeps the carried values of each step and nothing
else.

Source: Baum, Petrie, Soules & Weiss (1970); Rabiner (1989), A tutorial on hidden Markov models, section V.A.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..lazy import jax, jnp, lax
from ..types import Dim, Dims, union
from .agree import everywhere
from .axes import Value, align, fill, permute
from .bound import shape_of
from .reduction import Reduction, Total
from .tables import largest, log_sum, plus, product_sum, tight

SMALL = 1 << 12
"""States times steps up to which the plain recursion in logarithms is compiled, and nothing else."""


@dataclass(frozen=True)
class Recursion:
    """One step of a chain, as far as it is known before anything runs.

    Args:
        state: axes that are carried, newest first for each site.
        rest: axes of sites outside the chain, and the plates.
        before: ``state`` one step later, when each has moved one place back.
        sums: which axis is summed out, in order, and the tables among ``moves`` that hold it first.
        moves: axes of each transition table, and whether it differs from step to step (its steps then come first).
        sizes: of all axes.
    """

    state: Dims
    rest: Dims
    before: Dims
    sums: tuple[tuple[Dim, tuple[int, ...]], ...]
    moves: tuple[tuple[Dims, bool], ...]
    sizes: tuple[tuple[str, int], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of ``state`` and ``rest``."""
        return shape_of((*self.state, *self.rest), dict(self.sizes))

    @property
    def depth(self) -> int:
        """How many steps pass until every carried state is a new one."""
        return max(dim.prime for dim in self.before)

    @property
    def over(self) -> tuple[int, ...]:
        """Positions of the carried axes."""
        return tuple(range(len(self.state)))


def summed(
    recursion: Recursion, start: Value, moves: tuple[Value, ...], hold: Value, reduction: Reduction
) -> Value:
    """The log of the sum over the states of all steps, or what else the reduction makes of them.

    Args:
        recursion: one step.
        start: log densities of the carried states after the first steps.
        moves: the transition tables, in logarithms.
        hold: what else depends on the newest states, for each further step.
        reduction: how states are taken out.
    """
    if hold.size > SMALL and isinstance(reduction, Total):
        return _rule()(recursion, start, moves, hold)
    return _plain(recursion, start, moves, hold, reduction)


def _plain(
    recursion: Recursion, start: Value, moves: tuple[Value, ...], hold: Value, reduction: Reduction
) -> Value:
    """The recursion in logarithms, differentiated as it stands."""

    def step(alpha: Value, one: tuple[Any, Value, Value | None]) -> tuple[Value, None]:
        stepwise, held, source = one
        tables = _merge(recursion, moves, stepwise)
        return _next_log(recursion, alpha, tables, held, reduction.at(source)), None

    steps = (_stepwise(recursion, moves), hold, reduction.sources(len(hold)))
    # What a step sums over is larger than what it hands on, and is made again where it is needed on the way back.
    last, _ = lax.scan(jax.checkpoint(step) if hold.size > SMALL else step, start, steps)
    return reduction(last, recursion.over)


def _stepwise(recursion: Recursion, moves: Sequence[Value]) -> tuple[Value, ...]:
    return tuple(value for value, (_, many) in zip(moves, recursion.moves, strict=True) if many)


def _merge(recursion: Recursion, moves: Sequence[Value], stepwise: Sequence[Value]) -> tuple[Value, ...]:
    """The transition tables of one step: those of the step itself among those that are the same at each."""
    own = iter(stepwise)
    return tuple(next(own) if many else value for value, (_, many) in zip(moves, recursion.moves, strict=True))


def _next_log(
    recursion: Recursion, alpha: Value, moves: Sequence[Value], hold: Value, reduction: Reduction | None = None
) -> Value:
    """The carried log densities after one more step."""
    out = reduction or Total()
    dims = (*recursion.before, *recursion.rest)
    for gone, own in recursion.sums:
        joint = [(alpha, dims), *((moves[i], recursion.moves[i][0]) for i in own)]
        dims = union((gone,), *(other for _, other in joint))
        alpha, dims = out(plus(joint, dims), (0,)), dims[1:]
    return align(alpha, dims, (*recursion.state, *recursion.rest)) + hold


# --- a derivative of its own ----------------------------------------------------------------------------------------


@functools.cache
def _rule() -> Any:
    """Built on first use, so that reading this module loads no JAX."""
    summed = jax.custom_vjp(lambda recursion, *args: _forward(recursion, *args)[0], nondiff_argnums=(0,))
    summed.defvjp(_forward, _backward)
    return summed


Kept = tuple[Value, Value, Value, Value]
"""What the way back needs: the carried values before each step and after the last, the scale of each step, and what is
observed at it."""


def _forward(recursion: Recursion, start: Value, moves: tuple[Value, ...], hold: Value) -> tuple[Value, Any]:
    safe = _no_path_is_lost(recursion, moves, start.dtype)
    total, kept = lax.cond(safe, *(functools.partial(way, recursion) for way in (_scaled, _logged)), start, moves, hold)
    return total, (safe, kept, moves, hold)


def _backward(recursion: Recursion, residual: Any, slope: Value) -> tuple[Value, tuple[Value, ...], Value]:
    safe, kept, moves, hold = residual
    ways = (functools.partial(way, recursion) for way in (_scaled_back, _logged_back))
    return lax.cond(safe, *ways, kept, moves, hold, slope)


def _no_path_is_lost(recursion: Recursion, moves: Sequence[Value], dtype: Any) -> Value:
    """Whether probabilities can do what logarithms do.

    A state too unlikely for the number format counts as impossible. All that it could have led to is reached from the
    likeliest state too, within ``depth`` steps and with at least the product of the least probabilities of these steps.
    Where that product is large beside the least number, what is lost is beyond the last digit.
    """
    numbers = jnp.finfo(dtype)
    least = (math.log(numbers.tiny) - 2 * math.log(numbers.eps)) / recursion.depth
    scales = _scales(recursion, moves)
    logs = sum(jnp.min(value - scale) for value, scale in zip(moves, scales, strict=True))
    return everywhere()(lax.stop_gradient(logs) >= least)


def _states(dims: Dims) -> tuple[int, ...]:
    """Positions of the axes of enumerated sites."""
    return tuple(i for i, dim in enumerate(dims) if dim.name.endswith("~"))


def _scaled(recursion: Recursion, start: Value, moves: tuple[Value, ...], hold: Value) -> tuple[Value, Kept]:
    """The recursion in probabilities that sum to one at every step."""
    over = recursion.over
    weights, scales = _weights(recursion, moves)
    top = largest(start, over)
    first, total = _normalised(jnp.exp(start - top), over)
    shares, peaks = _shares(recursion, hold)

    def step(p: Value, one: tuple[Any, Value]) -> tuple[Value, tuple[Value, Value]]:
        stepwise, share = one
        after, mass = _normalised(_next(recursion, p, _merge(recursion, weights, stepwise)) * share, over)
        return after, (p, mass)

    last, (before, masses) = lax.scan(step, first, (_stepwise(recursion, weights), shares))
    logs = jnp.log(total) + top + jnp.sum(jnp.log(masses) + peaks, axis=0)
    total = jnp.squeeze(logs, over) + _added(recursion, scales, len(hold))
    return total, (before, last, masses, shares)


def _shares(recursion: Recursion, hold: Value) -> tuple[Value, Value]:
    """What is observed at each step as probabilities up to a scale, and the scale."""
    peaks = largest(hold, tuple(i + 1 for i in recursion.over))
    return jnp.exp(hold - peaks), peaks


def _scales(recursion: Recursion, moves: Sequence[Value]) -> tuple[Value, ...]:
    """The largest entry of each transition table, for each member of its plates and each of its steps."""
    pairs = zip(moves, recursion.moves, strict=True)
    return tuple(largest(value, tuple(i + many for i in _states(dims))) for value, (dims, many) in pairs)


def _weights(recursion: Recursion, moves: Sequence[Value]) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """The transition tables as probabilities up to a scale, and the scales."""
    scales = _scales(recursion, moves)
    return tuple(jnp.exp(value - scale) for value, scale in zip(moves, scales, strict=True)), scales


def _added(recursion: Recursion, scales: Sequence[Value], steps: int) -> Value:
    """What the scales of all steps come to."""
    total: Value = 0.0
    for scale, (dims, many) in zip(scales, recursion.moves, strict=True):
        whole = jnp.sum(scale, axis=0) if many else scale * steps
        plates = tuple(dim for dim in dims if not dim.name.endswith("~"))
        total = total + align(jnp.squeeze(whole, _states(dims)), plates, recursion.rest)
    return total


def _normalised(p: Value, over: tuple[int, ...]) -> tuple[Value, Value]:
    mass = jnp.sum(p, axis=over, keepdims=True)
    return p / jnp.where(mass == 0, 1, mass), mass


def _next(recursion: Recursion, p: Value, weights: Sequence[Value]) -> Value:
    """What the carried probabilities become by one transition."""
    dims = (*recursion.before, *recursion.rest)
    sizes = dict(recursion.sizes)
    for gone, own in recursion.sums:
        parts = [*(tight(weights[i], recursion.moves[i][0], sizes) for i in own), (p, dims)]
        dims = tuple(dim for dim in union(*(other for _, other in parts)) if dim != gone)
        p = product_sum(parts, dims)
    return fill(align(p, dims, (*recursion.state, *recursion.rest)), recursion.shape)


def _scaled_back(
    recursion: Recursion, kept: Kept, moves: tuple[Value, ...], hold: Value, slope: Value
) -> tuple[Value, tuple[Value, ...], Value]:
    """The derivatives of :func:`_scaled`: the probabilities of states and of pairs of them, given everything.

    The loop makes what follows of each state; all else is made from it for all steps at once. The states of each step
    have the slope for their sum, to which rounding is put right.
    """
    over = recursion.over
    before, last, masses, shares = kept
    weights, _ = _weights(recursion, moves)
    slope = jnp.expand_dims(slope, over)
    shares = shares / jnp.where(masses == 0, 1, masses)
    turned, tables = _turned(recursion, weights)

    def step(follows: Value, one: Any) -> tuple[Value, Value]:
        share, stepwise = one
        own = _merge(turned, tables, stepwise)
        (earlier,) = jax.linear_transpose(lambda p: _next(turned, p, own), last)(share * follows)
        return earlier, follows

    begin = jnp.broadcast_to(slope, last.shape)
    first, follows = lax.scan(step, begin, (shares, _stepwise(turned, tables)), reverse=True)
    states = jnp.concatenate([before[1:], last[None]]) * follows
    found = jnp.sum(states, axis=tuple(i + 1 for i in over), keepdims=True)
    right = jnp.where(found == 0, 1, slope / jnp.where(found == 0, 1, found))
    pairs = _pairs(recursion, before, weights, shares * follows * right)
    return before[0] * first * right[0], pairs, states * right


def _turned(recursion: Recursion, weights: Sequence[Value]) -> tuple[Recursion, tuple[Value, ...]]:
    """The transition tables with the states before in front, as the way back runs along memory."""
    gone = [dim for dim, _ in recursion.sums]
    moves: list[tuple[Dims, bool]] = []
    tables: list[Value] = []
    for value, (dims, many) in zip(weights, recursion.moves, strict=True):
        order = sorted(range(len(dims)), key=lambda i: (dims[i] not in gone, i))
        moves.append((tuple(dims[i] for i in order), many))
        tables.append(permute(value, [0, *(i + 1 for i in order)] if many else order))
    return replace(recursion, moves=tuple(moves)), tuple(tables)


def _pairs(recursion: Recursion, before: Value, weights: Sequence[Value], pulled: Value) -> tuple[Value, ...]:
    """The derivatives by the transition tables, in logarithms: the probabilities of states and those before."""

    def one(p: Value, tables: tuple[Value, ...], slopes: Value) -> tuple[Value, ...]:
        (found,) = jax.vjp(lambda tables: _next(recursion, p, tables), tables)[1](slopes)
        return found

    own = tuple(0 if many else None for _, many in recursion.moves)
    every = jax.vmap(one, in_axes=(0, own, 0))(before, tuple(weights), pulled)
    found = zip(weights, every, recursion.moves, strict=True)
    return tuple(weight * (slopes if many else jnp.sum(slopes, axis=0)) for weight, slopes, (_, many) in found)


def _nothing(recursion: Recursion, values: Sequence[Value]) -> tuple[Value, ...]:
    return tuple(jnp.zeros_like(value) for value, (_, many) in zip(values, recursion.moves, strict=True) if not many)


def _parted(recursion: Recursion, found: Sequence[Value], shared: Sequence[Value]) -> tuple[Any, Any]:
    """Derivatives of one step: those of tables of the step, and the sums of those of tables that all steps share."""
    pairs = list(zip(found, recursion.moves, strict=True))
    same = [one for one, (_, many) in pairs if not many]
    added = tuple(total + one for total, one in zip(shared, same, strict=True))
    return tuple(one for one, (_, many) in pairs if many), added


def _joined(recursion: Recursion, own: Sequence[Value], shared: Sequence[Value]) -> tuple[Value, ...]:
    mine, ours = iter(own), iter(shared)
    return tuple(next(mine) if many else next(ours) for _, many in recursion.moves)


def _logged(recursion: Recursion, start: Value, moves: tuple[Value, ...], hold: Value) -> tuple[Value, Kept]:
    """The recursion in logarithms, of which the largest is 0 at every step."""
    over = recursion.over

    def step(alpha: Value, one: tuple[Any, Value]) -> tuple[Value, tuple[Value, Value]]:
        stepwise, held = one
        made = _next_log(recursion, alpha, _merge(recursion, moves, stepwise), held)
        peak = largest(made, over)
        return made - peak, (alpha, peak)

    top = largest(start, over)
    last, (before, peaks) = lax.scan(step, start - top, (_stepwise(recursion, moves), hold))
    total = log_sum(last, over) + jnp.squeeze(top + jnp.sum(peaks, axis=0), over)
    return total, (before, last, peaks, hold)


def _logged_back(
    recursion: Recursion, kept: Kept, moves: tuple[Value, ...], hold: Value, slope: Value
) -> tuple[Value, tuple[Value, ...], Value]:
    """The derivatives of :func:`_logged`, each step made again on the way back."""
    before, last, _, _ = kept

    def step(carry: Any, one: Any) -> tuple[Any, Any]:
        slopes, shared = carry
        alpha, held, stepwise = one
        tables = _merge(recursion, moves, stepwise)
        _, back = jax.vjp(functools.partial(_next_log, recursion), alpha, tables, held)
        slopes, found, held = back(slopes)
        own, shared = _parted(recursion, found, shared)
        return (slopes, shared), (held, own)

    (begin,) = jax.vjp(lambda last: log_sum(last, recursion.over), last)[1](slope)
    steps = (before, hold, _stepwise(recursion, moves))
    (slopes, shared), (held, own) = lax.scan(step, (begin, _nothing(recursion, moves)), steps, reverse=True)
    return slopes, _joined(recursion, own, shared), held
