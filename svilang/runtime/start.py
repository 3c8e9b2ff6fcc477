"""Where a fit starts: the joint mode and the curvature there, as a whitening for each family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..diagnostics import Diagnostic
from ..lazy import jax, jnp, lax, np, random
from . import effort, errors
from .choose import DENSE, MOST_CURVED, Aim, Candidate, Chooser
from .guides import FAMILIES, FamilyRow, Whiten, anchored
from .layout import Whitens
from .noise import Starting, Stream, generator
from .search import Evaluate, Point, is_finite
from .structure import FamilyUse
from .target import Target
from .terms import bad_gradients_at, draws_at, middle, not_finite_at
from .whitening import dense, diagonal, thinned

_STARTS = 3
_PRIOR_DRAWS = 15
_BATCH = 64
_FAR = 3.0
"""Standard deviations from the middle of a Gaussian at which its mode does not stand for it."""

_ABSURD = 1e15
"""Nats that no log density of data and priors reaches: it has no bound."""


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Where the optimisation begins.

    Args:
        whitens: one for each family in order, then one for the model's own parameters.
        log_density: at the centre, in nats.
        mode: whether the centre is a mode with positive curvature.
        messages: warnings found on the way.
    """

    whitens: Whitens
    log_density: float
    mode: bool
    messages: tuple[Diagnostic, ...] = ()


def find(
    target: Target,
    families: tuple[FamilyUse, ...],
    seed: int,
    initial: np.ndarray | None = None,
    scatter: float | None = None,
) -> Start:
    """The start of a fit.

    Args:
        target: the log density.
        families: the guide families.
        seed: of the random starting points.
        initial: coordinates to start from instead of searching, ``z`` or ``z`` and the model's own parameters.
        scatter: standard deviation of the first starting points; ``None`` for the origin and points near it.

    Raises:
        NotFinite: when the log density is finite at no starting point, or grows without bound.
    """
    return Finder(target, families).find(seed, initial, scatter)


@dataclass(slots=True)
class Finder:
    """Finds starts of one fit; the program that evaluates the density is compiled once.

    Args:
        target: the log density.
        families: the guide families.
    """

    target: Target
    families: tuple[FamilyUse, ...]
    _evaluate: Evaluate | None = None

    def find(
        self,
        seed: int,
        initial: np.ndarray | None = None,
        scatter: float | None = None,
        begin: np.ndarray | None = None,
    ) -> Start:
        """See :func:`find`; the search begins at the coordinates ``begin`` alone, where there are some."""
        origin = np.concatenate([np.zeros(self.target.size), np.asarray(self.target.theta, float)])
        for given in (begin, initial):
            if given is not None:
                origin[: len(given)] = given
        return _found(self, origin, seed, initial is not None, scatter, alone=begin is not None)

    def evaluate(self, origin: np.ndarray, searched: int) -> Evaluate:
        """The potential and its gradient; whatever is not searched stays where it begins."""
        if self._evaluate is None:
            self._evaluate = evaluator(self.target, origin, searched)
        return self._evaluate


def _found(
    finder: Finder, origin: np.ndarray, seed: int, given: bool, scatter: float | None, *, alone: bool
) -> Start:
    target, families = finder.target, finder.families
    searched = _searched(target, families)
    if searched == 0:
        whitens = _whitens(target, families, origin, np.ones(len(origin)), {})
        known = target.explicit is None and len(origin) == 0
        return Start(whitens, _constant(target) if known else np.nan, False)
    rows = [FAMILIES[use.name] for use in families]
    aim = _aim(rows)
    curved = aim is Aim.CURVATURE
    fixed = [row.name for row in rows if row.fixed]
    if fixed and searched > MOST_CURVED:
        raise errors.too_many_to_curve(fixed[0], searched, MOST_CURVED)
    with jax.enable_x64(True), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        evaluate = finder.evaluate(origin, searched)
        count = 1 if given or alone else _STARTS
        points = _finite_starts(target, evaluate, origin, searched, seed, count, scatter)
        if not given and not alone:
            points += _seeded(target, evaluate, origin, searched, seed)
        centre = partial(_centre_of_prior, target, origin[:searched], seed)
        most = MOST_CURVED if curved else DENSE
        chooser = Chooser(evaluate, target.size, seed, aim, most, centre, target.cells, target.peaked)
        proposed = {} if given else _proposed(chooser, rows, points, seed)
        if given:
            chosen, end = chooser.at(points[0]), points[0]
        elif rows and all(row.name in proposed for row in rows):
            chosen, end = proposed[rows[0].name], points[0]
        else:
            chosen, end = chooser.best(points)
    if -chosen.potential > _ABSURD:
        raise errors.unbounded(_names(target, np.abs(chosen.x) >= 0.1 * np.max(np.abs(chosen.x))))
    centre = np.concatenate([chosen.x, origin[searched:]])
    if not given and chosen.flat.shape[1] and curved:
        raise errors.no_curvature(_names(target, np.any(np.abs(chosen.flat) > 0.1, axis=1)))
    whitens = _whitens(target, families, centre, chosen.root, proposed)
    messages = () if given else _messages(target, aim, chosen, end)
    return Start(whitens, -chosen.potential, chosen.mode, messages)


def _aim(rows: Sequence[FamilyRow]) -> Aim:
    if any(row.fixed and row.propose is None for row in rows):
        return Aim.CURVATURE
    if rows and all(row.point for row in rows):
        return Aim.MODE
    return Aim.START if any(row.point for row in rows) else Aim.BOUND


def _constant(target: Target) -> float:
    """The log density of a target without coordinates."""
    with jax.enable_x64(True):
        none: Any = np.zeros(0)
        compiled = jax.jit(lambda data: target.log_density(target.prepare(data), none, none, {}))
        return float(compiled(target.data))


def _searched(target: Target, families: tuple[FamilyUse, ...]) -> int:
    """How many coordinates the mode search moves.

    Where there are networks nothing moves, unless a family stands at the mode: what is best beside a random network is
    no start. A guide that draws latents by itself and many parameters of the model are left where they begin.
    """
    if target.neural and not any(FAMILIES[use.name].fixed for use in families):
        return 0
    if target.explicit is not None or len(target.theta) > DENSE:
        return target.size
    return target.size + len(target.theta) - target.held


def evaluator(target: Target, origin: np.ndarray, searched: int) -> Evaluate:
    """One compiled program for the potential and its gradient at a batch of points, in float64.

    A point is ``z`` followed by the model's own parameters, as far as they are searched. An explicit part of the guide
    stands at its initial parameters, with the noise in the middle of its range.
    """
    batch = max(1, min(_BATCH, 2**18 // searched, effort.alone(target.squares)))
    # Many calls take the same data, which would be handed over array by array at each of them.
    data, rest = jax.device_put((dict(target.data), origin[searched:]))
    empty = (data, rest, np.zeros((batch, searched)), np.int32(0))
    compiled = effort.compiled(
        partial(_potentials, target), empty, effort.count(target.data), loop=True, factors=target.squares > 0
    )

    def evaluate(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        potentials, gradients = np.empty(len(points)), np.empty(points.shape)
        buffer = np.zeros((batch, searched))
        for first in range(0, len(points), batch):
            piece = points[first : first + batch]
            buffer[: len(piece)] = piece
            some, slopes = compiled(data, rest, buffer, np.int32(len(piece)))
            potentials[first : first + batch] = np.asarray(some)[: len(piece)]
            gradients[first : first + batch] = np.asarray(slopes)[: len(piece)]
        return potentials, gradients

    return evaluate


def _potentials(target: Target, data: Any, rest: Any, points: Any, count: Any) -> Any:
    prepared = target.prepare(data)

    def potential(x: Any) -> Any:
        whole = jnp.concatenate([x, rest]) if rest.shape[0] else x
        z, theta = whole[: target.size], whole[target.size :]
        return -target.log_density(prepared, z, theta, middle(target, prepared, z))

    def body(state: Any) -> Any:
        i, potentials, gradients = state
        value, gradient = jax.value_and_grad(potential)(points[i])
        return i + 1, potentials.at[i].set(value), gradients.at[i].set(gradient)

    empty = (jnp.zeros((), jnp.int32), jnp.zeros(points.shape[0], points.dtype), jnp.zeros_like(points))
    return lax.while_loop(lambda state: state[0] < count, body, empty)[1:]


def _finite_starts(
    target: Target, evaluate: Evaluate, origin: np.ndarray, searched: int, seed: int, count: int, scatter: float | None
) -> list[Point]:
    """The first of ``count`` starting points where the density is finite; more are tried where none is."""
    source = generator(seed, Stream.START, Starting.SCATTER)
    near = np.concatenate([np.zeros(1), np.full(count - 1, 0.5)]) if scatter is None else np.full(count, scatter)
    spreads = np.concatenate([near, np.full(8, 1.0), np.full(8, 0.1)])
    points = origin[:searched] + spreads[:, None] * source.standard_normal((len(spreads), searched))
    for some in (points[:count], points[count:]):
        potentials, gradients = evaluate(some)
        found = [Point(x, float(u), g) for x, u, g in zip(some, potentials, gradients, strict=True)]
        finite = [point for point in found if is_finite(point)]
        if finite:
            return finite[:_STARTS]
    terms = not_finite_at(target, origin)
    if not terms and np.isfinite(evaluate(points[:1])[0][0]):
        raise errors.gradient_not_finite(bad_gradients_at(target, origin), 0, draws_at(target, origin))
    raise errors.no_starting_point(terms, draws_at(target, origin))


def _seeded(target: Target, evaluate: Evaluate, origin: np.ndarray, searched: int, seed: int) -> list[Point]:
    """The starting points that the data suggest, where the density is finite."""
    if target.seeds is None:
        return []
    suggested = target.seeds(generator(seed, Stream.START, Starting.SUGGESTED))
    points = np.repeat(origin[None, :searched], len(suggested), axis=0)
    points[:, : target.size] += suggested
    potentials, gradients = evaluate(points)
    found = [Point(x, float(u), g) for x, u, g in zip(points, potentials, gradients, strict=True)]
    return [point for point in found if is_finite(point)]


def _centre_of_prior(target: Target, origin: np.ndarray, seed: int) -> np.ndarray | None:
    """The median of each coordinate over draws from the prior, where the model can be drawn from."""
    if target.prior is None or len(origin) != target.size:
        return None
    given = target.data, generator(seed, Stream.START, 4).integers(2**31)
    draws = np.asarray(effort.compiled(partial(_from_prior, target), given, 0, loop=False)(*given))
    draws = draws[np.all(np.isfinite(draws), axis=1)]
    return np.median(draws, axis=0) if len(draws) else None


def _from_prior(target: Target, data: Any, seed: Any) -> Any:
    assert target.prior is not None
    return jax.vmap(target.prior, (None, 0))(data, random.split(random.key(seed), _PRIOR_DRAWS))


def _proposed(
    chooser: Chooser, rows: Sequence[FamilyRow], points: list[Point], seed: int
) -> dict[str, Candidate]:
    """The Gaussians of families that look for their own, by name."""
    found: dict[str, Candidate] = {}
    for row in rows:
        made = None if row.propose is None else row.propose(chooser.evaluate, points, generator(seed, Stream.START, 6))
        if made is not None:
            found[row.name] = chooser.around(*made)
    return found


def _whitens(
    target: Target,
    families: tuple[FamilyUse, ...],
    centre: np.ndarray,
    root: np.ndarray,
    proposed: Mapping[str, Candidate],
) -> Whitens:
    """One for each family, from a root over the coordinates that were searched, and one for the parameters."""
    own, searched = range(target.size, len(centre)), len(root)
    if searched < len(centre) or root.ndim == 1:
        theta = diagonal(centre, root if searched == len(centre) else np.ones(len(centre)), own)
    else:
        theta = dense(centre, root, own)
    found: list[Whiten] = []
    for use in families:
        own_place = proposed.get(use.name)
        place = (centre[:searched], root) if own_place is None else (own_place.x, own_place.root)
        found.append(_whiten(use, *place))
    return (*found, theta)


def _whiten(use: FamilyUse, centre: np.ndarray, root: np.ndarray) -> Whiten:
    whiten = diagonal(centre, root, use.indices) if root.ndim == 1 else dense(centre, root, use.indices)
    if use.partial:
        whiten = Whiten(whiten.loc, whiten.scale)
    elif FAMILIES[use.name].thin and root.ndim == 2:
        whiten = thinned(whiten, root, use.indices)
    return anchored(use, whiten)


def _messages(target: Target, aim: Aim, chosen: Candidate, end: Point) -> tuple[Diagnostic, ...]:
    found: list[Diagnostic] = []
    if chosen.flat.shape[1]:
        share = np.max(np.abs(chosen.flat) / np.max(np.abs(chosen.flat), axis=0), axis=1)
        found.append(errors.flat_directions(_names(target, share > 0.1)))
    if chosen.mode:
        return tuple(found)
    if chosen.kinks is not None:
        found.append(errors.kink_at_mode(_names(target, chosen.kinks)))
    elif _runs_away(chosen, end):
        moved = np.abs(end.x - chosen.x) / (1 + np.abs(chosen.x))
        names = _names(target, moved >= 0.5 * np.max(moved))
        found.append(errors.no_mode(names) if aim.answer else errors.mode_runs_away(names))
    return tuple(found)


def _runs_away(chosen: Candidate, end: Point) -> bool:
    """Whether the search for the mode went on uphill, far from where the mass is.

    At a mode with a kink, as of a Laplace density, it ends nearby; where slopes are not finite it ends low.
    """
    widths = np.linalg.norm(chosen.root, axis=1) if chosen.root.ndim == 2 else chosen.root
    return bool(end.potential < chosen.potential and np.any(np.abs(end.x - chosen.x) > _FAR * widths))


def _names(target: Target, chosen: np.ndarray) -> list[str]:
    """The sites that the marked coordinates belong to; those after the latents are the model's parameters."""
    names = [block.name for block in target.blocks if np.any(chosen[block.start : block.stop])]
    return names + ["param"] * bool(np.any(chosen[target.size :]))
