"""Tables of recorded figures, as the documentation reads them."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path


def read(file: Path) -> list[dict[str, str]]:
    """The rows by the heads of their columns."""
    with file.open(encoding="utf-8") as table:
        return list(csv.DictReader(table, delimiter=";"))


def write(file: Path, heads: Sequence[str], rows: Iterable[tuple[Sequence[str], Iterable[float]]]) -> None:
    """Names and figures of each row, in three decimals."""
    with file.open("w", encoding="utf-8", newline="") as table:
        lines = csv.writer(table, delimiter=";", lineterminator="\n")
        lines.writerow(heads)
        lines.writerows([*names, *(f"{one:.3f}" for one in values)] for names, values in rows)
