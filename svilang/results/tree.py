"""Named arrays in groups: the shape of a results file, and the ArviZ object with the same content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..lazy import np
from .errors import no_xarray

if TYPE_CHECKING:
    import numpy
    import xarray

Labels = tuple[Any, ...]
Attribute = str | int | float


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """An array and the names of its axes."""

    dims: tuple[str, ...]
    values: numpy.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The variables of one group, and facts about the group as a whole."""

    variables: Mapping[str, Variable]
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """Groups that share the labels of their dimensions; a dimension without labels is absent from ``labels``."""

    groups: Mapping[str, Group]
    labels: Mapping[str, Labels]
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])


SAMPLE_DIMS = ("chain", "draw")
"""ArviZ wants both, so draws from a guide are one chain."""


def sampled(dims: tuple[str, ...], draws: numpy.ndarray) -> Variable:
    """Draws ``[draws, …]`` in ArviZ's layout ``[chain=1, draw, …]``."""
    return Variable((*SAMPLE_DIMS, *dims), draws[None])


def coordinates(group: Group, labels: Mapping[str, Labels]) -> dict[str, numpy.ndarray]:
    """The labels of every dimension in the group that has some; chains and draws are numbered."""
    sizes = {
        dim: size
        for variable in group.variables.values()
        for dim, size in zip(variable.dims, variable.values.shape, strict=True)
    }
    numbered = {dim: np.arange(size) for dim, size in sizes.items() if dim in SAMPLE_DIMS}
    return numbered | {dim: label_array(labels[dim]) for dim in sizes if dim in labels}


def label_array(labels: Labels) -> numpy.ndarray:
    """Labels as an array of one kind: numbers stay numbers, all else is text.

    Example:
        >>> label_array(("a", "b")).tolist(), label_array((3, 4)).tolist()
        (['a', 'b'], [3, 4])
    """
    if all(isinstance(label, (int, float)) and not isinstance(label, bool) for label in labels):
        return np.asarray(labels)
    return np.asarray([str(label) for label in labels], dtype=object)


def datatree(tree: Tree) -> xarray.DataTree:
    """The same content as an :class:`xarray.DataTree`, which ArviZ reads.

    Raises:
        SvilangError: xarray is not installed.
    """
    try:
        import xarray
    except ImportError:
        raise no_xarray() from None
    root = xarray.DataTree(xarray.Dataset(attrs=dict(tree.attributes)))
    for name, group in tree.groups.items():
        root[name] = xarray.DataTree(_dataset(xarray, group, tree.labels))
    return root


def _dataset(xarray: Any, group: Group, labels: Mapping[str, Labels]) -> Any:
    variables = {name: (variable.dims, variable.values) for name, variable in group.variables.items()}
    return xarray.Dataset(variables, coords=coordinates(group, labels), attrs=dict(group.attributes))
