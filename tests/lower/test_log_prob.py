"""``log_prob(D(…), x)``: the density of a distribution at any value, against SciPy, enumeration and ``observe``."""

import jax
import numpy as np
import pytest
from scipy import special, stats

import svilang

TWO = stats.norm(0, 2)
AREA = {"phi": np.array([0.3, -1.2, 0.8, 0.1])}

TERMS = {
    "log_prob(Normal(1, 0.5), sum(phi))": stats.norm(1, 0.5).logpdf(AREA["phi"].sum()),
    "sum(log_prob(Normal(0, 0.5), phi))": stats.norm(0, 0.5).logpdf(AREA["phi"]).sum(),
    "log_prob(x=exp(phi[1]), distribution=Gamma(2, 3))": stats.gamma(2, scale=1 / 3).logpdf(np.exp(-1.2)),
    "log_prob(Gamma(mean=2, sd=1), exp(phi[1]))": stats.gamma(4, scale=0.5).logpdf(np.exp(-1.2)),
    "sum(log_prob(Normal(y, 1), phi))": stats.norm([3, 1, 4, 1], 1).logpdf(AREA["phi"]).sum(),
    "sum(log_prob(Poisson(exp(phi)), y))": stats.poisson(np.exp(AREA["phi"])).logpmf([3, 1, 4, 1]).sum(),
    "log_prob(MultivariateNormal(zeros(area), scale_tril=2 * eye(area)), phi)": TWO.logpdf(AREA["phi"]).sum(),
    "log_prob(Dirichlet(full(area, 2)), softmax(phi))": stats.dirichlet([2] * 4).logpdf(special.softmax(AREA["phi"])),
    "log_prob(Bernoulli(0.3), phi[0] > 0)": np.log(0.3),
    "logsumexp(log_prob(Normal(phi, exp(phi)), 0.5))": special.logsumexp(
        stats.norm(AREA["phi"], np.exp(AREA["phi"])).logpdf(0.5)
    ),
    "sum(log_prob(StudentT(4, scale=2, loc=phi), position(two)))": stats.t(4, AREA["phi"][:, None], 2)
    .logpdf([0, 1])
    .sum(),
    "sum(log_prob(Normal([0, 1, 2, 3], exp(phi)), 0.5))": stats.norm(range(4), np.exp(AREA["phi"])).logpdf(0.5).sum(),
}


def density(term: str, latents: dict[str, np.ndarray]) -> float:
    spec = """
        data { y: count[area] = [3, 1, 4, 1]   dim two = 2 }
        model { plate area { phi ~ Improper(real) }"""
    with jax.enable_x64(True):
        return float(svilang.compile(f"{spec}\nfactor {term} }}").bind().log_density(latents))


@pytest.mark.parametrize("term", TERMS)
def test_the_density_at_a_value_is_that_of_scipy(term):
    assert density(term, AREA) == pytest.approx(TERMS[term], rel=1e-12)


def test_a_density_of_an_observation_is_the_observation():
    data = "data { y: real[n] = [1, 2, 4]  g: k[n] = [0, 1, 1]  dim k = 2 }"
    model = "model {{ m: real[k] ~ Normal(0, 1)  s ~ HalfNormal(1)  plate n {{ {} }} }}"
    terms = ("observe y ~ StudentT(4, m[g], s)", "factor log_prob(StudentT(4, m[g], s), y)")
    texts = [f"{data} {model.format(term)}" for term in terms]
    latents = {"m": np.array([0.5, -0.5]), "s": 0.7}
    with jax.enable_x64(True):
        one, other = (svilang.compile(text).bind() for text in texts)
        values = [jax.value_and_grad(model.log_density)(latents) for model in (one, other)]
    np.testing.assert_allclose(values[0][0], values[1][0], rtol=1e-13)
    for name in latents:
        np.testing.assert_allclose(values[0][1][name], values[1][1][name], rtol=1e-12)


def test_the_density_of_a_discrete_variable_is_summed_out_with_it():
    spec = """
        data { y: real[n] = [0.4, -1.3]  dim k = 3 }
        model {
          w ~ Dirichlet(ones(k))
          level = position(k)
          plate n {
            z ~ Categorical([0.2, 0.3, 0.5] over k)
            factor log_prob(Categorical(w), z)
            factor log_prob(Normal(level[z], 1), y)
          }
        }"""
    w = np.array([0.5, 0.1, 0.4])
    with jax.enable_x64(True):
        found = float(svilang.compile(spec).bind().log_density({"w": w}))
    terms = np.array([0.2, 0.3, 0.5]) * w * stats.norm(np.arange(3), 1).pdf(np.array([[0.4], [-1.3]]))
    assert found == pytest.approx(stats.dirichlet(np.ones(3)).logpdf(w) + np.log(terms.sum(1)).sum(), rel=1e-12)


def test_a_soft_constraint_holds_in_the_posterior():
    spec = """
        data { y: real[n] = [1.2, -0.3, 2.5] }
        model {
          plate n {
            a ~ Normal(0, 1)
            observe y ~ Normal(a, 1)
          }
          factor log_prob(Normal(0, 0.01), sum(a))
        }
        guide = full_rank"""
    fit = svilang.compile(spec).bind().fit(progress="none")
    precision = 2 * np.eye(3) + np.ones((3, 3)) / 1e-4
    mean = np.linalg.solve(precision, [1.2, -0.3, 2.5])
    np.testing.assert_allclose(fit.draws["a"].mean(0), mean, atol=0.04)
    assert np.std(fit.draws["a"].sum(1)) == pytest.approx(0.01, rel=0.1)


def test_the_functions_of_other_languages_for_densities_are_told_of():
    with pytest.raises(svilang.SvilangError, match=r"`log_prob\(D\(…\), x\)`"):
        svilang.compile("model { a ~ Normal(0, 1)  factor normal_lpdf(a, 0, 1) }")
