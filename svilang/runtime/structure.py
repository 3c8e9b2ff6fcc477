"""What a guide family is told of its coordinates."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """The coordinates ``start:stop`` of a family that belong to one latent site.

    Args:
        name: of the site.
        start, stop: in the family's own coordinates.
        shape: of its unconstrained value.
        axes: a name for each axis of that value, empty where it is no plate's: members of different sites with the same
            place along axes of the same name belong together.
        chain: the axis along which the site is a chain.
    """

    name: str
    start: int
    stop: int
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    chain: str | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """What is known of a family's coordinates before anything is fitted.

    Args:
        size: how many there are.
        regions: the sites that they belong to, in the order of the model.
        parents: for each coordinate those that the law of its site reads; empty where no graph was asked for.
        neighbours: for each coordinate those that some term of the log density reads together with it: given all of
            these it is independent of the rest.
        rows: how many rows of a plate stand for all of them, in a family with a surrogate.
        complete: whether these are all.
    """

    size: int
    regions: tuple[Region, ...]
    parents: tuple[tuple[int, ...], ...] = ()
    neighbours: tuple[tuple[int, ...], ...] = ()
    rows: int = 0
    complete: bool = False


Setting = float | str
"""A number, or the name of a dimension or of a family."""


@dataclass(frozen=True, slots=True)
class FamilyUse:
    """One guide family over some coordinates.

    Args:
        name: of the family.
        indices: its coordinates in the flat vector.
        settings: of the call.
        partial: whether a step sees only some of the coordinates, so that the family is whitened by scale alone.
        scale: how many coordinates of the whole each one stands for.
        structure: what is known of the coordinates.
    """

    name: str
    indices: tuple[int, ...]
    settings: tuple[tuple[str, Setting], ...] = ()
    partial: bool = False
    scale: float = 1.0
    structure: Structure | None = None

    @property
    def known(self) -> Structure:
        """The structure, or that of coordinates about which nothing is known."""
        size = len(self.indices)
        return self.structure or Structure(size, (Region("z", 0, size, (size,), ("",)),))
