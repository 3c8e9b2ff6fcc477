"""The tables of distributions name every row of their package, and read none that nobody asks for."""

import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest

from svilang.catalog import distributions
from svilang.catalog.distribution import Combinator, Distribution
from svilang.catalog.distributions import COMBINATORS, DISTRIBUTIONS


@pytest.mark.parametrize(("table", "kind"), [(DISTRIBUTIONS, Distribution), (COMBINATORS, Combinator)])
def test_a_table_holds_every_row_of_its_package_by_its_name(table, kind):
    names = [found.name for found in iter_modules(distributions.__path__)]
    modules = [import_module(f"{distributions.__name__}.{name}") for name in names]
    rows = {row for module in modules for name, row in vars(module).items() if name.isupper() and isinstance(row, kind)}
    assert {id(row) for row in table.values()} == {id(row) for row in rows}
    assert all(row.name == name for name, row in table.items())


def test_a_name_that_a_table_does_not_hold_is_no_row():
    assert "Norml" not in DISTRIBUTIONS
    assert DISTRIBUTIONS.get("Norml") is None


def test_a_check_reads_the_rows_that_a_spec_names():
    code = (
        "import sys; from svilang import pipeline; from svilang.diagnostics import Source;"
        "pipeline.check(Source('a', 'data { y: real } model { x ~ Normal(0, 1) observe y ~ Normal(x, 1) }'));"
        "print('svilang.catalog.distributions.wishart' in sys.modules, 'svilang.results' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
