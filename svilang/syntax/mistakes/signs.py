"""One sign for another: `~`, `=`, `==`, `:`, and comparisons in a row."""

from __future__ import annotations

from ...diagnostics import Diagnostic
from ..finding import Finding, Repair, put, wrong
from ..scan import span_of
from ..situation import COMPARISONS, Situation


def assignment_colon(here: Situation) -> Finding | None:
    """``x := 3``."""
    colon = here.top()
    if colon is None or colon.type != "COLON" or here.kind != "EQUAL" or colon.end_pos != here.token.start_pos:
        return None
    found = Diagnostic("E0112", "`:=` is written `=` here", span_of(colon).to(span_of(here.token)))
    return Finding(found, put(pop=1))


def sign(here: Situation) -> Finding | None:
    """``=`` for ``~``, ``~`` for ``=``, ``=`` for ``==``, and the like."""
    if here.kind not in {"EQUAL", "SAME", "TILDE", "COLON"}:
        return None
    words = {word.type for word in here.statement}
    if "PARAM" in words and here.kind == "TILDE":
        message = "a parameter has no distribution; its start is given by `= value`, or by `= draw D(…)`"
        return wrong(here, "E0112", message, Repair((("EQUAL", "DRAW"), ("COLON", "NAME", "EQUAL", "DRAW")), skip=1))
    if "IMPUTE" in words:
        message = "`impute` takes the name alone; the law of all its entries is that of `observe … ~ D(…)`"
        return wrong(here, "E0112", message, help="write `impute` and `observe` as two statements")
    if "TILDE" in here.expected:
        return _instead_of_tilde(here, words)
    if "EQUAL" in here.expected and "RPAR" not in here.expected:
        skip = 2 if here.following.type == "EQUAL" and here.kind == "COLON" else 1
        return wrong(here, "E0112", f"`=` is written here, not `{here.token}`", put("EQUAL", skip=skip))
    if here.kind == "EQUAL" and "SAME" in here.expected:
        return _equality(here)
    return None


def _instead_of_tilde(here: Situation, words: set[str]) -> Finding | None:
    if "OBSERVE" in words:
        if here.kind == "COLON":
            return wrong(here, "E0112", "the type of an observation stands in the data block; here follows `~`")
        return wrong(
            here,
            "E0112",
            f"an observation is written `observe … ~ D(…)`, with `~` and not `{here.token}`",
            put("TILDE", skip=1),
        )
    if here.kind == "EQUAL" and "COLON" in words:
        return wrong(here, "E0112", "a definition has no type: write `name = …`, or for an optimised parameter `param`")
    return wrong(here, "E0112", f"`~` is written here, not `{here.token}`", put("TILDE", skip=1))


def _equality(here: Situation) -> Finding:
    before = here.tokens[here.at - 2] if here.at > 1 else None
    if before is not None and before.type == "EQUAL" and not here.brackets:
        return wrong(here, "E0112", "one `=` defines one name: write a second definition")
    return wrong(here, "E0112", "a comparison is written `==`", put("SAME", skip=1))


def chained(here: Situation) -> Finding | None:
    """``a < b < c``."""
    before = here.top(2)
    if here.kind not in COMPARISONS or before is None or before.type not in COMPARISONS or here.top() is before:
        return None
    message = f"comparisons do not chain: write `a {before} b and b {here.token} c`"
    return wrong(here, "E0113", message, put("AND", "NUMBER"))
