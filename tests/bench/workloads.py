"""What is timed: each model three times, as a spec, for NumPyro, and by hand in JAX, over the same simulated data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Flat = Callable[[Any, Mapping[str, Any]], Any]

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


@dataclass(frozen=True)
class Workload:
    """One model on three sides.

    Args:
        name: as the tables print it.
        spec: for svilang.
        data: by name.
        numpyro: ``(data) -> ()``, a NumPyro model; imported when called.
        straight: ``(z, data) -> nats``: the log joint over unconstrained values, in the order of ``sites``.
        sites: names of the latents in that order.
        steps: of one timed run.
    """

    name: str
    spec: str
    data: Mapping[str, np.ndarray]
    numpyro: Callable[..., None]
    straight: Flat
    sites: tuple[str, ...]
    steps: int


def normal(x: Any, loc: Any, scale: Any) -> Any:
    return -0.5 * ((x - loc) / scale) ** 2 - jnp.log(scale) - HALF_LOG_2PI


# --- eight schools, noncentred for every guide ----------------------------------------------------------------------

SCHOOLS = """data {
  effect: real[school] = [28, 8, -3, 7, -1, 1, 18, 12]
  stderr: positive[school] = [15, 10, 16, 11, 9, 11, 10, 18]
}
model {
  mu ~ Normal(0, 5)
  tau ~ HalfCauchy(5)
  plate school {
    base ~ Normal(0, 1)
    observe effect ~ Normal(mu + tau * base, stderr)
  }
}
guide = mean_field
"""


def schools() -> Workload:
    data = {
        "effect": np.array([28, 8, -3, 7, -1, 1, 18, 12.0]),
        "stderr": np.array([15, 10, 16, 11, 9, 11, 10, 18.0]),
    }

    def model(effect, stderr):
        import numpyro
        import numpyro.distributions as dist

        mu = numpyro.sample("mu", dist.Normal(0, 5))
        tau = numpyro.sample("tau", dist.HalfCauchy(5))
        with numpyro.plate("school", 8):
            base = numpyro.sample("base", dist.Normal(0, 1))
            numpyro.sample("y", dist.Normal(mu + tau * base, stderr), obs=effect)

    def straight(z, data):
        mu, log_tau, base = z[0], z[1], z[2:]
        tau = jnp.exp(log_tau)
        prior = normal(mu, 0, 5) + math.log(2 / (5 * math.pi)) - jnp.log1p((tau / 5) ** 2) + log_tau
        rows = normal(base, 0, 1) + normal(data["effect"], mu + tau * base, data["stderr"])
        return prior + jnp.sum(rows)

    return Workload("eight schools", SCHOOLS, data, model, straight, ("mu", "tau", "base"), 5000)


# --- varying intercepts, as of radon in counties --------------------------------------------------------------------

RADON = """data {
  y: real[home]
  floor: real[home]
  county: county[home]
  dim county = %d
}
model {
  mu ~ Normal(0, 5)
  tau ~ HalfNormal(1)
  sigma ~ HalfNormal(1)
  beta ~ Normal(0, 5)
  plate county { alpha ~ Normal(mu, tau) }
  plate home { observe y ~ Normal(alpha[county] + beta * floor, sigma) }
}
guide = mean_field
"""


def radon(rows: int, counties: int, steps: int) -> Workload:
    source = np.random.default_rng(20)
    county = source.integers(0, counties, rows)
    floor = (source.random(rows) < 0.2).astype(float)
    intercept = 1.5 + 0.35 * source.standard_normal(counties)
    y = intercept[county] - 0.6 * floor + 0.8 * source.standard_normal(rows)
    data = {"y": y, "floor": floor, "county": county}

    def model(y, floor, county):
        import numpyro
        import numpyro.distributions as dist

        mu = numpyro.sample("mu", dist.Normal(0, 5))
        tau = numpyro.sample("tau", dist.HalfNormal(1))
        sigma = numpyro.sample("sigma", dist.HalfNormal(1))
        beta = numpyro.sample("beta", dist.Normal(0, 5))
        with numpyro.plate("county", counties):
            alpha = numpyro.sample("alpha", dist.Normal(mu, tau))
        with numpyro.plate("home", len(y)):
            numpyro.sample("y", dist.Normal(alpha[county] + beta * floor, sigma), obs=y)

    def straight(z, data):
        mu, log_tau, log_sigma, beta, alpha = z[0], z[1], z[2], z[3], z[4:]
        tau, sigma = jnp.exp(log_tau), jnp.exp(log_sigma)
        prior = normal(mu, 0, 5) + normal(beta, 0, 5) + 2 * math.log(2)
        prior += normal(tau, 0, 1) + log_tau + normal(sigma, 0, 1) + log_sigma
        rows = normal(data["y"], alpha[data["county"]] + beta * data["floor"], sigma)
        return prior + jnp.sum(normal(alpha, mu, tau)) + jnp.sum(rows)

    name = f"radon, {rows:,} rows in {counties:,} counties"
    return Workload(name, RADON % counties, data, model, straight, ("mu", "tau", "sigma", "beta", "alpha"), steps)


# --- linear regression ------------------------------------------------------------------------------------------------

LINEAR = """data {
  X: real[row, feature]
  y: real[row]
}
model {
  intercept ~ Normal(0, 10)
  sigma ~ HalfNormal(2)
  plate feature { beta ~ Normal(0, 1) }
  plate row { observe y ~ Normal(intercept + X @ beta, sigma) }
}
guide = mean_field
"""


def linear(rows: int, features: int, steps: int) -> Workload:
    source = np.random.default_rng(21)
    design = source.standard_normal((rows, features))
    y = 1 + design @ source.standard_normal(features) + 1.5 * source.standard_normal(rows)

    def model(X, y):
        import numpyro
        import numpyro.distributions as dist

        intercept = numpyro.sample("intercept", dist.Normal(0, 10))
        sigma = numpyro.sample("sigma", dist.HalfNormal(2))
        with numpyro.plate("feature", X.shape[1]):
            beta = numpyro.sample("beta", dist.Normal(0, 1))
        with numpyro.plate("row", len(y)):
            numpyro.sample("y", dist.Normal(intercept + X @ beta, sigma), obs=y)

    def straight(z, data):
        intercept, log_sigma, beta = z[0], z[1], z[2:]
        sigma = jnp.exp(log_sigma)
        prior = normal(intercept, 0, 10) + normal(sigma, 0, 2) + math.log(2) + log_sigma
        rows = normal(data["y"], intercept + data["X"] @ beta, sigma)
        return prior + jnp.sum(normal(beta, 0, 1)) + jnp.sum(rows)

    name = f"linear regression, {rows:,} rows, {features} covariates"
    return Workload(name, LINEAR, {"X": design, "y": y}, model, straight, ("intercept", "sigma", "beta"), steps)


# --- a coin -----------------------------------------------------------------------------------------------------------

COIN = """data { heads: binary[toss] }
model {
  p ~ Beta(10, 10)
  plate toss { observe heads ~ Bernoulli(p) }
}
guide = mean_field
"""


def coin(rows: int, steps: int) -> Workload:
    heads = (np.random.default_rng(22).random(rows) < 0.6).astype(int)

    def model(heads):
        import numpyro
        import numpyro.distributions as dist

        p = numpyro.sample("p", dist.Beta(10, 10))
        with numpyro.plate("toss", len(heads)):
            numpyro.sample("y", dist.Bernoulli(p), obs=heads)

    def straight(z, data):
        log_p, log_1p = jax.nn.log_sigmoid(z[0]), jax.nn.log_sigmoid(-z[0])
        constant = math.lgamma(20) - 2 * math.lgamma(10)
        return constant + 10 * (log_p + log_1p) + jnp.sum(jnp.where(data["heads"] == 1, log_p, log_1p))

    return Workload(f"coin, {rows:,} tosses", COIN, {"heads": heads}, model, straight, ("p",), steps)


# --- a mixture of Gaussians ------------------------------------------------------------------------------------------

MIXTURE = """data {
  y: real[point, axis]
  dim component = %d
}
model {
  share ~ Dirichlet(2 * ones(component))
  plate component {
    plate axis {
      loc ~ Normal(0, 5)
      scale ~ HalfNormal(2)
    }
  }
  plate point {
    z ~ Categorical(share)
    plate axis { observe y ~ Normal(loc[z], scale[z]) }
  }
}
guide = mean_field
"""


def sticks(z: Any) -> tuple[Any, Any]:
    """Shares from unconstrained values by breaking a stick, and the log of the Jacobian's determinant."""
    z = z - jnp.log(jnp.arange(len(z), 0, -1))
    log_taken, log_left = jax.nn.log_sigmoid(z), jax.nn.log_sigmoid(-z)
    before = jnp.concatenate([jnp.zeros(1), jnp.cumsum(log_left)])
    shares = jnp.append(log_taken, 0.0) + before
    return shares, jnp.sum(log_taken + log_left + before[:-1])


def mixture(components: int, steps: int, rows: int = 10_000) -> Workload:
    """NumPyro's side sums the components out in closed form, by ``MixtureSameFamily``."""
    source = np.random.default_rng(24)
    centres = 4 * source.standard_normal((components, 2))
    y = centres[source.integers(0, components, rows)] + source.standard_normal((rows, 2))

    def model(y):
        import numpyro
        import numpyro.distributions as dist

        share = numpyro.sample("share", dist.Dirichlet(2 * jnp.ones(components)))
        loc = numpyro.sample("loc", dist.Normal(0, 5).expand([components, 2]).to_event(2))
        scale = numpyro.sample("scale", dist.HalfNormal(2).expand([components, 2]).to_event(2))
        with numpyro.plate("point", len(y)):
            parts = dist.Normal(loc, scale).to_event(1)
            numpyro.sample("y", dist.MixtureSameFamily(dist.Categorical(probs=share), parts), obs=y)

    def straight(z, data):
        log_share, log_det = sticks(z[: components - 1])
        loc, log_scale = jnp.reshape(z[components - 1 :], (2, components, 2))
        scale = jnp.exp(log_scale)
        prior = math.lgamma(2 * components) + jnp.sum(log_share) + log_det + jnp.sum(normal(loc, 0, 5))
        prior += jnp.sum(normal(scale, 0, 2) + math.log(2) + log_scale)
        parts = jnp.sum(normal(data["y"][:, None], loc, scale), -1)
        return prior + jnp.sum(jax.nn.logsumexp(log_share + parts, axis=-1))

    name = f"mixture of {components} Gaussians, {rows:,} rows of 2"
    return Workload(name, MIXTURE % components, {"y": y}, model, straight, ("share", "loc", "scale"), steps)


# --- hidden Markov chains ---------------------------------------------------------------------------------------------

HIDDEN = """data {
  y: real[series, step]
  dim state = %d
  dim to = state
}
model {
  plate state {
    move ~ Dirichlet(2 * ones(to))
    loc ~ Normal(0, 5)
  }
  scale ~ HalfNormal(2)
  plate series {
    markov step {
      h ~ Categorical(ones(state) / size(state)) then Categorical(move[prev(h)])
      observe y ~ Normal(loc[h], scale)
    }
  }
}
guide = mean_field
"""


def hidden(states: int, series: int, length: int, steps: int) -> Workload:
    """NumPyro's side sums the states out as its own example of hidden Markov models does: by ``scan`` and
    ``logsumexp``."""
    source = np.random.default_rng(25)
    centres = 4 * source.standard_normal(states)
    path = np.zeros((series, length), int)
    for t in range(1, length):
        stay = source.random(series) < 0.8
        path[:, t] = np.where(stay, path[:, t - 1], source.integers(0, states, series))
    y = centres[path] + source.standard_normal((series, length))

    def forward(y, log_move, loc, scale):
        seen = normal(y.T[:, :, None], loc, scale)

        def step(alpha, now):
            return jax.nn.logsumexp(alpha[:, :, None] + log_move, axis=1) + now, None

        last, _ = jax.lax.scan(step, seen[0] - math.log(states), seen[1:])
        return jnp.sum(jax.nn.logsumexp(last, axis=-1))

    def model(y):
        import numpyro
        import numpyro.distributions as dist

        move = numpyro.sample("move", dist.Dirichlet(2 * jnp.ones((states, states))).to_event(1))
        loc = numpyro.sample("loc", dist.Normal(0, 5).expand([states]).to_event(1))
        scale = numpyro.sample("scale", dist.HalfNormal(2))
        numpyro.factor("y", forward(y, jnp.log(move), loc, scale))

    def straight(z, data):
        rows = jnp.reshape(z[: states * (states - 1)], (states, states - 1))
        log_move, log_det = jax.vmap(sticks)(rows)
        loc, log_scale = z[states * (states - 1) : -1], z[-1]
        scale = jnp.exp(log_scale)
        prior = states * math.lgamma(2 * states) + jnp.sum(log_move) + jnp.sum(log_det) + jnp.sum(normal(loc, 0, 5))
        prior += normal(scale, 0, 2) + math.log(2) + log_scale
        return prior + forward(data["y"], log_move, loc, scale)

    name = f"{series} hidden chains of {states} states, {length:,} steps"
    return Workload(name, HIDDEN % states, {"y": y}, model, straight, ("move", "loc", "scale"), steps)


ALL: dict[str, Callable[[], Workload]] = {
    "schools": schools,
    "radon1k": lambda: radon(1_000, 85, 2000),
    "radon12k": lambda: radon(12_000, 400, 500),
    "radon120k": lambda: radon(120_000, 4_000, 50),
    "linear": lambda: linear(100_000, 20, 50),
    "coin": lambda: coin(1_000_000, 50),
    "mixture3": lambda: mixture(3, 200),
    "mixture10": lambda: mixture(10, 100),
    "mixture50": lambda: mixture(50, 20),
    "hidden200": lambda: hidden(16, 64, 200, 20),
    "hidden1000": lambda: hidden(16, 64, 1000, 5),
}
"""Makers by the name that the command line takes."""
