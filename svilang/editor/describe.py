"""What a word of the tables means, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from ..catalog.distribution import Combinator, Distribution, Param
from ..catalog.distributions import COMBINATORS, DISTRIBUTIONS
from ..catalog.function import Function
from ..catalog.functions import FUNCTIONS
from ..runtime.guides import FAMILIES
from ..runtime.objectives import OBJECTIVES
from ..runtime.optimizers import OPTIMIZERS, SCHEDULES, TRANSFORMS, OptaxRow
from ..runtime.stopping import STOPS
from ..sema.expressions import CONSTANTS
from ..syntax.grammar import RESERVED
from ..types import KINDS
from . import signature

BUILT_IN = {
    "lag": ("lag(x, steps, start, over=d)", "data so many steps earlier along the chain or an open plate"),
    "prev": ("prev(x, steps=1)", "the value so many steps back in a `markov`"),
    "chain": ("chain(transformation, …, optimizer)", "transformations of the gradient, one after the other"),
    "rest": ("rest ~ family", "every latent variable that the guide has not named yet"),
}
"""What the compiler knows by name without a table: how it is written, and what it means."""

_GENERIC = (DISTRIBUTIONS, COMBINATORS, FUNCTIONS, FAMILIES, OBJECTIVES, OPTIMIZERS, TRANSFORMS, SCHEDULES, KINDS)
_OF_FIT = (OBJECTIVES, OPTIMIZERS, TRANSFORMS, SCHEDULES)


def fenced(text: str) -> str:
    """Text in the colours of the language."""
    return f"```svi\n{text}\n```"


def word(name: str, block: str) -> str | None:
    """What a word of the tables means where it stands in a block; ``None`` for any other word."""
    for table in _OF_FIT if block == "fit" else _GENERIC:
        if name in table:
            return kind(name) if table is KINDS else row(table[name])
    if name in STOPS and block == "fit":
        return f"{fenced(signature.with_defaults(name, STOPS[name]))}\n\nA stopping rule."
    if name in CONSTANTS:
        return f"{fenced(f'{name} = {CONSTANTS[name]:.6g}')}\n\nA constant."
    if name in BUILT_IN:
        call, meaning = BUILT_IN[name]
        return f"{fenced(call)}\n\n{signature.sentence(meaning)}"
    return keyword(name)


def keyword(name: str) -> str | None:
    """What a reserved word does."""
    return f"`{name}`: {RESERVED[name]}." if name in RESERVED else None


def kind(name: str) -> str:
    """What the values of a kind are."""
    return f"{fenced(signature.kind(name))}\n\nKind: {KINDS[name].meaning}."


def setting(name: str) -> str | None:
    """What a setting of the fit says."""
    meaning = signature.settings().get(name)
    return None if meaning is None else f"Setting `{name}`: {meaning}"


def row(of: object) -> str:
    """One row of any table: how it is called, what it is, its arguments."""
    match of:
        case Distribution():
            calls = "\n".join(signature.distribution(of))
            params = {param.name: param for form in of.forms for param in form.params}.values()
            return _joined(fenced(calls), signature.sentence(of.summary), f"Support: {signature.support(of)}.", params)
        case Combinator():
            return _joined(fenced(signature.combinator(of)), signature.sentence(of.summary), "", of.params)
        case Function():
            return _joined(fenced(signature.function(of)), f"Function: {of.summary}.", "", ())
        case OptaxRow():
            arguments = [word if word[-1] != "=" else word + "…" for word in signature.optax(of)]
            return _joined(fenced(f"{of.name}({', '.join(arguments)})"), f"`{of.optax}` of Optax.", "", ())
        case _:
            name, settings, summary = (getattr(of, part) for part in ("name", "settings", "summary"))
            return _joined(fenced(signature.with_defaults(name, settings)), signature.sentence(summary), "", ())


def argument(name: str, call: str, block: str) -> str | None:
    """What an argument of a call means."""
    if block == "fit":
        return f"Argument `{name}` of `{call}`." if name in arguments(call, block) else None
    rows = [table[call] for table in (DISTRIBUTIONS, COMBINATORS) if call in table]
    found = [param for of in rows for param in parameters(of) if param.name == name]
    if found:
        return (
            f"Argument `{signature.argument(found[0])}` of `{call}`: {signature.takes(found[0])}, {found[0].meaning}."
        )
    if name == "over" and call in FUNCTIONS:
        return f"The dimension along which `{call}` acts."
    return f"Argument `{name}` of `{call}`." if name in arguments(call, block) else None


def parameters(of: Distribution | Combinator) -> list[Param]:
    """All parameters, those of later forms behind those of the first."""
    forms = of.forms if isinstance(of, Distribution) else (of,)
    return list({param.name: param for form in forms for param in form.params}.values())


def arguments(call: str, block: str) -> list[str]:
    """The keywords that a call takes."""
    if block == "fit":
        optax = OPTIMIZERS | TRANSFORMS | SCHEDULES
        if call in optax:
            return list(optax[call].params)
        return list(OBJECTIVES[call].settings if call in OBJECTIVES else STOPS.get(call, ()))
    for table in (DISTRIBUTIONS, COMBINATORS):
        if call in table:
            return [param.name for param in parameters(table[call])]
    if call in FAMILIES:
        return list(FAMILIES[call].settings)
    if call in KINDS:
        return list(KINDS[call].arguments)
    if call not in FUNCTIONS:
        return []
    row = FUNCTIONS[call]
    over = ["over"] if ", over=d" in signature.function(row) else []
    return [*over, *(name for name, _ in row.optional)]


def _joined(call: str, summary: str, support: str, params: Iterable[Param]) -> str:
    lines = "\n".join(f"- `{p.name}`: {signature.takes(p)}, {p.meaning}" for p in params)
    return "\n\n".join(part for part in (call, summary, support, lines) if part)
