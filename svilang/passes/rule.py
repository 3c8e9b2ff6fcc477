"""What a pass is: a frozen value with a name, a reason and a pure function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..ir import Program


@dataclass(frozen=True, slots=True)
class Pass:
    """A rewrite that keeps the log density at every point, and changes nothing when run twice.

    Args:
        name: for ``dump`` and messages.
        reason: why it stands at its place in the table.
        apply: a pure function of the program.
    """

    name: str
    reason: str
    apply: Callable[[Program], Program]
