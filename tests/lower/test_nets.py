"""Nets against their formulas in NumPy: every layout of inputs, every head, plates, and where parameters start."""

from __future__ import annotations

import jax
import numpy as np
import pytest
import scipy.special as sp
import scipy.stats as st

import svilang
from svilang import pipeline
from svilang.ir.read import read
from svilang.ir.text import write
from svilang.ir.verify import verify


def parameters(model):
    """The initial values of the model's parameters, by name."""
    lowered = model._lowered
    return {
        name: np.asarray(lowered.target.theta)[piece.start : piece.stop].reshape(piece.shape)
        for name, piece in lowered.full.params.pieces.items()
    }


def randomly(model, seed=0):
    """Random values for all parameters: biases start at 0 and would hide a mistake."""
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=value.shape) for name, value in parameters(model).items()}


def density(text, data, params, latents=None):
    model = svilang.compile(text).bind(data)
    with jax.enable_x64(True):
        return float(jax.jit(model.log_density)(latents or {}, params))


RNG = np.random.default_rng(3)
X = RNG.normal(size=(7, 3))
Y = RNG.normal(size=7)
G = np.array([0, 1, 3, 2, 2, 0, 1])


def normal(y, loc):
    return st.norm.logpdf(y, loc, 1).sum()


def test_a_dense_net_is_its_formula():
    text = """
    data { y: real[obs]   x: real[obs, feature] }
    model {
      net f(x: real[feature]) -> real = mlp(5, 4, tanh)
      plate obs { observe y ~ Normal(f(x), 1) }
    }"""
    p = randomly(svilang.compile(text).bind({"y": Y, "x": X}))
    h = np.tanh(X @ p["f.1.x"] + p["f.1.bias"])
    h = np.tanh(h @ p["f.2.weight"] + p["f.2.bias"])
    loc = h @ p["f.out.weight"] + p["f.out.bias"]
    assert density(text, {"y": Y, "x": X}, p) == pytest.approx(normal(Y, loc), rel=1e-12)


def test_inputs_of_every_sort_are_put_together():
    text = """
    data {
      y: real[obs]   x: real[obs, feature]   t: real[obs]   g: group[obs]   m: real[obs, row, col]   w: word[obs, place]
      dim group = 4   dim word = 6
    }
    model {
      net f(x: real[feature], t: real, g: group, m: real[row, col], w: word[place]) -> real = mlp(5, softplus)
      plate obs { observe y ~ Normal(f(x, t, g, m=m, w=w), 1) }
    }"""
    m, w = RNG.normal(size=(7, 2, 4)), RNG.integers(0, 6, (7, 3))
    data = {"y": Y, "x": X, "t": X[:, 0], "g": G, "m": m, "w": w}
    p = randomly(svilang.compile(text).bind(data))
    one_hot = np.eye(6)[w]
    h = X @ p["f.1.x"] + X[:, :1] * p["f.1.t"] + p["f.1.g"][G] + p["f.1.bias"]
    h += np.einsum("orc,rch->oh", m, p["f.1.m"]) + np.einsum("opw,pwh->oh", one_hot, p["f.1.w"])
    loc = np.logaddexp(0, h) @ p["f.out.weight"] + p["f.out.bias"]
    assert density(text, data, p) == pytest.approx(normal(Y, loc), rel=1e-12)


def test_a_residual_net_is_its_formula():
    text = """
    data { y: real[obs]   x: real[obs, feature] }
    model {
      net f(x: real[feature]) -> real = resnet(5, 2, activation=relu)
      plate obs { observe y ~ Normal(f(x), 1) }
    }"""
    p = randomly(svilang.compile(text).bind({"y": Y, "x": X}))
    h = np.maximum(X @ p["f.1.x"] + p["f.1.bias"], 0)
    for first, second in ((2, 3), (4, 5)):
        inner = np.maximum(h @ p[f"f.{first}.weight"] + p[f"f.{first}.bias"], 0)
        h = h + inner @ p[f"f.{second}.weight"] + p[f"f.{second}.bias"]
    loc = h @ p["f.out.weight"] + p["f.out.bias"]
    assert density(text, {"y": Y, "x": X}, p) == pytest.approx(normal(Y, loc), rel=1e-12)


def test_a_linear_net_may_give_what_it_takes():
    text = """
    data { y: real[obs, feature]   x: real[obs, feature] }
    model {
      net f(x: real[feature]) -> real[feature] = linear
      plate obs {
        m = f(x)
        plate feature { observe y ~ Normal(m, 1) }
      }
    }"""
    y = RNG.normal(size=(7, 3))
    p = randomly(svilang.compile(text).bind({"y": y, "x": X}))
    loc = X @ p["f.out.x"] + p["f.out.bias"]
    assert density(text, {"y": y, "x": X}, p) == pytest.approx(normal(y, loc), rel=1e-12)


def test_a_net_in_a_plate_has_parameters_for_each_member():
    text = """
    data { y: real[obs, site]   x: real[obs, feature] }
    model {
      plate site {
        net f(x: real[feature]) -> real = mlp(5, tanh)
        plate obs { observe y ~ Normal(f(x), 1) }
      }
    }"""
    y = RNG.normal(size=(7, 2))
    p = randomly(svilang.compile(text).bind({"y": y, "x": X}))
    assert p["f.1.x"].shape == (2, 3, 5)
    h = np.tanh(np.einsum("of,sfh->osh", X, p["f.1.x"]) + p["f.1.bias"])
    loc = np.einsum("osh,sh->os", h, p["f.out.weight"]) + p["f.out.bias"]
    assert density(text, {"y": y, "x": X}, p) == pytest.approx(normal(y, loc), rel=1e-12)


def test_inside_the_plate_of_its_output_a_net_gives_this_members_value():
    text = """
    data { y: real[obs]   x: real[obs] }
    model {
      net f(x: real) -> real[obs] = mlp(5, tanh)
      plate obs { observe y ~ Normal(f(x), 1) }
    }"""
    p = randomly(svilang.compile(text).bind({"y": Y, "x": X[:, 0]}))
    h = np.tanh(X[:, :1] * p["f.1.x"] + p["f.1.bias"])
    loc = np.diagonal(h @ p["f.out.weight"] + p["f.out.bias"])
    assert density(text, {"y": Y, "x": X[:, 0]}, p) == pytest.approx(normal(Y, loc), rel=1e-12)


def test_a_function_that_calls_a_net_may_hand_its_outputs_on():
    text = """
    data { y: real[obs]   x: real[obs] }
    model {
      net f(x: real) -> (loc: real, scale: positive) = mlp(5, tanh)
      def both(q) = q.loc + q.scale
      def twice(x) = f(2 * x)
      plate obs { observe y ~ Normal(both(twice(x)), 1) }
    }"""
    p = randomly(svilang.compile(text).bind({"y": Y, "x": X[:, 0]}))
    h = np.tanh(2 * X[:, :1] * p["f.1.x"] + p["f.1.bias"])
    loc = h @ p["f.loc.weight"] + p["f.loc.bias"] + np.exp(h @ p["f.scale.weight"] + p["f.scale.bias"])
    assert density(text, {"y": Y, "x": X[:, 0]}, p) == pytest.approx(normal(Y, loc), rel=1e-12)


def unit_rows(u):
    low = np.tril(u, -1) + np.exp(np.einsum("...ii->...i", u))[..., None] * np.eye(u.shape[-1])
    return low / np.linalg.norm(low, axis=-1, keepdims=True)


def factor(u):
    return np.tril(u, -1) + np.exp(np.einsum("...ii->...i", u))[..., None] * np.eye(u.shape[-1])


def ordered(u):
    return np.cumsum(np.concatenate([u[..., :1], np.exp(u[..., 1:])], -1), -1)


HEADS = {
    "real": lambda u: u,
    "positive": np.exp,
    "nonnegative": np.exp,
    "negative": lambda u: -np.exp(-u),
    "unit": sp.expit,
    "interval(-2, 3)": lambda u: -2 + 5 * sp.expit(u),
    "lower(1)": lambda u: 1 + np.exp(u),
    "upper(1)": lambda u: 1 - np.exp(-u),
    "circular": lambda u: -np.pi + 2 * np.pi * sp.expit(u),
    "simplex[k]": lambda u: sp.softmax(u, -1),
    "ordered[k]": ordered,
    "positive_ordered[k]": lambda u: np.cumsum(np.exp(u), -1),
    "unit_vector[k]": lambda u: u / np.linalg.norm(u, axis=-1, keepdims=True),
    "zero_sum[k]": lambda u: u - u.mean(-1, keepdims=True),
    "cholesky[k, k]": factor,
    "corr_cholesky[k, k]": unit_rows,
    "cov[k, k]": lambda u: factor(u) @ np.swapaxes(factor(u), -1, -2),
    "corr[k, k]": lambda u: unit_rows(u) @ np.swapaxes(unit_rows(u), -1, -2),
}


@pytest.mark.parametrize("kind", HEADS)
def test_the_kind_of_an_output_chooses_its_head(kind):
    text = f"""
    data {{ y: real[obs]   x: real[obs]   dim k = 3 }}
    model {{
      net f(x: real) -> (a: {kind}) = mlp(4, tanh)
      plate obs {{
        report a = f(x).a
        observe y ~ Normal(x, 1)
      }}
    }}"""
    model = svilang.compile(text).bind({"y": Y, "x": X[:, 0]})
    lowered, values = model._lowered, randomly(model)
    with jax.enable_x64(True):
        prepared = lowered.target.prepare(lowered.target.data)
        theta = lowered.full.params.flatten(values)
        made = np.asarray(lowered.target.draws(prepared, np.zeros(0), theta, {})[0]["a"])
    h = np.tanh(X[:, :1] * values["f.1.x"] + values["f.1.bias"])
    u = np.einsum("oh,h...->o...", h, values["f.a.weight"]) + values["f.a.bias"]
    np.testing.assert_allclose(made, HEADS[kind](u), rtol=1e-12, atol=1e-14)


def test_an_output_may_have_bounds_that_are_data():
    text = """
    data { y: real[obs]   x: real[obs]   low: real }
    model {
      net f(x: real) -> lower(low) = linear
      plate obs { observe y ~ Normal(f(x), 1) }
    }"""
    data = {"y": Y, "x": X[:, 0], "low": 2.0}
    p = randomly(svilang.compile(text).bind(data))
    loc = 2 + np.exp(X[:, 0] * p["f.out.x"] + p["f.out.bias"])
    assert density(text, data, p) == pytest.approx(normal(Y, loc), rel=1e-12)


def test_weights_start_with_a_variance_of_one_over_the_inputs_and_biases_at_zero():
    text = """
    data { y: real[obs]   x: real[obs, feature]   t: real[obs] }
    model {
      net f(x: real[feature], t: real) -> real = mlp(400, 300, tanh)
      net g(x: real[feature]) -> real = mlp(400, relu)
      plate obs { observe y ~ Normal(f(x, t) + g(x), 1) }
    }"""
    model = svilang.compile(text).bind({"y": Y, "x": RNG.normal(size=(7, 49)), "t": Y})
    p = parameters(model)
    assert p["f.1.x"].std() == pytest.approx(50**-0.5, rel=0.05)
    assert p["f.2.weight"].std() == pytest.approx(400**-0.5, rel=0.05)
    assert p["f.out.weight"].std() == pytest.approx(300**-0.5, rel=0.2)
    assert p["g.1.x"].std() == pytest.approx((2 / 49) ** 0.5, rel=0.05)
    assert not any(value.any() for name, value in p.items() if name.endswith("bias"))
    again = parameters(svilang.compile(text).bind({"y": Y, "x": RNG.normal(size=(7, 49)), "t": Y}))
    assert all(np.array_equal(p[name], again[name]) for name in p)


def test_a_width_may_be_a_dimension_in_model_and_guide():
    text = """
    data { y: real[obs]   dim hidden = 6 }
    model {
      net decode(z: real) -> real = mlp(hidden, hidden, tanh)
      plate obs {
        z ~ Normal(0, 1)
        observe y ~ Normal(decode(z), 1)
      }
    }
    guide {
      net encode(y: real) -> (loc: real, scale: positive) = mlp(hidden, tanh)
      plate obs { z ~ Normal(encode(y).loc, encode(y).scale) }
    }"""
    model = svilang.compile(text).bind({"y": Y}, set={"hidden": 5})
    assert parameters(model)["decode.2.weight"].shape == (5, 5)
    assert model.guide.size == 5 + 5 + 2 * (5 + 1) + 5 + 5 + 25 + 5 + 5 + 1
    assert model.dims == {"hidden": 5, "obs": 7}


def test_the_guide_may_call_the_functions_of_the_model():
    text = """
    data { y: real[obs] }
    model {
      def shift(x) = x + 2
      plate obs {
        z ~ Normal(0, 1)
        observe y ~ Normal(shift(z), 1)
      }
    }
    guide {
      param a: real
      plate obs { z ~ Normal(shift(a * y), 1) }
    }"""
    model = svilang.compile(text).bind({"y": Y})
    assert model.guide.size == 1


def test_a_program_with_nets_is_written_and_read_back():
    text = """
    data { y: real[obs]   x: real[obs, feature]   g: group[obs] }
    model {
      net f(x: real[feature], g: group) -> (loc: real, scale: positive) = mlp(5, tanh)
      plate obs { observe y ~ Normal(f(x, g).loc, f(x, g).scale) }
    }"""
    for program in (pipeline.check(svilang.compile(text).source).model, svilang.compile(text).checked.model):
        verify(program)
        assert write(read(write(program))) == write(program)


def test_a_net_with_a_prior_on_its_weights_is_written_with_latent_variables():
    text = """
    data { y: real[obs]   x: real[obs, feature]   dim unit = 4 }
    model {
      inner: real[feature, unit] ~ Normal(0, 1)
      shift: real[unit] ~ Normal(0, 1)
      outer: real[unit] ~ Normal(0, 1 / sqrt(size(unit)))
      plate obs { observe y ~ Normal(tanh(x @ inner + shift) @ outer, 1) }
    }"""
    inner, shift, outer = RNG.normal(size=(3, 4)), RNG.normal(size=4), RNG.normal(size=4)
    latents = {"inner": inner, "shift": shift, "outer": outer}
    expected = normal(Y, np.tanh(X @ inner + shift) @ outer)
    expected += st.norm.logpdf(inner).sum() + st.norm.logpdf(shift).sum() + st.norm.logpdf(outer, 0, 0.5).sum()
    assert density(text, {"y": Y, "x": X}, {}, latents) == pytest.approx(expected, rel=1e-12)


def test_a_model_with_a_net_is_fitted_from_where_the_net_starts():
    text = """
    data { y: real[obs]   x: real[obs] }
    model {
      net f(x: real) -> real = mlp(16, tanh)
      sigma ~ HalfNormal(1)
      plate obs { observe y ~ Normal(f(x), sigma) }
    }"""
    x = np.linspace(-2, 2, 60)
    y = np.sin(2 * x) + 0.1 * np.random.default_rng(0).normal(size=60)
    fit = svilang.compile(text).bind({"y": y, "x": x}).fit(seed=0, steps=4000, progress="none")
    (sigma,) = fit.summary()
    assert fit.nets == {"f": 49}
    assert 0.05 < sigma.mean < 0.15
