"""Draws that a model makes after a fit or without one: predictions, the prior."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..lazy import np
from ..sema import requests
from .summary import Row, probability, rows
from .tree import Group, Labels, Tree, Variable, datatree, sampled

if TYPE_CHECKING:
    import numpy
    import xarray


@dataclass(frozen=True, eq=False)
class Prediction:
    """Draws of observations, latents and reports, each ``[draws, …]`` with named axes.

    Args:
        groups: for each group of an ArviZ tree (``posterior_predictive``, ``predictions``, ``prior``, …) its variables,
            the axes without that of the draws.
        labels: of the dimensions that have them.
        members: the dimension whose members its values are, for each variable that has one.
        notes: what was drawn anew and what was kept.
        spec: name of the spec.

    Example:
        >>> import svilang
        >>> text = "data { y: real[n] = [1, 2, 3] } model { m ~ Normal(0, 1) plate n { observe y ~ Normal(m, 1) } }"
        >>> prediction = svilang.compile(text).prior(draws=100)
        >>> prediction.values["y"].shape
        (100, 3)
    """

    groups: Mapping[str, Mapping[str, Variable]]
    labels: Mapping[str, Labels]
    members: Mapping[str, str]
    notes: tuple[str, ...]
    spec: str

    @property
    def values(self) -> Mapping[str, numpy.ndarray]:
        """All draws by name."""
        return {name: variable.values for group in self.groups.values() for name, variable in group.items()}

    def summary(self, group: str | None = None) -> list[Row]:
        """One row for each scalar, of one group or of all; of members of a dimension, whose codes have no mean, one for
        how often each is drawn.
        """
        chosen = list(self.groups) if group is None else [requests.word("group", group, self.groups)]
        shown = [self._shown(name, one) for key in chosen for name, one in self.groups[key].items()]
        return rows(dict(shown), self.labels)

    def _shown(self, name: str, drawn: Variable) -> tuple[str, Variable]:
        dim = self.members.get(name)
        if dim is None:
            return name, drawn
        codes = drawn.values[..., None]
        each = np.arange(len(self.labels[dim]) if dim in self.labels else np.nanmax(codes, initial=-1) + 1)
        return probability(name), Variable((*drawn.dims, dim), np.where(np.isnan(codes), np.nan, codes == each))

    def datatree(self) -> xarray.DataTree:
        """The same as an ArviZ tree.

        Raises:
            SvilangError: xarray is not installed.
        """
        return datatree(self.tree())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a netCDF file that xarray and ArviZ open.

        Raises:
            SvilangError: the file cannot be written.
        """
        from .store import save_tree

        save_tree(self.tree(), requests.path("path", path))

    def tree(self) -> Tree:
        """The same as groups of named arrays; a variable with the name of a dimension gets an underscore."""
        dims = {dim for group in self.groups.values() for variable in group.values() for dim in variable.dims}
        groups = {
            name: Group({_apart(key, dims): sampled(one.dims, one.values) for key, one in group.items()})
            for name, group in self.groups.items()
        }
        facts = {"creation_library": "svilang", "spec": self.spec, "notes": "\n".join(self.notes)}
        return Tree(groups, self.labels, facts)


def _apart(name: str, dims: set[str]) -> str:
    return f"{name}_" if name in dims else name
