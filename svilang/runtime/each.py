"""A function of one draw, over many draws: compiled once, and called on batches that fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
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
            source = np.int64(seed), np.int64(stream)
            for first in range(0, draws, batch):
                # The last batch is filled up, so that all have one shape.
                chosen = np.minimum(np.arange(first, first + batch), draws - 1)
                given = (shared, {name: array[chosen] for name, array in rows.items()}, chosen, *source)
                pieces.append(jax.tree.map(np.asarray, self._program(given, batch, draws)(*given)))
        return jax.tree.map(lambda *parts: np.concatenate(parts)[:draws], *pieces)

    def _program(self, given: Any, batch: int, draws: int) -> Any:
        if (batch, draws) not in self._programs:
            whole = partial(self._all, draws)
            self._programs[batch, draws] = effort.compiled(whole, given, self.numbers, loop=False)
        return self._programs[batch, draws]

    def _all(self, draws: int, shared: Any, rows: Any, chosen: Any, seed: Any, stream: Any) -> Any:
        one = self.begin(shared)
        # Here and not beforehand: each function of keys would be a program of its own.
        keys = random.split(random.fold_in(random.key(seed), stream), draws)[chosen]
        return jax.vmap(lambda row, key: dict(one(row, key)))(rows, keys)
