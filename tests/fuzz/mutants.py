"""Specs of the repository with words dropped, doubled, swapped, replaced, and pieces of two specs joined."""

import re

from corpus_of_specs import every_spec

from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS
from svilang.catalog.functions import FUNCTIONS
from svilang.syntax.grammar import RESERVED
from svilang.types import KINDS

WORD = re.compile(r'"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*|\d[\w.]*|\w+|->|<=|>=|==|!=|\s+|.')
STRANGE = (
    *("0", "-1", "1e400", "1e-400", "9" * 30, "0.5", "nan", "inf", "pi", "true", "missing", '"a"', '""', "_", "é"),
    *("**", "'", '"', "\\", "\0", ";", "~", "over", "2^1024", "1/0", "0 * 1e308", "size", "prev", "lag", "rest"),
)
SIGNS = tuple("()[]{}+-*/@^<>=~?:,.")
VOCABULARY = (
    *RESERVED,
    *KINDS,
    *DISTRIBUTIONS,
    *COMBINATORS,
    *(name for name in FUNCTIONS if name.isidentifier()),
    *SIGNS * 3,
    *STRANGE,
)


def words(text):
    """The words of a text, blank space among them."""
    return WORD.findall(text)


def mutant(rng, corpus=None):
    """One spec of a corpus with one to four changes."""
    corpus = corpus or every_spec()
    found = words(rng.choice(corpus))
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        if found:
            found = rng.choice(CHANGES)(rng, found, corpus)
    return "".join(found)


def _place(rng, found):
    """A word that is not blank, for choice."""
    for _ in range(5):
        at = rng.randrange(len(found))
        if not found[at].isspace():
            return at
    return at


def _drop(rng, found, corpus):
    at = _place(rng, found)
    return found[:at] + found[at + 1 :]


def _double(rng, found, corpus):
    at = _place(rng, found)
    return [*found[:at], found[at], " ", *found[at:]]


def _swap(rng, found, corpus):
    a, b = _place(rng, found), _place(rng, found)
    found = list(found)
    found[a], found[b] = found[b], found[a]
    return found


def _replace(rng, found, corpus):
    at = _place(rng, found)
    return [*found[:at], rng.choice(VOCABULARY), *found[at + 1 :]]


def _rename(rng, found, corpus):
    """One name in the place of another of the same spec."""
    names = [at for at, word in enumerate(found) if word.isidentifier() or word[0].isdigit()]
    if len(names) < 2:
        return found
    a, b = rng.sample(names, 2)
    return [*found[:a], found[b], *found[a + 1 :]]


def _insert(rng, found, corpus):
    at = _place(rng, found)
    return [*found[:at], rng.choice(VOCABULARY), " ", *found[at:]]


def _cut(rng, found, corpus):
    at = _place(rng, found)
    return found[:at] + found[at + rng.randrange(1, 12) :]


def _graft(rng, found, corpus):
    other = words(rng.choice(corpus))
    at, start = _place(rng, found), rng.randrange(len(other))
    return [*found[:at], *other[start : start + rng.randrange(1, 12)], " ", *found[at:]]


def _repeat(rng, found, corpus):
    at = _place(rng, found)
    piece = found[at : at + rng.randrange(1, 10)]
    return found[:at] + piece * rng.choice((2, 2, 3, 30)) + found[at:]


def _end_early(rng, found, corpus):
    return found[: _place(rng, found)]


CHANGES = (
    *(_drop, _double, _swap, _replace, _rename, _rename, _rename, _insert, _cut, _graft, _repeat),
    *(_drop, _swap, _replace, _rename, _rename, _rename, _end_early),
)
