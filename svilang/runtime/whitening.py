"""From a root of the joint covariance at the start to the linear map of each family."""

from __future__ import annotations

from collections.abc import Sequence

from ..lazy import np
from .guides import Whiten


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
