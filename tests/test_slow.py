"""The list of slow tests leaves some of every folder to `pytest` alone, and of a test its first case."""

import re
from pathlib import Path

from slow import LIMIT, ROOT, left_out, table

TESTS = Path(__file__).parent


def names_in(path):
    return re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M)


def test_every_folder_has_tests_that_are_not_slow():
    slow = table()
    for folder in {path.parent for path in TESTS.glob("*/test_*.py")} - {TESTS / "bench"}:
        names = [f"{path.relative_to(ROOT)}::{name}" for path in folder.glob("test_*.py") for name in names_in(path)]
        assert set(names) - set(slow), folder


def test_the_first_case_of_a_test_is_left_where_it_is_quick():
    (quick, _), (long, _) = (
        next((test, times) for test, times in table().items() if (times[0] > LIMIT) == dear) for dear in (False, True)
    )
    cases = [f"{quick}[a]", f"{quick}[b]", f"{long}[a]", "tests/other.py::test_it"]
    assert left_out(cases) == [False, True, True, False]
