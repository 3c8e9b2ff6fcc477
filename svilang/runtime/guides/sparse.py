"""A Gaussian in which each coordinate is a linear function of a few others and noise of its own.

With C the coefficients and s the scales, the deviation d from the start's centre solves ``d = C d + s ε``: this is the
sparse Cholesky factor of a precision matrix, read as a chain of regressions. Which coordinate has which parents is what
tells these families apart. In whitened coordinates: scales and coefficients are those that the start's Gaussian has,
times ``exp(r)`` and plus a whitened ``δ``; the location enters as the mean ``s0 m`` of the noise, so that one solve is
all that a draw takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ...lazy import jax, jnp, lax, linalg, np
from .family import Family, Vector, Whiten
from .gaussian import LOG_2PI, standard_entropy

if TYPE_CHECKING:
    from jax import Array

_DENSE = 512
"""Coordinates up to which one triangular solve beats a loop over levels."""

_FEW_LEVELS = 6
_MOST_MIXED = 2**20


class Anchor(NamedTuple):
    """The regressions of the start's Gaussian: ``coef[D, P]``, ``scale[D]``, and ``mix``, which turns whitened
    coefficients into plain ones, ``[D, P, P]``, or ``[D, P]`` where parents are taken as independent.
    """

    coef: Any
    scale: Any
    mix: Any


@dataclass(frozen=True, eq=False)
class Pattern:
    """Which coordinates each coordinate is regressed on; an order without cycles exists.

    Args:
        parents: of each coordinate.
    """

    parents: tuple[tuple[int, ...], ...]

    @property
    def size(self) -> int:
        return len(self.parents)

    @cached_property
    def width(self) -> int:
        """Most parents of a coordinate."""
        return max([1, *map(len, self.parents)])

    @cached_property
    def edges(self) -> int:
        """Coefficients in all."""
        return sum(map(len, self.parents))

    @cached_property
    def index(self) -> np.ndarray:
        """Parents as ``[D, P]``; the position D stands for none."""
        found = np.full((self.size, self.width), self.size, np.int32)
        for i, own in enumerate(self.parents):
            found[i, : len(own)] = own
        return found

    @cached_property
    def slots(self) -> np.ndarray:
        """For each place of ``index`` the position of its coefficient; that after the last stands for none."""
        found = np.full((self.size, self.width), self.edges, np.int32)
        found[self.index < self.size] = np.arange(self.edges)
        return found

    @cached_property
    def levels(self) -> tuple[np.ndarray, ...]:
        """Coordinates whose parents are all in levels before, level by level."""
        level = np.full(self.size, -1)
        children: list[list[int]] = [[] for _ in range(self.size)]
        waiting = np.array([len(own) for own in self.parents])
        for i, own in enumerate(self.parents):
            for parent in own:
                children[parent].append(i)
        ready, found = np.flatnonzero(waiting == 0).tolist(), list[np.ndarray]()
        while ready:
            found.append(np.asarray(sorted(ready), np.int32))
            level[ready] = len(found)
            ahead: list[int] = []
            for i in ready:
                for child in children[i]:
                    waiting[child] -= 1
                    if waiting[child] == 0:
                        ahead.append(child)
            ready = ahead
        assert np.all(level > 0), "the regressions run in a circle"
        return tuple(found)

    @cached_property
    def order(self) -> np.ndarray:
        """All coordinates, parents first."""
        return np.concatenate(self.levels) if self.levels else np.zeros(0, np.int32)

    def solve(self, coef: Array, noise: Array) -> Array:
        """``d`` with ``d = C d + noise``."""
        if self.edges == 0:
            return noise
        if len(self.levels) <= _FEW_LEVELS:
            return self._by_levels(coef, noise)
        return self._dense(coef, noise) if self.size <= _DENSE else self._looped(coef, noise)

    def residual(self, coef: Vector, deviation: Vector) -> Vector:
        """``d - C d``."""
        if self.edges == 0:
            return deviation
        padded = jnp.append(deviation, jnp.zeros((), deviation.dtype))
        return deviation - jnp.sum(coef * padded[self.index], axis=1)

    def _by_levels(self, coef: Array, noise: Array) -> Array:
        done = jnp.zeros(self.size + 1, noise.dtype)
        for own in self.levels:
            done = done.at[own].set(noise[own] + jnp.sum(coef[own] * done[self.index[own]], axis=1))
        return done[: self.size]

    def _dense(self, coef: Array, noise: Array) -> Array:
        place = np.append(np.argsort(self.order), self.size)
        rows, columns = np.broadcast_arrays(place[: self.size, None], place[self.index])
        held = self.index < self.size
        matrix = jnp.zeros((self.size, self.size), noise.dtype).at[rows[held], columns[held]].set(-coef[held])
        solved = linalg.solve_triangular(matrix, noise[self.order], lower=True, unit_diagonal=True)
        return solved[place[: self.size]]

    def _looped(self, coef: Array, noise: Array) -> Array:
        """Level by level in a loop, and its derivative by the transposed solve: nothing is kept for the way back."""
        width = max(map(len, self.levels))
        table = np.full((len(self.levels), width), self.size, np.int32)
        for row, own in zip(table, self.levels, strict=True):
            row[: len(own)] = own
        index = np.vstack([self.index, np.full((1, self.width), self.size, np.int32)])

        def padded(coef: Array) -> Array:
            return jnp.vstack([coef, jnp.zeros((1, self.width), coef.dtype)])

        @jax.custom_vjp
        def solve(coef: Array, noise: Array) -> Array:
            whole, source = padded(coef), jnp.append(noise, jnp.zeros((), noise.dtype))

            def step(done: Array, own: Array) -> tuple[Array, None]:
                value = source[own] + jnp.sum(whole[own] * done[jnp.asarray(index)[own]], axis=1)
                return done.at[own].set(value).at[self.size].set(0), None

            return lax.scan(step, jnp.zeros_like(source), jnp.asarray(table))[0][: self.size]

        def forward(coef: Array, noise: Array) -> tuple[Array, tuple[Array, Array]]:
            done = solve(coef, noise)
            return done, (coef, done)

        def backward(kept: tuple[Array, Array], slope: Array) -> tuple[Array, Array]:
            coef, done = kept
            whole = padded(coef)

            def step(total: Array, own: Array) -> tuple[Array, None]:
                share = whole[own] * total[own][:, None]
                return total.at[jnp.asarray(index)[own]].add(share).at[self.size].set(0), None

            start = jnp.append(slope, jnp.zeros((), slope.dtype))
            adjoint = lax.scan(step, start, jnp.asarray(table[::-1]))[0][: self.size]
            return adjoint[:, None] * jnp.append(done, jnp.zeros((), done.dtype))[self.index], adjoint

        solve.defvjp(forward, backward)
        return solve(coef, noise)

    # --- in NumPy ----------------------------------------------------------------------------------------------------

    def root(self, coef: np.ndarray, scale: np.ndarray) -> np.ndarray:
        """``(I - C)^-1 diag(s)``, a root of the covariance."""
        found = np.zeros((self.size + 1, self.size))
        for i in self.order:
            found[i] = coef[i] @ found[self.index[i]]
            found[i, i] += scale[i]
        return found[:-1]

    def regressed(self, root: np.ndarray) -> Anchor:
        """The regressions of the Gaussian with this root of its covariance."""
        coef, mix = np.zeros((self.size, self.width)), np.zeros((self.size, self.width, self.width))
        scale = np.zeros(self.size)
        for i, own in enumerate(map(list, self.parents)):
            n = len(own)
            upper = np.asarray(np.linalg.qr(root[[*own, i]].T, mode="r"))
            scale[i] = abs(upper[n, n])
            if n:
                inverse = np.linalg.inv(upper[:n, :n])
                coef[i, :n] = inverse @ upper[:n, n]
                mix[i, :n, :n] = inverse * scale[i]
        return Anchor(coef, scale, mix)


def _independent(pattern: Pattern, scale: np.ndarray) -> Anchor:
    """Without regressions: coordinates with these standard deviations."""
    padded = np.append(scale, np.inf)
    return Anchor(np.zeros((pattern.size, pattern.width)), scale, scale[:, None] / padded[pattern.index])


def _anchored(pattern: Pattern, whiten: Whiten) -> Whiten:
    """The start's Gaussian as regressions; coordinates without ties where these come closer to it.

    With all parents that the posterior gives a coordinate, regressions are the start's Gaussian itself. With fewer they
    have its marginal standard deviations, which the best guide has not: whichever has the better bound is taken.
    """
    root = whiten.tril if whiten.factor is None else whiten.factor
    apart = _independent(pattern, whiten.scale)
    if root is None or pattern.edges == 0:
        anchor = apart
    else:
        tied = pattern.regressed(root)
        inverse = np.linalg.inv(root)
        bounds = [
            np.sum(np.log(anchor.scale)) - 0.5 * np.sum((inverse @ pattern.root(anchor.coef, anchor.scale)) ** 2)
            for anchor in (tied, apart)
        ]
        anchor = tied if bounds[0] >= bounds[1] else apart
    if anchor.mix.ndim == 3 and anchor.mix.size > _MOST_MIXED:
        anchor = anchor._replace(mix=np.sqrt(np.sum(anchor.mix**2, axis=2)))
    return Whiten(whiten.loc, whiten.scale, anchor=anchor)


class _Parts(NamedTuple):
    move: Any
    log_ratio: Any
    coef: Any


def _split(pattern: Pattern, params: Vector, whiten: Whiten, xp: Any) -> _Parts:
    size, anchor = pattern.size, whiten.anchor
    padded = xp.append(params[2 * size :], xp.zeros((1,), params.dtype))[pattern.slots]
    more = anchor.mix * padded if anchor.mix.ndim == 2 else xp.einsum("dpq,dq->dp", anchor.mix, padded)
    return _Parts(params[:size], params[size : 2 * size], anchor.coef + more)


def _sample(pattern: Pattern, params: Array, normals: Array, whiten: Whiten) -> Array:
    move, log_ratio, coef = _split(pattern, params, whiten, jnp)
    return whiten.loc + pattern.solve(coef, whiten.anchor.scale * (jnp.exp(log_ratio) * normals + move))


def _log_prob(pattern: Pattern, params: Array, z: Array, whiten: Whiten) -> Array:
    move, log_ratio, coef = _split(pattern, params, whiten, jnp)
    noise = (pattern.residual(coef, z - whiten.loc) / whiten.anchor.scale - move) * jnp.exp(-log_ratio)
    log_scale = jnp.sum(log_ratio + jnp.log(whiten.anchor.scale))
    return -0.5 * jnp.sum(noise * noise) - 0.5 * pattern.size * LOG_2PI - log_scale


def _entropy(pattern: Pattern, params: Array, whiten: Whiten) -> Array:
    log_ratio = params[pattern.size : 2 * pattern.size]
    return jnp.sum(log_ratio + jnp.log(whiten.anchor.scale)) + standard_entropy(pattern.size)


def path_control(family: Callable[[], Family]) -> Callable[[Array, Array, Whiten], Array]:
    """The control variate that leaves of the density of the guide only what goes through the draw.

    ``-log q(z) - H`` with the parameters of q held fixed has mean zero, and so has its gradient, since the score of q
    has. Added to the bound it cancels all noise where the guide is the posterior.

    Source: Roeder, Wu & Duvenaud (2017), Sticking the landing.
    """

    def control(params: Array, normals: Array, whiten: Whiten) -> Array:
        own = family()
        assert own.sample is not None
        assert own.log_prob is not None
        assert own.entropy is not None
        z = own.sample(params, normals, whiten)
        return -own.log_prob(lax.stop_gradient(params), z, whiten) - own.entropy(params, whiten)

    return control


def _mean(pattern: Pattern, params: np.ndarray, whiten: Whiten) -> tuple[np.ndarray, np.ndarray]:
    move, log_ratio, coef = _split(pattern, params, whiten, np)
    root = pattern.root(coef, whiten.anchor.scale)
    return whiten.loc + root @ move, root * np.exp(log_ratio)


def _moments(pattern: Pattern, params: np.ndarray, whiten: Whiten) -> tuple[np.ndarray, np.ndarray]:
    mean, root = _mean(pattern, params, whiten)
    return mean, np.sqrt(np.sum(root**2, axis=1))


def _covariance(pattern: Pattern, params: np.ndarray, whiten: Whiten) -> np.ndarray:
    root = _mean(pattern, params, whiten)[1]
    return root @ root.T


def regressions(parents: Sequence[Sequence[int]]) -> Family:
    """The family in which each coordinate is regressed on these."""
    pattern = Pattern(tuple(map(tuple, parents)))
    family = Family(
        params=2 * pattern.size + pattern.edges,
        normals=pattern.size,
        init=lambda whiten: np.zeros(2 * pattern.size + pattern.edges),
        sample=partial(_sample, pattern),
        log_prob=partial(_log_prob, pattern),
        entropy=partial(_entropy, pattern),
        control=path_control(lambda: family),
        moments=partial(_moments, pattern),
        covariance=partial(_covariance, pattern),
        anchor=partial(_anchored, pattern),
    )
    return family
