"""Parameters by name, as users and Optax see them, and as one flat vector, as the runtime does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..diagnostics import SvilangError
from ..lazy import jnp, np
from ..runtime import layout as layouts
from . import errors

if TYPE_CHECKING:
    import numpy
    from jax import Array

    from ..lower import Lowered
    from ..lower.layout import Piece
    from ..lower.run import Run
    from ..runtime.layout import Layout, Part, Whitens


class Names:
    """The parameters of a guide and its model by name, unconstrained.

    Args:
        lowered: the model with its data, and the guide.

    ``layout`` is how the runtime sees them, ``plain`` the units of the unconstrained space itself.
    """

    def __init__(self, lowered: Lowered) -> None:
        self._lowered = lowered
        self.layout: Layout = layouts.make(lowered.target, lowered.families)
        self.plain: Whitens = layouts.plain(lowered.target, lowered.families)
        self._slices = {self._family(part): part.params for part in self.layout.parts}
        phi, theta = self.layout.phi.start, self.layout.theta.start
        self._slices |= {p.name: slice(phi + p.start, phi + p.stop) for p in self._of_guide.values()}
        self._slices |= {p.name: slice(theta + p.start, theta + p.stop) for p in self._of_model.values()}

    @property
    def _of_guide(self) -> Mapping[str, Piece]:
        return {} if self._lowered.guide is None else self._lowered.guide.params.pieces

    @property
    def _of_model(self) -> Mapping[str, Piece]:
        return self._lowered.full.params.pieces

    def _family(self, part: Part) -> str:
        """``family(site, …)``."""
        return f"{part.use.name}({', '.join(self._sites(part))})"

    def _sites(self, part: Part) -> dict[str, list[int]]:
        """The sites of a family with the places of their coordinates among the family's."""
        owner = {i: block.name for block in self.layout.target.blocks for i in range(block.start, block.stop)}
        found: dict[str, list[int]] = {}
        for own, index in enumerate(part.use.indices):
            found.setdefault(owner[index], []).append(own)
        return found

    # --- to the runtime ------------------------------------------------------------------------------------------

    def start(self) -> dict[str, numpy.ndarray]:
        """The parameters to start from: families stand at the origin, all others at their initial values."""
        flat = self.layout.init(self.plain)
        flat[self.layout.theta] = np.asarray(self._lowered.target.theta)
        return {name: flat[where] for name, where in self._slices.items()}

    def flat(self, params: Mapping[str, Any]) -> Array:
        """The vector of the runtime; pure."""
        ordered = sorted(self._slices, key=lambda name: self._slices[name].start)
        if not ordered:
            return jnp.zeros(0)
        whole = jnp.concatenate([params[name] for name in ordered])
        return whole.at[self.layout.theta].add(-np.asarray(self._lowered.target.theta))

    def unconstrained(self, name: str, value: Any) -> numpy.ndarray:
        """What stands for a constrained value of a parameter, or for the vector of a family.

        Raises:
            SvilangError: the value has another shape.
        """
        piece, where = {**self._of_guide, **self._of_model}.get(name), self._slices[name]
        shape = (where.stop - where.start,) if piece is None else piece.shape
        if np.shape(value) != shape:
            raise SvilangError([errors.wrong_shape(name, np.shape(value), shape)])
        if piece is None:
            return np.asarray(value, float)
        run = self._guide_run if name in self._of_guide else self._model_run
        return np.asarray(piece.unconstrain(jnp.asarray(value, float), run))

    # --- from the runtime ----------------------------------------------------------------------------------------

    def constrained(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters of guide and model, and location and scale of the sites of families that have them."""
        found = dict(self._families({name: np.asarray(value, float) for name, value in params.items()}))
        for pieces, run in ((self._of_guide, self._guide_run), (self._of_model, self._model_run)):
            if pieces:
                run.theta = jnp.concatenate([jnp.ravel(params[name]) for name in pieces])
                found |= {name: np.asarray(piece.constrain(run.theta, run)[0]) for name, piece in pieces.items()}
        return found

    def _families(self, params: Mapping[str, numpy.ndarray]) -> Iterator[tuple[str, Any]]:
        pieces = self._lowered.full.latents.pieces
        for part, whiten in zip(self.layout.parts, self.plain, strict=False):
            name = self._family(part)
            if part.family.moments is None:
                yield name, params[name]
                continue
            loc, scale = part.family.moments(params[name], whiten)
            for site, places in self._sites(part).items():
                yield f"{site}.loc", np.reshape(np.asarray(loc)[places], pieces[site].free)
                yield f"{site}.scale", np.reshape(np.asarray(scale)[places], pieces[site].free)

    @cached_property
    def _model_run(self) -> Run:
        """For bounds of the model's parameters."""
        return self._lowered.begin(None, {}, None, jnp.result_type(float))[0]

    @cached_property
    def _guide_run(self) -> Run:
        """For bounds of the guide's parameters."""
        explicit = self.layout.target.explicit
        return self._lowered.begin_guide(jnp.asarray(np.zeros(0) if explicit is None else explicit.init, float))
