"""Kinds: what holds what, and how they are named."""

import subprocess
import sys
from itertools import product

import pytest

from svilang.types import KINDS, Interval, Kind, Structure
from svilang.types.intervals import BINARY, COUNT, INTEGER, inf

FIXED = {name: row.kind for name, row in KINDS.items() if not row.arguments}

STRICTLY_WIDER = {
    "real": {"positive", "nonnegative", "negative", "unit", "circular", "integer", "count", "binary"},
    "positive": set(),
    "nonnegative": {"positive", "unit", "count", "binary"},
    "negative": set(),
    "unit": {"binary"},
    "circular": {"unit", "binary"},
    "integer": {"count", "binary"},
    "count": {"binary"},
    "binary": set(),
}
"""For every scalar kind the other scalar kinds whose values all belong to it."""

STRONGER = {"ordered": {"positive_ordered"}, "cholesky": {"corr_cholesky"}, "cov": {"corr"}}


@pytest.mark.parametrize(("wide", "narrow"), list(product(STRICTLY_WIDER, STRICTLY_WIDER)))
def test_a_scalar_kind_holds_exactly_the_narrower_ones(wide, narrow):
    assert FIXED[wide].holds(FIXED[narrow]) == (wide == narrow or narrow in STRICTLY_WIDER[wide])


STRUCTURED = [name for name, kind in FIXED.items() if kind.structure is not Structure.SCALAR]


@pytest.mark.parametrize(("wide", "narrow"), list(product(STRUCTURED, STRUCTURED)))
def test_a_structure_holds_itself_and_what_is_stronger(wide, narrow):
    assert FIXED[wide].holds(FIXED[narrow]) == (wide == narrow or narrow in STRONGER.get(wide, set()))


@pytest.mark.parametrize("name", STRUCTURED)
def test_a_structure_is_not_proved_by_its_elements(name):
    assert not FIXED[name].holds(FIXED[name].element)
    assert FIXED[name].element.holds(FIXED[name])


@pytest.mark.parametrize("name", FIXED)
def test_every_kind_prints_as_it_is_written(name):
    assert str(FIXED[name]) == name


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(0, 2), "interval(0, 2)"),
        (Interval(3, inf), "lower(3)"),
        (Interval(-inf, 3), "upper(3)"),
        (Interval(0, inf, True, True), "positive"),
        (Interval(1, 5, integer=True), "integer in [1, 5]"),
        (Interval(1, inf, integer=True), "integer in [1, inf)"),
    ],
)
def test_a_narrowed_kind_prints_its_bounds(interval, text):
    assert str(Kind(interval=interval)) == text


def test_members_of_different_dimensions_are_different_kinds():
    county, state = Kind(interval=COUNT, member="county"), Kind(interval=COUNT, member="state")
    assert county.holds(county)
    assert not county.holds(state)
    assert not county.holds(Kind(interval=COUNT))
    assert Kind(interval=INTEGER).holds(county)
    assert str(county) == "county"


def test_whole_numbers_and_members_are_discrete():
    assert Kind(interval=BINARY).discrete
    assert Kind(interval=COUNT, member="county").discrete
    assert not Kind().discrete


def test_ranks_count_the_axes_a_structure_binds():
    assert [s.rank for s in (Structure.SCALAR, Structure.SIMPLEX, Structure.COV)] == [0, 1, 2]


def test_every_kind_has_a_meaning():
    assert all(row.meaning for row in KINDS.values())


def test_kinds_load_without_numpy_or_jax():
    code = "import sys, svilang.types; print(sorted({'numpy', 'jax', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
