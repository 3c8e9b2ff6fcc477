"""Leave-one-out against models whose answer is known."""

import h5netcdf
import numpy as np
import pytest
from scipy import stats

import svilang
from svilang.results.loo import leave_one_out
from svilang.results.tree import Variable

Y = np.random.default_rng(0).normal(1, 1, 20)
PRECISION = 1 / 9 + 19
EXACT = sum(stats.norm.logpdf(y, (Y.sum() - y) / PRECISION, np.sqrt(1 / PRECISION + 1)) for y in Y)


def test_a_normal_mean_has_the_predictive_density_of_theory():
    text = "data { y: real[n] } model { m ~ Normal(0, 3)   plate n { observe y ~ Normal(m, 1) } }"
    loo = svilang.compile(text).bind({"y": Y}).fit(progress="none").loo
    assert loo.elpd == pytest.approx(EXACT, abs=0.1)
    fitted = stats.norm.logpdf(Y, Y.sum() / (PRECISION + 1), np.sqrt(1 / (PRECISION + 1) + 1)).sum()
    assert loo.effective == pytest.approx(fitted - EXACT, abs=0.1)
    assert loo.bad == 0


def test_draws_from_a_wrong_guide_are_corrected():
    rng = np.random.default_rng(1)
    precision = 1 / 9 + 20
    m = rng.normal(Y.sum() / precision + 0.1, 1.3 / np.sqrt(precision), 20_000)
    log_q = stats.norm.logpdf(m, Y.sum() / precision + 0.1, 1.3 / np.sqrt(precision))
    points = stats.norm.logpdf(Y, m[:, None], 1)
    log_p = stats.norm.logpdf(m, 0, 3) + points.sum(1)
    loo = leave_one_out({"y": Variable(("n",), points)}, log_p, log_q)
    assert loo.elpd == pytest.approx(EXACT, abs=0.05)


def test_the_likelihood_of_a_mixture_is_summed_over_its_components():
    y = np.random.default_rng(2).normal(0, 2, (6, 2))
    text = """
    data { y: real?[n, axis]   dim k = 2   w: simplex[k] = [0.3, 0.7]   m: real[k] = [-1, 2] }
    model { s ~ HalfNormal(2)   plate n { z ~ Categorical(w)   plate axis { observe y ~ Normal(m[z], s) } } }
    """
    y[3, 1] = np.nan
    fit = svilang.compile(text).bind({"y": y}).fit(progress="none")
    terms = stats.norm.logpdf(y[None, :, :, None], np.array([-1, 2]), fit.draws["s"][:, None, None, None])
    wanted = np.logaddexp.reduce(np.log([0.3, 0.7]) + np.nansum(terms, axis=2), axis=-1)
    found = fit.log_likelihood["y"]
    assert found.dims == ("n",)
    np.testing.assert_allclose(found.values, wanted, rtol=1e-10)


def test_a_chain_over_all_rows_cannot_be_left_out_row_by_row():
    text = """
    data { y: real[t] = [1, 2, 0.5] }
    model {
      s ~ HalfNormal(1)
      markov t { z ~ Bernoulli(0.5) then Bernoulli(0.2 + 0.6 * prev(z))   observe y ~ Normal(z, s) }
    }
    """
    fit = svilang.compile(text).bind().fit(progress="none")
    with pytest.raises(svilang.SvilangError, match="tie the rows together"):
        print(fit.loo)


def test_the_tree_holds_the_pointwise_likelihood_where_it_is_asked_for():
    xarray = pytest.importorskip("xarray")
    model = "model { m ~ Normal(0, 9)   plate n { observe y ~ Normal(m, 2) } }"
    fit = svilang.compile("data { y: real[n] = [1, 2, 5] }" + model).bind().fit(seed=0, steps=200, progress="none")
    tree = fit.posterior(500, log_likelihood=True)
    held = tree["log_likelihood"]["y"]
    assert isinstance(tree, xarray.DataTree)
    assert held.dims == ("chain", "draw", "n")
    means = tree["posterior"]["m"].values[0]
    wanted = stats.norm(means[:, None], 2).logpdf([1, 2, 5])
    np.testing.assert_allclose(held.values[0], wanted, rtol=1e-5)
    assert "log_likelihood" not in fit.posterior(500).children


def test_the_saved_file_holds_it_too_and_is_read_back(tmp_path):
    model = "model { m ~ Normal(0, 9)   plate n { observe y ~ Normal(m, 2) } }"
    fit = svilang.compile("data { y: real[n] = [1, 2, 5] }" + model).bind().fit(seed=0, steps=200, progress="none")
    fit.save(tmp_path / "with.nc", log_likelihood=True)
    fit.save(tmp_path / "without.nc")
    with h5netcdf.File(tmp_path / "with.nc") as file:
        held = file["log_likelihood"]["y"]
        assert held.dimensions == ("chain", "draw", "n")
        wanted = stats.norm(fit.draws["m"][:, None], 2).logpdf([1, 2, 5])
        np.testing.assert_allclose(held[0], wanted, rtol=1e-5)
    with h5netcdf.File(tmp_path / "without.nc") as file:
        assert "log_likelihood" not in file.groups
    assert svilang.load_fit(tmp_path / "with.nc").loo.elpd == pytest.approx(fit.loo.elpd, abs=1e-3)


def test_a_model_without_latents_has_the_likelihood_itself():
    text = "data { y: real[n] } model { param m: real = 0   plate n { observe y ~ Normal(m, 2) } }"
    fit = svilang.compile(text).bind({"y": Y}).fit(progress="none")
    assert fit.loo.elpd == pytest.approx(stats.norm.logpdf(Y, Y.mean(), 2).sum(), abs=1e-3)
    assert fit.loo.effective == pytest.approx(0, abs=1e-6)
    at_each = fit.posterior(log_likelihood=True)["log_likelihood"]["y"]
    assert float(at_each.sum("n").mean()) == pytest.approx(fit.loo.elpd, abs=1e-6)


def test_a_likelihood_that_is_a_factor_has_nothing_to_leave_out():
    text = "data { y: real[n] } model { m ~ Normal(0, 3)   plate n { factor -0.5 * (y - m)^2 } }"
    fit = svilang.compile(text).bind({"y": Y}).fit(progress="none")
    with pytest.raises(svilang.SvilangError) as caught:
        _ = fit.loo
    assert [one.code for one in caught.value.diagnostics] == ["E0763"]


def test_a_factor_that_reads_the_outcome_is_told_of_where_the_outcome_is_drawn_or_left_out():
    """A law and a term together: neither is drawn from by the law alone, nor left out with it."""
    text = """data { y: real[n] } model { m ~ Normal(0, 3)
    plate n { observe y ~ Normal(m, 1)   factor -0.1 * abs(y - m) } }"""
    fit = svilang.compile(text).bind({"y": Y}).fit(progress="none", steps=100)
    with pytest.raises(svilang.SvilangError) as caught:
        _ = fit.loo
    assert [one.code for one in caught.value.diagnostics] == ["E0763"]
    assert fit.predict(draws=5).notes == ("`y` is drawn without the `factor` that reads it",)
    prior = svilang.compile(text.replace("factor -0.1 * abs(y - m) }", "}   factor -0.1 * abs(m - 1)")).bind({"y": Y})
    of_latents = prior.fit(progress="none", steps=100)
    assert np.isfinite(of_latents.loo.elpd)
    assert of_latents.predict(draws=5).notes == ()
