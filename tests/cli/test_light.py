"""Commands that touch no numbers start at once."""

import subprocess
import sys

import pytest

HEAVY = {"numpy", "jax", "jaxlib", "scipy", "rich", "pandas", "xarray", "optax", "h5py", "arviz_stats"}


HELP = [[name, "--help"] for name in ("run", "predict", "prior", "simulate", "compare", "graph")]
LIGHT = [["--help"], *HELP, ["check", "{spec}"], ["graph", "{spec}"], ["fmt", "--check", "{spec}"]]


@pytest.mark.parametrize("arguments", LIGHT)
def test_light_commands_load_nothing_heavy(arguments, schools):
    words = [argument.format(spec=schools) for argument in arguments]
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "svilang", *words], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr[-500:]
    lines = [line for line in ended.stderr.splitlines() if line.startswith("import time:")]
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in lines}
    assert "click" in loaded
    assert not loaded & HEAVY
