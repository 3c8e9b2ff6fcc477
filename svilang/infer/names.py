"""Parameters by name, as users and Optax see them, and as one flat vector, as the runtime does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..diagnostics import SvilangError
from ..lazy import jnp, np
from . import errors

if TYPE_CHECKING:
    import numpy
    from jax import Array

    from ..guide import Guide
    from ..runtime.layout import Layout, Part, Whitens


class Names:
    """The parameters of a guide by name.

    Args:
        guide: of a model with its data.

    ``layout`` is how the runtime sees them, ``plain`` the units of the unconstrained space itself.
    """

    def __init__(self, guide: Guide) -> None:
        self._guide = guide
        self.layout: Layout = guide.layout
        self.plain: Whitens = guide.plain
        self._slices: dict[str, slice] = {}
        for part in self.layout.parts:
            self._slices[self._family(part)] = part.params
        for blocks, whole in ((guide.explicit_blocks, self.layout.phi), (guide.model_blocks, self.layout.theta)):
            for block in blocks:
                self._slices[block.name] = slice(whole.start + block.start, whole.start + block.stop)

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

    def start(self) -> dict[str, numpy.ndarray]:
        """The parameters to start from."""
        flat = self._guide.init()
        return {name: flat[where] for name, where in self._slices.items()}

    def flat(self, params: Mapping[str, Any]) -> Array:
        """The vector of the runtime; pure."""
        ordered = sorted(self._slices, key=lambda name: self._slices[name].start)
        return jnp.concatenate([params[name] for name in ordered]) if ordered else jnp.zeros(0)

    def unconstrained(self, name: str, value: Any) -> numpy.ndarray:
        """What stands for a constrained value of a parameter, or for the vector of a family.

        Raises:
            SvilangError: the value has another shape.
        """
        wanted = self._guide.shape_of(name)
        where = self._slices[name]
        shape = (where.stop - where.start,) if wanted is None else wanted
        if np.shape(value) != shape:
            raise SvilangError([errors.wrong_shape(name, np.shape(value), shape)])
        return np.asarray(value) if wanted is None else self._guide.unconstrain_parameter(name, value)

    def constrained(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters of guide and model, and location and scale of the sites of families that have them."""
        flat = np.asarray(self.flat(params), float)
        found: dict[str, Any] = {}
        for part, whiten in zip(self.layout.parts, self.plain, strict=False):
            if part.row.moments is None:
                found[self._family(part)] = flat[part.params]
                continue
            loc, scale = part.row.moments(flat[part.params], whiten)
            for site, places in self._sites(part).items():
                found[f"{site}.loc"] = self._guide.free_value(site, np.asarray(loc)[places])
                found[f"{site}.scale"] = self._guide.free_value(site, np.asarray(scale)[places])
        return found | self._guide.parameters(flat)
