"""How the rows of the tables are called, as one line each: for the reference pages, hover and completion."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping

from ..catalog.distribution import Combinator, Distribution, Param
from ..catalog.function import Function, Role
from ..runtime.optimizers import OptaxRow
from ..runtime.settings import FitSettings
from ..types import KINDS


def distribution(row: Distribution) -> list[str]:
    """A call for each set of parameters."""
    heads = ["k"] if row.dimension_first else []
    return [f"{row.name}({', '.join([*heads, *map(argument, form.params)])})" for form in row.forms]


def argument(param: Param) -> str:
    """A parameter, with its default if it has one."""
    return param.name if param.default is None else f"{param.name}={param.default:g}"


def takes(param: Param) -> str:
    """What the values of a parameter must be."""
    return f"`{param.kind}`" + (f" over `[{', '.join(param.event)}]`" if param.event else "")


def support(row: Distribution) -> str:
    """Where the variate of a distribution lies."""
    lower, upper = (f"`{name}`" if name else None for name in row.bounds)
    over = f" over `[{', '.join(row.event)}]`" if row.event else ""
    return f"`{row.support}`" + (f" from {lower}" if lower else "") + (f" to {upper}" if upper else "") + over


def combinator(row: Combinator) -> str:
    """The call, with ``D`` for the distribution inside."""
    own = [f"{p.name}=…" if p.name in row.optional else p.name for p in row.params]
    inner = {"one": "D", "many": "[D, …]", "one or many": "D or [D, …]"}[row.inner]
    own += ["function"] if row.functions else []
    return f"{row.name}({', '.join([inner, *own] if row.inner_first else [*own, inner])})"


def is_called(row: Function) -> bool:
    """Whether a function is written with its name and brackets, not as an operator."""
    return row.name.isidentifier() and row.name not in ("and", "or", "not", "if", "negate")


def function(row: Function) -> str:
    """The call, or the operator between its operands."""
    if not is_called(row):
        return {"if": "a if c else b", "negate": "-x", "not": "not a"}.get(row.name, f"a {row.name} b")
    over = [", over=d"] if row.role in (Role.REDUCE, Role.ALONG) else []
    defaults = dict(row.optional)
    names = [f"{name}={defaults[name]:g}" if name in defaults else name for name in row.params]
    more = ", …" if row.variadic else ""
    if row.role is Role.FILL and row.variadic:
        names, more = [names[0] + ", …", *names[1:]], ""
    return f"{row.name}({', '.join(names)}{more}{''.join(over)})"


def kind(name: str) -> str:
    """The kind with its bounds and the dimensions it binds."""
    row = KINDS[name]
    dims = {0: "", 1: "[k]", 2: "[k, k]"}[row.kind.structure.rank]
    return f"{name}{'(' + ', '.join(row.arguments) + ')' if row.arguments else ''}{dims}"


def with_defaults(name: str, settings: Mapping[str, float | str | None]) -> str:
    """A call of a guide family, an objective or a stopping rule."""
    return f"{name}({', '.join(defaults(settings))})" if settings else name


def defaults(settings: Mapping[str, float | str | None]) -> list[str]:
    """Settings with their defaults; those without one stand alone."""
    return [name if value is None else f"{name}={_plain(value)}" for name, value in settings.items()]


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def optax(row: OptaxRow) -> list[str]:
    """The arguments of an optimiser, a schedule or a transformation; those that may be left out end with ``=``."""
    lengths = dict(row.lengths)
    return [p if p in row.required and p not in lengths else f"{p}=" for p in row.params]


def sentence(text: str) -> str:
    """A summary with a capital and a full stop."""
    return f"{text[0].upper()}{text[1:]}."


def code(words: Iterable[object]) -> str:
    """Words in backquotes."""
    return ", ".join(f"`{word}`" for word in words)


def settings() -> dict[str, str]:
    """One line for each setting of a fit, from the docstring that says them."""
    text = inspect.getdoc(FitSettings) or "Args:\n"
    found = re.findall(r"^    (\w+): (.+?)(?=\n    \w|\Z)", text.split("Args:\n", 1)[1], re.M | re.S)
    lines = {name: re.sub(r"``(.+?)``", r"`\1`", " ".join(meaning.split())) for name, meaning in found}
    return {name: line.replace("`None`", "left out") for name, line in lines.items()}
