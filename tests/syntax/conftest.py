"""The gallery: specs that use every rule of the grammar."""

from pathlib import Path

import pytest

from svilang.diagnostics import Source

GALLERY = sorted((Path(__file__).parent / "gallery").glob("*.svi"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "spec" in metafunc.fixturenames:
        metafunc.parametrize("spec", [Source(p.name, p.read_text("utf-8")) for p in GALLERY], ids=lambda s: s.name)
