"""Words that are missing, each reported right after the word before it."""

from __future__ import annotations

from ...diagnostics import Diagnostic, Note, Span
from ..finding import Finding, Repair, misfit, missing, put, shown, wrong
from ..grammar import RESERVED
from ..scan import span_of
from ..situation import CLOSERS, EXPRESSION_STARTS, OPERATORS, SIGNS, Situation
from . import modules
from .beginnings import NO_FORMULAS

_WANT_A_NAME = frozenset({"DOT", "OVER", "REPORT", "IMPUTE", "SCORE", "PARAM", "DIM", "AUX", "NONCENTERED", "CENTERED"})
_WANT_MORE = (
    OPERATORS
    | _WANT_A_NAME
    | {
        "TILDE",
        "THEN",
        "EQUAL",
        "COLON",
        "ARROW",
        "COMMA",
        "LPAR",
        "LSQB",
        "NOT",
        "OBSERVE",
        "FACTOR",
        "WHERE",
        "WEIGHT",
    }
)


def missing_expression(here: Situation) -> Finding | None:
    """An operator or a bracket without its value."""
    if not here.wants_expression:
        return None
    if here.kind == "COMMA" and here.top() is not None:
        return missing(here, "E0114", f"an expression is missing after {shown(here.previous)}", put("NUMBER"))
    if here.kind == "COLON" and here.brackets and here.brackets[-1].type == "LSQB":
        return misfit(here)
    message = f"an expression is missing after {shown(here.previous)}"
    fix = "a choice is written `a if condition else b`" if here.kind == "IF" else None
    return missing(here, "E0114", message, put("NUMBER"), help=fix)


def distribution(here: Situation) -> Finding | None:
    """Something else than a distribution after ``~``."""
    word = here.top()
    if (
        word is None
        or word.type not in {"TILDE", "THEN", "DRAW"}
        or "NAME" not in here.expected
        or here.wants_expression
    ):
        return None
    if here.kind in EXPRESSION_STARTS and not here.starts_statement():
        message = f"after `{word}` stands a distribution, such as `Normal(0, 1)`, and not {shown(here.token)}"
        formula = here.kind == "NUMBER" and here.following.type in {"PLUS", "MINUS"}
        scaled = "define a name from the draw: `x ~ D(…)` and `y = 2 * x`" if here.following.type == "STAR" else None
        return wrong(here, "E0117", message, help=NO_FORMULAS if formula else scaled)
    message = f"the distribution is missing after `{word}`"
    return missing(here, "E0117", message, Repair((("NAME",), ("NAME", "LPAR", "RPAR"))))


def type(here: Situation) -> Finding | None:
    """A type that is missing, or a number for a dimension in one."""
    word = here.top()
    words = {w.type for w in here.statement}
    if (
        here.kind == "NUMBER"
        and here.expected == frozenset({"NAME"})
        and here.brackets
        and here.brackets[-1].type == "LSQB"
    ):
        message = f"a dimension is a name, and not `{here.token}`"
        fix = f"declare `dim d = {here.token}` and write `[d]`"
        return wrong(here, "E0124", message, put("NAME", skip=1), fix)
    if word is not None and word.type in {"COLON", "ARROW"} and not here.wants_expression:
        return missing(here, "E0116", f"the type is missing after `{word}`", put("NAME"))
    if "COLON" in here.expected and not here.begins and ("PARAM" in words or here.brackets):
        return missing(
            here, "E0116", f"the type is missing after {shown(here.previous)}: `: real`", put("COLON", "NAME")
        )
    if "ARROW" in here.expected:
        message = "the type of the result is missing: `-> real`"
        return missing(here, "E0116", message, put("ARROW", "NAME"))
    return None


def quotes(here: Situation) -> Finding | None:
    """The name of a file or column without its quotation marks."""
    if "STRING" not in here.expected or here.wants_expression or here.begins:
        return None
    block = here.previous is not None and here.previous.type == "DATA"
    if block and (here.kind != "NAME" or here.following.type == "COLON"):
        return missing(here, "E0115", "`{` is missing after `data`")
    if here.kind != "NAME" and here.token not in RESERVED:
        return missing(here, "E0115", f'a text is missing after {shown(here.previous)}: `"…"`', put("STRING"))
    end = here.at
    while here.tokens[end + 1].type in {"DOT", "NAME"} and here.tokens[end + 1].start_pos == here.tokens[end].end_pos:
        end += 1
    text = "".join(here.tokens[here.at : end + 1])
    span = Span(span_of(here.token).start, span_of(here.tokens[end]).end)
    found = Diagnostic("E0130", f'the name of a file, column or function stands in quotation marks: `"{text}"`', span)
    return Finding(found, put("STRING", skip=end - here.at + 1))


def brace(here: Situation) -> Finding | None:
    """The head of a block or plate without its ``{``."""
    if "LBRACE" not in here.expected:
        return None
    if here.following.type == "LBRACE" and here.kind == "NAME" and here.top() is not None:
        return wrong(here, "E0123", f"`{here.top()}` takes no name: `{here.top()} {{ … }}`", put(skip=1))
    if here.following.type == "LBRACE" and here.kind == "NAME" and not here.new_line:
        message = f"a plate names its dimension alone, or several with commas: `plate {here.previous} {{ … }}`"
        return wrong(here, "E0123", message, put(skip=1))
    if here.kind == "NAME" and not here.new_line and here.token == "in":
        return wrong(here, "E0119", "a plate names its dimension: `plate school { … }`")
    guide = here.top(2)
    if guide is not None and guide.type == "GUIDE" and here.previous is here.top():
        return missing(here, "E0115", f"a guide in one line is written `guide = {here.previous}`", put("LBRACE"))
    skip = 1 if here.kind in {"COLON", "EQUAL"} else 0
    if here.kind == "COLON":
        message = f"what belongs to {shown(here.previous)} stands in braces, `{{ … }}`, and not after `:`"
        return wrong(here, "E0115", message, put("LBRACE", skip=skip))
    return missing(here, "E0115", f"`{{` is missing after {shown(here.previous)}", put("LBRACE", skip=skip))


def missing_name(here: Situation) -> Finding | None:
    """No name where one must stand."""
    if "NAME" not in here.expected or here.begins or here.wants_expression:
        return None
    if here.kind == "LPAR" and here.previous is not None and here.previous.type in {"PLATE", "MARKOV"}:
        return wrong(here, "E0123", f"a dimension stands without brackets: `{here.previous} d {{ … }}`")
    repair = put("NAME", skip=1 if here.kind in {"NUMBER", "STRING"} else 0)
    return missing(here, "E0115", f"a name is missing after {shown(here.previous)}", repair)


def not_callable(here: Situation) -> Finding | None:
    """``(a)(b)`` and ``2(b)``."""
    if here.kind != "LPAR" or here.new_line or here.previous is None or "PLUS" not in here.expected:
        return None
    dot = here.top(2)
    if here.previous.type == "NAME" and dot is not None and dot.type == "DOT":
        return modules.function(here)
    return wrong(here, "E0128", f"{shown(here.previous)} cannot be called: only a name can; a product needs `*`")


def missing_else(here: Situation) -> Finding | None:
    """``a if c`` alone."""
    if "ELSE" not in here.expected:
        return None
    message = "`else` is missing: a choice is written `a if condition else b`"
    return missing(here, "E0115", message, Repair((("ELSE", "NUMBER"), ("ELSE",))))


def missing_sign(here: Situation) -> Finding | None:
    """A ``~``, ``=`` or ``(`` that must come next."""
    for kind, sign in (("TILDE", "~"), ("EQUAL", "="), ("FROM", "from"), ("LPAR", "(")):
        if kind in here.expected and not here.begins and (kind != "LPAR" or len(here.expected) == 1):
            whole = ((kind, "NAME"), (kind, "NUMBER"), (kind, "STRING"), (kind, "RPAR"))
            feeds = (*whole, (kind,)) if here.new_line else ((kind,), *whole)
            if here.kind == "LBRACE" and any(word.type == "DEF" for word in here.statement):
                return missing(here, "E0115", "the body of a function is one expression: `def f(x) = …`", Repair(feeds))
            typed = kind == "TILDE" and any(word.type == "COLON" for word in here.statement)
            fix = "every latent variable has a prior, as in `a: real ~ Normal(0, 1)`" if typed else None
            message = f"`{sign}` is missing after {shown(here.previous)}"
            return missing(here, "E0115", message, Repair(feeds), help=fix)
    return None


def swallowed(here: Situation) -> Finding | None:
    """A value is missing at the end of a line, and the first name of the next line was read for it."""
    if here.kind not in {"TILDE", "EQUAL", "COLON"} or here.at < 2 or not here.braces:
        return None
    name, before = here.tokens[here.at - 1], here.tokens[here.at - 2]
    if name.type != "NAME" or name.line == before.end_line or before.type not in _WANT_MORE:
        return None
    end = span_of(before).end
    pop = 1 if here.top() is name else 0
    if here.brackets:
        opened = here.brackets[-1]
        message = f"`{opened}` is not closed: `{SIGNS[CLOSERS[opened.type]]}` is missing"
        found = Diagnostic("E0108", message, Span(end, end), (Note("opened here", span_of(opened)),))
    elif before.type in {"TILDE", "THEN"}:
        found = Diagnostic("E0117", f"the distribution is missing after `{before}`", Span(end, end))
    elif before.type in {"COLON", "ARROW"}:
        found = Diagnostic("E0116", f"the type is missing after `{before}`", Span(end, end))
    else:
        what = "a name" if before.type in _WANT_A_NAME else "an expression"
        code = "E0115" if before.type in _WANT_A_NAME else "E0114"
        found = Diagnostic(code, f"{what} is missing after `{before}`", Span(end, end))
    last = ("NAME",)
    feeds = tuple((*filler, *here.closers, *last) for filler in ((), ("NUMBER",), ("NAME",)))
    return Finding(found, Repair(feeds, pop=pop))
