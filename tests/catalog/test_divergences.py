"""Closed-form divergences against the definition: the mean of log p - log q under p."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from distribution_cases import CASES, RARE, Vector, thorough
from distribution_measures import compiled, drawn, lifted, measured, quadrature
from numpyro.distributions import MultivariateNormal
from numpyro.distributions.kl import kl_divergence

from svilang.catalog.distributions import DISTRIBUTIONS
from svilang.catalog.divergences import DIVERGENCES

SCALAR = [pair for pair in DIVERGENCES if not isinstance(CASES[pair[0]], Vector) and pair[0] == pair[1]]


def other(params):
    """A second law: the parameters of the first in another order."""
    return tuple(np.roll(p, 1, axis=0) for p in params)


CROSS = [("Normal", "Laplace"), ("Laplace", "Normal"), ("Uniform", "Normal"), ("Weibull", "Gamma")]


@pytest.mark.parametrize(
    "pair",
    [pytest.param(p, marks=pytest.mark.exhaustive) if p[0] in RARE else p for p in [*SCALAR, *CROSS]],
    ids="-".join,
)
def test_a_divergence_is_the_mean_difference_of_the_log_densities(pair):
    name = pair[0]
    count = min(len(CASES[each].params[0]) for each in pair)
    p = tuple(v[:count] for v in CASES[name].params)
    nodes, weights = (v[:, :count] for v in quadrature(name))
    with jax.enable_x64(True):
        stated, log_q = compiled(
            lambda p, q: (DIVERGENCES[pair](p, q), DISTRIBUTIONS[pair[1]].forms[0].log_prob(nodes, *lifted(q))),
            p,
            tuple(v[:count] for v in other(CASES[pair[1]].params)),
        )
    log_p = measured(name)["nodes"][:, :count]
    share = np.exp(log_p) * weights
    terms = share * np.where(share > 0, log_p - np.where(share > 0, log_q, 0), 0)
    kinked = 1e-5 if "Laplace" in pair else 1e-6
    np.testing.assert_allclose(stated, terms.sum(0), rtol=kinked, atol=1e-8)


@pytest.mark.parametrize("name", thorough(sorted({a for a, b in DIVERGENCES if a == b})))
def test_a_divergence_from_itself_is_zero_and_has_no_slope(name):
    params = CASES[name].params
    divergence = DIVERGENCES[name, name]
    with jax.enable_x64(True):
        value, slope = compiled(
            lambda p: (divergence(p, params), jax.grad(lambda p: divergence(p, params).sum())(p)), params
        )
    np.testing.assert_allclose(value, 0, atol=1e-8)
    if DISTRIBUTIONS[name].bounds != (None, None):
        return  # the support of one law moves out of that of the other, where the divergence is infinite
    free = [s for s, p in zip(slope, DISTRIBUTIONS[name].forms[0].params, strict=True) if not p.event]
    assert all(np.all(np.abs(s) < 1e-6) for s in free)


def test_divergences_of_vectors_agree_with_numpyro():
    loc, tril = CASES["MultivariateNormal"].params
    with jax.enable_x64(True):
        p, q = (loc, tril), other((loc, tril))
        stated = compiled(DIVERGENCES["MultivariateNormal", "MultivariateNormal"], p, q)
        theirs = kl_divergence(MultivariateNormal(p[0], scale_tril=p[1]), MultivariateNormal(q[0], scale_tril=q[1]))
        np.testing.assert_allclose(stated, theirs, rtol=1e-8)
        p, q = CASES["Dirichlet"].params, other(CASES["Dirichlet"].params)
        stated = compiled(DIVERGENCES["Dirichlet", "Dirichlet"], p, q)
        law = CASES["Dirichlet"].numpyro
        np.testing.assert_allclose(stated, kl_divergence(law(*p), law(*q)), rtol=1e-8)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", ["Wishart", "InverseWishart"])
def test_divergences_of_random_matrices_agree_with_draws(name):
    p, q = CASES[name].params, other(CASES[name].params)
    log_prob = DISTRIBUTIONS[name].forms[0].log_prob
    with jax.enable_x64(True):
        stated, terms = compiled(
            lambda x, p, q: (DIVERGENCES[name, name](p, q), log_prob(x, *lifted(p)) - log_prob(x, *lifted(q))),
            drawn(name)["sample"],
            p,
            q,
        )
    assert np.all(np.abs(terms.mean(0) - stated) < 5 * terms.std(0) / np.sqrt(len(terms)))


def test_an_exponential_is_a_gamma_with_shape_one():
    rate, shape, other_rate = np.array([2.0]), np.array([3.0]), np.array([0.5])
    one = np.ones(1)
    with jax.enable_x64(True):
        gamma = DIVERGENCES["Gamma", "Gamma"]
        expected = gamma((one, rate), (shape, other_rate))
        np.testing.assert_allclose(DIVERGENCES["Exponential", "Gamma"]((rate,), (shape, other_rate)), expected)
        expected = gamma((shape, other_rate), (one, rate))
        np.testing.assert_allclose(DIVERGENCES["Gamma", "Exponential"]((shape, other_rate), (rate,)), expected)
