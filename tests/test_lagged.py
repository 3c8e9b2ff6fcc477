"""Forecasts of outcomes that depend on their own past: each step is drawn given those that were drawn before it."""

import numpy as np
import pytest

import svilang

RNG = np.random.default_rng(6)
Y = np.cumsum(RNG.normal(size=15)) / 3
QUICK = "guide = mean_field fit { steps = 20 }"


def fitted(text, data):
    return svilang.compile(text + QUICK).bind(data).fit(progress="none")


def test_an_autoregression_goes_on_from_its_last_values():
    text = """
    data { y: real[t] }
    model {
      a ~ Normal(0, 0.1)
      b ~ Normal(0.5, 0.1)
      c ~ Normal(0.2, 0.1)
      plate t { observe y ~ Normal(a + b * lag(y) + c * lag(y, 2), 1e-5) weight 1e-9 }
    }"""
    found = fitted(text, {"y": Y}).predict(set={"t": 19})
    a, b, c = (found.values[name] for name in "abc")
    before, last = np.full(len(a), Y[-2]), np.full(len(a), Y[-1])
    for step in range(15, 19):
        before, last = last, a + b * last + c * before
        np.testing.assert_allclose(found.values["y"][:, step], last, atol=2e-3)
    assert "`y` of 4 further entries is drawn, one after the other" in found.notes


def test_the_noise_of_a_step_is_handed_on():
    text = """
    data { y: real[t] }
    model {
      free ~ Normal(0, 1)
      plate t { observe y ~ Normal(0.8 * lag(y, 1, 0), 2) }
    }"""
    y = fitted(text, {"y": Y}).predict(set={"t": 18}, draws=20_000).values["y"][:, 15:]
    np.testing.assert_allclose(y.mean(0), Y[-1] * 0.8 ** np.arange(1, 4), atol=0.06)
    np.testing.assert_allclose(y.std(0), 2 * np.sqrt([1, 1 + 0.64, 1 + 0.64 + 0.4096]), rtol=0.02)


def test_a_garch_variance_and_a_moving_average_go_on():
    text = """
    data { y: real[t] }
    model {
      free ~ Normal(0, 1)
      markov t {
        nu = 0 then 0.5 * lag(y) + 0.4 * prev(err)
        err = y - nu
        v = 1 then 0.2 + 0.5 * prev(err)^2 + 0.3 * prev(v)
        observe y ~ Normal(nu, sqrt(v))
      }
    }"""
    y = fitted(text, {"y": Y}).predict(set={"t": 17}, draws=20_000).values["y"][:, 15:]
    err, v = Y[0], 1.0
    for t in range(1, 15):
        err, v = Y[t] - 0.5 * Y[t - 1] - 0.4 * err, 0.2 + 0.5 * err**2 + 0.3 * v
    first, variance = 0.5 * Y[-1] + 0.4 * err, 0.2 + 0.5 * err**2 + 0.3 * v
    np.testing.assert_allclose(y.mean(0), [first, 0.5 * first], atol=0.04)
    after = 0.9**2 * variance + 0.2 + 0.8 * variance
    np.testing.assert_allclose(y.var(0), [variance, after], rtol=0.05)


@pytest.mark.parametrize("start", ["y then", "y then y then"])
def test_smoothing_whose_first_steps_are_the_data_themselves_goes_on(start):
    text = f"""
    data {{ y: real[t] }}
    model {{
      g ~ Normal(0.3, 0.1)
      markov t {{
        level = y then 0.6 * y + 0.4 * prev(level)
        expected = {start} prev(level) + g
        observe y ~ Normal(expected, 1e-5) weight 1e-9
      }}
    }}"""
    found = fitted(text, {"y": Y}).predict(set={"t": 18})
    level = Y[0]
    for value in Y[1:]:
        level = 0.6 * value + 0.4 * level
    for step in range(15, 18):
        ahead = level + found.values["g"]
        np.testing.assert_allclose(found.values["y"][:, step], ahead, atol=2e-3)
        level = 0.6 * ahead + 0.4 * level


def test_a_second_start_needs_two_steps_of_the_fit():
    text = """
    data { y: real[t] }
    model {
      free ~ Normal(0, 1)
      markov t {
        level = y then 0.6 * y + 0.4 * prev(level)
        expected = y then y then prev(level)
        observe y ~ Normal(expected, 1)
      }
    }"""
    fit = fitted(text, {"y": Y[:1]})
    with pytest.raises(svilang.SvilangError, match="do not begin with the steps of the fit"):
        fit.predict(set={"t": 4})


def test_covariates_of_the_further_steps_are_given():
    text = """
    data { y: real[t]   x: real[t] }
    model {
      b ~ Normal(1, 0.1)
      plate t { observe y ~ Normal(0.5 * lag(y, 1, 0) + b * x, 1e-5) weight 1e-9 }
    }"""
    fit = fitted(text, {"y": Y, "x": np.zeros(15)})
    found = fit.predict({"x": [*np.zeros(15), 2.0, 3.0]}).values
    one = 0.5 * Y[-1] + 2 * found["b"]
    np.testing.assert_allclose(found["y"][:, 15:], np.stack([one, 0.5 * one + 3 * found["b"]], 1), atol=2e-3)
    with pytest.raises(svilang.SvilangError, match="data `x` was not supplied"):
        fit.predict(set={"t": 17})


def test_a_chain_of_states_goes_on_by_its_transitions(tmp_path):
    text = """
    data { dim state = 2   dim to = state   state: state[t]   move: simplex[state, to] }
    model {
      free ~ Normal(0, 1)
      plate t { observe state ~ Categorical(move[lag(state)]) }
    }"""
    move = np.array([[0.9, 0.1], [0.4, 0.6]])
    fitted(text, {"state": [0, 1, 0, 0, 1], "move": move}).save(tmp_path / "fit.nc")
    drawn = svilang.load_fit(tmp_path / "fit.nc").predict(set={"t": 8}).values["state"][:, 5:]
    expected = [np.linalg.matrix_power(move, k)[1, 1] for k in (1, 2, 3)]
    np.testing.assert_allclose(drawn.mean(0), expected, atol=0.04)


def test_the_series_of_a_panel_go_on_each_by_itself():
    text = """
    data { y: count[firm, t] }
    model {
      free ~ Normal(0, 1)
      plate firm { plate t { observe y ~ Poisson(1 + 0.5 * lag(y, 1, 0, over=t)) } }
    }"""
    fit = fitted(text, {"y": np.array([[3, 40, 100], [2, 1, 0]])})
    drawn = fit.predict(set={"t": 5}, draws=20_000).values["y"]
    np.testing.assert_allclose(drawn[..., 3:].mean(0), [[51, 26.5], [1, 1.5]], rtol=0.03)
    with pytest.raises(svilang.SvilangError, match="do not begin with the steps of the fit"):
        fit.predict(set={"t": 5, "firm": 3}, new=["firm"])


def test_steps_with_names_go_on_after_those_of_the_fit():
    text = """
    data { y: real[year] }
    model {
      free ~ Normal(0, 1)
      plate year { observe y ~ Normal(0.5 * lag(y, 1, 0), 1e-3) weight 1e-9 }
    }"""
    years = list(range(2000, 2015))
    fit = fitted(text, {"year": {"year": years, "y": Y}})
    found = fit.predict({"year": {"year": [*years, 2015, 2016]}})
    np.testing.assert_allclose(found.values["y"][:, 15:].mean(0), [Y[-1] / 2, Y[-1] / 4], atol=1e-3)
    assert found.labels["year"] == (*years, 2015, 2016)
    with pytest.raises(svilang.SvilangError, match="do not begin with the steps of the fit"):
        fit.predict({"year": {"year": [2015, 2016]}})
