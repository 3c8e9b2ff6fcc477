"""A step of each guide family on the eight schools, noncentred, beside NumPyro's of the same kind and precision."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import jax
import sides
from jax.example_libraries import stax
from measure import REPEATS, Times, cpu_seconds, interleaved, table
from numpyro.infer import autoguide
from workloads import schools

HEADS = ("family", "NumPyro µs/step, float32", "svilang", "ratio", "NumPyro, float64", "svilang", "ratio")
SAME = {
    "mean_field": autoguide.AutoNormal,
    "full_rank": autoguide.AutoMultivariateNormal,
    "low_rank(2)": partial(autoguide.AutoLowRankMultivariateNormal, rank=2),
    "iaf": partial(autoguide.AutoIAFNormal, hidden_dims=[16], skip_connections=True, nonlinearity=stax.Tanh),
    "bnaf": autoguide.AutoBNAFNormal,
    "dais": autoguide.AutoDAIS,
}
"""With equal nets: three flows of one hidden layer of 16 with a path beside it in `iaf`, one flow of two hidden layers
of 8 for each coordinate in `bnaf`, four steps of `dais`."""

PRECISIONS = ("float32", "float64")
STEPS = 1000


def steps(family: str, precision: str, repeats: int = REPEATS) -> dict[str, Times]:
    """Seconds a step of both sides in one precision, compiled and warm."""
    work = replace(schools(), steps=STEPS)
    with jax.enable_x64(precision == "float64"):
        made = {
            "NumPyro": sides.numpyros(work, SAME[family]),
            "svilang": sides.ours(
                replace(work, spec=work.spec.replace("guide = mean_field", f"guide = {family}")), precision
            ),
        }
        for side in made.values():
            for _ in range(2):
                side.take()
        takes = {name: partial(lambda side: cpu_seconds(side.take) / side.steps, side) for name, side in made.items()}
        return interleaved(takes, repeats)


def print_families() -> None:
    """One row a family."""
    rows: list[list[str]] = []
    for family in SAME:
        cells: list[str] = []
        for precision in PRECISIONS:
            times = steps(family, precision)
            cells += [times[side].text(1e6) for side in ("NumPyro", "svilang")]
            cells.append(f"{times['NumPyro'].over(times['svilang']):.1f}×")
        rows.append([f"`{family}`", *cells])
    print(table(HEADS, rows), flush=True)
