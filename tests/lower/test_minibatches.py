"""The mean over all steps of an epoch is the value from all data, exactly, and so is its gradient."""

import itertools
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import svilang
from svilang import pipeline
from svilang.runtime import effort, layout, noise
from svilang.runtime.adam import adam
from svilang.runtime.objectives import OBJECTIVES
from svilang.runtime.program import Recipe
from svilang.runtime.view import View, rows_of
from svilang.runtime.whitening import diagonal


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


RNG = np.random.default_rng(7)
GROUP = np.array([0, 1, 2, 0, 1])
COUNT = np.array([[0, 2, 1], [3, 0, 2], [1, 1, 4], [2, 0, 0], [5, 1, 3]])

PROGRAMS = {
    "covariates centred by all rows, groups, weights, masks, missing values, a factor": (
        """
        data {
          y: real?[obs]   w: positive[obs]   x: real[obs, k]   g: group[obs]   t: nonnegative[obs]
          before: obs[obs]
        }
        model {
          a ~ Normal(0, 1)   s ~ HalfNormal(2)
          plate k { b ~ Normal(0, 1) }
          plate group { c ~ Normal(a, s) }
          eta = (x - mean(x, over=obs)) @ b + log(size(obs)) * a
          plate obs {
            observe y ~ Normal(eta + c[g] + 0.1 * position(obs) * x[before][1], s) weight w
            observe t ~ LogNormal(a, s) where t > 0
            factor -0.1 * (a - x[0])^2
          }
        }
        """,
        {
            "y": np.array([0.3, np.nan, -1.0, 2.0, np.nan]),
            "w": RNG.gamma(2, 1, 5),
            "x": RNG.standard_normal((5, 2)),
            "g": GROUP,
            "t": np.array([0.0, 0.0, 1.5, 0.0, 0.7]),
            "before": np.array([4, 0, 1, 2, 3]),
        },
        {"obs": 2},
    ),
    "latents of rows, of columns and of cells, each of another kind": (
        """
        data { n: count[row, column]   dim part = 3 }
        model {
          m ~ Normal(0, 1)   s ~ HalfNormal(1)
          plate row { u ~ Gamma(2, 1 + s)   p ~ Dirichlet(ones(part))   h: lower(0) ~ Normal(m, 1) }
          plate column { v ~ Normal(m, s) }
          plate row, column {
            e ~ Normal(0.1 * v, s)
            observe n ~ Poisson(u * h * exp(v + e) * (0.5 + p[0]))
          }
        }
        guide { noncentered e   v, m ~ mean_field   rest ~ mean_field }
        """,
        {"n": COUNT},
        {"row": 2, "column": 2},
    ),
    "discrete variables of rows and of cells": (
        """
        data { y: real[row, column]   dim class = 2 }
        model {
          w ~ Dirichlet(ones(class))
          plate class { m ~ Normal(0, 2)   q ~ Beta(2, 2) }
          plate row {
            z ~ Categorical(w)
            plate column { f ~ Bernoulli(q[z])   observe y ~ Normal(m[z] + f, 1) }
          }
        }
        """,
        {"y": RNG.standard_normal((5, 3))},
        {"row": 2},
    ),
    "columns that are items of their own, each with its coefficient": (
        f"""
        data {{ y: real[obs]   {"   ".join(f"x{i}: real[obs]" for i in range(9))} }}
        model {{
          {"   ".join(f"b{i} ~ Normal(0, 1)   m{i} = mean(x{i})" for i in range(9))}
          plate obs {{
            z ~ Normal(0, 1)
            observe y ~ Normal(z + {" + ".join(f"b{i} * (x{i} - m{i})" for i in range(9))}, 1)
          }}
        }}
        """,
        {"y": RNG.standard_normal(5)} | {f"x{i}": RNG.standard_normal(5) for i in range(9)},
        {"obs": 2},
    ),
    "chains and recursions inside of a minibatch": (
        """
        data { y: real[person, day]   x: real[person, day] }
        model {
          m ~ Normal(0, 1)   s ~ HalfNormal(1)
          plate person {
            a ~ Normal(m, 1)
            markov day {
              z ~ Bernoulli(0.4) then Bernoulli(0.2 + 0.5 * prev(z))
              h ~ Normal(0, 1) then Normal(0.5 * prev(h), s)
              level = a then 0.8 * prev(level) + m * x
              trend = 0 then 0.5 * prev(trend) + x
              observe y ~ Normal(level + trend + z + h, 1)
            }
          }
        }
        """,
        {"y": RNG.standard_normal((5, 3)), "x": RNG.standard_normal((5, 3))},
        {"person": 2},
    ),
    "a guide with a parameter for each member, one that reads the row, and a model with parameters of rows": (
        """
        data { y: real[obs]   x: real[obs]   scale: positive[obs] }
        model {
          param shift: real[obs] = 0.1 * position(obs)
          m ~ Normal(0, 1)
          plate obs {
            z ~ Normal(m, 1)   r ~ Normal(0, 1)   l ~ Normal(z, 1)
            observe y ~ Normal(z + r * x + shift + l, scale)
          }
        }
        guide {
          param slope: real = 0.3
          centred = y - mean(y, over=obs)
          plate obs {
            param a: real = 0.2 * position(obs)
            param b: positive = 0.5
            z ~ Normal(a, b)
            r ~ Normal(slope * centred + 0.1 * z, 0.7)
          }
          m, l ~ mean_field
        }
        """,
        {"y": RNG.standard_normal(5), "x": RNG.standard_normal(5), "scale": RNG.gamma(2, 1, 5)},
        {"obs": 3},
    ),
}


def lowered(text, data, sizes):
    program = svilang.compile(text + "fit {" + "  ".join(f"minibatch[{k}] = {v}" for k, v in sizes.items()) + "}")
    model = program.bind(data)
    return pipeline.lower(model.bound, program.checked, program.source, program.checked.fit.minibatch)


def losses(low, objective="elbo"):
    """The loss of one step as a function of the parameters, the noise of each coordinate, and the rows."""
    whole = layout.make(low.target, low.families)
    view = View(whole)
    recipe = Recipe(whole, OBJECTIVES[objective], {}, adam(1.0), noise.Plan(1, 1, view.layout.noise), "float64", True)
    whitens = [diagonal(np.linspace(-1, 1, low.target.size), np.full(low.target.size, 0.3), f.indices)
               for f in low.families]  # fmt: skip
    theta = low.target.theta
    whitens = jax.tree.map(jnp.asarray, (*whitens, diagonal(theta, np.ones(len(theta)), range(len(theta)))))

    def value(params, rows):
        prepared = view.layout.target.prepare(low.target.data)
        size = view.layout.noise
        still = {
            "normal": jnp.zeros((1, size.normal)).at[:, 0].set(0.8),
            "uniform": jnp.full((1, size.uniform), 0.5),
            "keys": jnp.zeros((1, size.keys, 2), jnp.uint32),
        }
        return recipe.loss(params, whitens, prepared, {"noise": still, "rows": rows}, jnp.ones(()))

    return whole.size, value


def epoch(low):
    """The rows of all steps of an epoch, each with each where there are several axes."""
    axes = low.target.batch.axes
    steps = {axis.name: np.lcm(axis.size, axis.rows) // axis.rows for axis in axes}
    rows = {name: rows_of(low.target, count, 3, noise.Stream.FIT, 0)[name] for name, count in steps.items()}
    every = list(itertools.product(*rows.values()))
    return {name: jnp.asarray([each[i] for each in every]) for i, name in enumerate(rows)}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_mean_over_an_epoch_is_the_value_from_all_data_and_so_is_its_gradient(name):
    low = lowered(*PROGRAMS[name])
    size, some = losses(low)
    params = 0.3 * np.random.default_rng(1).standard_normal(size)
    values, gradients = run(jax.vmap(jax.value_and_grad(some), (None, 0)), params, epoch(low))
    text, data, _ = PROGRAMS[name]
    plain = lowered(text, data, {})
    order = jnp.asarray(same_order(low, plain))
    _, whole = losses(plain)
    value, gradient = run(jax.value_and_grad(lambda params: whole(params[order], {})), params)
    assert float(np.mean(values)) == pytest.approx(float(value), rel=1e-12)
    np.testing.assert_allclose(np.mean(gradients, axis=0), gradient, rtol=1e-10, atol=1e-11)
    assert np.std(values) > 1e-3


def run(function, *arguments):
    """The value of a function that is compiled quickly."""
    return effort.compiled(function, arguments, 0, loop=False)(*arguments)


def same_order(low, plain):
    """Where each parameter of a program without minibatches stands among those of the same with them.

    There the family of a part of the coordinates is a family of its own.
    """
    split, joint = layout.make(low.target, low.families), layout.make(plain.target, plain.families)
    where = {}
    for part in split.parts:
        starts = np.arange(part.params.start, part.params.stop).reshape(2, -1)
        where |= {z: starts[:, i] for i, z in enumerate(part.use.indices)}
    rows = [np.stack([where[z] for z in part.use.indices], axis=1).ravel() for part in joint.parts]
    assert split.phi == joint.phi
    return np.concatenate([*rows, np.arange(split.phi.start, split.size)]).astype(int)


def test_every_epoch_reads_every_row_once_and_a_chunk_is_a_function_of_its_number():
    text = "data { y: real[n] } model { m ~ Normal(0, 1)   plate n { observe y ~ Normal(m, 1) } }"
    low = lowered(text, {"y": np.zeros(10)}, {"n": 4})
    draw = partial(rows_of, low.target, 7, 5, noise.Stream.FIT)
    flat = np.concatenate([draw(chunk)["n"].ravel() for chunk in range(5)])
    assert len(flat) == 140
    assert all(set(flat[start : start + 10]) == set(range(10)) for start in range(0, 140, 10))
    assert not np.array_equal(flat[:10], flat[10:20])
    assert np.array_equal(draw(2)["n"], rows_of(low.target, 7, 5, noise.Stream.FIT, 2)["n"])
    assert not np.array_equal(draw(2)["n"], rows_of(low.target, 7, 5, noise.Stream.COMPARE, 2)["n"])
    assert draw(0)["n"].dtype == np.int32


def test_two_axes_are_drawn_independently():
    text = "data { y: real[a, b] } model { m ~ Normal(0, 1)   plate a, b { observe y ~ Normal(m, 1) } }"
    low = lowered(text, {"y": np.zeros((10, 10))}, {"a": 5, "b": 5})
    rows = rows_of(low.target, 4, 0, noise.Stream.FIT, 0)
    assert not np.array_equal(rows["a"], rows["b"])


def test_a_step_costs_what_its_rows_cost():
    text = "data { y: real[n] } model { m ~ Normal(0, 1)   plate n { z ~ Normal(m, 1)   observe y ~ Normal(z, 1) } }"
    seen = {}
    for size in (1_000, 100_000):
        low = lowered(text, {"y": np.zeros(size)}, {"n": 10})
        whole = layout.make(low.target, low.families)
        seen[size] = View(whole).layout
        assert whole.size == 2 * size + 2
    assert seen[1_000].noise == seen[100_000].noise == noise.Noise(11)
    assert seen[1_000].size == seen[100_000].size == 22


def test_as_many_rows_as_there_are_is_no_minibatch():
    text = "data { y: real[n] } model { m ~ Normal(0, 1)   plate n { observe y ~ Normal(m, 1) } }"
    assert lowered(text, {"y": np.zeros(4)}, {"n": 4}).target.batch is None
    assert lowered(text, {"y": np.zeros(4)}, {"n": 100}).target.batch is None
