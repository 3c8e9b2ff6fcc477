"""What a mistake is answered with: a diagnostic, and what was meant."""

from __future__ import annotations

from dataclasses import dataclass

from lark import Token

from ..diagnostics import Diagnostic, Note
from .scan import span_of
from .situation import Situation


@dataclass(frozen=True)
class Repair:
    """What was meant: drop ``pop`` words that were read, add the first of ``feeds`` that fits, drop ``skip`` words."""

    feeds: tuple[tuple[str, ...], ...] = ((),)
    skip: int = 0
    pop: int = 0


@dataclass(frozen=True)
class Finding:
    """A diagnostic, and how the text goes on after it; without a repair at the next statement."""

    diagnostic: Diagnostic
    repair: Repair | None = None


def wrong(
    here: Situation | Token, code: str, message: str, repair: Repair | None = None, help: str | None = None
) -> Finding:
    """A word that is wrong, reported at itself."""
    token = here.token if isinstance(here, Situation) else here
    return Finding(Diagnostic(code, message, span_of(token), help=help), repair)


def missing(
    here: Situation,
    code: str,
    message: str,
    repair: Repair | None = None,
    help: str | None = None,
    note: Note | None = None,
) -> Finding:
    """Something that is missing, reported right after what was read."""
    notes = (note,) if note is not None else ()
    return Finding(Diagnostic(code, message, here.after, notes, help), repair)


def shown(token: Token | None) -> str:
    """A word as messages quote it."""
    if token is None or token.type == "$END":
        return "the end of the file"
    text = token.replace("\n", " ")
    return f"`{text if len(text) <= 40 else text[:39] + '…'}`"


def put(*words: str, skip: int = 0, pop: int = 0) -> Repair:
    """The repair that adds words."""
    return Repair((words,), skip, pop)


def misfit(here: Situation) -> Finding:
    """A word that does not fit, where no more is known."""
    before = f" after {shown(here.previous)}" if here.previous is not None else ""
    fix = "no sign stands between two statements" if here.kind == "COMMA" and here.begins else None
    if here.kind == "COMMA" and here.at > 1 and here.tokens[here.at - 2].type == "OVER":
        fix = "`over` names one dimension; in a list of lists the inner ones name theirs, `[[…] over to, …] over from`"
    if here.kind == "COLON" and here.brackets and here.brackets[-1].type == "LSQB":
        return wrong(here, "E0123", NO_SLICES, help=WHOLE)
    return wrong(here, "E0123", f"{shown(here.token)} cannot stand here{before}", help=fix or _INSTEAD.get(here.token))


NO_SLICES = "there are no ranges of members in square brackets"
WHOLE = "a name alone is the whole; rows are chosen by `observe … where condition`, one column by `X[0]` or its label"


_INSTEAD = {
    "?": "a choice is written `a if condition else b`",
    "->": "a function is written `def f(x) = …`",
    "{": "arguments and groups stand in round brackets, `f(…)`; braces are for blocks and plates",
}
