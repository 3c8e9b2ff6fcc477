"""Chains seen noncentred: the states against a recursion by hand, the density against the Jacobian by autodiff."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import svilang
from svilang import pipeline

VOLATILITY = """
data { r: real[day] }
model {
  mu ~ Normal(0, 5)
  phi: interval(-1, 1) ~ Normal(0.9, 0.2)
  s ~ HalfNormal(1)
  markov day {
    h ~ Normal(mu, s / sqrt(1 - phi^2)) then Normal(mu + phi * (prev(h) - mu), s)
    observe r ~ Normal(0, exp(h / 2))
  }
}
guide { noncentered h   rest ~ mean_field }
"""
ORDER_TWO = """
data { y: real[group, time] }
model {
  a ~ Normal(0, 1)
  b ~ Normal(0, 1)
  s ~ HalfNormal(1)
  plate group {
    markov time {
      h ~ Normal(0, 1) then Normal(a * prev(h), 1) then Normal(a * prev(h) + b * prev(h, 2), s)
      observe y ~ Normal(h, 0.5)
    }
  }
}
guide { noncentered h   rest ~ mean_field }
"""


def volatility(v, z):
    h = [v["mu"] + v["s"] / np.sqrt(1 - v["phi"] ** 2) * z[0]]
    for step in z[1:]:
        h.append(v["mu"] + v["phi"] * (h[-1] - v["mu"]) + v["s"] * step)
    return np.array(h)


def order_two(v, z):
    h = np.zeros_like(z)
    h[:, 0] = z[:, 0]
    h[:, 1] = v["a"] * h[:, 0] + z[:, 1]
    for t in range(2, z.shape[1]):
        h[:, t] = v["a"] * h[:, t - 1] + v["b"] * h[:, t - 2] + v["s"] * z[:, t]
    return h


@pytest.mark.parametrize(
    ("text", "data", "by_hand"),
    [(VOLATILITY, {"r": np.linspace(-1, 1, 9)}, volatility), (ORDER_TWO, {"y": np.ones((2, 5))}, order_two)],
    ids=["volatility", "order two in a plate"],
)
def test_states_and_density_of_a_noncentred_chain(text, data, by_hand):
    model = svilang.compile(text).bind(data)
    target = pipeline.lower(model.bound, model.program.checked, model.program.source).target
    names, shape = [site.name for site in model.bound.program.sites], next(iter(data.values())).shape
    with jax.enable_x64(True):
        prepared, none = target.prepare(target.data), jnp.zeros(0)
        z = jnp.asarray(0.6 * np.random.default_rng(1).standard_normal(target.size))

        def values(z):
            return {name: target.draws(prepared, z, none, {})[0][name] for name in names}

        @jax.jit
        def everything(z):
            jacobian = jax.jacfwd(lambda z: jnp.concatenate([jnp.ravel(v) for v in values(z).values()]))(z)
            found = values(z)
            return found, jacobian, model.log_density(found), target.log_density(prepared, z, none, {})

        found, jacobian, of_model, density = everything(z)
        expected = of_model + np.linalg.slogdet(jacobian)[1]
    found = {name: np.asarray(value) for name, value in found.items()}
    steps = np.asarray(z)[-int(np.prod(shape)) :].reshape(shape)
    np.testing.assert_allclose(found["h"], by_hand(found, steps), rtol=1e-12)
    np.testing.assert_allclose(np.asarray(density), np.asarray(expected), rtol=1e-11)
