"""The log density by some rows, the paths that follow it, and the bound that these leave a bound."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import svilang
from svilang import pipeline
from svilang.lower.surrogate import spread_rows
from svilang.runtime import layout
from svilang.runtime.guides import Whiten
from svilang.runtime.view import View
from svilang.runtime.whitening import dense, diagonal


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


RNG = np.random.default_rng(17)

ROWS = """
data { y: real[obs]   w: positive[obs]   n: count[obs, k]   x: real[obs, k]   g: group[obs] }
model {
  a ~ Normal(0, 1)   s ~ HalfNormal(2)   p ~ Beta(2, 2)
  plate k { b ~ Normal(0, 1) }
  plate group { c ~ Normal(a, s)   factor -0.1 * c^4 }
  factor -0.5 * (a - 1)^2
  plate obs {
    z ~ Bernoulli(p)
    observe y ~ Normal(x @ b + c[g] + z, s) weight w
    plate k { observe n ~ Poisson(exp(0.3 * x + b)) }
    factor -0.1 * (a - y)^2
  }
}
guide { noncentered c   rest ~ surrogate_dais(rows=ROWS, dim=obs) }
"""
DATA = {
    "y": RNG.standard_normal(5),
    "w": RNG.gamma(2, 1, 5),
    "n": RNG.poisson(2, (5, 2)),
    "x": RNG.standard_normal((5, 2)),
    "g": np.array([0, 1, 2, 0, 1]),
}

PRESENT = """
data { y: real?[obs]   x: real[obs]   t: nonnegative[obs] }
model {
  m ~ Normal(0, 1)   s ~ HalfNormal(1)
  centre = mean(x, over=obs)
  plate obs {
    observe y ~ Normal(m * (x - centre), s)
    observe t ~ LogNormal(m, s) where t > 0
  }
}
guide = surrogate_dais(rows=ROWS)
"""
SOME = {
    "y": np.array([0.3, np.nan, -1.0, 2.0, np.nan]),
    "x": RNG.standard_normal(5),
    "t": np.array([0.0, 0.0, 1.5, 0.0, 0.7]),
}


def lowered(text, data, **batches):
    program = svilang.compile(text)
    bound = program.bind(data).bound
    return pipeline.lower(bound, program.checked, program.source, tuple(batches.items()))


@cache
def by_rows(text):
    """The surrogate as a function of a point and weights, with its gradient."""
    target = lowered(text.replace("ROWS", "9"), SOME if text is PRESENT else DATA).target
    (surrogate,) = target.surrogates

    def density(z, weights):
        return surrogate(target.prepare(target.data), weights, z, jnp.asarray(target.theta), None)

    return target, jax.jit(jax.value_and_grad(density))


def whole(target, z):
    def density(z):
        return target.log_density(target.prepare(target.data), z, jnp.asarray(target.theta), None)

    return jax.jit(jax.value_and_grad(density))(z)


@pytest.mark.parametrize("text", [ROWS, PRESENT])
def test_all_rows_with_equal_weights_are_the_density_itself(text):
    target, surrogate = by_rows(text)
    z = jnp.asarray(RNG.standard_normal(target.size))
    for one, other in zip(surrogate(z, np.full(5, 0.2)), whole(target, z), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11)


def test_the_weight_of_one_row_is_the_density_of_data_that_repeat_it():
    target, surrogate = by_rows(ROWS)
    z = jnp.asarray(RNG.standard_normal(target.size))
    row = 2
    repeated = {name: np.repeat(one[row : row + 1], 5, axis=0) for name, one in DATA.items()}
    text = ROWS.replace("group[obs]", "integer[obs]").replace("c[g]", f"c[{DATA['g'][row]}]")
    text = text.replace("data {", "data { dim group = 3 ").replace("ROWS", "3")
    wanted = whole(lowered(text, repeated).target, z)
    for one, other in zip(surrogate(z, np.eye(5)[row]), wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11)


@pytest.mark.parametrize(("size", "count"), [(5, 5), (7, 1), (1000, 20), (10_000, 777)])
def test_rows_are_different_and_spread_evenly(size, count):
    rows = spread_rows(size, count)
    assert len(set(rows)) == count
    assert 0 <= rows.min() <= rows.max() < size
    gaps = np.diff(rows)
    assert len(set(gaps)) <= 3
    assert not count < size or np.all(gaps < 4 * size / count)


LINE = """
data { y: real[obs]   x: real[obs] }
model {
  a ~ Normal(0, 1)
  b ~ Normal(0, 1)
  plate obs { observe y ~ Normal(a + b * x, 0.7) }
}
guide = FAMILY
"""
X = np.linspace(-1, 2, 40)
Y = 0.5 - 0.4 * X + 0.7 * RNG.standard_normal(40)


DESIGN = np.stack([np.ones(40), X], axis=1)
COVARIANCE = np.linalg.inv(np.eye(2) + DESIGN.T @ DESIGN / 0.49)
EVIDENCE = stats.multivariate_normal(np.zeros(40), 0.49 * np.eye(40) + DESIGN @ DESIGN.T).logpdf(Y)
NEAR = dense(COVARIANCE @ DESIGN.T @ Y / 0.49, np.linalg.cholesky(COVARIANCE), range(2))
NONE = diagonal(np.zeros(0), np.ones(0), range(0))


def drawn(low, params, noise, rows=None, whiten=NEAR):
    """A draw of the guide with its log density, from the rows of a step, and that of the model."""
    view = View(layout.make(low.target, low.families))
    own = jnp.asarray(params)

    def one(noise):
        target = view.layout.target
        seen, near, prepared = view.at(own, (whiten, NONE), target.prepare(target.data), rows or {})
        draw = view.layout.draw(seen, near, prepared, {"normal": noise})
        return draw.z, view.layout.log_q(seen, near, draw), low.target.log_density(
            low.target.prepare(low.target.data), draw.z, draw.theta, draw.given
        )

    return jax.jit(jax.vmap(one))(noise)


def begin(low):
    return layout.make(low.target, low.families).init((NEAR, NONE))


def test_along_all_rows_it_is_dais():
    low, plain = (lowered(LINE.replace("FAMILY", one), {"y": Y, "x": X}) for one in ("surrogate_dais(40)", "dais"))
    params = begin(plain) + 0.3 * RNG.standard_normal(len(begin(plain)))
    noise = RNG.standard_normal((5, 10))
    ours = drawn(low, np.concatenate([params, np.full(40, 0.3)]), noise)
    for one, other in zip(ours, drawn(plain, params, noise), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


def test_a_path_is_the_same_whatever_rows_a_step_sees():
    text = LINE.replace("FAMILY", "surrogate_dais(7)")
    low, some = lowered(text, {"y": Y, "x": X}), lowered(text, {"y": Y, "x": X}, obs=6)
    params = begin(low) + 0.3 * RNG.standard_normal(len(begin(low)))
    noise = RNG.standard_normal((5, 10))
    seen = drawn(some, params, noise, {"obs": jnp.array([3, 0, 39, 20, 11, 5])})
    for one, other in zip(drawn(low, params, noise), seen, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("whiten", [NEAR, Whiten(NEAR.loc, NEAR.scale)])
def test_no_rows_and_no_weights_spoil_the_bound(whiten):
    low = lowered(LINE.replace("FAMILY", "surrogate_dais(3)"), {"y": Y, "x": X})
    params = begin(low) + 0.4 * RNG.standard_normal(len(begin(low)))
    _, log_q, log_p = drawn(low, params, RNG.standard_normal((40_000, 10)), whiten=whiten)
    weights = np.exp(np.asarray(log_p - log_q) - EVIDENCE)
    error = weights.std() / 200
    assert error < 0.05
    assert abs(weights.mean() - 1) < 4 * error
    assert np.mean(log_p - log_q) < EVIDENCE


def test_a_path_beside_an_explicit_part_leaves_the_bound_a_bound():
    text = LINE.replace("guide = FAMILY", "guide { param m: real = 0.3   a ~ Normal(m, 0.5)   b ~ surrogate_dais(7) }")
    low = lowered(text, {"y": Y, "x": X})
    made = layout.make(low.target, low.families)
    noise = RNG.standard_normal((40_000, made.noise.normal))
    whitens = (Whiten(NEAR.loc[1:], NEAR.scale[1:]), NONE)
    params = made.cut(jnp.asarray(made.init(whitens)))

    def log_weight(noise):
        prepared = low.target.prepare(low.target.data)
        draw = made.draw(params, whitens, prepared, {"normal": noise})
        log_q = made.log_q(params, whitens, draw) + draw.log_q
        return low.target.log_density(prepared, draw.z, draw.theta, draw.given) - log_q

    weights = np.exp(np.asarray(jax.jit(jax.vmap(log_weight))(noise)) - EVIDENCE)
    assert abs(weights.mean() - 1) < 4 * weights.std() / 200
    assert weights.std() / 200 < 0.05


def test_the_plan_says_whose_rows_are_followed():
    program = svilang.compile(LINE.replace("FAMILY", "surrogate_dais"))
    entries = pipeline.planned(program.checked, program.source).entries
    assert entries[0].why == "`surrogate_dais` along some rows of `obs`: its draws can be differentiated"


def test_a_fit_in_minibatches_goes_on_after_it_was_saved(tmp_path):
    text = LINE.replace("FAMILY", "surrogate_dais(7, steps=2) fit { minibatch[obs] = 10   steps = 300 }")
    fit = svilang.compile(text).bind({"y": Y, "x": X}).fit(seed=0, progress="none")
    assert abs(fit.elbo.value - EVIDENCE) < 0.05
    fit.save(tmp_path / "fit.nc")
    again = svilang.load_fit(tmp_path / "fit.nc")
    assert again.elbo == fit.elbo
    drawn = again.predict({"obs": {"x": [0.0, 10.0]}}, seed=1).groups["predictions"]["y"].values
    assert np.mean(drawn[..., 1] - drawn[..., 0]) < -2
