"""Rewrites of a program that keep its meaning and make it smaller.

In: a verified program of a model or a guide. Out: a verified program with the same log density at every point; what it
declares and its terms are untouched, and its nodes are fewer. Running the passes twice changes nothing.
"""

from __future__ import annotations

from ..ir import Program
from .fold import fold
from .prune import prune
from .rule import Pass
from .share import share

PASSES: tuple[Pass, ...] = (
    Pass("fold", "first, since computed constants become equal and leave their operands without a use", fold),
    Pass(
        "share",
        "after folding, which makes more nodes equal, and before pruning, since the copies lose their users",
        share,
    ),
    Pass("prune", "last, since it sweeps up what the others have left without a use", prune),
)
"""Every pass, in the order in which they run."""


def run(program: Program) -> Program:
    """The program after all passes.

    Example:
        >>> run(Program("empty")) == Program("empty")
        True
    """
    for step in PASSES:
        program = step.apply(program)
    return program


__all__ = ["PASSES", "Pass", "run"]
