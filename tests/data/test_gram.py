"""A Gaussian likelihood linear in its coefficients: the same density and gradient from as many rows as columns."""

import jax
import numpy as np
import pytest

import svilang
from svilang import pipeline
from svilang.ir.verify import verify
from svilang.runtime import effort

RNG = np.random.default_rng(11)
N = 120
DATA = {
    "y": np.where(RNG.random(N) < 0.1, np.nan, RNG.normal(1e3, 2, N)),
    "x": RNG.standard_normal((N, 3)),
    "u": RNG.gamma(2, 1, N),
    "w": RNG.gamma(2, 1, N),
    "k": RNG.integers(0, 2, N),
    "g": RNG.integers(0, 4, N),
}
TEXT = """
data {{
  y: real?[obs]   x: real[obs, f]   u: positive[obs]   w: positive[obs]   k: binary[obs]   g: group[obs]
}}
model {{
  a ~ Normal(0, 1e3)   c ~ Normal(0, 1)   s ~ HalfNormal(1)
  plate f {{ b ~ Normal(0, 1) }}
  plate group {{ e ~ Normal(0, 1) }}
  centred = u - mean(u, over=obs)
  plate obs {{ {} }}
}}
"""
EVERYTHING = "a + x @ b - c * log(u) / (1 + c^2) + b[0] * centred + sum(b * x, over=f) - 2"
LINEAR = {
    "coefficients": ("observe y ~ Normal(x @ b, s)", 4),
    "an intercept": ("observe y ~ Normal(a + x @ b, s)", 5),
    "the outcome as an expression": ("observe 2 * y ~ Normal(a + x @ b, s * exp(c))", 5),
    "data alone besides": ("observe y ~ Normal(u, s)", 2),
    "everything at once": (f"observe y ~ Normal({EVERYTHING}, s) where k > 0 weight w", 7),
}
OTHERS = {
    "an index": "observe y ~ Normal(e[g] + x @ b, s)",
    "a curve": "observe y ~ Normal(exp(x @ b), s)",
    "a product": "observe y ~ Normal((a * u) * (c * u + x @ b), s)",
    "a scale of each row": "observe y ~ Normal(x @ b, s * u)",
    "a latent of each row": "t ~ Normal(0, 1)   observe y ~ Normal(t + x @ b, s)",
    "another likelihood": "observe y ~ StudentT(4, x @ b, s)",
}


def bound(rows):
    return svilang.compile(TEXT.format(rows)).bind(DATA)


def densities(model, rows):
    """The log density and its gradient at some points."""
    target = pipeline.lower(rows, model.program.checked, model.program.source).target
    points = 0.5 * np.random.default_rng(3).standard_normal((4, target.size))
    points[2:, 0] += 1e3

    def density(z, data):
        return target.log_density(target.prepare(data), z, np.zeros(0), None)

    made = effort.compiled(jax.vmap(jax.value_and_grad(density), (0, None)), (points, target.data), 0, loop=False)
    return tuple(map(np.asarray, made(points, target.data)))


@pytest.mark.parametrize("name", LINEAR)
def test_density_and_gradient_stay_the_same(name):
    text, width = LINEAR[name]
    model = bound(text)
    after, notes = pipeline.compress(model.bound, model.program.checked)
    verify(after.program)
    assert after.sizes["obs@y"] == width
    assert len(notes) == 1
    assert f"as {width} orthogonal combinations, the Gram form of Normal" in notes[0]
    with jax.enable_x64(True):
        before, now = densities(model, model.bound), densities(model, after)
    np.testing.assert_allclose(now[0], before[0], rtol=1e-12)
    scale = np.max(np.abs(before[1]), axis=1, keepdims=True)
    np.testing.assert_allclose(now[1] / scale, before[1] / scale, rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", OTHERS)
def test_it_is_left_alone_where_the_rows_are_not_linear(name):
    model = bound(OTHERS[name])
    assert pipeline.compress(model.bound, model.program.checked) == (model.bound, ())


def test_few_distinct_rows_are_grouped_where_that_leaves_fewer():
    model = bound("observe y ~ Normal(a + c * k, s)")
    after, notes = pipeline.compress(model.bound, model.program.checked)
    assert after.sizes["obs@y"] == 2
    assert "in 2 groups of equal parameters" in notes[0]


@pytest.mark.parametrize(
    ("setting", "rows"), [("none", N), ("all", 4), ("[statistics, rows]", N), ("[gram]", 4)]
)
def test_each_rewrite_can_be_switched_off(setting, rows):
    text = TEXT.format("observe y ~ Normal(x @ b, s)") + f"fit {{ rewrites = {setting} }}"
    model = svilang.compile(text).bind(DATA)
    after, notes = pipeline.compress(model.bound, model.program.checked)
    assert after.sizes.get("obs@y", N) == rows
    assert len(notes) == (rows < N)
