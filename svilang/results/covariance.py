"""How the scalars of a posterior vary together, in the coordinates of the spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..lazy import np
from .summary import element_name, elements
from .tree import Labels, Variable

if TYPE_CHECKING:
    import numpy


@dataclass(frozen=True, eq=False)
class Covariance:
    """A covariance matrix with a name for each row.

    Args:
        names: of the scalars, as in the summary.
        matrix: ``[scalars, scalars]``, in the units of the spec.
    """

    names: tuple[str, ...]
    matrix: numpy.ndarray

    @property
    def sds(self) -> numpy.ndarray:
        """The standard deviations, ``[scalars]``."""
        return np.sqrt(np.diag(self.matrix))

    @property
    def correlation(self) -> numpy.ndarray:
        """The matrix of correlations; not a number for a scalar that does not vary."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.matrix / np.outer(self.sds, self.sds)

    def __str__(self) -> str:
        width = max(10, *(len(name) for name in self.names)) if self.names else 0
        head = " " * width + "".join(f"  {name:>{width}}" for name in self.names)
        cells = ("".join(f"  {value:>{width}.4g}" for value in row) for row in self.matrix)
        return "\n".join([head, *(f"{name:<{width}}{row}" for name, row in zip(self.names, cells, strict=True))])


def covariance(draws: Mapping[str, Variable], labels: Mapping[str, Labels]) -> Covariance:
    """The covariance of all scalars over the draws, in the order of the summary."""
    names: list[str] = []
    columns: list[numpy.ndarray] = []
    for site, variable in draws.items():
        values = np.asarray(variable.values, float)
        names += [element_name(site, index) for _, index in elements(variable.dims, values.shape[1:], labels)]
        columns.append(values.reshape(len(values), -1))
    joined = np.concatenate(columns, axis=1) if columns else np.zeros((2, 0))
    return Covariance(tuple(names), np.atleast_2d(np.cov(joined, rowvar=False)))
