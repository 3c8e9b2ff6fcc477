"""Where an expression stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..diagnostics import Span
from ..ir import nodes as ir
from ..types import Dim, Dims
from .outputs import Outputs


@dataclass(frozen=True, eq=False)
class Step:
    """What carried definitions stand for at one step: in its expressions, and behind ``prev``."""

    names: tuple[str, ...]
    now: Callable[[str, Span], ir.Id | None]
    before: Callable[[str, int, Span], ir.Id | None]


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: the open plates, the chain, and the arguments of an inlined function.

    ``reach`` is how many steps back ``prev`` may look: 0 at the start of a chain, one more after each ``then``.
    ``step`` says what carried definitions stand for inside of one of them.
    """

    context: Dims = ()
    chain: Dim | None = None
    locals: Mapping[str, ir.Id | Outputs | None] = field(default_factory=dict)
    reach: int = 0
    step: Step | None = None
