"""Hand-written targets with known answers."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from svilang.runtime.structure import FamilyUse
from svilang.runtime.target import Block, Target

LOG_2PI = float(np.log(2 * np.pi))


def everything(name, target, **settings):
    return (FamilyUse(name, tuple(range(target.size)), tuple(settings.items())),)


def simple(size, data, log_density, names=None, theta=None, draws=None, terms=None):
    """A target of one term, without a prepared form."""
    blocks = tuple(Block(n, i, i + 1) for i, n in enumerate(names)) if names else (Block("z", 0, size),)
    return Target(
        size=size,
        blocks=blocks,
        data=data,
        prepare=lambda data: data,
        log_density=log_density,
        terms=terms or (lambda *a: {"z": log_density(*a)}),
        theta=np.zeros(0) if theta is None else np.asarray(theta, float),
        draws=draws and (lambda *a: (draws(*a), log_density(*a))),
    )


def gaussian(mean, covariance, log_evidence=0.0):
    """log evidence + log N(z; mean, covariance)."""
    mean, covariance = np.asarray(mean, float), np.asarray(covariance, float)
    size = len(mean)
    values, vectors = np.linalg.eigh(covariance)
    data = {
        "mean": mean,
        "root": (vectors / np.sqrt(values)).T,
        "log_norm": np.asarray(log_evidence - 0.5 * size * LOG_2PI - 0.5 * np.sum(np.log(values))),
    }

    def log_density(d, z, theta, given):
        whitened = d["root"] @ (z - d["mean"])
        return d["log_norm"] - 0.5 * jnp.sum(whitened**2)

    return simple(size, data, log_density, draws=lambda d, z, theta, given: {"z": z})


def random_covariance(size, condition, seed=0):
    source = np.random.default_rng(seed)
    vectors, _ = np.linalg.qr(source.standard_normal((size, size)))
    return (vectors * np.geomspace(1, condition, size)) @ vectors.T


def normal(x, loc, scale):
    return -0.5 * ((x - loc) / scale) ** 2 - jnp.log(scale) - 0.5 * LOG_2PI


def regression(X, y, prior=None):
    """y ~ N(X beta, sigma), flat beta, sigma > 0 flat (or with a log prior density)."""
    size = X.shape[1] + 1

    def log_density(d, z, theta, given):
        sigma = jnp.exp(z[-1])
        out = jnp.sum(normal(d["y"], d["X"] @ z[:-1], sigma)) + z[-1]
        return out + (prior(sigma) if prior else 0.0)

    def draws(d, z, theta, given):
        return {"beta": z[:-1], "sigma": jnp.exp(z[-1])}

    return simple(size, {"X": np.asarray(X, float), "y": np.asarray(y, float)}, log_density, draws=draws)


EFFECT = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
STDERR = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def _half_cauchy(x, scale):
    return jnp.log(2 / jnp.pi) - jnp.log(scale) - jnp.log1p((x / scale) ** 2)


def eight_schools(centred):
    def log_density(d, z, theta, given):
        mu, log_tau, x = z[0], z[1], z[2:]
        tau = jnp.exp(log_tau)
        prior = normal(mu, 0.0, 5.0) + _half_cauchy(tau, 5.0) + log_tau
        if centred:
            effects, prior = x, prior + jnp.sum(normal(x, mu, tau))
        else:
            effects, prior = mu + tau * x, prior + jnp.sum(normal(x, 0.0, 1.0))
        return prior + jnp.sum(normal(d["effect"], effects, d["stderr"]))

    def draws(d, z, theta, given):
        tau = jnp.exp(z[1])
        return {"mu": z[0], "tau": tau, "theta": z[2:] if centred else z[0] + tau * z[2:]}

    names = ["mu", "tau", *(f"theta{i}" for i in range(8))]
    return simple(10, {"effect": EFFECT, "stderr": STDERR}, log_density, names, draws=draws)


def logistic(rows=200, features=4, seed=1):
    source = np.random.default_rng(seed)
    X = source.standard_normal((rows, features))
    y = (source.random(rows) < 1 / (1 + np.exp(-X @ np.linspace(-1, 1, features)))).astype(float)

    def log_density(d, z, theta, given):
        eta = d["X"] @ z
        return jnp.sum(normal(z, 0.0, 2.0)) + jnp.sum(d["y"] * eta - jax.nn.softplus(eta))

    return simple(features, {"X": X, "y": y}, log_density)


def beta_binomial(k=7, n=10):
    """theta ~ Beta(1, 1), k ~ Binomial(n, theta) up to a constant, on the logit scale."""

    def log_density(d, z, theta, given):
        logit = z[0]
        return (d["k"] + 1) * jax.nn.log_sigmoid(logit) + (d["n"] - d["k"] + 1) * jax.nn.log_sigmoid(-logit)

    return simple(1, {"k": np.asarray(float(k)), "n": np.asarray(float(n))}, log_density)
