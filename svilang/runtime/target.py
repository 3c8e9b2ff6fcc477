"""What the runtime optimises: pure functions of arrays, without a word of the language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from .structure import FamilyUse

if TYPE_CHECKING:
    import numpy as np
    from jax import Array

PyTree = Any


@dataclass(frozen=True, slots=True)
class Block:
    """The coordinates ``start:stop`` of the flat vector that belong to one latent site."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Noise:
    """How much parameter-free noise one draw takes: standard normals, uniforms on (0, 1), and random keys."""

    normal: int = 0
    uniform: int = 0
    keys: int = 0


class GuideDraw(NamedTuple):
    """One draw of the hand-written part of a guide.

    Args:
        given: its values, an opaque tree for ``Target.log_density``.
        log_q: their log density, in nats.
        scored: the part of ``log_q`` whose sites have no pathwise gradient; ``None`` where all have one.
    """

    given: PyTree
    log_q: Array
    scored: Array | None


@dataclass(frozen=True, slots=True, eq=False)
class Explicit:
    """The hand-written part of a guide.

    Args:
        size: number of its unconstrained parameters (they stand in one flat vector).
        init: their initial values, ``[size]``.
        noise: what one draw needs.
        sample: ``(prepared, phi[size], noise, z) -> GuideDraw``; ``noise`` is a mapping with the entries ``normal``,
            ``uniform`` (flat vectors) and ``keys`` (``[keys, 2]`` uint32), ``z`` the draw of the families. Pathwise
            differentiable in ``phi`` and ``z`` but for the sites of ``scored``.
        names: a name for each parameter block, for messages and results.
        expected: ``(prepared, phi, theta, noise, z) -> (weight, pairs)``: the log density of the model less that of the
            explicit part, with sums over discrete sites and mixture branches taken exactly; ``pairs`` are costs and log
            densities of sampled sites without a pathwise gradient, of equal shape: the gradient of the bound is that of
            ``weight`` plus the costs times the gradients of the log densities. ``None`` where ``sample`` says all.
    """

    size: int
    init: np.ndarray
    noise: Noise
    sample: Callable[[PyTree, Array, Mapping[str, Array], Array], GuideDraw]
    names: tuple[Block, ...] = ()
    expected: (
        Callable[
            [PyTree, Array, Array, Mapping[str, Array], Array], tuple[Array, tuple[tuple[Array, Array], ...]]
        ]
        | None
    ) = None


Surrogate = Callable[[PyTree, Any, Any, Any, PyTree], Any]
"""``(prepared, weights[rows], z, theta, given) -> nats``: the log density by a few rows in the place of all, where the
weights sum to one and equal ones are an estimate without bias."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """An unnormalised log density over R^size, as lowering makes it.

    Args:
        size: number of unconstrained latent coordinates that guide families cover.
        blocks: which of them belong to which site, in order, covering all of them.
        data: arguments of every jitted program (never closed over).
        prepare: ``(data) -> prepared``: what depends on data alone; called inside the program, outside the scan.
        log_density: ``(prepared, z[size], theta[m], given) -> scalar`` in nats, with the log Jacobian of the maps from
            ``z`` to the constrained values.
        terms: the same sum, a mapping from the name of each term (site, observation, factor) to its value: to say which
            one is not finite.
        theta: initial values of the model's own parameters, unconstrained, ``[m]``.
        explicit: the hand-written part of the guide, if there is one.
        draws: ``(prepared, z, theta, given) -> (mapping, nats)``: user-visible values (constrained latents, reports)
            of one draw and its log density, which share what they are made from.
        together: the names of the single numbers that ``draws`` gives as one vector, by the name of the vector; see
            :meth:`by_name`.
        neural: whether networks are among the parameters of the model or the guide. The density where they start says
            nothing of where a fit ends.
        seeds: ``(generator) -> points[n, size]``: where else a search should begin, as the data suggest.
        edges: the observations whose support ends where latents say, each with its law: a bound is then that of the
            guide within the support.
        cells: numbers that the sums over discrete sites go through for one value of the density.
        squares: size of the largest matrix that the density is made from, 0 if there is none.
        batch: the same from some members of some axes, where a step is to see no more.
        surrogates: of each family the log density by some rows of a plate, see :data:`Surrogate`; ``None`` for one that
            needs none.
        weighed: ``(prepared, weight) -> prepared`` under which all terms of the latents, in the log density and the
            explicit part's expectation, count ``weight`` times; ``None`` where nothing is weighed.
        held: how many of the parameters, the last ones, only move the map from ``z``: no mode says where they belong.
        peaked: whether latents have widths that are latent: where a width is small the density may have a high and
            narrow peak with little mass.
        prior: ``(data, key) -> z``, one draw of the coordinates from the laws of the model; ``None`` where one of them
            has no draws.
    """

    size: int
    blocks: tuple[Block, ...]
    data: Mapping[str, np.ndarray]
    prepare: Callable[[PyTree], PyTree]
    log_density: Callable[[PyTree, Array, Array, PyTree], Array]
    terms: Callable[[PyTree, Array, Array, PyTree], Mapping[str, Array]]
    theta: np.ndarray
    explicit: Explicit | None = None
    draws: Callable[[PyTree, Array, Array, PyTree], tuple[Mapping[str, Array], Array]] | None = field(default=None)
    neural: bool = False
    seeds: Callable[[np.random.Generator], np.ndarray] | None = None
    edges: Mapping[str, str] = field(default_factory=dict[str, str])
    cells: int = 0
    squares: int = 0
    batch: Batch | None = field(default=None)
    held: int = 0
    peaked: bool = False
    prior: Callable[[PyTree, Array], Array] | None = field(default=None)
    weighed: Callable[[PyTree, Array], PyTree] | None = field(default=None)
    surrogates: tuple[Surrogate | None, ...] = ()
    together: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def by_name(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What ``draws`` gives, with vectors of single numbers taken apart."""
        found = {name: value for name, value in values.items() if name not in self.together}
        for vector, names in self.together.items():
            found.update((name, values[vector][..., i]) for i, name in enumerate(names))
        return found

    @property
    def partial(self) -> bool:
        """Whether a step sees some members only."""
        return self.batch is not None and not self.batch.whole

    def of_all(self) -> Target:
        """The same with steps that see all members."""
        if self.batch is None or not self.batch.apart:
            return replace(self, batch=None)
        axes = tuple(replace(axis, rows=axis.size) for axis in self.batch.axes)
        return replace(self, batch=replace(self.batch, axes=axes))


# --- some members of some axes ---------------------------------------------------------------------------------------

Rows = Mapping[str, "Array"]
"""By axis the positions of the members that a step sees, ``[rows]`` int32."""


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis with ``size`` members, of which a step sees ``rows``."""

    name: str
    size: int
    rows: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Where the coordinates of one step stand in those of the whole; ``None`` where they are all there.

    Args:
        families: of each family, among its own coordinates.
        phi: of the explicit part's parameters.
        theta: of the model's own parameters.
    """

    families: tuple[Array | None, ...]
    phi: Array | None
    theta: Array | None


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """An unbiased estimate of a target from some members of some axes.

    Where ``apart``, a bound of several draws is taken for each member of the axes by itself: then ``target``,
    ``families``, ``select`` and ``members`` are of one member, and a step goes through all those that it sees.

    Args:
        axes: of which a step sees some members.
        target: the estimate, over the coordinates that one step sees; its ``prepare`` makes from all data what
            ``select`` takes, outside the loop. Its initial values have no meaning.
        families: those of the whole in the same order, over these coordinates.
        select: ``(prepared, rows) -> prepared`` of one step.
        members: which coordinates a step sees.
        own: whether each member has coordinates or parameters of its own.
        resized: the same with other numbers of rows, all together.
        apart: whether it is of one member.
    """

    axes: tuple[Axis, ...]
    target: Target
    families: tuple[FamilyUse, ...]
    select: Callable[[PyTree, Rows], PyTree]
    members: Callable[[Rows], Selection]
    own: bool = False
    resized: Callable[[tuple[Axis, ...]], Batch] | None = None
    apart: bool = False

    @property
    def whole(self) -> bool:
        """Whether a step sees all members."""
        return all(axis.rows == axis.size for axis in self.axes)

    def knows(self, axis: Axis) -> bool:
        """Whether a step needs not be told the rows of an axis, since it goes through all of them in order."""
        return self.apart and axis.rows == axis.size
