"""Timing on a shared machine: one core, CPU time, interleaved, medians with the spread, and ratios of medians."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

REPEATS = 7


@dataclass(frozen=True)
class Times:
    """Repeated measurements of one thing."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def over(self, other: Times) -> float:
        """How many times as long as ``other``."""
        return self.median / other.median

    def text(self, scale: float = 1.0) -> str:
        """The median, and the range in brackets."""
        median, low, high = (_digits(scale * x) for x in (self.median, min(self.values), max(self.values)))
        return f"{median} ({low}–{high})"


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def on_one_core() -> None:
    """Pins this process and its children to one core, so that CPU time is that of one thread."""
    with suppress(AttributeError, OSError):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def interleaved(takes: Mapping[str, Callable[[], float]], repeats: int = REPEATS) -> dict[str, Times]:
    """What each ``take`` measured, in rounds, so that a slow minute of the machine slows all of them."""
    found: dict[str, list[float]] = {name: [] for name in takes}
    for _ in range(repeats):
        for name, take in takes.items():
            found[name].append(take())
    return {name: Times(tuple(values)) for name, values in found.items()}


def cpu_seconds(take: Callable[[], None]) -> float:
    """CPU time of this process, all its threads included."""
    began = time.process_time()
    take()
    return time.process_time() - began


def machine() -> str:
    """Processor, load, versions."""
    from importlib.metadata import version

    name = platform.machine()
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as stream:
        name = next((line.partition(":")[2].strip() for line in stream if line.startswith("model name")), name)
    flags = f"{name}, {os.cpu_count()} cores, one used, load {os.getloadavg()[0]:.1f}"
    packages = ", ".join(f"{package} {version(package)}" for package in ("jax", "numpyro", "numpy"))
    return f"{flags}; Python {platform.python_version()}, {packages}; CPU time, medians (range) of {REPEATS}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
