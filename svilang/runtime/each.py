"""A function of one draw, over many draws: compiled once, and called on batches that fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..lazy import jax, np, random
from . import cache, effort

_ELEMENTS = 2**22
"""Numbers that one batch of draws may hold."""

_MOST = 500
"""Draws in one batch."""

One = Callable[[Mapping[str, Any], Any], Mapping[str, Any]]
"""``(values of one draw, key) -> mapping``."""


class Each:
    """A function of one draw as a program for many.

    Args:
        begin: ``(shared) -> one``: called inside the program, once for each batch.
        numbers: that one draw takes, besides its own values.
    """

    def __init__(self, begin: Callable[[Any], One], numbers: int) -> None:
        self.begin = begin
        self.numbers = numbers
        self._programs: dict[Any, Any] = {}

    def __call__(self, shared: Any, rows: Mapping[str, np.ndarray], seed: int, stream: int) -> dict[str, Any]:
        """The results for all draws, ``[draws, …]`` each, in float64.

        Args:
            shared: what all draws share.
            rows: the values of the draws, ``[draws, …]`` each; there is at least one.
            seed: of the keys.
            stream: keys of one seed and different streams are independent.
        """
        cache.enable()
        draws = len(next(iter(rows.values())))
        own = sum(int(np.size(array)) // draws for array in rows.values())
        batch = max(1, min(draws, _MOST, _ELEMENTS // max(self.numbers + own, 1)))
        pieces: list[Any] = []
        with jax.enable_x64(True):
            keys = np.asarray(random.key_data(random.split(random.fold_in(random.key(seed), stream), draws)))
            for first in range(0, draws, batch):
                # The last batch is filled up, so that all have one shape.
                chosen = np.minimum(np.arange(first, first + batch), draws - 1)
                given = (shared, {name: array[chosen] for name, array in rows.items()}, keys[chosen])
                pieces.append(jax.tree.map(np.asarray, self._program(given, batch)(*given)))
        return jax.tree.map(lambda *parts: np.concatenate(parts)[:draws], *pieces)

    def _program(self, given: Any, batch: int) -> Any:
        if batch not in self._programs:
            self._programs[batch] = effort.compiled(self._all, given, self.numbers, loop=False)
        return self._programs[batch]

    def _all(self, shared: Any, rows: Any, keys: Any) -> Any:
        one = self.begin(shared)
        return jax.vmap(lambda row, key: dict(one(row, random.wrap_key_data(key))))(rows, keys)
