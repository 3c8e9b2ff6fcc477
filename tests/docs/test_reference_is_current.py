"""The committed reference pages, and the pictures in them, are what the tables say now."""

import csv
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

from svilang.catalog.distributions import DISTRIBUTIONS

DOCS = Path(__file__).parents[2] / "docs"
PAGES = runpy.run_path(str(DOCS / "print_reference.py"))["pages"]()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_reference_is_current(name):
    committed = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert committed == PAGES[name], "run: python docs/print_reference.py"


def test_the_reference_has_no_other_pages():
    assert {path.name for path in (DOCS / "reference").glob("*.md")} == set(PAGES)


# --- pictures of densities -------------------------------------------------------------------------------------------

NUMBER = re.compile(r"-?\d+\.?\d*")


@pytest.fixture(scope="module")
def pictures():
    return runpy.run_path(str(DOCS / "print_densities.py"))["pictures"]()


def test_a_picture_is_current_but_for_the_rounding_of_its_points(pictures):
    files = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "reference" / "densities").glob("*")}
    assert set(files) == set(pictures)
    for name, text in pictures.items():
        assert NUMBER.sub("", files[name]) == NUMBER.sub("", text), name
        points = [[float(number) for number in NUMBER.findall(version)] for version in (files[name], text)]
        np.testing.assert_allclose(*points, atol=0.21, err_msg=f"{name}: run: python docs/print_reference.py")


def test_every_distribution_of_one_number_has_a_picture(pictures):
    numbers = {
        name
        for name, row in DISTRIBUTIONS.items()
        if not row.event and not any(param.event for form in row.forms for param in form.params)
    }
    assert {Path(name).stem for name in pictures} == numbers - {"Delta", "Improper"}


def test_the_settings_of_a_picture_are_arguments_of_its_distribution():
    with (DOCS / "densities.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file, delimiter=";"):
            settings = [line[which].split(", ") for which in ("first", "second", "third")]
            assert {len(values) for values in settings} == {len(DISTRIBUTIONS[line["name"]].forms[0].params)}, line
