"""Imports go down only, and nobody imports the root package from inside."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import svilang

ROOT = Path(svilang.__file__).parent
FLOORS = {
    **dict.fromkeys(["diagnostics", "lazy", "streams"], 0),
    **dict.fromkeys(["types"], 1),
    **dict.fromkeys(["syntax", "catalog", "runtime"], 2),
    **dict.fromkeys(["ir"], 3),
    **dict.fromkeys(["sema", "passes", "plan"], 4),
    **dict.fromkeys(["lower", "data"], 5),
    **dict.fromkeys(["results"], 6),
    **dict.fromkeys(["api", "pipeline", "outcome", "culprits", "simulation"], 7),
    **dict.fromkeys(["predictor", "carried", "columns", "joined", "lagged", "summaries"], 7),
    **dict.fromkeys(["guide", "infer", "editor", "__init__"], 7),
    **dict.fromkeys(["cli"], 8),
    **dict.fromkeys(["__main__"], 9),
}
MODULES = sorted(ROOT.rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[str, ...]]:
    """The modules of the package that a file imports, as parts under the root; the root itself is ``()``."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (tuple(a.name.split(".")[1:]) for a in node.names if a.name.split(".")[0] == "svilang")
        elif isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] == "svilang"):
            parts = tuple((node.module or "").split(".")) if node.module else ()
            base = (*package[: len(package) - node.level + 1], *parts) if node.level else parts[1:]
            yield from [base] if base else [(alias.name,) for alias in node.names]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path):
    own = path.relative_to(ROOT).with_suffix("").parts[0]
    for target in imported(path):
        assert target, f"{path} imports the root package"
        if target[0] != own:
            same_room = FLOORS[own] == FLOORS[target[0]] == 7
            assert same_room or FLOORS[target[0]] < FLOORS[own], f"{path} imports {'.'.join(target)}"


def test_every_room_stands_on_a_floor():
    rooms = {path.relative_to(ROOT).with_suffix("").parts[0] for path in MODULES}
    assert rooms <= set(FLOORS), rooms - set(FLOORS)
