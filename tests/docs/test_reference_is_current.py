"""The committed reference pages are what the tables say now."""

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = runpy.run_path(str(DOCS / "print_reference.py"))["pages"]()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_reference_is_current(name):
    committed = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert committed == PAGES[name], "run: python docs/print_reference.py"


def test_the_reference_has_no_other_pages():
    assert {path.name for path in (DOCS / "reference").glob("*.md")} == set(PAGES)
