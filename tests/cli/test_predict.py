"""``svilang simulate``, ``prior`` and ``predict``: a spec from before there is data to predictions."""

import json

import numpy as np
import pytest

SPEC = """
data {
  y: real[t]
  group: group[obs]
  x: positive[obs]
  n: count[obs]
  k: interval(0, n)[obs]
  hits: count[obs]
}
model {
  s ~ HalfNormal(0.2)
  b ~ Normal(0, 1)
  plate group { m ~ Normal(b, 1) }
  plate obs { observe hits ~ Binomial(n, logits=m[group] + x) where k < 100 }
  markov t { observe y ~ Normal(0, s) then Normal(0.5 * lag(y, 1), s) }
}
"""
SIZES = ["--set", "t=30", "--set", "obs=40", "--set", "group=4"]


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "pair.svi"
    path.write_text(SPEC, encoding="utf-8")
    return path


def test_a_spec_runs_before_there_is_data(svilang, spec, tmp_path):
    ended = svilang("simulate", spec, *SIZES, "--out", tmp_path / "drawn", "--seed", 3)
    assert ended.code == 0
    assert "note: `x` has no distribution in the model" in ended.err
    data = json.loads((tmp_path / "drawn" / "data.json").read_text())
    truth = json.loads((tmp_path / "drawn" / "truth.json").read_text())
    assert set(truth) == {"s", "b", "m"}
    assert np.all((np.array(data["k"]) >= 0) & (np.array(data["k"]) <= np.array(data["n"])))
    assert np.all(np.array(data["hits"]) <= np.array(data["n"]))
    y = np.array(data["y"])
    assert np.std(y[1:] - 0.5 * y[:-1]) == pytest.approx(truth["s"], rel=0.5)
    assert set(data["group"]) == {0, 1, 2, 3}
    fit = tmp_path / "fit.nc"
    ended = svilang("run", spec, "--data", tmp_path / "drawn" / "data.json", *SIZES, "--quiet", "--out", fit)
    assert ended.code == 0
    ended = svilang("predict", fit, "--draws", 50, "--json", "--out", tmp_path / "new.nc")
    rows = json.loads(ended.out)["posterior_predictive"]
    assert {row["site"] for row in rows} == {"y", "hits"}
    assert (tmp_path / "new.nc").exists()
    ended = svilang("prior", spec, "--data", tmp_path / "drawn" / "data.json", *SIZES, "--draws", 50)
    assert ended.code == 0
    assert "prior predictive" in ended.out


def test_sizes_that_nothing_says_are_asked_for(svilang, spec, tmp_path):
    ended = svilang("simulate", spec, "--out", tmp_path / "drawn")
    assert ended.code == 1
    assert "--set t=3" in ended.err


def test_an_expression_that_is_observed_cannot_be_simulated(svilang, spec, tmp_path):
    spec.write_text("data { y: positive[n] } model { a ~ Normal(0, 1)   plate n { observe log(y) ~ Normal(a, 1) } }")
    ended = svilang("simulate", spec, "--set", "n=3", "--out", tmp_path / "drawn")
    assert ended.code == 1
    assert "E0762" in ended.err


def test_a_file_that_is_no_fit_is_named(svilang, spec):
    ended = svilang("predict", spec)
    assert ended.code == 1
    assert "E0755" in ended.err
