"""Blocks of code in Markdown files, with what stands behind the language of each."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs").glob("[dh]*/*.md"))]
"""Every page but the printed reference."""


class Block(NamedTuple):
    """A fenced block: ``words`` follow the language, as in ``svi error E0402`` or ``csv trees.csv``."""

    line: int
    language: str
    words: list[str]
    text: str


def blocks(path: Path) -> Iterator[Block]:
    page = path.read_text(encoding="utf-8")
    for found in re.finditer(r"^```(\w+)([^\n]*)\n(.*?)^```$", page, re.M | re.S):
        yield Block(page[: found.start()].count("\n") + 1, found[1], found[2].split(), found[3])


def links(path: Path) -> list[str]:
    """Links to other files and sections."""
    page = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", page) if "://" not in link]


def anchors(path: Path) -> set[str]:
    """Names of the sections of a page, as GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
