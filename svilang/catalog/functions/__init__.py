"""The table of functions and operators, one file a theme.

In: nothing. Out: ``FUNCTIONS``, a row for every name; two names of one function give the same row.
"""

from __future__ import annotations

from ..function import Function
from . import arithmetic, bases, elementary, fills, hilbert, kernels, matrices, reductions, special

ALIASES: dict[str, str] = {**elementary.ALIASES, **special.ALIASES, **reductions.ALIASES, **matrices.ALIASES}
"""Second names, and the name that stands in the row."""

_ROWS = (
    *(*arithmetic.ROWS, *elementary.ROWS, *special.ROWS, *reductions.ROWS),
    *(*matrices.ROWS, *kernels.ROWS, *fills.ROWS, *bases.ROWS, *hilbert.ROWS),
)

FUNCTIONS: dict[str, Function] = {row.name: row for row in _ROWS}
FUNCTIONS.update({alias: FUNCTIONS[name] for alias, name in ALIASES.items()})

__all__ = ["ALIASES", "FUNCTIONS"]
