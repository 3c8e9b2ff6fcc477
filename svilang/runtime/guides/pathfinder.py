"""The best of the Gaussians that a quasi-Newton search sees on its way to the mode.

Source: Zhang, Carpenter, Gelman & Vehtari (2022), Pathfinder: parallel quasi-Newton variational inference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ...lazy import np
from ..search import Evaluate, Point, evaluate_one, is_finite, lbfgs, local_gaussian, spaced
from .gaussian import LOG_2PI
from .laplace import LAPLACE

if TYPE_CHECKING:
    from numpy import ndarray

_FEW = 10
_DRAWS = 200
"""Pairs of draws by which a Gaussian is judged at first, and those that are then compared."""

_PROMISING = 5
_SURE = 3.0
"""Standard errors by which a bound must be higher than that of the curvature at the end."""

_LOOKS = 5
_EVALUATIONS = 4_000
"""At how many points of a path the whole curvature is taken, and gradients that all of these may cost."""

_MEMORY = 20
_CURVED = 1e-12

Pairs = list[tuple["ndarray", "ndarray"]]
"""Moves and changes of the gradient, the latest last."""


def inverse_hessian_root(scales: ndarray, pairs: Pairs) -> tuple[ndarray, ndarray, ndarray]:
    """A root of the inverse Hessian of L-BFGS in parts: ``diag(d) (I + Q (L - I) Q')``, with ``Q`` orthonormal.

    Args:
        scales: the diagonal from which the updates of the pairs begin, ``[D]``.
        pairs: those, oldest first.

    Source: Byrd, Nocedal & Schnabel (1994), theorem 2.2, for the inverse in closed form.
    """
    moves, changes = (np.stack(some, axis=1) for some in zip(*pairs, strict=True))
    products = moves.T @ changes
    upper = np.linalg.inv(np.triu(products))
    middle = np.diag(np.diagonal(products)) + changes.T @ (scales[:, None] * changes)
    none = np.zeros_like(upper)
    inner = np.block([[none, -upper], [-upper.T, upper.T @ middle @ upper]])
    diagonal = np.sqrt(scales)
    ortho, triangle = np.linalg.qr(np.hstack([diagonal[:, None] * changes, moves / diagonal[:, None]]))
    inside = np.eye(len(triangle)) + triangle @ inner @ triangle.T
    return diagonal, ortho, np.linalg.cholesky(0.5 * (inside + inside.T)) - np.eye(len(triangle))


class _Gaussian(NamedTuple):
    """A centre, the product of a root of the covariance with the rows of a matrix, and that root's log determinant."""

    centre: ndarray
    spread: Callable[[ndarray], ndarray]
    log_det: float

    def bounds(self, evaluate: Evaluate, noise: ndarray) -> ndarray:
        """The bound from each row of noise and its mirror image, ``-inf`` where one of them is outside the support."""
        moves = self.spread(noise)
        potentials, _ = evaluate(self.centre + np.concatenate([moves, -moves]))
        potentials = np.where(np.isfinite(potentials), potentials, np.inf)
        entropy = self.log_det + 0.5 * noise.shape[1] * (1 + LOG_2PI)
        return entropy - 0.5 * (potentials[: len(noise)] + potentials[len(noise) :])


def _of_updates(path: Sequence[Point]) -> Iterator[_Gaussian]:
    """For each point after the first: where a Newton step with the inverse Hessian of L-BFGS leads, with that."""
    scales, pairs = np.ones(len(path[0].x)), Pairs()
    for before, here in pairwise(path):
        move, change = here.x - before.x, here.gradient - before.gradient
        if move @ change > _CURVED * np.linalg.norm(move) * np.linalg.norm(change):
            scales = _rescaled(scales, move, change)
            pairs = [*pairs, (move, change)][-_MEMORY:]
        if pairs:
            try:
                root = inverse_hessian_root(scales, pairs)
            except np.linalg.LinAlgError:
                continue
            log_det = float(np.sum(np.log(root[0])) + np.sum(np.log(1 + np.diagonal(root[2]))))
            yield _Gaussian(here.x - _times(root, _transposed(root, here.gradient)), partial(_times, root), log_det)


def _products(root: ndarray, x: ndarray) -> ndarray:
    return x @ root.T


def _rescaled(scales: ndarray, move: ndarray, change: ndarray) -> ndarray:
    """The diagonal that fits the latest pair as well (Gilbert & Lemaréchal 1989)."""
    a, b, c = change @ (scales * change), change @ move, move @ (move / scales)
    return 1 / (a / (b * scales) + change**2 / b - a * move**2 / (b * c * scales**2))


def _times(root: tuple[ndarray, ndarray, ndarray], x: ndarray) -> ndarray:
    diagonal, ortho, inner = root
    return (x + (x @ ortho) @ inner.T @ ortho.T) * diagonal


def _transposed(root: tuple[ndarray, ndarray, ndarray], x: ndarray) -> ndarray:
    diagonal, ortho, inner = root
    scaled = diagonal * x
    return scaled + ortho @ (inner.T @ (ortho.T @ scaled))


def _of_curvature(evaluate: Evaluate, path: Sequence[Point]) -> Iterator[_Gaussian]:
    """With the whole curvature at a few points, there and where a Newton step leads: of a Gaussian density the latter
    is that itself.
    """
    for point in spaced(path, min(_LOOKS, _EVALUATIONS // (4 * len(path[0].x)))):
        local = local_gaussian(evaluate, point)
        if local is not None:
            root = partial(_products, local.basis), float(np.linalg.slogdet(local.basis)[1])
            yield _Gaussian(point.x, *root)
            yield _Gaussian(point.x - local.basis @ (local.basis.T @ point.gradient), *root)


def propose(
    evaluate: Evaluate, starts: Sequence[Point], source: np.random.Generator
) -> tuple[Point, ndarray] | None:
    """The Gaussian with the highest bound on the paths from all starts; ``None`` where each leaves the support.

    All bounds are means over the same noise, so that their differences have little of it. Where the coordinates are so
    few that their whole curvature can be had, that at the end of a path stands unless another is better by more than
    the error of the difference: among many Gaussians there is one that the noise is kind to.
    """
    size, paths = len(starts[0].x), [lbfgs(evaluate, start) for start in starts]
    noise = source.standard_normal((_DRAWS, size))
    whole = [list(_of_curvature(evaluate, path)) for path in paths]
    seen = [one for path in paths for one in _of_updates(path)]
    promise = [np.mean(one.bounds(evaluate, noise[:_FEW])) for one in seen]
    favourites = [seen[i] for i in np.argsort(promise)[-_PROMISING:]]
    ends = _judged(evaluate, [one[-1] for one in whole if one], noise)
    others = _judged(evaluate, [*(one for some in whole for one in some[:-1]), *favourites], noise)
    best = max(ends or others, key=_height, default=None)
    if best is None:
        return None
    best = max([best, *(one for one in others if _surely_better(one[1], best[1]))], key=_height)
    point = evaluate_one(evaluate, best[0].centre)
    return (point, best[0].spread(np.eye(size)).T) if is_finite(point) else None


def _judged(evaluate: Evaluate, some: Sequence[_Gaussian], noise: ndarray) -> list[tuple[_Gaussian, ndarray]]:
    """With their bounds, but for those that reach out of the support."""
    found = [(one, one.bounds(evaluate, noise)) for one in some]
    return [one for one in found if np.all(np.isfinite(one[1]))]


def _height(judged: tuple[_Gaussian, ndarray]) -> float:
    return float(np.mean(judged[1]))


def _surely_better(bounds: ndarray, others: ndarray) -> bool:
    gain = bounds - others
    return bool(np.mean(gain) > _SURE * np.std(gain) / np.sqrt(len(gain)))


PATHFINDER = replace(
    LAPLACE,
    name="pathfinder",
    summary="the Gaussian with the highest bound on the way of L-BFGS to the mode; nothing is optimised",
    propose=propose,
)
