"""What an objective asks of the guide's hand-written part."""

from __future__ import annotations

from dataclasses import replace

from ..diagnostics import Diagnostic
from ..ir import nodes as ir
from ..runtime.objectives import OBJECTIVES
from . import errors


def for_objective(guide: ir.Program, objective: str, problems: list[Diagnostic]) -> ir.Program:
    """The guide as the objective sees it; what does not fit is appended to ``problems``.

    An objective that takes draws as fixed numbers scores every explicit site; one that steers the gradient through the
    draws knows how only for families.
    """
    row, parts = OBJECTIVES[objective], guide.guide
    if row.slopes is None or parts is None or not (guide.sites or parts.formulas):
        return guide
    if row.fixed and not parts.formulas:
        return replace(guide, guide=replace(parts, scored=tuple(site.name for site in guide.sites)))
    named = guide.sites[0]
    problems.append(errors.objective_wants_families(objective, named.name, named.span, fixed=row.fixed))
    return guide
