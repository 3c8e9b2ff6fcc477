"""The table of other languages' distributions leaves out none of NumPyro's, and names rows that exist."""

import csv
import re
from pathlib import Path

import numpyro.distributions as dist

from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS
from svilang.catalog.functions import FUNCTIONS

with (Path(__file__).parents[2] / "docs" / "peers.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file, delimiter=";"))
STATEMENTS = {"plate", "observe", "factor", "markov"}


def test_every_distribution_of_numpyro_is_in_the_table():
    named = {name for row in ROWS for name in row["numpyro"].split(", ")}
    public = [name for name in dist.__all__ if name[0].isupper() and callable(getattr(dist, name))]
    assert set(public) - named == {"Distribution"}


def test_a_row_is_written_here_or_says_why_not():
    for row in ROWS:
        assert bool(row["here"]) != bool(row["why"]), row
        if row["here"]:
            head = re.match(r"\w+", row["here"]).group()
            assert head in {*DISTRIBUTIONS, *COMBINATORS, *FUNCTIONS, *STATEMENTS}, row["here"]


def test_every_row_of_the_catalog_is_in_the_table():
    named = {re.match(r"\w+", row["here"]).group() for row in ROWS if row["here"]}
    synonyms = {"NegativeBinomial2", "ZeroInflatedPoisson", "then"}
    assert {*DISTRIBUTIONS, *COMBINATORS} - named == synonyms


def test_the_arguments_in_the_table_are_those_of_the_catalog():
    for row in ROWS:
        match = re.match(r"(\w+)\((.*)\)", row["here"])
        if match is None or match.group(1) not in DISTRIBUTIONS:
            continue
        law = DISTRIBUTIONS[match.group(1)]
        known = {param.name for form in law.forms for param in form.params} | {"d", "kind"}
        assert {name.strip(" =") for name in match.group(2).split(",")} <= known, row["here"]
