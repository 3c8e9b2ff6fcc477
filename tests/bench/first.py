"""Fresh processes up to their first steps: processor time, and the most memory that each held.

``python tests/bench/first.py SIDE WORKLOAD`` is one such process; :func:`first` runs them in turn.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from measure import Times, interleaved
from workloads import ALL, Workload

SIDES = ("NumPyro", "svilang", "svilang, searched")
"""The last looks for the joint mode beforehand, as fits do; NumPyro begins at a random point."""


def first(name: str, folder: Path, repeats: int = 3) -> dict[str, tuple[Times, Times]]:
    """For each side the CPU seconds from nothing to the end of the first steps, and the peak memory in megabytes.

    Byte code is written beforehand; no compiled programs are kept.
    """
    from fresh import without_caches

    peaks: dict[str, list[float]] = {side: [] for side in SIDES}

    def take(side: str) -> float:
        command = [sys.executable, __file__, side, name]
        ended = subprocess.run(
            command, env=without_caches(folder), capture_output=True, text=True, check=True
        )
        found = json.loads(ended.stdout.splitlines()[-1])
        peaks[side].append(found["megabytes"])
        return found["seconds"]

    for side in SIDES:
        take(side)
        peaks[side].clear()
    seconds = interleaved({side: lambda side=side: take(side) for side in SIDES}, repeats)
    return {side: (seconds[side], Times(tuple(peaks[side]))) for side in SIDES}


def _numpyro(work: Workload) -> None:
    import jax
    from numpyro.infer import SVI, Trace_ELBO
    from numpyro.infer.autoguide import AutoNormal
    from numpyro.optim import Adam

    svi = SVI(work.numpyro, AutoNormal(work.numpyro), Adam(0.01), Trace_ELBO())
    svi.run(jax.random.key(0), work.steps, progress_bar=False, **work.data)


def _svilang(work: Workload, *, searched: bool) -> None:
    import sides

    sides.ours(work, searched=searched).take()


def main(side: str, name: str) -> None:
    """One process: the first steps of one side."""
    work = ALL[name]()
    _numpyro(work) if side == "NumPyro" else _svilang(work, searched=side.endswith("searched"))
    print(json.dumps({"seconds": time.process_time(), "megabytes": _peak()}))


def _peak() -> float:
    """Of this program alone: ``ru_maxrss`` begins with what the process that started it held."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(*sys.argv[1:])
