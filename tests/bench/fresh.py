"""A fresh process from nothing to posterior means: eight schools, 2,000 steps, with empty and filled caches."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from measure import REPEATS, Times, interleaved
from workloads import SCHOOLS

ROOT = Path(__file__).parents[2]

NUMPYRO = """
import jax, jax.numpy as jnp, numpyro, numpyro.distributions as dist
from numpyro.infer import SVI, Trace_ELBO
from numpyro.infer.autoguide import AutoNormal

effect = jnp.array([28.0, 8, -3, 7, -1, 1, 18, 12])
stderr = jnp.array([15.0, 10, 16, 11, 9, 11, 10, 18])

def model():
    mu = numpyro.sample("mu", dist.Normal(0, 5))
    tau = numpyro.sample("tau", dist.HalfCauchy(5))
    with numpyro.plate("school", 8):
        base = numpyro.sample("base", dist.Normal(0, 1))
        numpyro.sample("y", dist.Normal(mu + tau * base, stderr), obs=effect)

guide = AutoNormal(model)
svi = SVI(model, guide, numpyro.optim.Adam(0.01), Trace_ELBO())
result = svi.run(jax.random.key(0), 2000, progress_bar=False)
draws = guide.sample_posterior(jax.random.key(1), result.params, sample_shape=(2000,))
print({name: values.mean(0) for name, values in draws.items()})
"""

SVILANG = """
import sys, svilang

fit = svilang.load(sys.argv[1]).bind().fit(steps=2000, progress="none")
print({name: values.mean(0) for name, values in fit.draws.items()})
"""

JAX_ALONE = "import jax\njax.devices()\n"


def fresh(folder: Path, repeats: int = REPEATS) -> dict[str, Times]:
    """CPU seconds of whole processes: each program with an empty and with a filled cache, and ``import jax`` alone.

    Byte code is written beforehand, as installers do; compilation caches lie in ``folder``.
    """
    spec = folder / "eight_schools.svi"
    spec.write_text(SCHOOLS, encoding="utf-8")
    programs: dict[str, list[str]] = {"NumPyro": ["-c", NUMPYRO], "svilang, Python": ["-c", SVILANG, str(spec)]}
    programs["svilang run"] = ["-m", "svilang", "run", str(spec), "--steps", "2000", "--progress", "none"]
    takes: dict[str, Callable[[], float]] = {}
    for name, arguments in programs.items():
        cold, warm = folder / f"{name}, cold", folder / f"{name}, warm"
        takes[f"{name}, cold"] = lambda cold=cold, arguments=arguments: _cold(cold, folder, arguments)
        takes[f"{name}, warm"] = lambda warm=warm, arguments=arguments: _seconds(arguments, _caches(warm, folder))
        takes[f"{name}, warm"]()
    takes["import jax"] = lambda: _seconds(["-c", JAX_ALONE], _caches(None, folder))
    return interleaved(takes, repeats)


def _cold(cache: Path, folder: Path, arguments: list[str]) -> float:
    shutil.rmtree(cache, ignore_errors=True)
    return _seconds(arguments, _caches(cache, folder))


def without_caches(folder: Path) -> dict[str, str]:
    """The environment of a process that finds byte code in ``folder`` and no compiled programs."""
    return _caches(None, folder)


def _caches(place: Path | None, folder: Path) -> dict[str, str]:
    """The environment with byte code and compiled programs in places of their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JAX_", "PYTHONDONTWRITE"))}
    kept |= {"PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "PYTHONPATH": str(ROOT), "SVILANG_CACHE": "off"}
    if place is None:
        return kept
    return kept | {
        "SVILANG_CACHE": str(place / "svilang"),
        "JAX_COMPILATION_CACHE_DIR": str(place / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }


def _seconds(arguments: list[str], environment: Mapping[str, str]) -> float:
    """CPU time of a child, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode:
        raise RuntimeError(ended.stderr)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
