"""The bound and its gradient under every treatment of a guide's sites, against sums and integrals in closed form."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from estimating import estimates, logit, lowered
from jax.scipy import stats

import svilang

pytestmark = pytest.mark.usefixtures("double")
Y = np.array([0.3, 1.2, -0.4])


def bernoulli(value, p):
    return jnp.log(p) if value else jnp.log(1 - p)


def agrees(found, exact, at, deviations=4.5):
    """The mean bound and gradient are the exact ones within their standard errors, or to 1e-10 without any."""
    value, gradient = jax.jit(jax.value_and_grad(exact))(jnp.asarray(at))
    noisy = found.bounds.std() > 1e-9
    assert abs(found.bounds.mean() - value) < (deviations * found.bound_error if noisy else 1e-10)
    for mean, error, wanted in zip(found.mean, found.error, gradient, strict=True):
        assert abs(mean - wanted) < (deviations * error if error > 1e-9 else 1e-10), (found.mean, gradient)


# --- discrete sites --------------------------------------------------------------------------------------------------

NESTED = """
data { y: real[obs] = [0.3, 1.2, -0.4] }
model {
  a ~ Bernoulli(0.3)
  plate obs {
    pb = 0.6 if a == 1 else 0.2
    b ~ Bernoulli(pb)
    c ~ Bernoulli(0.4)
    observe y ~ Normal(b + 2 * c - a, 1)
  }
}
guide {
  param qa: unit = 0.4
  a ~ Bernoulli(qa)
  plate obs {
    param q1: unit = 0.3
    param q0: unit = 0.6
    q = q1 if a == 1 else q0
    b ~ Bernoulli(q)
  }
  SCORE
}
"""
NESTED_START = [logit(0.4)] + [logit(0.3)] * 3 + [logit(0.6)] * 3


def nested_bound(phi):
    """``c`` is summed out of the model, ``a`` and ``b`` are averaged over the guide."""
    qa, q1, q0 = jax.nn.sigmoid(phi[0]), jax.nn.sigmoid(phi[1:4]), jax.nn.sigmoid(phi[4:7])
    total = 0.0
    for a in (0, 1):
        inner = bernoulli(a, 0.3) - bernoulli(a, qa)
        for i, y in enumerate(Y):
            for b in (0, 1):
                log_q = bernoulli(b, (q1 if a else q0)[i])
                with_c = [stats.norm.logpdf(y, b + 2.0 * c - a) + bernoulli(c, 0.4) for c in (0, 1)]
                joint = bernoulli(b, 0.6 if a else 0.2) + jnp.logaddexp(*with_c)
                inner += jnp.exp(log_q) * (joint - log_q)
        total += jnp.exp(bernoulli(a, qa)) * inner
    return total


exhaustive = pytest.mark.exhaustive


@pytest.mark.parametrize(
    "score", ["", *(pytest.param(one, marks=exhaustive) for one in ("score a", "score b")), "score a, b"]
)
def test_sites_of_nested_plates_have_the_bound_of_all_their_values(score):
    found = estimates(NESTED.replace("SCORE", score), steps=4 if not score else 4000)
    agrees(found, nested_bound, NESTED_START)
    assert found.recipe.expects


@exhaustive
def test_the_cost_of_one_member_does_not_disturb_the_gradient_of_another():
    """D32: with the plate known, the variance does not grow with the number of members."""
    text = """
    data { dim obs = N }
    model { plate obs { z ~ Bernoulli(0.3)   x ~ Normal(z, 1) } }
    guide { plate obs { param q: unit = 0.4   z ~ Bernoulli(q)   x ~ Normal(0.5, 1) }   score z }
    """
    few, many = (estimates(text.replace("N }", f"{n} }}")).gradients.std(0) for n in (2, 20))
    assert np.mean(many) == pytest.approx(np.mean(few), rel=0.1)


@pytest.mark.parametrize("members", [2, 5])
def test_a_guide_whose_numbers_all_members_share_is_exact(members):
    text = f"""
    data {{ dim obs = {members} }}
    model {{ plate obs {{ z ~ Bernoulli(0.3)   x ~ Normal(z, 1) }} }}
    guide {{ plate obs {{ param q: unit = 0.4   z ~ Bernoulli(q)   x ~ Normal(0.2, 2) }} }}
    """
    wanted = 0.4 * np.log(0.3 / 0.4) + 0.6 * np.log(0.7 / 0.6)
    wanted += 0.5 + np.log(2) - 0.5 * (4 + 0.4 * 0.8**2 + 0.6 * 0.2**2)
    np.testing.assert_allclose(estimates(text, steps=3).bounds, members * wanted, rtol=1e-12)


@exhaustive
def test_a_discrete_site_that_a_continuous_one_reads():
    text = """
    data { y: real = 1.3 }
    model { z ~ Bernoulli(0.3)   x ~ Normal(z, 1)   observe y ~ Normal(2 * x, 1) }
    guide {
      param q: unit = 0.4
      param m1: real = 1
      param m0: real = 0.2
      param s: positive = 0.7
      z ~ Bernoulli(q)
      x ~ Normal(m1 if z == 1 else m0, s)
      SCORE
    }
    """

    def exact(phi):
        q, means, s = jax.nn.sigmoid(phi[0]), [phi[2], phi[1]], jnp.exp(phi[3])
        total = 0.0
        for z in (0, 1):
            prior = -0.5 * ((means[z] - z) ** 2 + s**2) - 0.5 * np.log(2 * np.pi)
            likelihood = -0.5 * ((1.3 - 2 * means[z]) ** 2 + 4 * s**2) - 0.5 * np.log(2 * np.pi)
            entropy = 0.5 * jnp.log(2 * np.pi * np.e * s**2)
            log_q = bernoulli(z, q)
            total += jnp.exp(log_q) * (bernoulli(z, 0.3) - log_q + prior + likelihood + entropy)
        return total

    at = [logit(0.4), 1.0, 0.2, np.log(0.7)]
    spread = {}
    for score in ("", "score z", "score x", "score x, z"):
        found = estimates(text.replace("SCORE", score), steps=4000)
        agrees(found, exact, at)
        spread[score] = found.gradients.std(0)
    assert np.all(spread[""] <= 1.1 * spread["score x, z"])


def test_a_chosen_support_is_that_of_the_distribution():
    text = """
    data { y: real = 4.2 }
    model { n ~ DiscreteUniform(3, 6)   observe y ~ Normal(n, 1) }
    guide { param p: unit = 0.3   n ~ Binomial(3, p) }
    """
    with pytest.raises(svilang.SvilangError, match="`n`"):
        estimates(text)
    text = text.replace("DiscreteUniform(3, 6)", "DiscreteUniform(0, 3)")

    def exact(phi):
        p = jax.nn.sigmoid(phi[0])
        log_q = [np.log([1, 3, 3, 1][n]) + n * jnp.log(p) + (3 - n) * jnp.log(1 - p) for n in range(4)]
        return sum(jnp.exp(one) * (stats.norm.logpdf(4.2, n) - np.log(4) - one) for n, one in enumerate(log_q))

    agrees(estimates(text, steps=3), exact, [logit(0.3)])


def test_a_value_that_the_guide_excludes_leaves_finite_gradients():
    text = """
    data { y: real = 1   dim k = 3 }
    model { m: real[k] ~ Normal(0, 1)   z ~ Categorical(ones(k) / 3)   observe y ~ Normal(m[z], 1) }
    guide { param a: real   z ~ Categorical(logits=[a, -1000, -a] over k)   rest ~ mean_field }
    """
    found = estimates(text, steps=3)
    assert np.all(np.isfinite(found.gradients))
    assert np.all(np.isfinite(found.bounds))


# --- bounds of several particles -------------------------------------------------------------------------------------


def renyi_gradient(logit_q, order, particles=2):
    """Of the bound of two draws of one Bernoulli, over all pairs of draws."""

    def bound(phi):
        q = jax.nn.sigmoid(phi)
        log_q = jnp.stack([bernoulli(0, q), bernoulli(1, q)])
        joint = jnp.stack([stats.norm.logpdf(1.3, 2.0 * z) + bernoulli(z, 0.3) for z in (0, 1)])
        weights = joint - log_q
        pairs = jnp.logaddexp(order * weights[:, None], order * weights[None, :]) - np.log(2)
        return jnp.sum(jnp.exp(log_q[:, None] + log_q[None, :]) * pairs / order)

    return jax.jit(jax.value_and_grad(bound))(jnp.asarray(logit_q))


@pytest.mark.parametrize("score", [pytest.param("", marks=exhaustive), "score z"])
@pytest.mark.parametrize(("objective", "settings", "order"), [("iwae", {"k": 2}, 1.0), ("renyi", {"alpha": 0.5}, 0.5)])
def test_a_bound_of_several_draws_has_the_right_gradient_through_discrete_sites(objective, settings, order, score):
    """D5: the peer has the wrong sign."""
    text = """
    data { y: real = 1.3 }
    model { z ~ Bernoulli(0.3)   observe y ~ Normal(2 * z, 1) }
    guide { param q: unit = 0.4   z ~ Bernoulli(q)   SCORE }
    """
    found = estimates(text.replace("SCORE", score), objective=objective, steps=10_000, **settings)
    value, gradient = renyi_gradient(logit(0.4), order)
    assert abs(found.bounds.mean() - value) < 4.5 * found.bound_error
    assert abs(found.mean[0] - gradient) < 4.5 * found.error[0]


def test_the_importance_weighted_bound_rises_with_the_draws_to_the_log_evidence():
    """Burda et al. (2016), theorem 1; the first bound is the ELBO in closed form."""
    text = """
    data { y: real = 1.3 }
    model { x ~ Normal(0, 2)   observe y ~ Normal(x, 1) }
    guide { param m: real = -0.5   x ~ Normal(m, 1.8) }
    """
    evidence = float(stats.norm.logpdf(1.3, 0, np.sqrt(5)))
    sizes = (1, 4, 16, 64)
    found = [estimates(text, objective="iwae", k=k, particles=k, steps=4000, seed=k) for k in sizes]
    bounds, errors = [one.bounds.mean() for one in found], [one.bound_error for one in found]
    elbo = stats.norm.logpdf(-0.5, 0, 2) - 1.8**2 / 8 + stats.norm.logpdf(1.3, -0.5, 1) - 1.8**2 / 2
    elbo += 0.5 * np.log(2 * np.pi * np.e * 1.8**2)
    assert abs(bounds[0] - elbo) < 4.5 * errors[0]
    for k in range(len(sizes) - 1):
        assert bounds[k + 1] - bounds[k] > 3 * np.hypot(errors[k], errors[k + 1])
    assert -3 * errors[-1] < evidence - bounds[-1] < 0.05


# --- mixtures and formulas -------------------------------------------------------------------------------------------


@exhaustive
@pytest.mark.parametrize("form", ["Mixture(w, Normal(m, s))", "Mixture(w, [Normal(m[0], s), Normal(m[1], s)])"])
def test_the_branches_of_a_mixture_are_weighted_exactly(form):
    text = f"""
    data {{ y: real = 1.3   dim k = 2 }}
    model {{ x ~ Normal(0, 2)   observe y ~ Normal(x, 1) }}
    guide {{ param w: simplex[k]   param m: real[k] = [-1, 1.5]   param s: positive = 0.7   x ~ {form} }}
    """
    grid, low = jnp.linspace(-12, 12, 20_001), lowered(text)

    def exact(phi):
        given = low.guide_parameters(phi)
        parts = jnp.log(given["w"]) + stats.norm.logpdf(grid[:, None], given["m"], given["s"])
        log_q = jax.nn.logsumexp(parts, axis=1)
        joint = stats.norm.logpdf(grid, 0, 2) + stats.norm.logpdf(1.3, grid, 1)
        return jnp.trapezoid(jnp.exp(log_q) * (joint - log_q), grid)

    at = np.asarray(low.target.explicit.init)
    found = estimates(text, steps=4000)
    agrees(found, exact, at)
    by_score = estimates(text.replace("x ~ Mixture", "score x   x ~ Mixture"), steps=4000)
    agrees(by_score, exact, at)
    assert np.all(found.gradients.std(0) < by_score.gradients.std(0))


def test_a_latent_made_by_formulas_has_the_density_of_the_change_of_variables():
    """Two correlated coordinates of each member; the joint density is a Gaussian that is known."""
    text = """
    data { y: real[item] = [0.5, -1] }
    model { plate item { a ~ Normal(0, 1)   b ~ LogNormal(0, 1)   observe y ~ Normal(a, 1) } }
    guide { plate item {
      param m: real = 0.3
      param c: real = 0.8
      aux u ~ Normal(m, 0.7)
      aux v ~ Normal(0, 0.5)
      a = u + 0.5 * v
      b = exp(c * u - v)
    } }
    """
    low = lowered(text)
    explicit, prepared = low.target.explicit, low.target.prepare(low.target.data)
    rng = np.random.default_rng(1)
    noise = {"normal": rng.normal(size=explicit.noise.normal), "uniform": np.zeros(0), "keys": np.zeros((0, 2))}
    given, log_q, scored = explicit.sample(prepared, explicit.init, noise, jnp.zeros(0))
    mixing = np.array([[1, 0.5], [0.8, -1]])
    covariance = mixing @ np.diag([0.49, 0.25]) @ mixing.T
    points = np.stack([given["a"], np.log(given["b"])], axis=1)
    means = mixing @ [0.3, 0]
    density = sum(stats.multivariate_normal.logpdf(x, means, covariance) - x[1] for x in points)
    assert log_q == pytest.approx(float(density), abs=1e-10)
    assert scored is None

    def exact(phi):
        total = 0.0
        for m, c, y in zip(phi[:2], phi[2:], [0.5, -1.0], strict=True):
            spread_b = c**2 * 0.49 + 0.25
            total += -0.5 * (m**2 + 0.49 + 0.0625) - 0.5 * ((y - m) ** 2 + 0.49 + 0.0625) - 1.5 * np.log(2 * np.pi)
            total += -0.5 * ((c * m) ** 2 + spread_b) - c * m
            total += 0.5 * np.log((2 * np.pi * np.e) ** 2 * 0.49 * 0.25) + jnp.log(jnp.abs(-1 - 0.5 * c)) + c * m
        return total

    agrees(estimates(text, steps=4000), exact, [0.3, 0.3, 0.8, 0.8])


# --- draws -----------------------------------------------------------------------------------------------------------


@pytest.mark.posterior
def test_a_fit_draws_the_values_of_discrete_sites_with_their_density():
    """The guide can be exact: the bound is the log evidence and the draws have the posterior's frequencies."""
    text = """
    data { y: real = 1.3 }
    model { z ~ Bernoulli(0.3)   observe y ~ Normal(2 * z, 1) }
    guide { param q: unit = 0.4   z ~ Bernoulli(q) }
    """
    fit = svilang.compile(text).bind().fit(progress="none")
    joint = np.array([0.7, 0.3]) * np.exp(stats.norm.logpdf(1.3, np.array([0.0, 2.0])))
    assert fit.elbo.value == pytest.approx(np.log(joint.sum()), abs=1e-6)
    share = joint[1] / joint.sum()
    assert fit.draws["z"].dtype.kind == "i"
    assert fit.draws["z"].mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 2000))
    weights = fit.take(200).log_p - fit.take(200).log_q
    assert np.ptp(weights) < 1e-3
