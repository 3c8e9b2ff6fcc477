"""A fit made of known numbers."""

import numpy as np
import pytest

from svilang.diagnostics import Diagnostic
from svilang.results import Elbo, Fit, Sample
from svilang.results.tree import Variable

SCHOOLS = ("Choate", "Deerfield", "Andover")


def sample(draws: int, seed: int) -> Sample:
    rng = np.random.default_rng(seed)
    values = {"mu": rng.normal(size=draws), "theta": rng.normal(size=(draws, 3)), "year": rng.normal(size=(draws, 2))}
    log_q = rng.normal(size=draws)
    return Sample(values, log_q + 0.1 * rng.normal(size=draws), log_q)


@pytest.fixture
def fit() -> Fit:
    return Fit(
        spec="schools.svi",
        text="model { mu ~ Normal(0, 1) }",
        guide="mean_field",
        dims={"school": 3, "year": 2},
        labels={"school": SCHOOLS, "year": (1999, 2000)},
        sites={"mu": (), "theta": ("school",), "year": ("year",)},
        params={"rate": Variable(("school",), np.array([1.0, 2.0, 4.0])), "scale": Variable((), np.array(0.5))},
        losses=np.linspace(9, 3, 40),
        elbo=Elbo(-31.4, 0.02),
        status="converged",
        advice="converged after 40 steps",
        converged=True,
        settings={"seed": 7, "optimizer": "adam(0.01)"},
        seconds={"check": 0.01, "compile": 0.5, "fit": 2.0},
        data={
            "effect": Variable(("school",), np.array([28.0, 8.0, np.nan])),
            "school": Variable(("obs",), np.array([0, 2, 1, 1])),
            "seen": Variable(("obs",), np.array([True, False, True, True])),
        },
        warnings=(Diagnostic("W0607", "`mu` is suspicious"),),
        notes=("`x.csv` has further columns",),
        sample=sample,
        versions={"svilang": "0.1.0"},
    )
