"""Rows for people and programs: one for each scalar of the posterior."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..lazy import np
from .tree import Labels, Variable

if TYPE_CHECKING:
    import numpy

QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Row:
    """Mean, standard deviation and quantiles (5 %, 50 %, 95 %) of one scalar over the draws."""

    site: str
    index: Mapping[str, Any]
    mean: float
    sd: float
    q05: float
    q50: float
    q95: float

    @property
    def name(self) -> str:
        return element_name(self.site, self.index)


@dataclass(frozen=True, slots=True)
class ParamRow:
    """The fitted value of one scalar parameter."""

    site: str
    index: Mapping[str, Any]
    value: float

    @property
    def name(self) -> str:
        return element_name(self.site, self.index)


def element_name(site: str, index: Mapping[str, Any]) -> str:
    """The name of one element, with its labels.

    Example:
        >>> element_name("theta", {"school": "Choate"})
        'theta[Choate]'
    """
    return f"{site}[{', '.join(str(label) for label in index.values())}]" if index else site


def probability(name: str) -> str:
    """What the probabilities of the values of a discrete variable are called.

    Example:
        >>> probability("z")
        'P(z)'
    """
    return f"P({name})"


def rows(draws: Mapping[str, Variable], labels: Mapping[str, Labels]) -> list[Row]:
    """Summaries of all scalars, in the order of the sites and then of their elements.

    Args:
        draws: for each site its draws ``[draws, …]`` and the names of the axes behind the first.
        labels: of the dimensions that have them; others are counted from 0.
    """
    return [row for site, variable in draws.items() for row in _site_rows(site, variable, labels)]


def net_of(param: str) -> str | None:
    """The net that a parameter belongs to: its name goes up to the dot, which no name of a spec has."""
    net, dot, _ = param.partition(".")
    return net if dot else None


def net_sizes(params: Mapping[str, Variable]) -> dict[str, int]:
    """How many parameters each net has."""
    sizes: dict[str, int] = {}
    for name, variable in params.items():
        net = net_of(name)
        if net is not None:
            sizes[net] = sizes.get(net, 0) + variable.values.size
    return sizes


def param_rows(params: Mapping[str, Variable], labels: Mapping[str, Labels]) -> list[ParamRow]:
    """The values of all scalar parameters that do not belong to nets, in order."""
    return [
        ParamRow(name, index, float(variable.values[place]))
        for name, variable in params.items()
        if net_of(name) is None
        for place, index in elements(variable.dims, variable.values.shape, labels)
    ]


def _site_rows(site: str, variable: Variable, labels: Mapping[str, Labels]) -> Iterator[Row]:
    mean, sd, quantiles = moments(variable.values)
    for place, index in elements(variable.dims, mean.shape, labels):
        low, middle, high = (float(q[place]) for q in quantiles)
        yield Row(site, index, float(mean[place]), float(sd[place]), low, middle, high)


def moments(draws: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Mean, standard deviation (n - 1) and quantiles over the first axis, in double precision.

    Spread is measured around the first draw, so that draws that are all equal have none.
    """
    values = np.asarray(draws, dtype=np.float64)
    # Of infinite draws the spread is not a number, and so it is told.
    with np.errstate(invalid="ignore"):
        sd = (values - values[:1]).std(axis=0, ddof=1) if len(values) > 1 else np.full(values.shape[1:], np.nan)
        return values.mean(axis=0), sd, np.quantile(values, QUANTILES, axis=0)


def elements(
    dims: tuple[str, ...], shape: tuple[int, ...], labels: Mapping[str, Labels]
) -> Iterator[tuple[tuple[int, ...], dict[str, Any]]]:
    """The place of each element of an array, and its labels by dimension."""
    for place in np.ndindex(*shape):
        yield place, {dim: _label(labels, dim, i) for dim, i in zip(dims, place, strict=True)}


def _label(labels: Mapping[str, Labels], dim: str, position: int) -> Any:
    if dim not in labels:
        return position
    label = labels[dim][position]
    return label.item() if hasattr(label, "item") else label
