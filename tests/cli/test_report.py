import dataclasses
import json

import numpy as np
import pytest

from svilang.cli import report
from svilang.results import Elbo, Fit, Sample
from svilang.results.tree import Variable


def normal_draws(draws, seed):
    rng = np.random.default_rng(seed)
    log_q = rng.normal(size=draws)
    values = {"mu": np.full(draws, 4.0) + rng.normal(size=draws), "theta": rng.normal(0, 2e-3, size=(draws, 30))}
    return Sample(values, log_q + 0.05 * rng.normal(size=draws), log_q)


@pytest.fixture
def fit():
    return Fit(
        spec="a.svi",
        text="",
        guide="mean_field",
        dims={"school": 30},
        labels={"school": tuple(f"s{i}" for i in range(30))},
        sites={"mu": (), "theta": ("school",)},
        params={"rate": Variable((), np.array(0.25))},
        losses=np.zeros(1000),
        elbo=Elbo(-31.416, 0.021),
        status="converged",
        advice="converged",
        converged=True,
        settings={"seed": 3},
        seconds={"check": 0.01, "compile": 0.4, "fit": 0.5},
        sample=normal_draws,
    )


def test_the_report_shows_elbo_khat_and_a_table(fit):
    lines = report.text(fit).splitlines()
    assert lines[0] == "a.svi: guide mean_field · school 30 · cpu · seed 3"
    assert lines[1] == "1,000 steps (check 0.01 s + compile 0.40 s + fit 0.50 s, 2,000 steps/s)"
    assert "ELBO   -31.42 ± 0.02   converged" in lines
    assert any(line.startswith("k-hat") and "good" in line for line in lines)
    assert any(line.split()[:1] == ["mu"] for line in lines)


def test_the_table_stops_at_twenty_rows_and_says_so(fit):
    text = report.text(fit)
    assert "theta[s18]" in text
    assert "theta[s19]" not in text
    assert "… and 11 more rows: --all shows them" in text
    assert "theta[s29]" in report.text(fit, everything=True)


def test_figures_show_three_digits_of_the_standard_deviation(fit):
    cells = next(line for line in report.text(fit).splitlines() if line.startswith("theta[s0]")).split()
    assert all(len(cell.split(".")[1]) == 5 for cell in cells[1:])


def test_the_rich_table_holds_the_same_figures(fit):
    rich = report.text(fit, rich=True, width=100)
    assert "theta[s3]" in rich
    assert "\x1b[" in rich


def test_the_json_object_has_the_documented_keys(fit):
    found = json.loads(report.record(fit, {"obs": "a.csv"}))
    assert list(found) == [
        *("spec", "data", "dims", "seed", "steps", "elbo", "khat", "gradient", "starts", "status", "seconds"),
        *("posterior", "params", "nets", "warnings"),
    ]
    assert found["elbo"] == {"value": -31.416, "se": 0.021}
    assert set(found["seconds"]) == {"check", "compile", "fit"}
    assert len(found["posterior"]) == 31
    assert set(found["posterior"][1]) == {"site", "index", "mean", "sd", "q05", "q50", "q95"}
    assert found["posterior"][1]["index"] == {"school": "s0"}
    assert found["params"] == [{"site": "rate", "index": {}, "value": 0.25}]


def test_figures_that_are_not_finite_are_null_in_json(fit):
    broken = dataclasses.replace(fit, elbo=Elbo(float("nan"), float("inf")))
    assert json.loads(report.record(broken, {}))["elbo"] == {"value": None, "se": None}
