"""Which treatment each latent of a model gets under a guide.

In: model and guide as programs. Out: :class:`Treated`, the model as it is where the guide draws all its sites, and,
where there is something to gain, guide and model of the exact expectation over the guide's discrete sites and branches.
The treatment with the least noise is tried first; where its conditions do not hold the next one is taken, with the
reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..diagnostics import Diagnostic, Span
from ..ir import nodes as ir
from . import errors
from .analytic import analytic, in_a_sum
from .changes import Change, changes
from .enumerate import Elimination, eliminate
from .fronts import fronts
from .guided import Expected, Role, expected, natural_role, points_of, sampled


@dataclass(frozen=True, slots=True)
class Treated:
    """A model and its guide with a treatment for each site.

    Args:
        model: the model where every explicit site of the guide has one value.
        roles: of the guide's explicit sites.
        expected: guide and model where the sites that are summed are axes; ``None`` where all is pathwise.
        drawn: the latents of the model that explicit sites and formulas of the guide make.
        changes: the changes of variables by which formulas make latents.
        warnings: about sites whose gradient is noisy.
        reasons: why such a site has nothing better.
        sampled: why a pathwise site is not analytic.
    """

    model: Elimination
    roles: dict[str, Role]
    expected: Expected | None
    drawn: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict[str, str])
    sampled: Mapping[str, str] = field(default_factory=dict[str, str])


def treat(model: ir.Program, guide: ir.Program | None, sizes: Mapping[str, int] | None = None) -> Treated:
    """Give every latent its treatment; ``sizes`` of dimensions, where they are known.

    Raises:
        SvilangError: for a latent that has none, with the reason.
    """
    if guide is None or guide.guide is None or not (guide.sites or guide.guide.formulas):
        alone = eliminate(model)
        fronts(alone, {})
        return Treated(alone, {}, None)
    changed = changes(model, guide)
    roles = {site.name: natural_role(site) for site in guide.sites}
    reasons = {site.name: errors.no_pathwise(site) for site in guide.sites if roles[site.name] is Role.SCORE}
    for name in guide.guide.scored:
        roles[name] = Role.SCORE
        reasons.pop(name, None)
    unproved = [one.formulas for one in changed if not one.proved]
    doubts = tuple(errors.perhaps_many_to_one(names, _span_of(names[0], guide)) for names in unproved)
    handed = sampled(guide, model)
    whole, drawn = eliminate(model, handed), tuple(handed.given)
    fronts(whole, handed.owners)
    pathwise = [name for name, role in roles.items() if role is Role.PATHWISE]
    known = analytic(model, guide, pathwise, sizes)
    roles |= dict.fromkeys(known.spaces, Role.ANALYTIC)
    drawn_for = dict(known.reasons)
    while set(roles.values()) != {Role.PATHWISE}:
        try:
            found = expected(model, guide, roles, changed, known.spaces)
            axes = {points_of(name): name for name, role in roles.items() if role is Role.ANALYTIC}
            if hidden := in_a_sum(found.model, axes):
                roles |= dict.fromkeys(hidden, Role.PATHWISE)
                drawn_for |= hidden
                continue
            fronts(found.model, found.guide.handed.owners)
        except errors.Unsummable as refusal:
            closed = [name for name in refusal.sites if roles.get(name) is Role.ANALYTIC]
            summed = [name for name in refusal.sites if roles.get(name) in (Role.SUM, Role.BRANCH)]
            if closed:
                roles[closed[0]] = Role.PATHWISE
                drawn_for[closed[0]] = refusal.diagnostics[0].message
                continue
            if not summed:
                raise
            roles[summed[0]] = Role.SCORE
            reasons[summed[0]] = refusal.diagnostics[0].message
            continue
        sites = {site.name: site for site in guide.sites}
        warnings = tuple(errors.scored(sites[name], reason) for name, reason in reasons.items())
        return Treated(whole, roles, found, drawn, changed, (*warnings, *doubts), reasons, drawn_for)
    return Treated(whole, roles, None, drawn, changed, doubts, sampled=drawn_for)


def _span_of(formula: str, guide: ir.Program) -> Span:
    return guide.nodes[dict(guide.definitions)[formula]].span
