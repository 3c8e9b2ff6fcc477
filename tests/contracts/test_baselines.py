"""What is taken from the costs of score functions: gradients against enumeration, and their variance."""

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from estimating import estimates
from jax.scipy import stats
from test_estimators import NESTED, NESTED_START, nested_bound

import svilang
from svilang.infer import SVI, RenyiELBO, TraceGraphELBO
from svilang.plan import treat
from svilang.plan.explain import explained

pytestmark = pytest.mark.usefixtures("double")
exhaustive = pytest.mark.exhaustive


def agrees(found, exact, at):
    value, gradient = jax.jit(jax.value_and_grad(exact))(jnp.asarray(at))
    assert abs(found.bounds.mean() - value) < 4.5 * found.bound_error
    assert np.all(np.abs(found.mean - gradient) < 4.5 * found.error + 1e-9)


@pytest.mark.parametrize("baseline", [pytest.param("none", marks=exhaustive), "others", "average(0.8)"])
@pytest.mark.parametrize("particles", [1, pytest.param(3, marks=exhaustive)])
def test_no_baseline_bends_the_gradient(baseline, particles):
    """Two sites, one in a plate that reads the other: whatever was seen before may be taken from the costs."""
    text = NESTED.replace("SCORE", "score a, b")
    before = None
    if baseline.startswith("average"):
        shapes = [costs.shape for costs in costs_of(text)]
        rng = np.random.default_rng(3)
        before = [rng.normal(-2, 1, shape) for shape in shapes]
    found = estimates(text, steps=6000, particles=particles, baseline=baseline, averages=before)
    agrees(found, nested_bound, NESTED_START)


def costs_of(text):
    """The averages before the first step, for their shapes."""
    svi = SVI(svilang.compile(text).bind(), optax.sgd(0.0), TraceGraphELBO(baseline="average"))
    return svi.init(0).averages.sums


SWITCH = """
data { y: real[obs] = [0.3, 1.2, -0.4, 2.0, 0.9] }
model { z ~ Bernoulli(0.3)   plate obs { observe y ~ Normal(2 * z, 1) } }
guide { param q: unit = 0.4   z ~ Bernoulli(q)   score z }
"""
Y = np.array([0.3, 1.2, -0.4, 2.0, 0.9])


def expected_costs():
    """Of the likelihood, the prior and the guide of the switch, in that order."""
    shares = np.array([0.6, 0.4])
    likelihood = np.array([float(jnp.sum(stats.norm.logpdf(Y, 2.0 * z, 1))) for z in (0, 1)])
    return shares @ likelihood, shares @ np.log([0.7, 0.3]), -shares @ np.log(shares)


def test_the_average_over_the_steps_before_is_the_expected_cost():
    svi = SVI(svilang.compile(SWITCH).bind(), optax.sgd(0.0), TraceGraphELBO(baseline="average(decay=0.999)"))
    state = svi.run(1, 5000).state
    found = sorted(float(mean) for mean in jax.tree.leaves(state.averages.means))
    np.testing.assert_allclose(found, sorted(expected_costs()), atol=0.12)
    assert pickle.loads(pickle.dumps(state)).averages.weight == state.averages.weight


def test_a_baseline_near_the_expected_cost_takes_out_noise():
    """One draw: without a baseline the whole cost is noise, with its mean only what varies around that."""
    plain = estimates(SWITCH, particles=1, baseline="none")
    order = [float(one) for one in estimated_order()]
    taken = estimates(SWITCH, particles=1, baseline="average", averages=order)
    costs = np.array([float(jnp.sum(stats.norm.logpdf(Y, 2.0 * z, 1))) for z in (0, 1)])
    costs += np.log([0.7, 0.3]) - np.log([0.6, 0.4])
    shares, score = np.array([0.6, 0.4]), np.array([-0.4, 0.6])  # by the logit of q
    for found, baseline in ((plain, 0.0), (taken, shares @ costs)):
        values = (costs - baseline) * score
        variance = shares @ values**2 - (shares @ values) ** 2
        assert found.gradients.var() == pytest.approx(variance, rel=0.1)
    assert taken.gradients.var() < 0.1 * plain.gradients.var()


def estimated_order():
    """The expected costs in the order of the estimator's own averages."""
    svi = SVI(svilang.compile(SWITCH).bind(), optax.sgd(0.0), TraceGraphELBO(baseline="average(decay=0.99)"))
    means = [float(mean) for mean in svi.run(1, 2000).state.averages.means]
    exact = expected_costs()
    return [min(exact, key=lambda one: abs(one - mean)) for mean in means]


@pytest.mark.posterior
def test_a_fit_by_the_score_function_with_an_average_finds_the_posterior():
    text = SWITCH + "fit { baseline = average   particles = 1   optimizer = adam(0.02)   steps = 3000 }"
    fit = svilang.compile(text).bind().fit(progress="none")
    joint = np.array([np.exp(np.sum(stats.norm.logpdf(Y, 2.0 * z, 1))) * p for z, p in ((0, 0.7), (1, 0.3))])
    assert fit.elbo.value == pytest.approx(float(np.log(joint.sum())), abs=1e-2)


@pytest.mark.posterior
def test_minibatches_share_one_average_and_keep_the_gradient():
    text = """
    data { y: real[obs] = [0.3, 1.2, -0.4, 2.0] }
    model { plate obs { z ~ Bernoulli(0.3)   observe y ~ Normal(2 * z, 1) } }
    guide { plate obs { param q: unit = 0.4   z ~ Bernoulli(q) }   score z }
    fit { minibatch[obs] = 2   baseline = average   particles = 1   optimizer = adam(0.05)   steps = 4000 }
    """
    fit = svilang.compile(text).bind().fit(progress="none")
    y = Y[:4]
    one, two = 0.3 * stats.norm.pdf(y, 2, 1), 0.7 * stats.norm.pdf(y, 0, 1)
    np.testing.assert_allclose(fit.params["q"].values, one / (one + two), atol=0.06)


def test_a_baseline_that_is_none_is_refused():
    with pytest.raises(svilang.SvilangError, match="there is no baseline `mean`"):
        svilang.compile("model { x ~ Normal(0, 1) }   fit { baseline = mean }")
    with pytest.raises(svilang.SvilangError, match="`decay` must be a number from 0 to 1"):
        svilang.compile("model { x ~ Normal(0, 1) }   fit { baseline = average(decay=2) }")
    with pytest.raises(svilang.SvilangError, match="`iwae` has one of its own"):
        svilang.compile("model { x ~ Normal(0, 1) }   fit { objective = iwae   baseline = average }")


# --- baselines of the user -------------------------------------------------------------------------------------------

TOLD = """
data { y: real[obs] = [0.3, 1.2, -0.4] }
model {
  a ~ Bernoulli(0.3)
  plate obs { b ~ Bernoulli(0.6 if a == 1 else 0.2)   observe y ~ Normal(b - a, 1) }
}
guide {
  param qa: unit = 0.4
  param q: real[obs] = 0.3
  param r: real = -0.7
  a ~ Bernoulli(qa)
  plate obs { b ~ Bernoulli(logits=q + r * a) }
  param slope: real = 0.5
  param step: real = -0.4
  param level: real[obs] = -1
  plate obs { score(baseline=level + slope * y + step * a) b }
  ABOVE
}
"""
ABOVE = "param whole: real = -3   score(baseline=whole) a"
TOLD_START = [float(np.log(0.4 / 0.6)), *[0.3] * 3, -0.7, 0.5, -0.4, *[-1.0] * 3]


def told_gradient(start, scored, rows=slice(None), scale=1.0):
    """Of the bound by the parameters of the draws, and of minus half the squared errors by those of the baselines, over
    all values of both; from some rows, each counted ``scale`` times.
    """
    y = Y[:3][rows]

    def parts(phi):
        qa, q, r = jax.nn.sigmoid(phi[0]), phi[1:4][rows], phi[4]
        for a in (0, 1):
            for values in np.ndindex(*(2,) * len(y)):
                b = np.array(values)
                odds = jax.nn.sigmoid(q + r * a)
                log_q = jnp.where(b == 1, jnp.log(odds), jnp.log(1 - odds))
                prior = np.where(b == 1, np.log(0.6 if a else 0.2), np.log(0.4 if a else 0.8))
                log_a = bernoulli(a, qa)
                costs = scale * (prior + stats.norm.logpdf(y, b - a, 1) - log_q)
                above = bernoulli(a, 0.3) - log_a + jnp.sum(costs)
                yield a, log_a + jnp.sum(log_q), costs, above

    def elbo(phi):
        return sum(jnp.exp(log_q) * above for _, log_q, _, above in parts(phi))

    def fit(own):
        total = 0.0
        for a, log_q, costs, above in parts(jnp.asarray(start)):
            taken = scale * (own[2:5][rows] + own[0] * y + own[1] * a)
            errors = jnp.sum((costs - taken) ** 2) / scale
            total -= 0.5 * jnp.exp(log_q) * (errors + (above - own[5]) ** 2 * scored)
        return total

    value, by_draws = jax.jit(jax.value_and_grad(elbo))(jnp.asarray(start))
    by_baselines = jax.jit(jax.grad(fit))(jnp.asarray([*start[5:], 0.0] if len(start) == 10 else start[5:]))
    return value, jnp.concatenate([by_draws[:5], by_baselines[: len(start) - 5]])


def bernoulli(value, p):
    return jnp.log(p) if value else jnp.log(1 - p)


@pytest.mark.parametrize("above", [ABOVE, ""])
@pytest.mark.parametrize("baseline", ["none", pytest.param("others", marks=exhaustive)])
def test_a_baseline_of_the_user_keeps_the_gradient_and_follows_the_costs(above, baseline):
    """The draw that it reads is scored, or summed over."""
    start = [*TOLD_START, -3.0] if above else TOLD_START
    text = TOLD.replace("ABOVE", above)
    found = estimates(text, steps=40_000, baseline=baseline)
    value, gradient = told_gradient(start, 1.0 if above else 0.0)
    assert abs(found.bounds.mean() - value) < 4.5 * found.bound_error
    assert np.all(np.abs(found.mean - gradient) < 4.5 * found.error + 1e-9), (found.mean, gradient, found.error)


def test_a_baseline_of_the_user_counts_the_rows_of_a_minibatch():
    rows = np.array([2, 0])
    text = TOLD.replace("ABOVE", ABOVE)
    found = estimates(text, steps=40_000, batches={"obs": 2}, rows={"obs": rows}, baseline="none")
    value, gradient = told_gradient([*TOLD_START, -3.0], 1.0, rows, 1.5)
    assert abs(found.bounds.mean() - value) < 4.5 * found.bound_error
    assert np.all(np.abs(found.mean - gradient) < 4.5 * found.error + 1e-9), (found.mean, gradient, found.error)


def test_a_baseline_that_fits_the_costs_takes_out_the_noise():
    """The expected cost at each value of what is drawn before."""
    text = SWITCH.replace("score z", "param c: real = C   score(baseline=c) z")
    level = float(sum(expected_costs()))
    spread = [
        estimates(text.replace("C ", f"{at} "), particles=1, baseline="none").gradients[:, 0].var()
        for at in (0.0, level)
    ]
    plain = estimates(SWITCH, particles=1, baseline="none").gradients[:, 0].var()
    assert spread[0] == pytest.approx(plain, rel=1e-9)
    assert spread[1] < 0.1 * plain


def test_a_baseline_of_a_draw_leaves_the_gradient_through_that_draw_as_it_is():
    """In quadrature: `x` moves with `m`, and the baseline of `z` reads `x` and does not move it."""
    text = """
    data { y: real = 1.3 }
    model { x ~ Normal(0, 1)   z ~ Bernoulli(0.3)   observe y ~ Normal(x + 2 * z, 1) }
    guide {
      param m: real = 0.3   param v: real = -0.2   param w: real = 0.8
      x ~ Normal(m, 0.7)
      z ~ Bernoulli(logits=v + w * x)
      net cost(at: real) -> real = mlp(3, tanh)
      score(baseline=cost(x) - 2) z
    }
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)

    def exact(phi):
        x, total = phi[0] + 0.7 * nodes, 0.0
        for z in (0, 1):
            odds = jax.nn.sigmoid(phi[1] + phi[2] * x)
            share = odds if z else 1 - odds
            cost = stats.norm.logpdf(x, 0, 1) - stats.norm.logpdf(x, phi[0], 0.7) + stats.norm.logpdf(1.3, x + 2 * z, 1)
            total += share * (cost + np.log(0.3 if z else 0.7) - jnp.log(share))
        return jnp.sum(total * weights) / np.sqrt(2 * np.pi)

    found = estimates(text, steps=40_000, particles=1)
    gradient = jax.jit(jax.grad(exact))(jnp.asarray([0.3, -0.2, 0.8]))
    own = [slice(block.start, block.stop) for block in found.recipe.layout.target.explicit.names]
    names = [block.name for block in found.recipe.layout.target.explicit.names]
    for name, wanted in zip("mvw", gradient, strict=True):
        at = own[names.index(name)]
        assert abs(found.mean[at] - wanted) < 4.5 * found.error[at]


def test_bounds_of_several_draws_take_no_baseline_of_the_user():
    text = SWITCH.replace("score z", "score(baseline=2) z")
    with pytest.raises(svilang.SvilangError, match="the baseline of `z` is for `elbo`"):
        SVI(svilang.compile(text).bind(), optax.sgd(0.1), RenyiELBO())
    checked = svilang.compile(text).checked
    plan = explained(checked.model, checked.guide, treat(checked.model, checked.guide))
    assert "less the baseline that the guide gives" in " ".join(str(plan).split())


@pytest.mark.posterior
def test_a_fit_trains_a_baseline_beside_the_guide():
    text = SWITCH.replace("score z", "param c: real   score(baseline=c) z")
    text += "fit { baseline = none   particles = 1   optimizer = adam(0.05)   steps = 4000 }"
    fit = svilang.compile(text).bind().fit(progress="none")
    joint = np.array([np.exp(np.sum(stats.norm.logpdf(Y, 2.0 * z, 1))) * p for z, p in ((0, 0.7), (1, 0.3))])
    evidence = float(np.log(joint.sum()))
    assert fit.elbo.value == pytest.approx(evidence, abs=1e-2)
    # At the posterior every draw has the same cost.
    assert fit.params["c"].values == pytest.approx(evidence, abs=0.1)
