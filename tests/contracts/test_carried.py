"""Carried definitions are what a loop over the steps computes: value, gradient, and reports."""

import jax
import numpy as np
import pytest
from scipy import stats

import svilang

Y = np.array([0.4, -1.1, 2.3, 0.2, -0.7, 1.9, 0.3])


def check(text, latents, by_hand, wanted=()):
    """Against ``by_hand(latents)``: the log density, its slopes by differences, and the reports named in ``wanted``."""
    model = svilang.compile(text).bind()
    with jax.enable_x64(True):
        at = {name: np.asarray(value, float) for name, value in latents.items()}
        value, slopes = jax.jit(jax.value_and_grad(model.log_density))(at)
        total, reports = by_hand(at)
        assert float(value) == pytest.approx(total, abs=1e-10)
        for name in at:
            for index in np.ndindex(at[name].shape):
                step = np.zeros_like(at[name])
                step[index] = 1e-6
                ends = [by_hand({**at, name: at[name] + sign * step})[0] for sign in (1, -1)]
                assert slopes[name][index] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6, abs=1e-6)
    return reports


def test_garch_keeps_its_variance_positive_without_a_warning():
    text = f"""
    data {{ r: real[day] = {Y.tolist()} }}
    model {{
      w ~ Exponential(1)   a ~ Uniform(0, 1)   b ~ Uniform(0, 1)
      markov day {{
        variance = w / (1 - 0.5) then w + a * lag(r)^2 + b * prev(variance)
        observe r ~ Normal(0, sqrt(variance))
      }}
    }}
    """

    def by_hand(v):
        variance, total = v["w"] / 0.5, -v["w"]
        for t, r in enumerate(Y):
            variance = v["w"] + v["a"] * Y[t - 1] ** 2 + v["b"] * variance if t else variance
            total += stats.norm.logpdf(r, 0, np.sqrt(variance))
        return total, {}

    assert not svilang.compile(text).warnings
    check(text, {"w": 0.7, "a": 0.2, "b": 0.6}, by_hand)


def test_exponential_smoothing_in_a_plate_with_a_rate_of_its_own():
    y = np.array([Y, Y[::-1]])
    text = f"""
    data {{ y: real[series, t] = {y.tolist()} }}
    model {{
      plate series {{
        rate ~ Uniform(0, 1)
        start ~ Normal(0, 1)
        markov t {{
          level = start then rate * lag(y) + (1 - rate) * prev(level)
          observe y ~ Normal(level, 1)
        }}
      }}
    }}
    """

    def by_hand(v):
        total = stats.norm.logpdf(v["start"]).sum()
        for i in range(2):
            level = v["start"][i]
            for t in range(len(Y)):
                level = v["rate"][i] * y[i, t - 1] + (1 - v["rate"][i]) * level if t else level
                total += stats.norm.logpdf(y[i, t], level, 1)
        return total, {}

    check(text, {"rate": np.array([0.3, 0.8]), "start": np.array([0.1, -0.4])}, by_hand)


def test_level_and_trend_and_season_read_each_other():
    """Holt and Winters: the level of this step is used by its trend; the season looks two steps back."""
    text = f"""
    data {{ y: real[t] = {Y.tolist()} }}
    model {{
      a ~ Uniform(0, 1)   b ~ Uniform(0, 1)   c ~ Uniform(0, 1)   s1 ~ Normal(0, 1)   s2 ~ Normal(0, 1)
      markov t {{
        level = y then y then a * (y - prev(season, 2)) + (1 - a) * (prev(level) + prev(trend))
        trend = 0 then b * (level - prev(level)) + (1 - b) * prev(trend)
        season = s1 then s2 then c * (y - level) + (1 - c) * prev(season, 2)
        ahead = y then prev(level) + prev(trend)
        observe y ~ Normal(ahead, 1)
        report gap = y - ahead
      }}
    }}
    """

    def by_hand(v):
        a, b, c = v["a"], v["b"], v["c"]
        level, trend, season = [Y[0]], [0.0], [v["s1"]]
        total, ahead = stats.norm.logpdf([v["s1"], v["s2"]]).sum(), [Y[0]]
        for t in range(1, len(Y)):
            ahead.append(level[-1] + trend[-1])
            new = Y[t] if t == 1 else a * (Y[t] - season[-2]) + (1 - a) * (level[-1] + trend[-1])
            trend.append(b * (new - level[-1]) + (1 - b) * trend[-1])
            level.append(new)
            season.append(v["s2"] if t == 1 else c * (Y[t] - new) + (1 - c) * season[-2])
        return total + stats.norm.logpdf(Y, ahead, 1).sum(), {}

    check(text, {"a": 0.3, "b": 0.2, "c": 0.6, "s1": 0.1, "s2": -0.5}, by_hand)


def test_a_vector_is_carried_and_a_latent_chain_feeds_it():
    text = f"""
    data {{ y: real[t] = {Y.tolist()}   dim k = 2   dim to = k   A: real[to, k] = [[0.5, 0.1], [-0.2, 0.7]] }}
    model {{
      x0: real[k] ~ Normal(0, 1)
      markov t {{
        shock ~ Normal(0, 1)
        x = x0 then ((A @ prev(x)) over k) + shock * ones(k)
        observe y ~ Normal(sum(x), 1)
      }}
    }}
    """
    matrix = np.array([[0.5, 0.1], [-0.2, 0.7]])

    def by_hand(v):
        x, total = v["x0"], stats.norm.logpdf(v["x0"]).sum() + stats.norm.logpdf(v["shock"]).sum()
        for t in range(len(Y)):
            x = matrix @ x + v["shock"][t] if t else x
            total += stats.norm.logpdf(Y[t], x.sum(), 1)
        return total, {}

    check(text, {"x0": np.array([0.2, -0.3]), "shock": np.linspace(-1, 1, 7)}, by_hand)


def test_a_number_is_carried_beside_a_vector_that_alone_is_asked_for():
    """Renewal: past infections by age, and the new ones, which only the next step reads."""
    text = f"""
    data {{ y: real[t] = {Y.tolist()}   dim age = 3   dim to = age   gen: simplex[age] = [0.2, 0.5, 0.3] }}
    model {{
      seed ~ Normal(0, 1)
      rate ~ Normal(1, 1)
      older = position(age) == position(to) + 1
      young = position(age) == 0
      markov t {{
        past = zeros(age) then older @ (prev(past) over to) + young * prev(new)
        new = seed then rate * sum(gen * past)
        observe y ~ Normal(sum(past), 1)
      }}
    }}
    """
    gen = np.array([0.2, 0.5, 0.3])

    def by_hand(v):
        new, total = [v["seed"]], stats.norm.logpdf(v["seed"]) + stats.norm.logpdf(v["rate"], 1)
        for t in range(len(Y)):
            past = np.array([new[t - k] if t >= k else 0 for k in (1, 2, 3)])
            new += [v["rate"] * gen @ past] if t else []
            total += stats.norm.logpdf(Y[t], past.sum(), 1)
        return total, {}

    check(text, {"seed": 0.8, "rate": 1.3}, by_hand)


def test_an_innovation_may_read_what_it_drives():
    """Stochastic: the scale of each step is carried, and the state that it scales is a latent chain itself."""
    text = f"""
    data {{ y: real[t] = {Y.tolist()} }}
    model {{
      markov t {{
        scale = 1 then 0.5 + 0.3 * prev(scale) + 0.2 * abs(prev(x))
        x ~ Normal(0, scale)
        observe y ~ Normal(x, 1)
      }}
    }}
    """

    def by_hand(v):
        scale, total, x = 1.0, 0.0, v["x"]
        for t in range(len(Y)):
            scale = 0.5 + 0.3 * scale + 0.2 * abs(x[t - 1]) if t else scale
            total += stats.norm.logpdf(x[t], 0, scale) + stats.norm.logpdf(Y[t], x[t], 1)
        return total, {}

    check(text, {"x": np.linspace(-1, 1.5, 7)}, by_hand)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_series_may_be_as_short_as_its_starts(steps):
    text = f"""
    data {{ y: real[t] = {Y[:steps].tolist()} }}
    model {{
      a ~ Normal(0, 1)
      markov t {{ x = a then 2 * a then prev(x) + 3 * prev(x, 2)   observe y ~ Normal(x, 1) }}
    }}
    """

    def by_hand(v):
        x = [v["a"], 2 * v["a"], 5 * v["a"]][:steps]
        return stats.norm.logpdf(v["a"]) + stats.norm.logpdf(Y[:steps], x, 1).sum(), {}

    check(text, {"a": 0.3}, by_hand)


def test_reports_of_a_fit_hold_the_carried_series():
    text = f"""
    data {{ y: real[t] = {Y.tolist()} }}
    model {{
      a ~ Uniform(0.2, 0.8)
      markov t {{ report level = 0 then a * lag(y) + (1 - a) * prev(level)   observe y ~ Normal(level, 1) }}
    }}
    """
    fit = svilang.compile(text).bind().fit(progress="none", steps=300)
    a, level = fit.draws["a"][0], 0.0
    for t in range(1, len(Y)):
        level = a * Y[t - 1] + (1 - a) * level
    assert fit.draws["level"][0, -1] == pytest.approx(level, rel=1e-5)
