"""Statements that begin like none, or like those of another language."""

from __future__ import annotations

from lark import Token

from ...diagnostics import nearest
from ..finding import Finding, Repair, misfit, missing, put, shown, wrong
from ..grammar import STATEMENTS
from ..situation import ARITHMETIC, EXPRESSION_STARTS, OPERATORS, STATEMENT_WORDS, Situation
from . import modules

_PLACES = {
    "THEN": "`then` follows the start of a chain: `h ~ Normal(0, 1) then Normal(prev(h), s)` or `x = start then step`",
    "WHERE": "`where` follows the distribution of an `observe`, once",
    "WEIGHT": "`weight` follows the distribution of an `observe`, once",
    "FROM": "`from` follows the type of data, or the head of an `extern`",
    "DRAW": "`draw` follows the `=` of a `param`",
    "ELSE": "`else` belongs to `a if condition else b`",
}
_BEHIND_FACTORS = {
    "WHERE": "a `factor` has no `where`: write `factor (…) if condition else 0`",
    "WEIGHT": "a `factor` has no `weight`: write `factor w * (…)`",
}
_LOOPS = frozenset({"for", "while", "foreach", "repeat"})
_TYPES_FIRST = frozenset({"real", "int", "float", "array", "vector", "row_vector", "matrix", "simplex", "ordered"})
_REPORTS = frozenset({"deterministic", "generated", "transformed"})
_PROGRAMS = frozenset({"import", "return", "let", "var", "const", "print", "class", "lambda", "function", "with"})
_WORDS = {
    **dict.fromkeys(["let", "var", "const"], "a definition is written `x = …`"),
    "print": "a value that the results hold is written `report x = …`",
    "with": "a plate is written `plate d { … }`",
}
_MEANT_AS = {**dict.fromkeys(["obs", "observed", "likelihood", "data"], "observe"), "parameter": "param"}
"""Words that are near a statement in meaning, and not in letters."""
_CLAUSES = {
    "weights": "the weight of an observation is given by `weight`: `observe y ~ D(…) weight w`",
    "offset": "an offset is a part of the predictor: `Poisson(exposure * exp(eta))`",
}
"""Clauses of other languages behind an observation."""

NO_FORMULAS = "there are no formulas: write the sum as an argument, `observe y ~ Normal(a + b * x, s)`"


# --- the first word of a statement -----------------------------------------------------------------------------------


def first_word(here: Situation) -> Finding | None:
    """A statement that begins with something that begins none."""
    if not here.begins or not here.braces:
        return None
    if here.kind in _BEHIND_FACTORS and any(word.type == "FACTOR" for word in here.statement):
        return wrong(here, "E0126", _BEHIND_FACTORS[here.kind])
    if here.kind in _PLACES:
        return wrong(here, "E0126", _PLACES[here.kind])
    if here.kind == "IF" and not here.new_line and any(word.type == "OBSERVE" for word in here.statement):
        return wrong(here, "E0119", "the rows that count are chosen by `where`: `observe y ~ D(…) where condition`")
    if here.kind == "IF":
        return wrong(
            here, "E0119", "there is no statement `if`: a choice is an expression, `x = a if condition else b`"
        )
    if here.kind in STATEMENT_WORDS or here.kind == "NAME":
        return _other_block(here)
    if here.kind in EXPRESSION_STARTS | OPERATORS | {"TILDE", "EQUAL", "COLON", "COMMA", "LBRACE"}:
        return _after_distribution(here) or _begins_nothing(here)
    return None


def _begins_nothing(here: Situation) -> Finding:
    token, previous = shown(here.token), here.previous
    if here.new_line or previous is None or previous.type in {"LBRACE", "RBRACE"}:
        message = f"a statement cannot begin with {token}: it begins with a name or a word such as `observe`"
        return wrong(here, "E0118", message)
    if here.kind in EXPRESSION_STARTS:
        return missing(here, "E0123", f"an operator is missing between {shown(previous)} and {token}")
    return misfit(here)


def _after_distribution(here: Situation) -> Finding | None:
    """``x ~ Normal(0, 1) + 3``."""
    if not any(word.type in {"TILDE", "THEN"} for word in here.statement) or here.new_line:
        return None
    if here.kind not in OPERATORS | {"LSQB", "LPAR"}:
        return None
    if here.kind == "DOT" and here.following.type == "NAME":
        return modules.distribution(here)
    if here.kind == "LSQB" and here.previous is not None and here.previous.type == "NAME":
        return wrong(here, "E0117", f"arguments stand in round brackets: `{here.previous}(…)`")
    message = f"a distribution cannot be followed by {shown(here.token)}: it stands alone after `~`"
    if here.kind == "PLUS" and here.previous is not None and here.previous.type == "NAME":
        return wrong(here, "E0117", message, help=NO_FORMULAS)
    fix = "put the arithmetic in its arguments, or define a name from the draw"
    if here.kind in ("PLUS", "MINUS"):
        fix = "`Shifted(D(…), x)` adds x to a variate; else " + fix
    return wrong(here, "E0117", message, help=fix)


def _other_block(here: Situation) -> Finding | None:
    """A statement of the model in `data` or `fit`."""
    if here.block == "DATA":
        return wrong(here, "E0122", f"`{here.token}` belongs in the model: `data` holds only `name: type` and `dim`")
    if here.block == "FIT":
        return wrong(
            here, "E0122", f"`{here.token}` does not belong in `fit`, which holds only settings, `steps = 1_000`"
        )
    return None


# --- after the first name of a statement -----------------------------------------------------------------------------


def _lone_name(here: Situation) -> Token | None:
    """The name that has just begun a statement."""
    name, before = here.top(), here.top(2)
    if name is None or name.type != "NAME" or name is not here.previous or not here.braces:
        return None
    fresh = before is None or before.type in {"LBRACE", "REPORT", "AUX"}
    return name if fresh and here.expected & {"TILDE", "EQUAL", "COLON"} and not here.brackets else None


def habit(here: Situation) -> Finding | None:
    """Statements of other languages."""
    name = _lone_name(here)
    if name is None or here.kind in {"TILDE", "EQUAL", "COLON"}:
        return None
    if name in _LOOPS:
        message = f"there is no loop `{name}`: `plate d {{ … }}` says what exists once for each member of `d`"
        return wrong(name, "E0119", message, help="a step that needs the one before it is written in `markov t { … }`")
    if name == "target" and here.kind in {"PLUS", "LPAR"}:
        return wrong(name, "E0119", "a log-density term is added by `factor …`")
    if here.kind in ARITHMETIC and here.following.type == "EQUAL":
        return wrong(here, "E0119", f"`{name}` is defined once, by `{name} = …`: no statement changes it afterwards")
    if name in _REPORTS and here.kind == "NAME" and not here.new_line:
        message = f"there is no statement `{name}`: a value that the results hold is written `report x = …`"
        return wrong(name, "E0119", message)
    if name in _TYPES_FIRST and here.kind in {"NAME", "LSQB", "LESSTHAN"} and not here.new_line:
        return wrong(name, "E0119", "the type stands after the name, as in `x: real[d]`")
    if name in _PROGRAMS and here.kind in EXPRESSION_STARTS | {"PLATE"}:
        return wrong(name, "E0119", f"there is no statement `{name}`", help=_WORDS.get(name))
    return None


def _drawn_behind(here: Situation) -> bool:
    """Whether a ``~`` follows the bracket that opens here."""
    depth = 0
    for at in range(here.at, len(here.tokens) - 1):
        depth += {"LPAR": 1, "RPAR": -1}.get(here.tokens[at].type, 0)
        if depth == 0:
            return here.tokens[at + 1].type == "TILDE"
    return False


def data_without_type(here: Situation) -> Finding | None:
    """``y = [1, 2]`` or ``y ~ D(…)`` in ``data``."""
    name = _lone_name(here)
    if name is None or here.block != "DATA":
        return None
    if here.kind == "TILDE":
        message = f"data are declared by their type, `{name}: real[…]`; what they follow stands in the model"
        return wrong(here, "E0122", message, help=f"write `observe {name} ~ …` in the model")
    return missing(here, "E0116", f"the type of `{name}` is missing: `{name}: real[…]`", put("COLON", "NAME"))


def setting_sign(here: Situation) -> Finding | None:
    """``steps: 10`` or ``steps`` in ``fit``."""
    name = _lone_name(here)
    if name is None or here.block != "FIT":
        return None
    message = f"a setting is given by `=`: `{name} = …`"
    if here.kind in {"TILDE", "COLON", "SAME"}:
        skip = 2 if here.following.type == "EQUAL" else 1
        return wrong(here, "E0112", message, put("EQUAL", skip=skip))
    return missing(
        here, "E0115", f"the value of `{name}` is missing: `{name} = …`", Repair((("EQUAL", "NUMBER"), ("EQUAL",)))
    )


def lone(here: Situation) -> Finding | None:
    """A name in a model or guide that is neither drawn nor defined."""
    name = _lone_name(here)
    if name is None:
        return None
    if here.kind == "SAME":
        return wrong(here, "E0112", f"a definition is written `=`: `{name} = …`", put("EQUAL", skip=1))
    if here.kind == "LESSTHAN" and here.following.type == "MINUS" and here.following.start_pos == here.token.end_pos:
        return wrong(here, "E0112", f"`<-` is written `=` here: `{name} = …`", put("EQUAL", skip=2))
    if name == "T" and here.kind in {"LSQB", "LPAR"}:
        return wrong(name, "E0117", "a cut distribution is written `Truncated(D, lower=…, upper=…)`")
    if name in _CLAUSES and here.kind == "NAME" and not here.new_line:
        return wrong(name, "E0126", _CLAUSES[name])
    if here.kind == "LPAR" and _drawn_behind(here):
        message = "what is drawn stands in front of `~`, and its distribution or family behind it"
        return wrong(name, "E0127", message)
    if here.kind == "LPAR":
        message = f"the value of `{name}(…)` is used nowhere: give it a name, or add it by `factor`"
        return wrong(name, "E0127", message)
    if name == "minibatch" and here.kind == "LSQB":
        return wrong(name, "E0129", "`minibatch` is a setting: it stands in the block `fit { … }`")
    if here.kind in {"LSQB", "DOT"}:
        named = here.kind == "LSQB" and here.following.type == "NAME" and len(here.following) > 1
        plate = here.following if named else "d"
        message = f"`{name}` is given whole, and not one entry at a time: `plate {plate} {{ {name} ~ … }}`"
        return wrong(here, "E0129", message)
    if here.kind == "NAME" and not here.new_line and here.following.type == "LPAR":
        return missing(here, "E0115", f"`~` or `=` is missing after `{name}`", put("TILDE"))
    if here.block == "GUIDE" and here.kind == "RBRACE":
        message = f"`{name}` stands alone: a family follows the latent variables that it covers, `rest ~ {name}`"
        return missing(here, "E0127", message, Repair((("EQUAL", "NUMBER"), ("EQUAL",))))
    near = _MEANT_AS.get(name.lower()) or next(iter(nearest(name.lower(), STATEMENTS, 1)), None)
    if near is not None and here.kind == "NAME" and not here.new_line:
        return wrong(name, "E0119", f"there is no statement `{name}`", help=f"did you mean `{near}`?")
    message = f"`{name}` stands alone: it is drawn by `{name} ~ …` or defined by `{name} = …`"
    return missing(here, "E0127", message, Repair((("EQUAL", "NUMBER"), ("EQUAL",))))
