"""Means and spreads of ``svgd`` on posteriors of real data, beside those of NumPyro's.

``python tests/posterior/particles.py [part of the name of a case …]`` fits them and records the figures in
``docs/particles.csv``, from which the reference prints its table. Particles have no bound, so that they are judged by
draws of the posterior.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import figures
import jax
import numpy as np
import numpyro
from bounds import STEPS, data_of
from numpyro.contrib import einstein
from peers import PEERS
from posterior_cases import Case, Comparison

import svilang

PARTICLES = 50
FILE = Path(__file__).parents[2] / "docs" / "particles.csv"
HEADS = ("case", "mean", "sd", "numpyro_mean", "numpyro_sd")


class Errors(NamedTuple):
    """Root mean squares over the numbers of a posterior: of means in its standard deviations, and of ratios of standard
    deviations from 1.
    """

    mean: float
    sd: float


class _Particles(NamedTuple):
    draws: Any


def _errors(found: Comparison) -> Errors:
    return Errors(*(float(np.sqrt(np.mean(one**2))) for one in (found.error, found.ratio - 1)))


def ours(case: Case) -> Errors:
    """Those of our family; infinite where the fit ends in an error."""
    model = case.model(f"guide = svgd({PARTICLES}) fit {{ steps = {STEPS} }}")
    try:
        return _errors(case.compare(model.fit(seed=0, progress="none")))
    except svilang.SvilangError:
        return Errors(float("inf"), float("inf"))


def peers(case: Case) -> Errors:
    """Those of NumPyro's, after as many steps of Adagrad; infinite where it has none."""
    model, data = PEERS[case.name], data_of(case)
    try:
        svgd = einstein.SVGD(model, numpyro.optim.Adagrad(0.05), einstein.RBFKernel(), num_stein_particles=PARTICLES)
        params = svgd.run(jax.random.key(0), STEPS, progress_bar=False, **data).params
        places = {name.removesuffix("_auto_loc"): np.asarray(value) for name, value in params.items()}
        others = numpyro.infer.Predictive(model, places)(jax.random.key(1), **data)
        return _errors(case.compare(_Particles({**others, **places})))
    except (NotImplementedError, ValueError):
        return Errors(float("inf"), float("inf"))


def recorded() -> dict[str, tuple[Errors, Errors]]:
    """Our errors and NumPyro's, by case."""
    found = {row["case"]: [float(row[key]) for key in HEADS[1:]] for row in figures.read(FILE)}
    return {case: (Errors(*errors[:2]), Errors(*errors[2:])) for case, errors in found.items()}


def _write(found: Mapping[str, tuple[Errors, Errors]]) -> None:
    figures.write(FILE, HEADS, (([name], chain(*found[name])) for name in PEERS if name in found))


if __name__ == "__main__":
    for name in PEERS:
        case = Case(name)
        if case.reference is not None and (len(sys.argv) == 1 or any(part in name for part in sys.argv[1:])):
            found = ours(case), peers(case)
            print(name, *(f"{one:.3f}" for errors in found for one in errors), flush=True)
            _write({**recorded(), name: found})
