"""What each latent of a model gets under a guide, in words: the treatment, why it is valid, what was tried before.

In: a model, a guide and their :class:`Treated`. Out: :class:`Plan`, which prints itself.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..catalog.spaces import Part
from ..ir import nodes as ir
from ..ir.walk import laws
from ..runtime.guides import FAMILIES
from ..runtime.objectives import OBJECTIVES
from ..types import Dim
from .apart import apart
from .costs import told
from .fronts import Front, fronts
from .guided import Drawn, Role
from .surrogates import plate_of
from .treat import Treated

COLUMNS = 80
"""Of a page in print."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One latent: its treatment and the reason."""

    name: str
    treatment: str
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Every latent has exactly one entry.

    Args:
        guide: its name.
        entries: in the order of the model.
        sums: what sums sites out of the model, in order, and its cost.
        scores: the terms that the score function of each site multiplies.
        bounds: for which members a bound of several draws is taken.
    """

    guide: str
    entries: tuple[Entry, ...]
    sums: tuple[str, ...]
    scores: tuple[str, ...]
    bounds: tuple[str, ...] = ()

    def __str__(self) -> str:
        width = max((len(entry.name) for entry in self.entries), default=0)
        depth = max((len(entry.treatment) for entry in self.entries), default=0)
        lines = [f"{self.guide}: how each latent variable is treated", ""]
        for one in self.entries:
            lines += _folded(f"  {one.name:<{width}}  {one.treatment:<{depth}}  ", one.why)
        sections = {
            "Sums over discrete variables, in order": self.sums,
            "Score functions": self.scores,
            "Bounds": self.bounds,
        }
        for title, found in sections.items():
            lines += ["", title, ""] if found else []
            for line in found:
                text = line.lstrip(" 0123456789.")
                lines += _folded("  " + line.removesuffix(text), text, hang=2)
        return "\n".join(lines)


def _folded(head: str, text: str, hang: int = 0) -> list[str]:
    """The text in lines of 80 columns, those after the first below its own beginning."""
    room = max(COLUMNS - len(head), 40)
    first, *others = textwrap.wrap(text, room, subsequent_indent=" " * hang, break_on_hyphens=False)
    return [head + first, *(" " * len(head) + line for line in others)]


def explained(
    model: ir.Program,
    guide: ir.Program,
    treated: Treated,
    sizes: Mapping[str, int] | None = None,
    objective: str = "elbo",
) -> Plan:
    """The plan of a model under a guide; ``sizes`` of dimensions and discrete sites, as far as they are known."""
    return Plan(
        guide.name,
        tuple(_entry(site, guide, treated) for site in model.sites),
        told(_fronts(treated, sizes or {}), sizes or {}),
        tuple(_scores(treated)),
        () if OBJECTIVES[objective].linear else (_bounds(treated, guide, objective),),
    )


def _bounds(treated: Treated, guide: ir.Program, objective: str) -> str:
    found = apart(treated.model, guide)
    if not found.plates:
        reason = f": {found.reason}" if found.reason else ""
        return f"`{objective}` is taken of all latent variables together{reason}"
    plates = _listed(map(str, found.plates))
    why = "every latent variable stands in its plate and depends on its own member only"
    return f"`{objective}` is taken for each {plates} by itself, and added up: {why}"


def _entry(site: ir.Site, guide: ir.Program, treated: Treated) -> Entry:
    if site.name in treated.roles:
        drawn = next((one for one in _drawn(treated) if one.site.name == site.name), None)
        return _explicit(site.name, treated, drawn)
    change = next((one for one in treated.changes if site.name in one.formulas), None)
    if change is not None:
        where = f", for each {_listed(map(str, change.plates))} by itself" if change.plates else ""
        many = len(change.formulas)
        size = "one to one" if many == 1 else f"a map of {many} formulas from {len(change.auxiliary)} variables"
        return Entry(site.name, "formula", f"made from {_listed(change.auxiliary)}: {size}{where}, with log |det J|")
    for family in guide.guide.families if guide.guide is not None else ():
        if site.name in family.sites:
            seen = f"{_seen(site, guide)}{_followed(family, treated)}"
            return Entry(site.name, "pathwise", f"`{family.name}`{seen}: its draws can be differentiated")
    read = next((one for one in treated.model.variables if one.name == site.name), None)
    chain = f", along the chain `{read.chain}` step by step" if read is not None and read.chain is not None else ""
    rows = dict.fromkeys(law.row.name for law in laws(site.law) if not law.children)
    told = f"{' and '.join(rows)} {'has' if len(rows) == 1 else 'have'} finitely many values"
    return Entry(site.name, "exact", f"{told}: summed out of the model{chain}")


def _seen(site: ir.Site, guide: ir.Program) -> str:
    """How a family sees a latent variable, where not as it is written."""
    parts = guide.guide or ir.GuideParts()
    if site.name in parts.learned:
        return " (centred by a degree that is fitted)"
    return " (seen noncentred)" if site.name in parts.noncentered else ""


def _followed(family: ir.Family, treated: Treated) -> str:
    """Whose rows stand for all in the paths of a family."""
    return f" along some rows of `{plate_of(treated.model, family)}`" if FAMILIES[family.name].surrogate else ""


def _drawn(treated: Treated) -> tuple[Drawn, ...]:
    return () if treated.expected is None else treated.expected.guide.sites


def _explicit(name: str, treated: Treated, drawn: Drawn | None) -> Entry:
    role = treated.roles[name]
    read = [] if drawn is None else [axis.name.removesuffix("~") for axis in drawn.reach.axes]
    each = f", one for each value of {_listed(read)}" if read else ""
    match role:
        case Role.SUM:
            given = f" given {_listed(read)}" if read else ""
            why = f"finitely many values, weighted by their probability in the guide{given}"
            return Entry(name, "expectation", why)
        case Role.BRANCH:
            return Entry(name, "branches", f"a draw from each component{each}, weighted by its probability")
        case Role.ANALYTIC:
            return Entry(name, "analytic", f"{_functions(drawn)}, whose means are known: nothing is drawn{each}")
        case Role.PATHWISE:
            no = f"; not analytic: {treated.sampled[name]}" if name in treated.sampled else ""
            return Entry(name, "pathwise", f"its draw can be differentiated{each}{no}")
        case Role.SCORE:
            return Entry(name, "score", f"{treated.reasons.get(name, 'the guide asks for it')}{each}")


def _functions(drawn: Drawn | None) -> str:
    """What the terms that read a site are sums of."""
    assert drawn is not None
    assert drawn.space is not None
    powers = {1.0: "x", 2.0: "x^2", -1.0: "1/x"}
    words = [one.value if isinstance(one, Part) else powers[one] for one in drawn.space.functions]
    return f"every term is a sum of {' and '.join(sorted(words))}"


def _fronts(treated: Treated, sizes: Mapping[str, int]) -> tuple[Front, ...]:
    if treated.expected is None:
        return fronts(treated.model, {}, sizes)
    return fronts(treated.expected.model, treated.expected.guide.handed.owners, sizes)


def _scores(treated: Treated) -> Iterator[str]:
    """For each sampled site, the terms of the model that depend on it, and along which plates member by member."""
    if treated.expected is None:
        return
    model, own = treated.expected.model, dict(treated.expected.guide.program.definitions)
    terms = [
        *((one.name, reach) for one, reach in zip(model.program.sites, model.sites, strict=True)),
        *((one.name, reach) for one, reach in zip(model.program.observations, model.observations, strict=True)),
        *(("factor", reach) for reach in model.factors),
        *((one.name, one.reach) for one in model.variables),
    ]
    for name, role in treated.roles.items():
        if role is Role.SCORE:
            found = [_downstream(term, reach.links[name]) for term, reach in terms if name in reach.links]
            told = ", less the baseline that the guide gives" if ir.baseline_of(name) in own else ""
            yield f"`{name}` is scored with the terms of {', '.join(found) or 'nothing'}{told}"


def _downstream(term: str, link: Iterable[tuple[Dim, ir.Id | None]]) -> str:
    plates = [str(plate) for plate, _ in link]
    return f"`{term}`" + (f" (each {_listed(plates)} by itself)" if plates else "")


def _listed(names: Iterable[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}" if quoted else "nothing"

