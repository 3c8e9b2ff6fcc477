"""The gradient of a mixture of guides: that of the bound, and none where the guide is the posterior."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import svilang
from svilang.infer import SVI, TraceMeanFieldELBO

STEPS = 20_000
APART = np.array([0.3, -0.2, 0.7, -0.4, -0.9, 0.1])
"""Logits of two components, then location and log scale of each; the posterior is a standard Normal."""


@pytest.fixture(scope="module")
def gradients():
    """Gradients of the loss at some parameters, one row for each step."""
    with jax.enable_x64(True):
        svi = SVI(
            svilang.compile("model { x ~ Normal(0, 1) } guide = mixture(2, mean_field)").bind(),
            optax.sgd(0.1),
            TraceMeanFieldELBO(num_particles=2),
        )
        state = svi.init(3)
        name = next(iter(state.params))

        def one(params, step):
            return jax.grad(lambda p: svi.evaluate(state._replace(params={name: p}, step=step)))(params)

        program = jax.jit(lambda p: jax.lax.map(lambda step: one(p, step), jnp.arange(STEPS), batch_size=500))
        yield lambda params: np.asarray(program(jnp.asarray(params)))


def _divergence(params):
    """KL of the mixture from a standard Normal, by quadrature."""
    x = jnp.linspace(-12, 12, 20_001)
    own = params[2:].reshape(2, 2)
    each = jax.scipy.stats.norm.logpdf(x, own[:, :1], jnp.exp(own[:, 1:]))
    log_q = jax.scipy.special.logsumexp(jax.nn.log_softmax(params[:2])[:, None] + each, axis=0)
    return jnp.trapezoid(jnp.exp(log_q) * (log_q - jax.scipy.stats.norm.logpdf(x)), x)


def test_a_mixture_has_the_gradient_of_the_bound(gradients):
    found = gradients(APART)
    error = found.std(axis=0) / np.sqrt(len(found))
    exact = jax.grad(_divergence)(jnp.asarray(APART))
    assert np.all(np.abs(found.mean(axis=0) - exact) < 4 * error), (found.mean(axis=0), exact, error)


def test_a_mixture_has_no_noise_at_the_posterior(gradients):
    np.testing.assert_allclose(gradients(np.array([0.4, 0, 0, 0, 0, 0])), 0, atol=1e-12)
