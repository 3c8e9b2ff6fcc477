"""The start where the mode of a hierarchy runs away, against the evidence in closed form."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from runtime_targets import everything, normal, simple
from scipy import integrate, stats

from svilang.runtime import start


def hierarchy(y, sigma):
    """``tau ~ Exponential(0.1)`` by its log, each ``theta_i ~ Normal(0, tau)``, ``y_i ~ Normal(theta_i, sigma)``."""

    def log_density(d, z, theta, given):
        tau = jnp.exp(z[0])
        prior = np.log(0.1) - 0.1 * tau + z[0]
        return prior + jnp.sum(normal(z[1:], 0.0, tau)) + jnp.sum(normal(d["y"], z[1:], sigma))

    return simple(1 + len(y), {"y": y}, log_density)


def evidence(y, sigma):
    def integrand(tau):
        return 0.1 * np.exp(-0.1 * tau) * np.exp(np.sum(stats.norm.logpdf(y, 0, np.hypot(tau, sigma))) + shift)

    shift = -np.sum(stats.norm.logpdf(y, 0, np.std(y)))
    return np.log(integrate.quad(integrand, 0, 200, points=[np.std(y)], limit=200)[0]) - shift


@pytest.mark.parametrize("members", [30, pytest.param(60, marks=pytest.mark.exhaustive)])
def test_a_hierarchy_far_from_the_origin_does_not_start_where_its_members_are_all_alike(members):
    y = 20 * np.random.default_rng(members).standard_normal(members)
    target = hierarchy(y, 5.0)
    begin = start.find(target, everything("full_rank", target), seed=0)
    (whiten, _) = begin.whitens
    noise = np.random.default_rng(1).standard_normal((2000, target.size))
    draws = whiten.loc + noise @ whiten.tril.T
    with jax.enable_x64(True):
        log_p = jax.vmap(lambda z: target.log_density(target.data, z, None, None))(jnp.asarray(draws))
    log_q = np.sum(stats.norm.logpdf(noise), axis=1) - np.linalg.slogdet(whiten.tril)[1]
    bound = np.mean(np.asarray(log_p) - log_q)
    assert evidence(y, 5.0) - 2 < bound < evidence(y, 5.0)
    assert np.exp(whiten.loc[0]) == pytest.approx(20, rel=0.4)
