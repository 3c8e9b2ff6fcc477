"""The tables of other languages leave out nothing that NumPyro has; what they say of ours exists and is equal."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import jax
import jax.numpy as jnp
import jax.scipy.special as special
import numpy as np
import numpyro.distributions as dist
import pytest
from numpyro.distributions import constraints, transforms
from numpyro.infer import autoguide, reparam

from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS
from svilang.catalog.function import Role
from svilang.catalog.functions import ALIASES, FUNCTIONS
from svilang.diagnostics import Source
from svilang.runtime.guides import FAMILIES
from svilang.syntax import parse
from svilang.types import KINDS

FOLDER = Path(__file__).parents[2] / "docs" / "peers"
TABLES = {
    path.stem: list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter=";"))
    for path in FOLDER.glob("*.csv")
}
ROWS = [(table, row) for table, rows in TABLES.items() for row in rows]
PEERS = ("numpyro", "pyro", "stan", "pymc")
STATEMENTS = {"plate", "observe", "factor", "markov", "rest", "centered", "noncentered"}
FORMS = {"lag", "one_hot", "ode", "log_prob", "pi"}
LAWS = {*DISTRIBUTIONS, *COMBINATORS}
OURS = {*LAWS, *FUNCTIONS, *KINDS, *FAMILIES, *STATEMENTS, *FORMS}


def named(table: str, peer: str) -> set[str]:
    return set().union(*(named_in(row[peer]) for row in TABLES[table]))


def named_in(cell: str) -> set[str]:
    return {re.sub(r"\(.*|\[.*", "", name).split(" ")[0] for name in cell.split(", ")}


def heads(text: str) -> set[str]:
    """The names in a cell that are ours: what stands before an argument list, or alone, or opens a statement."""
    if re.fullmatch(r"[a-z]( ;|)", text):
        return set()
    first = re.match(r"\w{3,}", text)
    opens = {first.group()} if first and re.match(r"\w+($|[(\[ ](?![-+*/@^<>=!]|and|or|if))", text) else set()
    return opens | set(re.findall(r"\b([A-Za-z]\w+)(?=\()", text))


# --- nothing is left out ---------------------------------------------------------------------------------------------


def _functions_of_jax() -> set[str]:
    mathematical = {name for name in dir(np) if isinstance(getattr(np, name), np.ufunc) and hasattr(jnp, name)}
    modules = (jax.nn, special, jnp.linalg)
    return mathematical | {n for m in modules for n in dir(m) if n[0] != "_" and callable(getattr(m, n))}


def test_every_distribution_of_numpyro_is_in_the_table():
    public = [name for name in dist.__all__ if name[0].isupper() and callable(getattr(dist, name))]
    assert set(public) - named("distributions", "numpyro") == {"Distribution"}


@pytest.mark.parametrize("peer", ["pyro", "stan", "pymc"])
def test_every_distribution_of_the_other_languages_is_in_the_table(peer):
    """Their names are kept here, since they are not installed."""
    head, *names = (Path(__file__).parent / "names" / f"{peer}.txt").read_text(encoding="utf-8").splitlines()
    assert head.startswith("#")
    assert names == sorted(set(names))
    assert set(names) - named("distributions", peer) == set()


@pytest.mark.parametrize("peer", PEERS)
def test_a_name_that_says_why_it_is_not_here_stands_once(peer):
    written = [named_in(row[peer]) for row in TABLES["distributions"]]
    lacking = [named_in(row[peer]) for row in TABLES["distributions"] if row["why"]]
    for name in set().union(*lacking) - {""}:
        assert sum(name in names for names in written) == 1, name


def test_every_constraint_and_transform_of_numpyro_is_in_the_table():
    assert {*constraints.__all__, *transforms.__all__} - named("kinds", "numpyro") == set()


def test_every_guide_and_reparameterisation_of_numpyro_is_in_the_table():
    changes = {
        name for name, value in vars(reparam).items() if isinstance(value, type) and issubclass(value, reparam.Reparam)
    }
    assert {*autoguide.__all__, *changes} - named("families", "numpyro") == {"Reparam"}


def test_every_mathematical_function_of_jax_is_in_the_table():
    assert _functions_of_jax() - named("functions", "numpyro") == set()


def test_every_row_of_ours_is_in_the_table():
    written = {table: {name for row in rows for name in heads(row["here"])} for table, rows in TABLES.items()}
    assert LAWS - written["distributions"] == {"NegativeBinomial2", "ZeroInflatedPoisson", "then"}
    assert set(KINDS) - written["kinds"] == set()
    assert set(FAMILIES) - written["families"] == set()
    signs = {name for name in FUNCTIONS if not name.isidentifier() or name in {"negate", "and", "or", "not", "if"}}
    assert set(FUNCTIONS) - set(ALIASES) - signs - written["functions"] == set()


# --- what is said of ours --------------------------------------------------------------------------------------------


def test_a_row_is_written_here_or_says_why_not():
    for table, row in ROWS:
        assert set(row) == {"here", *PEERS, "why"}, (table, row)
        assert bool(row["here"]) != bool(row["why"]), row
        assert heads(row["here"]) <= OURS, row["here"]
        assert row["here"] or any(row[peer] for peer in PEERS)


def test_an_expression_of_the_table_is_one_of_the_language():
    lines = [f"  v{i} = {row['here']}" for i, row in enumerate(TABLES["functions"]) if row["here"]]
    parse(Source("peers.svi", "model {\n" + "\n".join(lines) + "\n}\n"))


def test_no_row_stands_twice():
    for rows in TABLES.values():
        lines = [tuple(row.values()) for row in rows]
        assert len(set(lines)) == len(lines)


def test_the_arguments_in_the_table_are_those_of_the_catalog():
    for row in TABLES["distributions"]:
        match = re.match(r"(\w+)\((.*)\)", row["here"])
        if match is None or match.group(1) not in DISTRIBUTIONS:
            continue
        law = DISTRIBUTIONS[match.group(1)]
        known = {param.name for form in law.forms for param in form.params} | {"d", "kind"}
        assert {name.strip(" =") for name in match.group(2).split(",")} <= known, row["here"]


# --- an expression has the value of the function that it stands for --------------------------------------------------

ELEMENTWISE = {name: row.apply for name, row in FUNCTIONS.items() if row.role is Role.ELEMENTWISE} | {"pi": math.pi}
POSITIVE = ((0.3, 0.8, 0.6), (1.7, 2.6, 0.4))
SIGNED = (*POSITIVE, (-0.6,), (-2.4,), (-4.2,))


def _compared() -> list[tuple[str, str]]:
    """Expressions of numbers alone, with a function of JAX that the table calls the same."""
    pairs = []
    for row in TABLES["functions"]:
        words = set(re.findall(r"[A-Za-z_]\w*", row["here"])) - {"x", "y", "z", "a", "b", "n", "k", "p", "if", "else"}
        logic = re.search(r"\b(and|or|not)\b", row["here"])
        if row["here"] and words <= set(ELEMENTWISE) and not logic and not re.search(r"[@[]", row["here"]):
            pairs += [(row["here"], name) for name in row["numpyro"].split(", ") if callable(_of_jax(name))]
    return pairs


def _of_jax(name: str):
    return next((getattr(m, name) for m in (special, jax.nn, jnp) if name and hasattr(m, name)), None)


OTHERS = {"gelu": {"approximate": False}}
"""What a function of JAX takes besides the variables of the expression."""


@pytest.mark.parametrize(("text", "name"), [pair for pair in _compared() if pair[1] != "logical_xor"])
def test_an_expression_has_the_value_of_the_function_of_jax(text, name):
    variables = list(dict.fromkeys(re.findall(r"\b[a-z]\b", text)))
    function = _of_jax(name)
    pairs = []
    with jax.enable_x64(True):
        for values in SIGNED if hasattr(jax.nn, name) and len(variables) == 1 else POSITIVE:
            numbers = [jnp.asarray(value) for value in values[: len(variables)]]
            names = ELEMENTWISE | dict(zip(variables, numbers, strict=True))
            found = eval(text.replace("^", "**"), {"__builtins__": {}}, names)
            pairs.append((float(found), float(function(*numbers, **OTHERS.get(name, {})))))
    assert any(math.isfinite(expected) for _, expected in pairs)
    np.testing.assert_allclose(*zip(*pairs, strict=True), rtol=1e-12, atol=1e-14)
