"""Functions that come from outside: rows that a spec declares, and whose code the caller hands in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..lazy import jax, jnp
from .function import Function


@dataclass(frozen=True, slots=True)
class Extern(Function):
    """One output of an ``extern`` function.

    Args:
        function: what the spec calls it.
        target: ``"module:function"``.
        output: which of several outputs; ``None`` where there is one without a name.
        outputs: the names of all outputs.
        whole: for each argument whether it is made of whole numbers.
    """

    function: str = ""
    target: str = ""
    output: str | None = None
    outputs: tuple[str, ...] = ()
    whole: tuple[bool, ...] = ()


def closed(*_: Any) -> Any:
    """Stands where the code is not known yet."""
    raise AssertionError("an extern function is called before it was given")


def over_members(function: Callable[..., Any], ranks: tuple[int, ...]) -> Callable[..., Any]:
    """A function of single values as one of values for many members, whose axes lead.

    Args:
        function: of arrays with ``ranks[i]`` axes.
        ranks: event axes of each argument.

    Axes of length 1 are shared by all members.
    """

    def apply(*values: Any) -> Any:
        arrays = [jnp.asarray(value) for value in values]
        batches = [array.shape[: array.ndim - rank] for array, rank in zip(arrays, ranks, strict=True)]
        depth = max(map(len, batches), default=0)
        mapped = function
        kept: list[tuple[int | None, ...]] = []
        for axis in range(depth):
            many = max(batch[axis] for batch in batches if len(batch) > axis)
            kept.append(tuple(0 if len(batch) > axis and batch[axis] == many else None for batch in batches))
        for axes in reversed(kept):
            mapped = jax.vmap(mapped, in_axes=axes)
        return mapped(*(_without_shared(array, len(batches[i]), i, kept) for i, array in enumerate(arrays)))

    return apply


def _without_shared(array: Any, depth: int, position: int, kept: list[tuple[int | None, ...]]) -> Any:
    """The ``position``-th argument without those of its first ``depth`` axes that all members share."""
    own = (size for size, axes in zip(array.shape[:depth], kept, strict=False) if axes[position] == 0)
    return array.reshape(*own, *array.shape[depth:])
