"""Objectives that steer the gradient of each draw: their mean against closed forms, on a Gaussian of one dimension."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy import stats

import svilang
from svilang.infer import SVI
from svilang.infer.elbo import ELBO
from svilang.runtime.objectives import OBJECTIVES

DRAWS = 5_000
SHIFT, WIDTH = 0.4, np.exp(0.3)
"""The guide at which gradients are taken; the posterior is a standard Normal."""


class Steered(ELBO):
    """An objective of the table by name, with a number of particles."""

    vectorize_particles = True

    def __init__(self, name, particles, **settings):
        self.name, self.num_particles, self._settings = name, particles, settings

    @property
    def settings(self):
        return self._settings


def stepper(loss):
    """Steps for a standard Normal, with the name of the guide's one vector."""
    svi = SVI(svilang.compile("model { x ~ Normal(0, 1) } guide = mean_field").bind(), optax.sgd(0.1), loss)
    state = svi.init(3)
    return svi, state, next(iter(state.params))


def gradients(loss, shift=SHIFT, width=WIDTH):
    """Gradients of the bound by location and log scale, one row for each step."""
    with jax.enable_x64(True):
        svi, state, name = stepper(loss)
        params = {name: jnp.array([shift, np.log(width)])}

        def one(step):
            return jax.grad(lambda params: svi.evaluate(state._replace(params=params, step=step)))(params)[name]

        return -np.asarray(jax.jit(lambda steps: jax.lax.map(one, steps, batch_size=500))(jnp.arange(DRAWS)))


def agrees(found, exact):
    error = found.std(axis=0) / np.sqrt(len(found))
    assert np.all(np.abs(found.mean(axis=0) - exact) < 4.5 * error + 1e-12), (found.mean(axis=0), exact, error)


def test_sticking_the_landing_has_the_gradient_of_the_bound():
    agrees(gradients(Steered("stl", 1)), [-SHIFT, 1 - WIDTH**2])


def test_sticking_the_landing_has_no_noise_at_the_posterior():
    np.testing.assert_allclose(gradients(Steered("stl", 1), 0.0, 1.0), 0, atol=1e-12)


def test_doubly_reparameterised_gradients_are_those_of_the_bound_with_less_noise():
    plain, steered = gradients(Steered("iwae", 16, k=16)), gradients(Steered("dreg", 16, k=16))
    error = np.sqrt((plain.var(axis=0) + steered.var(axis=0)) / DRAWS)
    assert np.all(np.abs(plain.mean(axis=0) - steered.mean(axis=0)) < 4.5 * error)
    assert np.all(steered.std(axis=0) < plain.std(axis=0))


def test_wake_sleep_follows_the_forward_divergence():
    exact = -jax.grad(lambda p: _forward(p[0], p[1]))(jnp.array([SHIFT, np.log(WIDTH)]))
    found = gradients(Steered("rws", 256, k=256))
    np.testing.assert_allclose(found.mean(axis=0), exact, atol=0.02)


def _forward(loc, log_scale):
    """KL(N(0, 1) ‖ N(loc, scale))."""
    return log_scale + (1 + loc**2) / (2 * jnp.exp(2 * log_scale)) - 0.5


def test_the_tail_adaptive_gradient_is_that_of_ranked_weights():
    """By hand, from the same noise, for one step."""
    with jax.enable_x64(True):
        svi, state, name = stepper(Steered("tail_adaptive", 8))
        params = {name: jnp.array([SHIFT, np.log(WIDTH)])}
        found = -np.asarray(jax.grad(lambda p: svi.evaluate(state._replace(params=p)))(params)[name])
        noise = np.asarray(svi._row(state.key, state.step)["noise"]["normal"])[:, 0]
    x = SHIFT + WIDTH * noise
    weights = stats.norm.logpdf(x) - stats.norm.logpdf(x, SHIFT, WIDTH)
    tail = np.array([np.mean(weights >= weight) for weight in weights])
    share = 1 / tail / np.sum(1 / tail)
    slope = -x + (x - SHIFT) / WIDTH**2
    np.testing.assert_allclose(found, [np.sum(share * slope), np.sum(share * slope * WIDTH * noise)], rtol=1e-9)


@pytest.mark.posterior
@pytest.mark.parametrize("objective", ["stl", "dreg(8)", "rws(64)", "tail_adaptive"])
def test_a_fit_finds_the_posterior(objective):
    text = "data { y: real[n] = [1, 3] } model { m ~ Normal(0, 1) plate n { observe y ~ Normal(m, 1) } }"
    fit = svilang.compile(f"{text} fit {{ objective = {objective} }}").bind().fit(seed=0, progress="none")
    row = fit.summary()[0]
    assert row.mean == pytest.approx(4 / 3, abs=0.03)
    assert row.sd == pytest.approx(np.sqrt(1 / 3), rel=0.05)


@pytest.mark.posterior
def test_wake_sleep_fits_a_discrete_guide():
    text = """
    data { y: real = 1.3 }
    model { z ~ Bernoulli(0.3)   observe y ~ Normal(2 * z, 1) }
    guide { param q: unit = 0.5   z ~ Bernoulli(q) }
    fit { objective = rws(32)   optimizer = adam(0.02)   steps = 3000 }
    """
    fit = svilang.compile(text).bind().fit(seed=0, progress="none")
    odds = 0.3 / 0.7 * np.exp(stats.norm.logpdf(1.3, 2, 1) - stats.norm.logpdf(1.3, 0, 1))
    assert fit.parameters()[0].value == pytest.approx(odds / (1 + odds), abs=0.03)


def test_the_landing_is_stuck_late_where_the_setting_says_so():
    """Early a draw counts with the whole gradient, the mean of which is that of the bound too."""
    row, weights = OBJECTIVES["stl"], jnp.zeros(4)
    early, late = (row.slopes(weights, {"after": 0.7, "progress": at}) for at in (0.69, 0.7))
    np.testing.assert_allclose(early.guide, -0.25)
    np.testing.assert_allclose(late.guide, 0)
    np.testing.assert_allclose(early.draws, late.draws)


def test_a_fit_that_sticks_the_landing_late_ends_without_noise():
    text = "model { x ~ Normal(1, 2)   y ~ Normal(x, 1) } guide = full_rank fit { objective = stl(after=0.5) }"
    fit = svilang.compile(text).bind().fit(seed=1, steps=2000, progress="none")
    assert fit.elbo.value == pytest.approx(0, abs=1e-6)
    assert fit.elbo.se < 1e-6
