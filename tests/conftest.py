"""Stands here so that every test can import the modules beside it, and says which tests `pytest` alone leaves out.

The default tests compile thousands of programs and run each of them a few times: there the optimiser of XLA costs more
than it gains, and so do its emitters of fused loops. Fits, timings and the exhaustive tests, which are asked for with
``-m``, keep them.

What is compiled is kept in a folder of this run, which its processes share.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

import pytest
from slow import left_out

QUICK = ("--xla_backend_optimization_level=0", "--xla_cpu_parallel_codegen_split_count=1")
"""They compile in a third of the time."""

UP_TO_0_10 = "--xla_cpu_use_fusion_emitters=false"
"""Later versions of XLA have no such flag, and end the process where they are given one that they do not know."""

FOLDER = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Let XLA compile quickly in the default tests; this comes before JAX is imported.

    What is printed is as wide as where the pages of the documentation were printed, whatever the terminal.
    """
    os.environ["COLUMNS"] = "100"
    release = tuple(map(int, version("jax").split(".")[:2]))
    if config.option.markexpr.startswith("not "):
        os.environ.setdefault("XLA_FLAGS", " ".join(QUICK if release > (0, 10) else (*QUICK, UP_TO_0_10)))
    if "SVILANG_CACHE" not in os.environ:
        os.environ["SVILANG_CACHE"] = config.stash[FOLDER] = tempfile.mkdtemp(prefix="svilang-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    if FOLDER in config.stash:
        shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is slow, but for files that are asked for by their names."""
    asked = {Path(argument.partition("::")[0]).resolve() for argument in config.args}
    default = [item for item in items if not any(map(item.get_closest_marker, ("posterior", "bench", "exhaustive")))]
    for item, slow in zip(default, left_out(item.nodeid for item in default), strict=True):
        if slow and item.path not in asked:
            item.add_marker(pytest.mark.slow)
