"""Where a run stood at its end, so that another can go on from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..lazy import jax, np
from . import errors

if TYPE_CHECKING:
    import numpy


@dataclass(frozen=True, slots=True, eq=False)
class Stand:
    """Where a run stood.

    Args:
        arrays: its parameters, the leaves of its whitenings and of its optimiser's memory, and what else goes on, by
            name.
        losses: of its steps.
    """

    arrays: Mapping[str, numpy.ndarray]
    losses: numpy.ndarray

    @property
    def steps(self) -> int:
        """Steps taken."""
        return len(self.losses)

    def tree(self, name: str, like: Any) -> Any:
        """The tree that :func:`leaves` took apart, in the structure of another.

        Raises:
            SvilangError: it has other parts.
        """
        wanted, structure = jax.tree.flatten(like)
        found = [self.arrays.get(f"{name}_{i}") for i in range(len(wanted))]
        more = f"{name}_{len(wanted)}" in self.arrays
        pairs = zip(found, wanted, strict=True)
        if more or any(one is None or one.shape != np.shape(other) for one, other in pairs):
            raise errors.cannot_go_on(["it began in coordinates of another form"])
        return jax.tree.unflatten(structure, found)

    def holds(self, name: str) -> bool:
        """Whether there is a tree of that name."""
        return f"{name}_0" in self.arrays


def leaves(name: str, tree: Any) -> dict[str, numpy.ndarray]:
    """The arrays of a tree by name."""
    return {f"{name}_{i}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(tree))}


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> Sequence[str]:
    """What differs of that on which a run depends, in words."""
    found: list[str] = []
    for name in [name for name in before if before[name] != now.get(name)]:
        plain = name.startswith("`")
        found.append(f"{name} was {before[name]} and is now {now.get(name)}" if plain else f"{name} changed")
    return found
