"""A step of each guide family on the eight schools, noncentred, beside NumPyro's of the same kind."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import sides
from jax.example_libraries import stax
from measure import Times, cpu_seconds, interleaved, table
from numpyro.infer import autoguide
from workloads import schools

HEADS = ("family", "NumPyro µs/step", "svilang", "NumPyro / svilang")
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

STEPS = 1000
REPEATS = 5


def steps(family: str, repeats: int = REPEATS) -> dict[str, Times]:
    """Seconds a step of both sides, compiled and warm."""
    work = replace(schools(), steps=STEPS)
    made = {
        "NumPyro": sides.numpyros(work, SAME[family]),
        "svilang": sides.ours(replace(work, spec=work.spec.replace("guide = mean_field", f"guide = {family}"))),
    }
    for side in made.values():
        side.take()
    takes = {name: partial(lambda side: cpu_seconds(side.take) / side.steps, side) for name, side in made.items()}
    return interleaved(takes, repeats)


def print_families() -> None:
    """One row a family."""
    rows: list[list[str]] = []
    for family in SAME:
        times = steps(family)
        cells = [times[side].text(1e6) for side in ("NumPyro", "svilang")]
        rows.append([f"`{family}`", *cells, f"{times['NumPyro'].over(times['svilang']):.1f}×"])
    print(table(HEADS, rows), flush=True)
