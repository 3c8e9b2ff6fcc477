"""The best of the Gaussians that a quasi-Newton search sees on its way to the mode.

Source: Zhang, Carpenter, Gelman & Vehtari (2022), Pathfinder: parallel quasi-Newton variational inference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from ...lazy import np
from ..search import Evaluate, Point, evaluate_one, is_finite, lbfgs
from .gaussian import LOG_2PI
from .laplace import LAPLACE

if TYPE_CHECKING:
    from numpy import ndarray

_DRAWS = 20
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


def _gaussians(path: Sequence[Point]) -> Iterator[tuple[ndarray, tuple[ndarray, ndarray, ndarray]]]:
    """For each point after the first a centre and a root: where a Newton step with that inverse Hessian leads."""
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
            yield here.x - _times(root, _transposed(root, here.gradient)), root


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


def propose(
    evaluate: Evaluate, starts: Sequence[Point], source: np.random.Generator
) -> tuple[Point, ndarray] | None:
    """The Gaussian with the highest bound on the paths from all starts; ``None`` where each leaves the support.

    All bounds are means over the same noise, so that their differences have little of it.
    """
    half = source.standard_normal((_DRAWS // 2, len(starts[0].x)))
    noise = np.concatenate([half, -half])
    best, chosen = -np.inf, None
    for start in starts:
        for centre, root in _gaussians(lbfgs(evaluate, start)):
            potentials, _ = evaluate(centre + _times(root, noise))
            log_det = np.sum(np.log(root[0])) + np.sum(np.log(1 + np.diagonal(root[2])))
            bound = log_det + 0.5 * noise.shape[1] * (1 + LOG_2PI) - float(np.mean(potentials))
            if bound > best:
                best, chosen = bound, (centre, root)
    if chosen is None:
        return None
    point = evaluate_one(evaluate, chosen[0])
    dense = _times(chosen[1], np.eye(noise.shape[1])).T
    return (point, dense) if is_finite(point) else None


PATHFINDER = replace(
    LAPLACE,
    name="pathfinder",
    summary="the Gaussian with the highest bound on the way of L-BFGS to the mode; nothing is optimised",
    propose=propose,
)
