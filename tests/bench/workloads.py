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


ALL: dict[str, Callable[[], Workload]] = {
    "schools": schools,
    "radon1k": lambda: radon(1_000, 85, 2000),
    "radon12k": lambda: radon(12_000, 400, 500),
    "radon120k": lambda: radon(120_000, 4_000, 50),
    "linear": lambda: linear(100_000, 20, 50),
    "coin": lambda: coin(1_000_000, 50),
}
"""Makers by the name that the command line takes."""
