"""Differential equations when the data is there: whether they can be solved, and at times that lie ahead."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from ..diagnostics import Diagnostic
from ..ir.nodes import Flow, Program
from . import errors
from .bound import Bound
from .scalars import align


def flow_problems(program: Program, bound: Bound) -> list[Diagnostic]:
    """What stands in the way of a solution, as far as data alone tells."""
    flows = [node for node in program.nodes if isinstance(node.op, Flow)]
    if flows and find_spec("diffrax") is None:
        return [errors.no_solver(flows[0].span)]
    problems: list[Diagnostic] = []
    for node in flows:
        known = [(i, bound.value(program, i)) for i in node.args[1:3]]
        times, begin = (
            None if value is None else align(value, program.nodes[i].dims, node.dims) for i, value in known
        )
        if times is not None and begin is not None and np.any(early := times < begin):
            first, start = (np.broadcast_to(part, early.shape)[early].flat[0] for part in (times, begin))
            problems.append(errors.before_the_beginning(float(first), float(start), node.span))
    return problems
