"""Stands here so that every test can import ``programs``, ``reference`` and ``stopwatch``.

The default tests compile thousands of programs and run each of them a few times: there the optimiser of XLA costs more
than it gains. Fits, timings and the exhaustive tests, which are asked for with ``-m``, keep it. So do later versions of
JAX: with 0.12 a gradient in single precision was found not to be finite without it.
"""

from __future__ import annotations

import os
from importlib.metadata import version

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Let XLA compile quickly in the default tests; this comes before JAX is imported.

    What is printed is as wide as where the pages of the documentation were printed, whatever the terminal.
    """
    os.environ["COLUMNS"] = "100"
    release = tuple(map(int, version("jax").split(".")[:2]))
    if config.option.markexpr.startswith("not ") and release < (0, 11):
        os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")
