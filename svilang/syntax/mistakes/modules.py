"""Names with the module in front of which they stand in Python: ``dist.Normal``, ``np.exp``, ``numpyro.sample``."""

from __future__ import annotations

from ...diagnostics import Diagnostic, Span
from ..finding import Finding
from ..scan import span_of
from ..situation import Situation

_DRAWN = "a latent variable is drawn by `x ~ D(…)`, and data are observed by `observe y ~ D(…)`"
_KEPT = "a value that the results hold is written `report x = …`"
_ADDED = "a log-density term is added by `factor …`"
_STATEMENTS = {
    "sample": _DRAWN,
    **dict.fromkeys(["deterministic", "Deterministic"], _KEPT),
    **dict.fromkeys(["factor", "Potential"], _ADDED),
    "param": "an optimised parameter is declared by `param a: real`",
    "plate": "a plate is written `plate d { … }`",
}
"""Functions of other languages that are statements here."""


def function(here: Situation) -> Finding:
    """``np.exp(…)``, seen at its bracket."""
    first, last = _chain(here, here.at - 1)
    name, span = str(here.tokens[last]), _span(here, first, last)
    if name in _STATEMENTS:
        return Finding(Diagnostic("E0128", f"`{name}` is no function here: {_STATEMENTS[name]}", span))
    if name[0].isupper():
        message = f"a distribution is no value: draw a variable from it, `x ~ {name}(…)`"
        return Finding(Diagnostic("E0128", message, span, help=_DRAWN))
    return Finding(Diagnostic("E0128", f"functions stand in no module: write `{name}(…)` alone", span))


def distribution(here: Situation) -> Finding:
    """``x ~ dist.Normal(…)``, seen at its first dot."""
    first, last = _chain(here, here.at)
    name = here.tokens[last]
    message = f"distributions stand in no module: write `{name}` alone"
    return Finding(Diagnostic("E0117", message, _span(here, first, last)))


def _chain(here: Situation, at: int) -> tuple[int, int]:
    """The first and the last word of a row of names and dots."""
    first = last = at
    while first > 0 and here.tokens[first - 1].type in ("NAME", "DOT"):
        first -= 1
    while here.tokens[last + 1].type in ("NAME", "DOT") and (here.tokens[last].type == "DOT") != (
        here.tokens[last + 1].type == "DOT"
    ):
        last += 1
    return first, last


def _span(here: Situation, first: int, last: int) -> Span:
    return span_of(here.tokens[first]).to(span_of(here.tokens[last]))
