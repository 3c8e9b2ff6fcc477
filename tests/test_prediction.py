"""Predictions of a fit, for its own data and for other data, and draws from the prior."""

import numpy as np
import pandas as pd
import pytest
from scipy import special

import svilang

TEXT = """
data { y: real[obs]   x: real[obs]   county: county[obs]   u: real[county] }
model {
  mu ~ Normal(0, 5)
  b ~ Normal(0, 1)
  plate county { a ~ Normal(mu + u, 0.5) }
  plate obs {
    observe y ~ Normal(a[county] + b * x, 0.1)
    report line = a[county] + b * x
    report off = y - line
    report again ~ Normal(line, 0.1)
  }
}
"""
COUNTIES = ["Aitkin", "Becker", "Clay", "Dodge"]
RNG = np.random.default_rng(0)
COUNTY, U, X = RNG.integers(0, 4, 60), np.arange(4.0), RNG.normal(size=60)
A = 1 + U + RNG.normal(0, 0.5, 4)
Y = A[COUNTY] + 2 * X + RNG.normal(0, 0.1, 60)
DATA = {"obs": {"y": Y, "x": X, "county": np.array(COUNTIES)[COUNTY]}, "county": {"county": COUNTIES, "u": U}}


@pytest.fixture(scope="module")
def fit():
    return svilang.compile(TEXT).bind(DATA).fit(progress="none")


@pytest.fixture(scope="module")
def saved(fit, tmp_path_factory):
    path = tmp_path_factory.mktemp("fits") / "fit.nc"
    fit.save(path)
    return svilang.load_fit(path)


def test_the_data_of_the_fit_are_drawn_anew_and_never_returned(fit):
    prediction = fit.predict(draws=400)
    assert list(prediction.groups) == ["posterior_predictive"]
    y = prediction.values["y"]
    assert y.shape == (400, 60)
    np.testing.assert_allclose(y.mean(0), A[COUNTY] + 2 * X, atol=0.15)
    np.testing.assert_allclose((y - fit.draws["line"][:400]).std(), 0.1, rtol=0.05)
    assert not (y == Y).any()


def test_new_rows_use_what_was_fitted_for_the_same_labels(saved):
    prediction = saved.predict({"obs": {"x": [0.0, 1.0, 2.0], "county": ["Becker", "Dodge", "Becker"]}}, draws=400)
    assert prediction.notes == ("`off` reads what is observed, and is left out",)
    assert [row.name for row in prediction.summary("predictions")] == ["y[0]", "y[1]", "y[2]"]
    np.testing.assert_allclose(prediction.values["y"].mean(0), A[[1, 3, 1]] + [0, 2, 4], atol=0.15)
    np.testing.assert_array_equal(prediction.values["a"], saved.draws["a"][:400])


def test_latents_of_new_members_are_drawn_from_the_model(saved):
    rows = {"x": [0.0, 0.0], "county": ["Becker", "Elk"]}
    new = {"obs": rows, "county": {"county": ["Becker", "Elk"], "u": [1.0, 5.0]}}
    prediction = saved.predict(new)
    a = prediction.values["a"]
    np.testing.assert_array_equal(a[:, 0], saved.draws["a"][:, 1])
    np.testing.assert_allclose((a[:, 1] - saved.draws["mu"]).mean(), 5, atol=0.05)
    np.testing.assert_allclose((a[:, 1] - saved.draws["mu"]).std(), 0.5, rtol=0.05)
    assert prediction.notes[0] == "`a`: 1 of 2 members of `county` are new, and drawn from the model"
    assert prediction.labels["county"] == ("Becker", "Elk")
    apart = saved.predict(new, new=["county"])
    assert abs((apart.values["a"][:, 0] - saved.draws["mu"]).std() - 0.5) < 0.05


def test_a_saved_fit_predicts_as_the_fit_itself(fit, saved):
    np.testing.assert_array_equal(saved.predict(draws=50).values["y"], fit.predict(draws=50).values["y"])
    assert saved.predictor().bound.digest == fit.predictor().bound.digest


def test_what_new_data_lack_is_named(saved):
    with pytest.raises(svilang.SvilangError, match="`county`") as caught:
        saved.predict({"obs": {"x": [0.0, 1.0]}})
    assert [one.code for one in caught.value.diagnostics] == ["E0505"]


def test_a_joint_distribution_cannot_be_extended():
    text = """
    data { y: real[n] = [1, 2, 3]   group: group[n] = ["a", "b", "a"] }
    model {
      plate group { m ~ Normal(0, 1) }
      b: zero_sum[group] ~ Normal(0, 1)
      plate n { observe y ~ Normal(b[group] + m[group], 1) }
    }
    """
    fit = svilang.compile(text).bind().fit(progress="none")
    with pytest.raises(svilang.SvilangError, match="`b` cannot be carried over") as caught:
        fit.predict({"n": {"group": ["a", "c"]}})
    assert {one.code for one in caught.value.diagnostics} == {"E0760"}


def test_a_chain_goes_on_from_its_last_step():
    text = """
    data { y: real[t] = [1, 2, 4, 8.1, 15.9] }
    model { markov t { h ~ Normal(1, 1) then Normal(2 * prev(h), 0.1)   observe y ~ Normal(h, 0.1) } }
    """
    fit = svilang.compile(text).bind().fit(progress="none")
    ahead = fit.predict(set={"t": 7})
    h = ahead.values["h"]
    np.testing.assert_array_equal(h[:, :5], fit.draws["h"])
    np.testing.assert_allclose((h[:, 5:] - 2 * h[:, 4:6]).std(0), 0.1, rtol=0.1)
    assert ahead.notes == ("`h`: 2 of 7 members of `t` are new, and drawn from the model",)


def test_discrete_sites_are_predicted_from_their_draws():
    text = """
    data { y: real[n] = [0.1, 5.2, 4.9, 0.2]   dim k = 2   w: simplex[k] = [0.5, 0.5] }
    model {
      plate k { m ~ Normal(3, 5) }
      plate n { z ~ Categorical(w)   observe y ~ Normal(m[z], 0.1) }
    }
    """
    fit = svilang.compile(text).bind().fit(progress="none", seed=1)
    assert fit.elbo.value > -20
    np.testing.assert_allclose(fit.predict().values["y"].mean(0), [0.1, 5.2, 4.9, 0.2], atol=0.3)
    new = fit.predict(set={"n": 6})
    assert new.notes == ("`z` is drawn from the model: no member of `n` was fitted",)
    np.testing.assert_allclose(new.values["y"].mean(), 2.6, atol=0.1)
    assert new.members == {"z": "k"}


def test_rows_that_were_put_together_are_predicted_one_by_one():
    rows = np.tile([[0, 1], [1, 0], [1, 1]], (100, 1))
    text = """
    data { y: binary[n]   x: binary[n] }
    model { b ~ Normal(0, 1)   plate n { observe y ~ Bernoulli(logits=b * x) } }
    """
    fit = svilang.compile(text).bind({"x": rows[:, 0], "y": rows[:, 1]}).fit(progress="none")
    y = fit.predict(draws=500).values["y"]
    assert y.shape == (500, 300)
    np.testing.assert_allclose(y[:, rows[:, 0] == 0].mean(), 0.5, atol=0.02)


def test_the_prior_needs_no_outcome_to_be_plausible():
    prior = svilang.compile(TEXT).bind(DATA).prior(draws=4000)
    assert list(prior.groups) == ["prior", "prior_predictive"]
    assert prior.values["mu"].std() == pytest.approx(5, rel=0.05)
    assert prior.values["y"].std() == pytest.approx(np.sqrt(25 + 0.25 + 1 + U[COUNTY].var() + 0.01), rel=0.05)
    assert prior.notes == ("`off` reads what is observed, and is left out",)


def test_a_latent_without_a_distribution_has_no_prior():
    with pytest.raises(svilang.SvilangError, match="E0761"):
        svilang.compile("data { y: real = 1 } model { a ~ Improper(real)   observe y ~ Normal(a, 1) }").bind().prior()


def test_a_saved_fit_knows_the_labels_of_outcomes_along_which_nothing_runs(tmp_path):
    fit = svilang.compile("""
    data { dim answer = ["no", "yes"]   y: answer?[obs] = ["no", "yes", missing, "yes"] }
    model { b ~ Normal(0, 1)   plate obs { observe y ~ Categorical(softmax([0, b] over answer)) } }
    fit { steps = 10 }""").bind().fit(progress="none")
    fit.save(tmp_path / "fit.nc")
    saved = svilang.load_fit(tmp_path / "fit.nc")
    assert saved.labels == fit.labels == {"answer": ("no", "yes")}
    np.testing.assert_array_equal(saved.predict(draws=20).values["y"], fit.predict(draws=20).values["y"])
    rows = {row.name: row.mean for row in fit.predict(draws=200).summary()}
    assert list(rows) == [f"P(y)[{obs}, {answer}]" for obs in range(4) for answer in ("no", "yes")]
    drawn = fit.predict(draws=200).values["y"]
    np.testing.assert_allclose(list(rows.values())[1::2], drawn.mean(0))


ENDS = """
data { time: positive[unit]   failed: binary[unit]   stress: real[unit] }
model {
  a ~ Normal(0, 2)
  b ~ Normal(0, 1)
  plate unit { observe time ~ Censored(Weibull(exp(a + b * stress), 1.5), upper=time if failed == 0 else inf) }
}
"""


def test_times_that_are_censored_at_themselves_are_predicted_without_an_end(tmp_path):
    """A Weibull time has the mean that its scale and the gamma function say; of a new unit no end is known."""
    rng = np.random.default_rng(3)
    stress = rng.normal(size=200)
    time, end = np.exp(1 - 0.5 * stress) * rng.weibull(1.5, 200), rng.uniform(1, 6, 200)
    seen = {"time": np.minimum(time, end), "failed": (time <= end) * 1, "stress": stress}
    program = svilang.compile(ENDS)
    program.bind({"unit": seen}).fit(progress="none").save(tmp_path / "fit.nc")
    fit = svilang.load_fit(tmp_path / "fit.nc")
    new = fit.predict({"unit": {"stress": [0.0, 1.0]}}, draws=2000)
    scales = [np.exp(fit.draws["a"] + fit.draws["b"] * x) for x in (0, 1)]
    np.testing.assert_allclose(new.values["time"].mean(0), np.mean(scales, 1) * special.gamma(1 + 1 / 1.5), rtol=0.08)
    assert new.notes == ("`time` is drawn without an end",)
    kept = fit.predict({"unit": {"stress": [0.0], "time": [0.5], "failed": [0]}}, draws=500)
    assert kept.values["time"].max() == 0.5
    assert kept.notes == ()


DESIGN = """
data { X: real[n, p]   y: real[n] }
model {
  b: real[p] ~ Normal(0, 10)
  plate n { observe y ~ Normal(X @ b, 0.01) }
}"""
SUMMED = DESIGN.replace("X @ b", "sum(X * b, over=p)")


def designed(text, names=None):
    """A fit whose coefficients are 1, -2 and 3."""
    X = np.random.default_rng(1).normal(size=(40, 3))
    data = {"X": X if names is None else pd.DataFrame(X, columns=names), "y": X @ [1, -2, 3]}
    return svilang.compile(text).bind(data).fit(progress="none", steps=50)


@pytest.mark.parametrize("text", [DESIGN, SUMMED])
def test_a_design_of_another_width_has_no_coefficients(text):
    fit = designed(text)
    for width in (2, 4):
        with pytest.raises(svilang.SvilangError) as caught:
            fit.predict({"X": np.ones((5, width))})
        (problem,) = caught.value.diagnostics
        assert problem.code == "E0760"
        assert f"`p` has 3 members in the fit and {width} in the new data" in problem.message
        assert text[problem.span.start :].startswith("b: real[p]")
    assert fit.predict({"X": np.ones((5, 4))}, new=["p"], draws=50).values["y"].shape == (50, 5)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("abcd", "the fit lacks `d` of `p`"),
        ("ab", "the new data lack `c` of `p`"),
        ("bad", "the new data lack `c` of `p`, and the fit lacks `d` of `p`"),
        ("uvw", "the new data lack `a`, `b`, `c` of `p`, and the fit lacks `u`, `v`, `w` of `p`"),
    ],
)
def test_columns_with_other_names_have_no_coefficients(names, said):
    table = pd.DataFrame(np.ones((5, len(names))), columns=list(names))
    with pytest.raises(svilang.SvilangError) as caught:
        designed(DESIGN, list("abc")).predict({"X": table})
    assert said in caught.value.diagnostics[0].message


def test_columns_in_another_order_are_the_same():
    found = designed(DESIGN, list("abc")).predict({"X": pd.DataFrame({"c": [1.0], "a": [10.0], "b": [100.0]})})
    assert found.notes == ()
    assert found.values["y"].mean() == pytest.approx(3 + 10 - 200, abs=1)


CLUBS = """
data { share: real[n, club]   y: real[n] }
model {
  spread ~ HalfNormal(1)
  plate club { effect ~ Normal(0, spread) }
  plate n { observe y ~ Normal(share @ effect, 0.1) }
  report total = sum(effect)
}"""


def test_shares_of_new_groups_take_effects_from_their_fitted_distribution():
    share = np.random.default_rng(1).dirichlet([1, 1, 1], size=40)
    data = {"share": pd.DataFrame(share, columns=list("abc")), "y": share @ [1, -1, 0.5]}
    fit = svilang.compile(CLUBS).bind(data).fit(progress="none", steps=200)
    found = fit.predict({"share": pd.DataFrame({"a": [1.0, 0.0], "new": [0.0, 1.0]})})
    assert found.notes == ("`effect`: 1 of 2 members of `club` are new, and drawn from the model",)
    assert found.values["y"].mean(0)[0] == pytest.approx(1, abs=0.2)
    with pytest.raises(svilang.SvilangError, match="`club` has 3 members in the fit and 4 in the new data"):
        fit.predict({"share": np.ones((2, 4)) / 4})
