"""Specs drawn from the grammar itself: every rule of it, in proportions that mean nothing."""

from functools import cache

from lark.grammar import Terminal
from mutants import STRANGE

from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS
from svilang.catalog.functions import FUNCTIONS
from svilang.syntax.grammar import parser
from svilang.types import KINDS

OWN = ("a", "b", "c", "x", "y", "k", "n")
OTHER = (*DISTRIBUTIONS, *COMBINATORS, *(n for n in FUNCTIONS if n.isidentifier()), *KINDS, "full_rank", "rest", "adam")
NUMBERS = (
    "0",
    "1",
    "2",
    "3",
    "0.5",
    "1e3",
    "10_000",
    *(word for word in STRANGE if word[0].isdigit() and " " not in word),
)
STRINGS = ('"a"', '"b"', '""', '"a.csv"')


@cache
def _rules():
    """The expansions of each rule, and how many steps the shortest way to words takes."""
    expansions = {}
    for rule in parser().rules:
        expansions.setdefault(rule.origin, []).append(tuple(rule.expansion))
    depths = dict.fromkeys(expansions, 10**6)
    changed = True
    while changed:
        changed = False
        for origin, many in expansions.items():
            best = 1 + min(_depth(one, depths) for one in many)
            if best < depths[origin]:
                depths[origin], changed = best, True
    return expansions, depths


def _depth(expansion, depths):
    return max((0 if isinstance(symbol, Terminal) else depths[symbol] for symbol in expansion), default=0)


@cache
def _spellings():
    return {terminal.name: terminal.pattern.value for terminal in parser().terminals}


def sentence(rng):
    """One spec of the grammar."""
    expansions, depths = _rules()
    start = next(origin for origin in expansions if origin.name == "file")
    budget, out = rng.choice((20, 60, 150)), []
    stack = [start]
    while stack:
        symbol = stack.pop()
        if isinstance(symbol, Terminal):
            out.append(_word(rng, symbol.name))
            continue
        many = expansions[symbol]
        budget -= 1
        if budget < 0:
            least = min(_depth(one, depths) for one in many)
            many = [one for one in many if _depth(one, depths) == least]
        stack.extend(reversed(rng.choice(many)))
    return " ".join(out)


def _word(rng, terminal):
    match terminal:
        case "NAME":
            return rng.choice(OWN) if rng.random() < 0.6 else rng.choice(OTHER)
        case "NUMBER":
            return rng.choice(NUMBERS)
        case "STRING":
            return rng.choice(STRINGS)
        case "DOCSTRING":
            return '"""A spec."""'
        case _:
            return _spellings()[terminal]
