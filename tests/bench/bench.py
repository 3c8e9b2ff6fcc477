"""Prints the timings against NumPyro and hand-written JAX.

``python tests/bench/bench.py`` runs every part; ``python tests/bench/bench.py steps:schools fresh`` some of them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from measure import REPEATS, Times, cpu_seconds, interleaved, machine, on_one_core, table
from workloads import ALL

LONG = ("mixture50", "hidden")
HEADS = ("workload", "NumPyro µs/step", "straight JAX", "svilang", "NumPyro / svilang", "straight / svilang")


def steps(name: str, repeats: int = REPEATS) -> dict[str, Times]:
    """Seconds a step of each side, compiled and warm, after the sides were found to optimise the same.

    Sites with many states start at the origin, as the other sides do: a search for a start takes minutes there.
    """
    import sides

    work = ALL[name]()
    found = sides.agreement(work)
    if max(found.log_joint, found.elbo, found.gradient) > 1e-10:
        raise AssertionError(f"{work.name}: the sides do not optimise the same: {found}")
    ours = sides.ours(work, searched=not name.startswith(LONG))
    made = {"NumPyro": sides.numpyros(work), "straight": sides.straight(work), "svilang": ours}
    for side in made.values():
        for _ in range(3):
            side.take()
    return interleaved({key: partial(_per_step, side) for key, side in made.items()}, repeats)


def _per_step(side: object) -> float:
    return cpu_seconds(side.take) / side.steps  # type: ignore[attr-defined]


def print_steps(names: list[str]) -> None:
    """One row a workload."""
    rows = []
    for name in names:
        times = steps(name)
        ours, theirs, straight = times["svilang"], times["NumPyro"], times["straight"]
        cells = [times[side].text(1e6) for side in ("NumPyro", "straight", "svilang")]
        rows.append([ALL[name]().name, *cells, f"{theirs.over(ours):.1f}×", f"{straight.over(ours):.1f}×"])
        print(f"  {rows[-1]}", file=sys.stderr)
    print(table(HEADS, rows), flush=True)


def print_fresh() -> None:
    """One row a program: empty cache, filled cache, and both as parts of NumPyro's."""
    import fresh

    with tempfile.TemporaryDirectory() as folder:
        times = fresh.fresh(Path(folder))
    rows = []
    for name in ("NumPyro", "svilang, Python", "svilang run"):
        cells = []
        for cache in ("cold", "warm"):
            own = times[f"{name}, {cache}"]
            cells += [own.text(), f"{own.over(times[f'NumPyro, {cache}']):.2f}"]
        rows.append([name, *cells])
    rows.append(["(import jax alone)", times["import jax"].text(), "", "", ""])
    heads = (
        "fresh process, eight schools, 2,000 steps",
        "CPU s, cache empty",
        "of NumPyro",
        "cache filled",
        "of NumPyro",
    )
    print(table(heads, rows), flush=True)


def print_first(names: list[str]) -> None:
    """One row a workload and side: from a fresh process to the end of the first steps."""
    import first

    rows = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            found = first.first(name, Path(folder))
        theirs = found["NumPyro"]
        for side, (seconds, peak) in found.items():
            parts = f"{seconds.over(theirs[0]):.2f}", f"{peak.over(theirs[1]):.2f}"
            rows.append([ALL[name]().name, side, seconds.text(), parts[0], peak.text(), parts[1]])
    heads = ("first steps of a fresh process", "side", "CPU s", "of NumPyro", "peak MB", "of NumPyro")
    print(table(heads, rows), flush=True)


def print_families() -> None:
    """One row a guide family."""
    import families

    families.print_families()


def print_rows() -> None:
    """One row a guide that follows some rows."""
    import rows

    rows.print_rows()


def print_cost() -> None:
    """How the time of a step grows with the length of chains and with the number of their states."""
    import sides
    from workloads import hidden

    for head, works in (
        ("steps of a chain of 16 states", {length: hidden(16, 16, length, 20) for length in LENGTHS}),
        ("states of a chain of 50 steps", {states: hidden(states, 16, 50, 10) for states in STATES}),
    ):
        made = {size: sides.ours(work, searched=False) for size, work in works.items()}
        for side in made.values():
            side.take()
        times = interleaved({str(size): partial(_per_step, side) for size, side in made.items()})
        rows = []
        for size, before in zip(works, (None, *works), strict=False):
            grown = "" if before is None else f"{times[str(size)].over(times[str(before)]):.1f}"
            rows.append([f"{size:,}", times[str(size)].text(1e6), grown])
        print(table((head, "svilang µs/step", "times the half of it"), rows), end="\n\n", flush=True)


LENGTHS = (125, 250, 500, 1000)
STATES = (16, 32, 64, 128, 256)
PARTS: dict[str, Callable[[], None]] = {
    "steps": lambda: print_steps(list(ALL)),
    "fresh": print_fresh,
    "first": lambda: print_first(["mixture10", "hidden200"]),
    "cost": print_cost,
    "families": print_families,
    "rows": print_rows,
}
PARTS |= {f"steps:{name}": partial(print_steps, [name]) for name in ALL}
PARTS |= {f"first:{name}": partial(print_first, [name]) for name in ALL}


def main(wanted: list[str]) -> None:
    """Run the parts that are named, or all."""
    strange = [part for part in wanted if part not in PARTS]
    if strange:
        sys.exit(f"no part is called {', '.join(strange)}; there are {', '.join(PARTS)}")
    on_one_core()
    print(machine(), end="\n\n")
    for part in wanted or ("steps", "fresh", "first", "cost"):
        PARTS[part]()
        print()


if __name__ == "__main__":
    main(sys.argv[1:])
