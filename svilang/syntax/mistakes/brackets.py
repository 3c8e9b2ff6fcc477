"""Brackets and the commas within them."""

from __future__ import annotations

from ...diagnostics import Diagnostic, Note
from ..finding import Finding, Repair, missing, put, shown, wrong
from ..scan import span_of
from ..situation import CLOSERS, EXPRESSION_STARTS, SIGNS, STATEMENT_WORDS, Situation


def closes_nothing(here: Situation) -> Finding | None:
    """A closing bracket without its opening one."""
    if here.kind not in {"RPAR", "RSQB"} or here.kind in here.expected:
        return None
    if not here.brackets:
        return wrong(here, "E0110", f"this `{here.token}` closes nothing", Repair(((), ("NUMBER",)), skip=1))
    opened = here.brackets[-1]
    right = CLOSERS[opened.type]
    if right == here.kind:
        return None
    message = f"`{opened}` is closed by `{here.token}`"
    found = Diagnostic("E0110", message, span_of(here.token), (Note("opened here", span_of(opened)),))
    return Finding(found, Repair(((right,), ("NUMBER", right)), skip=1))


def unclosed_bracket(here: Situation) -> Finding | None:
    """The statement ends, and a bracket of it is still open."""
    if not here.brackets:
        return None
    ends = (
        here.kind in {"$END", "RBRACE", "LBRACE", "ARROW"}
        or here.starts_statement()
        or (here.new_line and here.opens_block())
        or (here.kind in STATEMENT_WORDS and here.tokens[here.at + 1].type == "NAME")
    )
    opened = here.brackets[-1]
    closer = CLOSERS[opened.type]
    alone = closer in here.expected and "COMMA" not in here.expected and not here.wants_expression
    if not ends and not alone:
        return None
    message = f"`{opened}` is not closed: `{SIGNS[closer]}` is missing"
    feeds = (here.closers, ("NUMBER", *here.closers), ("NAME", *here.closers))
    return missing(here, "E0108", message, Repair(feeds), note=Note("opened here", span_of(opened)))


def argument_sign(here: Situation) -> Finding | None:
    """``f(rate: 3)`` and ``f(rate ~ 3)``."""
    name = here.top()
    if here.kind not in {"COLON", "TILDE"} or name is None or name.type != "NAME" or "EQUAL" not in here.expected:
        return None
    if not here.brackets or "COMMA" not in here.expected:
        return None
    return wrong(here, "E0112", f"an argument is given by `=`: `{name} = …`", put("EQUAL", skip=1))


def bounds_of_type(here: Situation) -> Finding | None:
    """``real<lower=0>``."""
    if here.kind != "LESSTHAN" or here.following not in ("lower", "upper"):
        return None
    message = "bounds are part of a kind: `positive`, `lower(a)`, `upper(b)` or `interval(a, b)`"
    return wrong(here, "E0119", message)


def missing_comma_of_names(here: Situation) -> Finding | None:
    """``real[obs feature]`` and ``def f(x y)``: the list of names is complete once the second name is seen."""
    if (
        here.kind != "NAME"
        or not here.brackets
        or here.new_line
        or here.expected != frozenset({CLOSERS[here.brackets[-1].type]})
    ):
        return None
    if here.brackets[-1].type == "LPAR" and all(word.type != "DEF" for word in here.statement):
        return None
    return missing(here, "E0107", f"a comma is missing after {shown(here.previous)}", put(skip=1))


def missing_comma(here: Situation) -> Finding | None:
    """Two values side by side within brackets."""
    inside = bool(here.brackets) or "COMMA" in here.expected
    if not inside or "COMMA" not in here.expected or here.begins or here.wants_expression:
        return None
    if here.kind not in (EXPRESSION_STARTS if here.brackets else {"NAME"}) - {"LPAR", "LSQB"}:
        return _missing_comma_before_bracket(here)
    if not here.brackets and (here.following.type == "LBRACE") is not ("LBRACE" in here.expected):
        return None
    return missing(here, "E0107", f"a comma is missing after {shown(here.previous)}", put("COMMA"))


def _missing_comma_before_bracket(here: Situation) -> Finding | None:
    previous = here.previous
    if not here.brackets or here.kind != "LPAR" or previous is None or previous.type not in {"NUMBER", "STRING"}:
        return None
    return missing(here, "E0107", f"a comma or an operator is missing after {shown(previous)}", put("COMMA"))
