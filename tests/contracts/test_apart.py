"""Bounds that are taken for each member of a plate by itself, against formulas of their own and NumPyro's."""

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
import optax
import pytest
from estimating import estimates
from scipy.special import logsumexp
from scipy.stats import norm

import svilang
from svilang import pipeline
from svilang.infer import SVI, RenyiELBO
from svilang.runtime import layout, noise
from svilang.runtime.noise import Plan, Stream
from svilang.runtime.objectives import OBJECTIVES
from svilang.runtime.program import Recipe
from svilang.runtime.view import View

pytestmark = pytest.mark.usefixtures("double")
exhaustive = pytest.mark.exhaustive

Y = np.array([0.3, -1.2, 2.0, 0.7, 1.1, -0.4])
N = len(Y)
LOCAL = """
data { y: real[obs] }
model {
  param s: positive = 1.3
  plate obs { z ~ Normal(0.4, s)   observe y ~ Normal(z, 0.8) }
}
guide { plate obs { param a: real = 0.1 * position(obs)   z ~ Normal(a, 0.9) } }
"""
NOT_LINEAR = {
    "iwae": {"k": 2}, "renyi": {"alpha": -0.5}, "dreg": {"k": 2}, "rws": {"k": 2}, "tail_adaptive": {}
}  # fmt: skip


def log_weights(draws):
    """``[particles, members]`` under the spec above, for standard normal ``draws``."""
    a = 0.1 * np.arange(N)
    z = a + 0.9 * draws
    return norm.logpdf(z, 0.4, 1.3) + norm.logpdf(Y, z, 0.8) - norm.logpdf(z, a, 0.9)


@pytest.mark.parametrize(("objective", "order"), [("iwae", 1.0), ("renyi", 0.5)])
@pytest.mark.parametrize("rows", [None, np.array([4, 1])])
def test_the_bound_is_the_sum_of_the_bounds_of_the_members(objective, order, rows):
    seen = {} if rows is None else {"batches": {"obs": len(rows)}, "rows": {"obs": rows}}
    settings = {"k": 4} if objective == "iwae" else {"alpha": 0.5}
    found = estimates(
        LOCAL, data={"y": Y}, steps=3, particles=4, objective=objective, antithetic=False, **seen, **settings
    )
    count = N if rows is None else len(rows)
    source = noise.on_host(Plan(3, 4, noise.Noise(count), antithetic=False), 0, Stream.FIT, 0, np.dtype(float))
    which = np.arange(N) if rows is None else rows
    for told, draws in zip(found.bounds, source["normal"], strict=True):
        every = np.zeros((4, N))
        every[:, which] = draws
        own = log_weights(every)[:, which]
        each = (logsumexp(order * own, axis=0) - np.log(4)) / order
        assert told == pytest.approx(N / count * each.sum(), rel=1e-12)


@pytest.mark.parametrize("more", [1, 4])
def test_the_importance_weighted_bound_rises_to_the_evidence_of_the_members_by_itself(more):
    """With all members in one weight 64 draws are far below."""
    evidence = norm.logpdf(Y, 0.4, np.hypot(1.3, 0.8)).sum()
    few, many = (
        estimates(LOCAL, data={"y": Y}, steps=2000, particles=k, objective="iwae", k=k) for k in (2 * more, 16 * more)
    )
    assert few.bounds.mean() < many.bounds.mean() < evidence + 5 * many.bound_error
    assert evidence - many.bounds.mean() < 0.15 / more


WITH_ALL = """
data { y: real[obs]   w: positive[obs]   x: real[obs, feature]   g: real[group] }
model {
  param b: real[feature] = [0.5, -0.2]   param c: real = 0.3
  plate obs {
    k ~ Bernoulli(0.3)
    z ~ Gamma(2, 1.5)
    u: real[feature] ~ Normal(0, 1)
    observe y ~ Normal(z + k + (x + u) @ b, 0.8) weight w
    factor -0.1 * z
  }
  plate group { observe g ~ Normal(c, 1) }
}
guide { rest ~ mean_field }
"""
TOLD = {
    "y": Y, "w": np.linspace(0.5, 2, N), "x": np.cos(np.arange(2.0 * N)).reshape(N, 2), "g": np.array([0.2, 1.0])
}


def loss(batches, objective, settings, text=WITH_ALL, data=TOLD):
    """The loss of a step as a function of parameters, noise of all members, and rows."""
    program = svilang.compile(text)
    bound = program.bind(data).bound
    low = pipeline.lower(bound, program.checked, program.source, batches, objective)
    whole = layout.make(low.target, low.families)
    size = View(whole).noise
    plan = Plan(1, 2, size, antithetic=False)
    recipe = Recipe(whole, OBJECTIVES[objective], settings, None, plan, "float64", True)
    whitens = layout.plain(low.target, low.families)
    params = jnp.asarray(whole.init(whitens)) + 0.1

    def value(params, normals, rows):
        row = {
            "noise": {"normal": normals, "uniform": jnp.zeros((2, 0)), "keys": jnp.zeros((2, 0, 2), jnp.uint32)},
            "rows": rows,
        }
        prepared = recipe.view.layout.target.prepare(low.target.data)
        return recipe.loss(params, whitens, prepared, row, jnp.ones(()))

    return params, size.normal, jax.jit(jax.value_and_grad(value))


@pytest.mark.parametrize(
    "objective", ["iwae", "dreg", *(pytest.param(one, marks=exhaustive) for one in ("renyi", "rws", "tail_adaptive"))]
)
def test_the_mean_over_all_minibatches_of_an_epoch_is_the_bound_of_all_members_and_so_is_its_gradient(objective):
    """Discrete and continuous latents of a member, weights, a factor, and an observation outside the plate."""
    params, size, every = loss((), objective, NOT_LINEAR[objective])
    _, some_size, some = loss([("obs", 2)], objective, NOT_LINEAR[objective])
    each = size // N
    assert some_size == 2 * each
    draws = np.random.default_rng(1).standard_normal((2, N, each))
    value, gradient = every(params, jnp.asarray(draws.reshape(2, -1)), {})
    parts = []
    for rows in np.random.default_rng(2).permutation(N).reshape(-1, 2):
        parts.append(some(params, jnp.asarray(draws[:, rows].reshape(2, -1)), {"obs": jnp.asarray(rows)}))
    assert np.mean([one for one, _ in parts]) == pytest.approx(float(value), rel=1e-12)
    np.testing.assert_allclose(np.mean([one for _, one in parts], axis=0), gradient, rtol=1e-10, atol=1e-12)
    assert np.std([one for one, _ in parts]) > 1e-3


def test_a_bound_that_is_linear_has_minibatches_of_a_model_with_a_latent_for_all_members():
    text = """
    data { y: real[obs] }
    model { m ~ Normal(0, 1)   plate obs { observe y ~ StudentT(4, m, 0.8) } }
    guide { rest ~ mean_field }
    """
    params, size, every = loss((), "stl", {}, text, {"y": Y})
    _, some_size, some = loss([("obs", 2)], "stl", {}, text, {"y": Y})
    assert size == some_size == 1
    draws = jnp.array([[0.7], [-1.1]])
    value, gradient = every(params, draws, {})
    parts = [some(params, draws, {"obs": jnp.asarray(rows)}) for rows in ([0, 3], [1, 5], [2, 4])]
    assert np.mean([one for one, _ in parts]) == pytest.approx(float(value), rel=1e-12)
    np.testing.assert_allclose(np.mean([one for _, one in parts], axis=0), gradient, rtol=1e-10)


def test_members_of_two_plates_that_all_latents_share_are_taken_one_by_one():
    text = """
    data { y: real[row, column] }
    model { plate row, column { z ~ Normal(0, 1)   observe y ~ Normal(z, 1) } }
    guide { plate row, column { param a: real = 0.2   z ~ Normal(a, 1) } }
    """
    y = Y.reshape(2, 3)
    found = estimates(text, data={"y": y}, steps=4000, particles=8, objective="iwae", k=8)
    assert found.bounds.mean() == pytest.approx(norm.logpdf(y, 0, np.sqrt(2)).sum(), abs=0.3)
    some = estimates(
        text, data={"y": y}, steps=4000, particles=8, objective="iwae", k=8, batches={"column": 2},
        rows={"column": np.array([np.random.default_rng(i).permutation(3)[:2] for i in range(4000)])},
    )  # fmt: skip
    assert abs(found.bounds.mean() - some.bounds.mean()) < 5 * np.hypot(found.bound_error, some.bound_error)


@pytest.mark.parametrize("alpha", [0.5, *(pytest.param(one, marks=exhaustive) for one in (0.0, 2.0))])
def test_the_renyi_bound_in_a_common_plate_is_the_peers(alpha):
    def model(y):
        with numpyro.plate("obs", N, subsample_size=2) as rows:
            z = numpyro.sample("z", dist.Normal(0.4, 1.3))
            numpyro.sample("y", dist.Normal(z, 0.8), obs=y[rows])

    def guide(y):
        with numpyro.plate("obs", N, subsample_size=2) as rows:
            numpyro.sample("z", dist.Normal(0.1 * jnp.arange(N)[rows], 0.9))

    peer = numpyro.infer.RenyiELBO(alpha=alpha, num_particles=3)
    keys = jax.random.split(jax.random.key(1), 20_000)
    theirs = -jax.jit(jax.vmap(lambda key: peer.loss(key, {}, model, guide, jnp.asarray(Y))))(keys)
    rows = np.random.default_rng(0).permuted(np.tile(np.arange(N), (20_000, 1)), axis=1)[:, :2]
    ours = estimates(
        LOCAL, data={"y": Y}, steps=20_000, particles=3, objective="renyi", alpha=alpha, antithetic=False,
        batches={"obs": 2}, rows={"obs": rows},
    )  # fmt: skip
    error = np.hypot(ours.bound_error, np.std(theirs) / np.sqrt(len(theirs)))
    assert abs(ours.bounds.mean() - np.mean(theirs)) < 4 * error
    assert error < 0.1


def test_the_estimator_by_name_takes_minibatches_of_members_and_refuses_those_of_a_shared_latent():
    fitted = "fit { minibatch[obs] = 2 }"
    svi = SVI(svilang.compile(LOCAL + fitted).bind({"y": Y}), optax.adam(0.02), RenyiELBO(0.0, 8))
    result = svi.run(0, 1500)
    evidence = norm.logpdf(Y, 0.4, np.hypot(float(result.params["s"]), 0.8)).sum()
    assert -np.mean(result.losses[-500:]) == pytest.approx(evidence, abs=0.4)
    shared = "data { y: real[obs] } model { m ~ Normal(0, 1)   plate obs { observe y ~ Normal(m, 1) } }"
    with pytest.raises(svilang.SvilangError, match="`m` is one variable for all of them"):
        SVI(svilang.compile(shared + fitted).bind({"y": Y}), optax.adam(0.02), RenyiELBO(0.0, 8))


def test_latents_of_members_that_families_cover_are_fitted_by_name_from_some_rows():
    text = LOCAL.split("guide")[0] + "guide { rest ~ mean_field }  fit { minibatch[obs] = 2 }"
    result = SVI(svilang.compile(text).bind({"y": Y}), optax.adam(0.05), RenyiELBO(0.9, 4)).run(0, 1000)
    s = float(result.params["s"])
    share = s**2 / (s**2 + 0.64)
    np.testing.assert_allclose(result.params["z.loc"], 0.4 + share * (Y - 0.4), atol=0.3)


@pytest.mark.parametrize(("text", "told"), [
    (LOCAL, "`iwae` is taken for each `obs` by itself, and added up"),
    ("data { y: real[obs] } model { m ~ Normal(0, 1)  plate obs { observe y ~ Normal(m, 1) } }",
     "`iwae` is taken of all latent variables together: `m` stands in no plate"),
    ("data { y: real[obs] } model { plate obs { z ~ Normal(0, 1)  observe y ~ Normal(z, 1) } } guide = full_rank",
     "of all latent variables together: something ties the members of `obs` to each other"),
])  # fmt: skip
def test_the_plan_tells_for_which_members_a_bound_is_taken(text, told):
    program = svilang.compile(text + " fit { objective = iwae(4) }")
    assert told in " ".join(str(pipeline.planned(program.checked, program.source)).split())


def test_a_step_that_is_not_finite_names_its_term():
    text = """
    data { y: real[obs] }
    model { plate obs { z ~ Normal(0, 1)   observe y ~ Normal(log(z - 50), 1) } }
    guide { plate obs { param a: real = 0   z ~ Normal(a, 1) } }
    fit { objective = iwae(4)   steps = 20   minibatch[obs] = 2   optimizer = adam(0.1) }
    """
    with pytest.raises(svilang.SvilangError, match="`y`"):
        svilang.compile(text).bind({"y": Y}).fit(progress="none")
