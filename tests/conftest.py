"""Stands here so that every test can import ``programs``, ``reference`` and ``stopwatch``.

The default tests compile thousands of programs and run each of them a few times: there the optimiser of XLA costs more
than it gains. Fits, timings and the exhaustive tests, which are asked for with ``-m``, keep it.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Let XLA compile quickly in the default tests; this comes before JAX is imported."""
    if config.option.markexpr.startswith("not "):
        os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")


@pytest.fixture(scope="module", autouse=True)
def _young_heap() -> Iterator[None]:
    """What a module leaves behind is not visited again by the garbage collector."""
    yield
    gc.collect()
    gc.freeze()
