"""The row that holds everything known about one guide family, and the linear map that its parameters live in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ...lazy import jnp, lax
from ..limit import MOST, Limit
from ..search import Evaluate, Point
from ..structure import Structure

if TYPE_CHECKING:
    import numpy as np
    from jax import Array

Settings = Mapping[str, Any]
"""Arguments of the call of a family by name."""

DIMENSION = "a dimension"
PLATE = "a plate of observations"
COUNT = Limit(1, MOST, whole=True)
FAMILY = "the name of a family"
OUTERMOST = "…"
"""The default of a :data:`PLATE`: the outermost one around the observations."""

REQUIRED = None
"""The default of a setting that has none."""

Density = Callable[..., Any]
"""The log density of the target at a family's own coordinates, all others as they were drawn; for a family with a
surrogate that of some rows, ``(z, weights[rows]) -> nats``, where the weights sum to one."""

Propose = Callable[[Evaluate, Sequence[Point], "np.random.Generator"], "tuple[Point, np.ndarray] | None"]
"""``(potential, starting points, generator) -> (centre, root of the covariance[D, D])``, over all coordinates."""

Vector = TypeVar("Vector", "Array", "np.ndarray")
"""Parameters inside a compiled program, or in NumPy outside it."""


class Whiten(NamedTuple):
    """Where the posterior was found and how wide it is there, for the coordinates of one family.

    Parameters of a family are numbers of order one in these units: a location is ``loc + tril @ m``. The map is linear,
    so the family stays what it is; only the ill-conditioning of the optimisation goes.

    Args:
        loc: the starting point, ``[D]``.
        scale: conditional standard deviations ``1 / sqrt(H_ii)``, ``[D]``.
        tril: a lower triangular root of the covariance of these coordinates, ``[D, D]``; ``None`` in high dimension,
            where ``scale`` stands for it. A family that needs only some root may be given a :class:`Thin` one.
        factor: the same root of their covariance given all other coordinates; ``None`` where it equals ``tril``.
        precision: their precision given all others in units of ``scale``, with a unit diagonal, ``[D, D]``; ``None``
            where it is taken to be diagonal, :class:`Thin` where few coordinates are tied to the others.
        anchor: what the family itself made of the others, see ``Family.anchor``.
    """

    loc: Any
    scale: Any
    tril: Any = None
    factor: Any = None
    precision: Any = None
    anchor: Any = None


class Thin(NamedTuple):
    """The matrix ``diag(diagonal) + left @ right`` with a narrow ``left``, as a factor from the left."""

    diagonal: Any
    left: Any
    right: Any

    def __matmul__(self, x: Any) -> Any:
        return self.diagonal * x + self.left @ (self.right @ x)


def shift(move: Vector, whiten: Whiten) -> Vector:
    """A location in the target's coordinates from one in whitened coordinates."""
    return whiten.loc + (whiten.scale * move if whiten.tril is None else whiten.tril @ move)


def some(whiten: Whiten, indices: Array) -> Whiten:
    """A diagonal whitening of some of its coordinates."""
    return Whiten(entries(whiten.loc, indices), entries(whiten.scale, indices))


def entries(values: Array, indices: Array) -> Array:
    """``values[..., indices]`` for positions that exist."""
    return jnp.asarray(values).at[..., indices].get(mode="promise_in_bounds", wrap_negative_indices=False)


def pieces(params: Array, *sizes: int) -> Sequence[Array]:
    """A vector in consecutive parts. The gradient puts the parts together once; that of slices makes a vector of the
    full length from each, and adds them.
    """
    return lax.split(params, sizes)


@dataclass(frozen=True, slots=True)
class Family:
    """One family over D coordinates, as functions of arrays.

    Args:
        params, normals: how many of each one draw takes.
        init: ``whiten -> parameters`` as a NumPy vector: the guide that the start proposes.
        sample: ``(parameters, normals, whiten) -> z[D]``; ``None`` where a draw takes the target, see ``path``.
        log_prob: ``(parameters, z[D], whiten) -> nats``; ``None`` where only that of an own draw is known.
        entropy: ``(parameters, whiten) -> nats``; ``None`` where there is no closed form.
        control: ``(parameters, normals, whiten) -> nats``, a function of the noise with mean zero under the guide that
            cancels the noise of the log density where that is as Gaussian as the start found it; ``None`` if noiseless.
        moments: ``(parameters, whiten) -> (mean[D], sd[D])`` in NumPy; ``None`` where there is no closed form.
        covariance: ``(parameters, whiten) -> [D, D]`` in NumPy; ``None`` where there is no closed form.
        path: ``(parameters, normals, whiten, density) -> (z[D], nats)``, a draw with its log density, where that is
            cheaper than ``log_prob`` at the draw or all that there is.
        branches: how many draws one row of noise stands for.
        branch: ``(parameters, normals, whiten, which) -> z[D]``, one of them.
        log_weights: ``parameters -> [branches]``, how much each one counts.
        anchor: ``whiten -> whiten`` with what the family needs of it besides, in NumPy.
    """

    params: int
    normals: int
    init: Callable[[Whiten], np.ndarray]
    sample: Callable[[Array, Array, Whiten], Array] | None = None
    log_prob: Callable[[Array, Array, Whiten], Array] | None = None
    entropy: Callable[[Array, Whiten], Array] | None = None
    control: Callable[[Array, Array, Whiten], Array] | None = None
    moments: Callable[[np.ndarray, Whiten], tuple[np.ndarray, np.ndarray]] | None = None
    covariance: Callable[[np.ndarray, Whiten], np.ndarray] | None = None
    path: Callable[[Array, Array, Whiten, Density], tuple[Array, Array]] | None = None
    branches: int = 1
    branch: Callable[[Array, Array, Whiten, Array], Array] | None = None
    log_weights: Callable[[Array], Array] | None = None
    anchor: Callable[[Whiten], Whiten] | None = None


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """One guide family.

    Args:
        name: as the language spells it.
        summary: one line, with the formula.
        over: ``(structure, settings) -> family`` over these coordinates.
        settings: arguments of the call and their defaults, :data:`REQUIRED` where there is none.
        kinds: what a setting must be, where it is more than a number.
        graphs: whether it wants parents and neighbours in its structure.
        chain: whether it is made for a chain, and needs one.
        component: whether a mixture of it can be made.
        point: whether all mass is at one point, so that importance weights have no meaning.
        thin: whether any root of the covariance will do, and the products with it are all that is taken of it.
        fixed: whether the start alone determines it, so that nothing is left to optimise.
        propose: where the Gaussian of its start is, if not at the mode; ``None`` where no place will do.
        flow: whether its parameters follow a flow of their own, that makes no bound as large as can be.
        density: whether the log density at any given point is known, and not only that of an own draw.
        follows: whether its paths follow the log density of the target, all terms of it that their coordinates enter.
        surrogate: whether its paths follow some rows of a plate in the place of all.
        restrict: ``(parameters, whiten, indices) -> (parameters, whiten)``, the same family over some of its
            coordinates, for a diagonal whitening; ``None`` where coordinates depend on each other.
    """

    name: str
    summary: str
    over: Callable[[Structure, Settings], Family]
    settings: Settings = field(default_factory=dict)
    kinds: Mapping[str, str | Limit] = field(default_factory=dict)
    graphs: bool = False
    chain: bool = False
    component: bool = False
    point: bool = False
    thin: bool = False
    fixed: bool = False
    propose: Propose | None = None
    flow: bool = False
    density: bool = True
    follows: bool = False
    surrogate: bool = False
    restrict: Callable[[Array, Whiten, Array], tuple[Array, Whiten]] | None = None
