"""Which tests `pytest` alone leaves out: those that take long, as they were measured.

A test whose cases take more than ``LIMIT`` seconds together runs its first case alone where that is quick, else none;
a file that is asked for by its name runs in full. After ``pytest --junitxml=report.xml`` with the options of the
README, ``python tests/slow.py report.xml`` adds what takes long to ``slow.csv``. What several tests share the first of
them compiles, and once that is left out the next: measure with and without those options.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

LIMIT = 0.8
TABLE = Path(__file__).parent / "slow.csv"
ROOT = TABLE.parents[1]


def table() -> dict[str, tuple[float, float]]:
    """Seconds of the first case of each slow test, and of all of them."""
    with TABLE.open(encoding="utf-8") as file:
        return {row["test"]: (float(row["first"]), float(row["all"])) for row in csv.DictReader(file, delimiter=";")}


def left_out(cases: Iterable[str]) -> list[bool]:
    """Whether each case, by its name in the order of the run, is slow."""
    slow, met = table(), set[str]()
    found: list[bool] = []
    for case in cases:
        test = case.partition("[")[0]
        found.append(test in slow and (test in met or slow[test][0] > LIMIT))
        met.add(test)
    return found


def record(report: Path, share: float = 1.0) -> None:
    """Measures from a report; ``share`` is what the processor worked of the time, where others kept it from it."""
    seconds: dict[str, list[float]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        test = f"{case.attrib['classname'].replace('.', '/')}.py::{case.attrib['name'].partition('[')[0]}"
        seconds.setdefault(test, []).append(share * float(case.attrib["time"]))
    found = {test: (times[0], sum(times)) for test, times in seconds.items() if sum(times) > LIMIT} | table()
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter=";", lineterminator="\n")
        rows.writerow(("test", "first", "all"))
        rows.writerows((test, f"{first:.1f}", f"{total:.1f}") for test, (first, total) in sorted(found.items()))


if __name__ == "__main__":
    record(Path(sys.argv[1]), *map(float, sys.argv[2:]))
