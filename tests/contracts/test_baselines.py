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
from svilang.infer import SVI, TraceGraphELBO

pytestmark = pytest.mark.usefixtures("double")


exhaustive = pytest.mark.exhaustive


@pytest.fixture(name="double")
def _double():
    with jax.enable_x64(True):
        yield


def agrees(found, exact, at):
    value, gradient = jax.value_and_grad(exact)(jnp.asarray(at))
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
