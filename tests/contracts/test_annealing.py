"""Bounds in which the terms of the latents count less: one target under every treatment, against integrals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from estimating import estimates, logit, lowered
from jax.scipy import stats

import svilang

pytestmark = pytest.mark.usefixtures("double")
Y = np.array([0.3, 1.2, -0.4, 2.0])
exhaustive = pytest.mark.exhaustive
WEIGHTS = (0.3, *(pytest.param(weight, marks=exhaustive) for weight in (0.0, 1.0)))


def agrees(found, exact, at):
    """The mean bound and gradient are the exact ones within their standard errors, or to 1e-10 without any."""
    value, gradient = jax.jit(jax.value_and_grad(exact))(jnp.asarray(at))
    assert abs(found.bounds.mean() - value) < 4.5 * found.bound_error + 1e-9
    assert np.all(np.abs(found.mean - gradient) < 4.5 * found.error + 1e-9), (found.mean, gradient, found.error)


# --- one continuous latent -------------------------------------------------------------------------------------------

CONTINUOUS = """
data { y: real[obs] = [0.3, 1.2, -0.4, 2.0]   w: positive[obs] = [1, 2, 0.5, 1]   use: binary[obs] = [1, 1, 0, 1] }
model { m ~ Normal(1, 2)   plate obs { observe y ~ Normal(m, 1.5) where use == 1 weight w } }
GUIDE
"""
EXPLICIT = "guide { param a: real = 0.2   param b: positive = 0.5   m ~ Normal(a, b)   EXTRA }"


def continuous(weight, seen=np.arange(4), scale=1.0):
    """Of a Normal guide with a location and a log scale, from the rows that a step has ``seen``."""
    counts = np.array([1.0, 2.0, 0.0, 1.0])[seen]

    def exact(phi):
        a, b = phi[0], jnp.exp(phi[1])
        likelihood = stats.norm.logpdf(Y[seen], a, 1.5) - b**2 / (2 * 1.5**2)
        prior = stats.norm.logpdf(a, 1, 2) - b**2 / 8
        entropy = 0.5 * jnp.log(2 * jnp.pi * jnp.e) + phi[1]
        return scale * jnp.sum(counts * likelihood) + weight * (prior + entropy)

    return exact


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("treatment", ["analytic", "pathwise", "score", "formula", "family"])
def test_every_treatment_of_a_continuous_latent_has_the_same_annealed_bound(weight, treatment):
    """D8: masks, weights and the weight of the divergence are part of the terms."""
    guide = {
        "score": EXPLICIT.replace("EXTRA", "score m"),
        "formula": "guide { param a: real = 0.2   param b: positive = 0.5   aux u ~ Normal(0, 1)   m = a + b * u }",
        "family": "guide = mean_field",
    }.get(treatment, EXPLICIT.replace("EXTRA", ""))
    found = estimates(CONTINUOUS.replace("GUIDE", guide), weight=weight, sampled=treatment == "pathwise")
    at = [0.0, 0.0] if treatment == "family" else [0.2, np.log(0.5)]
    agrees(found, continuous(weight), at)
    if treatment == "analytic":
        assert found.bounds.std() < 1e-12


@pytest.mark.parametrize("treatment", ["analytic", "score"])
def test_a_minibatch_of_an_annealed_bound_counts_its_rows_and_no_prior(treatment):
    extra = "score m" if treatment == "score" else ""
    text = CONTINUOUS.replace("GUIDE", EXPLICIT.replace("EXTRA", extra))
    rows = np.array([1, 3])
    found = estimates(text, weight=0.3, batches={"obs": 2}, rows={"obs": rows})
    agrees(found, continuous(0.3, rows, 2.0), [0.2, np.log(0.5)])


def test_the_jacobian_of_a_positive_latent_counts_with_its_prior():
    text = """
    data { y: real[obs] = [0.3, 1.2, -0.4, 2.0] }
    model { s ~ Exponential(0.7)   plate obs { observe y ~ Normal(0, s) } }
    guide = mean_field
    """
    grid = jnp.linspace(-10, 10, 20_001)

    def exact(phi):
        log_q = stats.norm.logpdf(grid, phi[0], jnp.exp(phi[1]))
        prior = stats.expon.logpdf(jnp.exp(grid), scale=1 / 0.7) + grid
        likelihood = jnp.sum(stats.norm.logpdf(Y[:, None], 0, jnp.exp(grid)), axis=0)
        inside = jnp.where(grid > -6, jnp.exp(log_q) * (likelihood + 0.4 * (prior - log_q)), 0)
        return jnp.trapezoid(inside, grid)

    agrees(estimates(text, weight=0.4, at=[0.3, -0.9]), exact, [0.3, -0.9])


# --- discrete latents and mixtures -----------------------------------------------------------------------------------

DISCRETE = """
data { y: real[obs] = [0.3, 1.2, -0.4, 2.0] }
model {
  z ~ Bernoulli(0.3)
  plate obs { c ~ Bernoulli(0.25 + 0.5 * z)   x ~ Normal(z, 1)   observe y ~ Normal(x + 2 * c, 1) }
}
guide {
  param q: unit = 0.4
  param m: real = 0.3
  z ~ Bernoulli(q)
  plate obs { x ~ Normal(m + z, 0.6) }
  SCORE
}
"""


def discrete(weight):
    """``c`` is summed out of the model: its probabilities have no divergence of their own."""
    grid = jnp.linspace(-6, 8, 1_001)

    def exact(phi):
        q, m, total = jax.nn.sigmoid(phi[0]), phi[1], 0.0
        for z, share, prior in ((0, 1 - q, 0.7), (1, q, 0.3)):
            log_q = stats.norm.logpdf(grid, m + z, 0.6)
            c = 0.25 + 0.5 * z
            both = [stats.norm.logpdf(Y[:, None], grid + 2.0 * k, 1) + jnp.log(p) for k, p in ((0, 1 - c), (1, c))]
            inside = jnp.logaddexp(*both) + weight * (stats.norm.logpdf(grid, z, 1) - log_q)
            of_x = jnp.sum(jnp.trapezoid(jnp.exp(log_q) * inside, grid))
            total += share * (of_x + weight * (jnp.log(prior) - jnp.log(share)))
        return total

    return exact


@pytest.mark.parametrize("score", ["", "score z", pytest.param("score z, x", marks=exhaustive)])
@pytest.mark.parametrize("weight", [0.3, pytest.param(1.0, marks=exhaustive)])
def test_sums_draws_and_scores_of_a_discrete_latent_have_the_same_annealed_bound(weight, score):
    found = estimates(DISCRETE.replace("SCORE", score), weight=weight, steps=8_000)
    agrees(found, discrete(weight), [logit(0.4), 0.3])


@exhaustive
def test_the_branches_of_a_mixture_have_the_annealed_bound():
    text = """
    data { y: real = 1.3   dim k = 2 }
    model { x ~ Normal(0, 2)   observe y ~ Normal(x, 1) }
    guide { param w: simplex[k]   param m: real[k] = [-1, 1.5]   x ~ Mixture(w, Normal(m, 0.7)) }
    """
    grid, low = jnp.linspace(-12, 12, 20_001), lowered(text)

    def exact(phi):
        given = low.guide_parameters(phi)
        log_q = jax.nn.logsumexp(jnp.log(given["w"]) + stats.norm.logpdf(grid[:, None], given["m"], 0.7), axis=1)
        prior, likelihood = stats.norm.logpdf(grid, 0, 2), stats.norm.logpdf(1.3, grid, 1)
        return jnp.trapezoid(jnp.exp(log_q) * (likelihood + 0.4 * (prior - log_q)), grid)

    agrees(estimates(text, weight=0.4), exact, np.asarray(low.target.explicit.init))


# --- fits ------------------------------------------------------------------------------------------------------------

NORMAL = """
data { y: real[obs] = [0.3, 1.2, -0.4, 2.0] }
model { m ~ Normal(0, 1)   plate obs { observe y ~ Normal(m, 1) } }
guide { param a: real   param b: positive = 0.1   m ~ Normal(a, b) }
FIT
"""
EVIDENCE = -2 * np.log(2 * np.pi) - 0.5 * np.log(5) - 0.5 * (Y @ Y - Y.sum() ** 2 / 5)


@pytest.mark.parametrize("optimizer", ["", "optimizer = adam(0.02)   steps = 1500"])
def test_an_annealed_fit_ends_at_the_bound_itself_and_reports_that(optimizer):
    fit = svilang.compile(NORMAL.replace("FIT", f"fit {{ objective = elbo(anneal=300)   {optimizer} }}")).bind()
    found = fit.fit(progress="none")
    assert found.elbo.value == pytest.approx(EVIDENCE, abs=2e-3)
    # At first nothing but the likelihood counts.
    location = {row.name: row.value for row in found.parameters()}["a"]
    assert location == pytest.approx(Y.sum() / 5, abs=0.02)
    if optimizer:
        first = np.sum(stats.norm.logpdf(Y, 0, 1)) - 2 * 0.1**2
        assert -found.losses[0] == pytest.approx(float(first), abs=1e-6)


def test_an_objective_is_named_when_the_fit_is_asked_for():
    model = svilang.compile(NORMAL.replace("FIT", "fit { steps = 900 }")).bind()
    fit = model.fit(objective="elbo(anneal=300, from=0.2)", progress="none")
    assert fit.settings["objective"] == "elbo(anneal=300, from=0.2)"
    with pytest.raises(svilang.SvilangError, match="`anneel`"):
        model.fit(objective="elbo(anneel=300)", progress="none")
    with pytest.raises(svilang.SvilangError, match="900 steps in all"):
        model.fit(objective="elbo(anneal=1000)", progress="none")
    with pytest.raises(svilang.SvilangError, match="`objective` has one value"):
        model.fit(objective="elbo   steps = 3", progress="none")
