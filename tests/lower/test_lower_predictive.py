"""Draws that users see."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from lowering_programs import Writer
from scipy import stats

from svilang.catalog.distributions import DISTRIBUTIONS as D
from svilang.lower import lower
from svilang.lower.predictive import without_prior
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
    draw = target.draws(target.prepare(target.data), jnp.arange(3.0), target.theta, None)
    assert set(draw) == {"mu", "twice"}
    np.testing.assert_allclose(draw["twice"], [0, 2, 4])
    assert [(s.name, [str(d) for d in s.dims], s.shape) for s in lowered.sites] == [("mu", ["i"], (3,))]


def test_generated_quantities_and_new_data_follow_their_laws():
    lowered = lower(program().bind())
    target, generator = lowered.target, lowered.generator
    prepared = jax.jit(target.prepare)(target.data)
    z = jnp.array([0.0, 5.0, -5.0])
    keys = jax.random.split(jax.random.key(0), 4000)
    made = jax.jit(jax.vmap(lambda key: generator.reports(prepared, z, target.theta, None, key)))(keys)
    assert made["fresh"].shape == (4000, 3, 2)
    np.testing.assert_allclose(made["fresh"].mean((0, 2)), z, atol=0.01)
    np.testing.assert_allclose(made["fresh"].std((0, 2)), 0.1, rtol=0.05)
    np.testing.assert_array_equal(made["largest"], made["fresh"].max(-1))
    new = jax.jit(jax.vmap(lambda key: generator.observations(prepared, z, target.theta, None, key)))(keys)
    assert [str(dim) for dim in generator.dims["y"]] == ["i", "j"]
    assert new["y"].shape == (4000, 3, 2)
    np.testing.assert_allclose(new["y"].mean((0, 2)), z, atol=0.05)
    np.testing.assert_allclose(new["y"].std((0, 2)), 0.5, rtol=0.05)


def test_pointwise_likelihoods_sum_to_the_term_and_leave_out_what_is_missing():
    lowered = lower(program().bind())
    target = lowered.target
    prepared = jax.jit(target.prepare)(target.data)
    z = jnp.array([0.2, 1.0, 2.0])
    points = lowered.generator.log_likelihood(prepared, z, target.theta, None)["y"]
    wanted = stats.norm(np.asarray(z)[:, None], 0.5).logpdf(np.arange(6.0).reshape(2, 3).T)
    wanted[1, 1] = np.nan
    np.testing.assert_allclose(points, wanted)
    terms = target.terms(prepared, z, target.theta, None)
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
    lowered = lower(w.bind())
    target, generator = lowered.target, lowered.generator
    prepared = jax.jit(target.prepare)(target.data)
    keys = jax.random.split(jax.random.key(1), 3000)
    draws = jax.jit(jax.vmap(lambda key: generator.prior(prepared, target.theta, key)))(keys)
    assert draws["a"].mean() == pytest.approx(5, abs=0.01)
    assert draws["b"].min() > 0
    assert draws["b"].mean() == pytest.approx(stats.truncnorm(-0.5, np.inf, 5, 10).mean(), rel=0.05)
    assert np.all(np.diff(draws["c"], axis=-1) > 0)
    assert draws["c"].mean() == pytest.approx(5, abs=0.05)
    first = {name: value[0] for name, value in draws.items()}
    new = generator.observations(prepared, jnp.zeros(0), target.theta, first, keys[0])
    assert np.abs(new["y"] - first["a"]).max() < 0.6
    assert without_prior(w.program()) == ()


def test_sites_that_have_no_prior_draw_are_named():
    w = Writer()
    w.site("flat", w.law(D["Improper"]))
    w.site("cut", w.law(D["Normal"], 0.0, 1.0), kind=Kind(interval=Interval(0)), narrowed=True)
    assert [site.name for site in without_prior(w.program())] == ["flat", "cut"]
