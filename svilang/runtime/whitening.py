"""From a root of the joint covariance at the start to the linear map of each family."""

from __future__ import annotations

from collections.abc import Sequence

from ..lazy import np
from .guides import Thin, Whiten

_TIE = 1e-4
"""Partial correlation from which two coordinates count as tied."""

_FEW = 32
"""Coordinates up to which a dense product costs no more than a thin one."""


def lower_root(root: np.ndarray) -> np.ndarray:
    """The lower triangular ``L`` with positive diagonal and ``L @ L.T == root @ root.T``."""
    upper = np.asarray(np.linalg.qr(root.T, mode="r"))
    return (upper * np.where(np.diagonal(upper) < 0, -1.0, 1.0)[:, None]).T


def conditional_root(root: np.ndarray, indices: Sequence[int]) -> np.ndarray:
    """A lower triangular root of the covariance of some coordinates given all others.

    The precision is ``A.T @ A`` with ``A = inv(root)``; its block over ``indices`` is inverted through two QR
    factorisations, which never square a condition number.
    """
    upper = np.asarray(np.linalg.qr(np.linalg.inv(root)[:, list(indices)], mode="r"))
    return lower_root(np.linalg.inv(upper))


def dense(loc: np.ndarray, root: np.ndarray, indices: Sequence[int]) -> Whiten:
    """Whitening of the coordinates ``indices`` from a root of the joint covariance."""
    own = list(indices)
    whole = len(own) == len(loc)
    factor = conditional_root(root, own)
    precision_root = np.linalg.inv(root)[:, own]
    scale = 1 / np.sqrt(np.sum(precision_root**2, axis=0))
    precision = (precision_root * scale).T @ (precision_root * scale)
    tril = factor if whole else lower_root(root[own])
    return Whiten(loc[own], scale, tril, None if whole else factor, precision)


def diagonal(loc: np.ndarray, scale: np.ndarray, indices: Sequence[int]) -> Whiten:
    """Whitening by scale alone, for many coordinates."""
    own = list(indices)
    return Whiten(loc[own], scale[own])


def thinned(whiten: Whiten, root: np.ndarray, indices: Sequence[int]) -> Whiten:
    """The same whitening with cheap products, where all ties between coordinates go through a few of them.

    So it is in a hierarchical model: given the few parameters that groups share, groups are independent. With these
    first, the root of the covariance is diagonal but for its first columns, and the precision but for some rows and
    columns. Ties below :data:`_TIE` are dropped, which leaves the family what it is and its control unbiased.

    Args:
        whiten: as :func:`dense` made it.
        root: of the joint covariance of all coordinates.
        indices: of the family's coordinates.
    """
    size = len(whiten.loc)
    if whiten.precision is None or size <= _FEW:
        return whiten
    shared = _shared(np.abs(whiten.precision) > _TIE)
    if shared is None:
        return whiten
    rest = np.setdiff1d(np.arange(size), shared)
    order = np.concatenate([shared, rest])
    factor = lower_root(root[list(indices)][order])
    own = factor[len(shared) :, len(shared) :]
    scale = np.diagonal(own)
    if np.any(np.abs(own - np.diag(scale)) > 10 * _TIE * scale[:, None]):
        return whiten
    unit, columns, diagonal = np.eye(size)[shared], np.zeros((size, len(shared))), np.zeros(size)
    columns[order], diagonal[rest] = factor[:, : len(shared)], scale
    ties = whiten.precision[:, shared] - unit.T
    outside = np.where(np.isin(np.arange(size), shared)[:, None], 0, ties)
    precision = Thin(np.ones(size), np.hstack([ties, unit.T]), np.vstack([unit, outside.T]))
    return whiten._replace(tril=Thin(diagonal, columns, unit), factor=None, precision=precision)


def _shared(tied: np.ndarray) -> np.ndarray | None:
    """The few coordinates without which no two are tied; ``None`` if they are not few."""
    count = np.sum(tied, axis=1) - 1
    most = len(tied) // 8
    shared = np.argsort(-count, kind="stable")[:most]
    for number in range(most):
        left = np.delete(np.arange(len(tied)), shared[:number])
        if np.sum(tied[np.ix_(left, left)]) == len(left):
            return np.sort(shared[:number])
    return None
