"""Draws that users see."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from lowering_programs import Writer
from scipy import stats

import svilang
from svilang.catalog.distributions import DISTRIBUTIONS as D
from svilang.lower import lower
from svilang.lower.after import After
from svilang.lower.ancestral import without_draw
from svilang.runtime.each import Each
from svilang.types import KINDS, Interval, Kind


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def program() -> Writer:
    w = Writer(sizes={"new": 2})
    y = w.data("y", "j i", np.arange(6.0).reshape(2, 3), missing=np.arange(6).reshape(2, 3) == 4)
    mu = w.site("mu", w.law(D["Normal"], 0.0, 1.0), "i")
    w.report("twice", w.apply("*", 2.0, mu))
    w.observe("y", y, w.law(D["Normal"], mu, 0.5), "i j", optional=("y",))
    fresh = w.generate("fresh", w.law(D["Normal"], mu, 0.1), "i new")
    w.report("largest", w.reduce("max", fresh, "new"))
    return w


def test_a_draw_shows_latents_and_reports_with_their_declared_axes():
    lowered = lower(program().bind())
    target = lowered.target
    draw, _ = target.draws(target.prepare(target.data), jnp.arange(3.0), target.theta, None)
    assert set(draw) == {"mu", "twice"}
    np.testing.assert_allclose(draw["twice"], [0, 2, 4])
    assert [(s.name, [str(d) for d in s.dims], s.shape) for s in lowered.sites] == [("mu", ["i"], (3,))]


def each(after, begin, latents, draws, seed=0):
    """The results of many draws at the same values."""
    values = {name: np.broadcast_to(value, (draws, *np.shape(value))) for name, value in latents.items()}
    return Each(begin, after.numbers)({"data": after.data, "params": {}}, values or {"": np.zeros(draws)}, seed, 0)


def new_data(after):
    """New observations, all latents given."""
    kept = {site.name: None for site in after.program.sites}
    return lambda shared: after.predicted({**shared, "outcomes": {}, "begun": {}}, kept)


def test_generated_quantities_and_new_data_follow_their_laws():
    after = After(program().bind())
    mu = np.array([0.0, 5.0, -5.0])
    made = each(after, after.reports, {"mu": mu}, 4000)
    assert set(made) == {"fresh", "largest"}
    assert made["fresh"].shape == (4000, 3, 2)
    np.testing.assert_allclose(made["fresh"].mean((0, 2)), mu, atol=0.01)
    np.testing.assert_allclose(made["fresh"].std((0, 2)), 0.1, rtol=0.05)
    np.testing.assert_allclose(made["largest"], made["fresh"].max(-1), rtol=1e-12)
    new = each(after, new_data(after), {"mu": mu}, 4000, seed=1)["observed"]
    assert new["y"].shape == (4000, 3, 2)
    np.testing.assert_allclose(new["y"].mean((0, 2)), mu, atol=0.05)
    np.testing.assert_allclose(new["y"].std((0, 2)), 0.5, rtol=0.05)


def test_pointwise_likelihoods_sum_to_the_term_and_leave_out_what_is_missing():
    after, lowered = After(program().bind()), lower(program().bind())
    mu = np.array([0.2, 1.0, 2.0])
    points = each(after, after.log_likelihood, {"mu": mu}, 1)["y"][0]
    wanted = stats.norm(mu[:, None], 0.5).logpdf(np.arange(6.0).reshape(2, 3).T)
    wanted[1, 1] = np.nan
    np.testing.assert_allclose(points, wanted)
    target = lowered.target
    terms = target.terms(jax.jit(target.prepare)(target.data), jnp.asarray(mu), target.theta, None)
    assert terms["y"] == pytest.approx(np.nansum(points), rel=1e-12)


def test_prior_draws_follow_the_model_and_keep_to_narrowed_supports():
    w = Writer(sizes={"k": 3})
    a = w.site("a", w.law(D["Normal"], 5.0, 0.1))
    half = {"kind": Kind(interval=Interval(0)), "narrowed": True, "normaliser": "truncate"}
    w.site("b", w.law(D["Normal"], a, 10.0), **half)
    ordered = {"kind": KINDS["ordered"].kind, "narrowed": True, "normaliser": "order"}
    w.site("c", w.law(D["Normal"], a, 1.0), extra="k", **ordered)
    y = w.data("y", "k", np.zeros(3))
    w.observe("y", y, w.law(D["Normal"], a, 0.1), "k")
    after = After(w.bind())
    draws = each(after, after.prior, {}, 3000, seed=1)
    assert draws["a"].mean() == pytest.approx(5, abs=0.01)
    assert draws["b"].min() > 0
    assert draws["b"].mean() == pytest.approx(stats.truncnorm(-0.5, np.inf, 5, 10).mean(), rel=0.05)
    assert np.all(np.diff(draws["c"], axis=-1) > 0)
    assert draws["c"].mean() == pytest.approx(5, abs=0.05)
    new = each(after, new_data(after), {name: value[0] for name, value in draws.items()}, 1)["observed"]
    assert np.abs(new["y"] - draws["a"][0]).max() < 0.6
    assert without_draw(w.program()) == ()


def test_sites_that_have_no_prior_draw_are_named():
    w = Writer()
    w.site("flat", w.law(D["Improper"]))
    w.site("cut", w.law(D["Normal"], 0.0, 1.0), kind=Kind(interval=Interval(0)), narrowed=True)
    assert [site.name for site in without_draw(w.program())] == ["flat", "cut"]


def test_chains_are_drawn_step_by_step_continuous_and_discrete():
    text = """
    data { dim t = 4   dim state = 2   dim to = state   move: simplex[state, to] = [[0.9, 0.1], [0.2, 0.8]] }
    model {
      markov t {
        z ~ Categorical([0.5, 0.5] over state) then Categorical(move[prev(z)])
        h ~ Normal(1, 0.1) then Normal(2 * prev(h) + z, 0.1)
      }
    }
    """
    text = text.replace(" + z", " + shift[z]").replace("dim t = 4", "dim t = 4   shift: real[state] = [0, 1]")
    after = After(svilang.compile(text).bind().bound)
    draws = each(after, after.prior, {}, 4000)
    z, h = draws["z"], draws["h"]
    moved = np.array([[np.mean(z[:, t + 1][z[:, t] == k]) for k in range(2)] for t in range(3)])
    np.testing.assert_allclose(moved, [[0.1, 0.8]] * 3, atol=0.04)
    noise = np.concatenate([h[:, :1] - 1, h[:, 1:] - 2 * h[:, :-1] - z[:, 1:]], axis=1)
    np.testing.assert_allclose(noise.std(0), 0.1, rtol=0.05)
    np.testing.assert_allclose(np.corrcoef(noise.T), np.eye(4), atol=0.06)
