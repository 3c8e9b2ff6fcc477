"""What an objective asks of the guide's hand-written part."""

from __future__ import annotations

from dataclasses import replace

from ..diagnostics import Diagnostic
from ..ir import nodes as ir
from ..runtime.guides import FAMILIES
from ..runtime.objectives import OBJECTIVES, ObjectiveRow
from . import baselines, errors


def for_objective(guide: ir.Program, objective: str, problems: list[Diagnostic]) -> ir.Program:
    """The guide as the objective sees it; what does not fit is appended to ``problems``.

    An objective that takes draws as fixed numbers scores every explicit site; one that steers the gradient through the
    draws knows how only for families.
    """
    row, parts = OBJECTIVES[objective], guide.guide
    if parts is None:
        return guide
    if not row.analytic:
        problems.extend(baselines.of_objective(guide, objective))
    for family in parts.families:
        if FAMILIES[family.name].flow and not row.analytic:
            problems.append(errors.follows_the_mean(objective, family.name, family.span))
    if row.slopes is None:
        return guide
    for family in parts.families:
        what = _unsteered(family.name, row)
        if what is not None:
            problems.append(errors.objective_cannot_steer(objective, what, family.span))
    if not (guide.sites or parts.formulas):
        return guide
    if row.fixed and not parts.formulas:
        scored = tuple(site.name for site in guide.sites)
        return replace(guide, guide=replace(parts, scored=scored))
    if row.fixed or not guide.sites:
        what, span = "a latent made by a formula", guide.nodes[dict(guide.definitions)[parts.formulas[0]]].span
    else:
        first = guide.sites[0]
        what, span = f"the distribution of `{first.name}`, which is written by hand", first.span
    problems.append(errors.objective_cannot_steer(objective, what, span))
    return guide


def _unsteered(family: str, objective: ObjectiveRow) -> str | None:
    """What keeps the draws of a family from being steered."""
    row = FAMILIES[family]
    if row.flow:
        return None
    if not row.density:
        return f"`{family}`, which knows the density of its own draws only"
    return f"`{family}`, which draws a branch" if not objective.fixed and "family" in row.settings else None
