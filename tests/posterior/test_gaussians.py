"""Where a family holds the posterior, its fit is the posterior: Gaussians of 2 to 50 numbers with known evidence."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import svilang

pytestmark = pytest.mark.posterior

SIZES = (2, 10, 50)

INDEPENDENT = "data { m: real[k]  s: positive[k] } model { plate k { x ~ Normal(m, s) } }"
DENSE = "data { m: real[k]  root: cholesky[k] } model { x ~ MultivariateNormal(m, scale_tril=root) }"
NARROW = """
    data { m: real[k]  load: real[k, r]  own: positive[k] }
    model { x ~ LowRankMultivariateNormal(m, load, own) }"""
MEMBERS = """
    data { root: cholesky[part]   at: real[k] }
    model { plate k { x ~ MultivariateNormal(full(part, at), scale_tril=root) } }"""
GROUPS = """
    data { y: real[k] }
    model { mu ~ Normal(0, 2)  plate k { theta ~ Normal(mu, 0.5)  observe y ~ Normal(theta, 1) } }"""
CHAIN = """
    data { y: real[t] }
    model { markov t { h ~ Normal(0, 1) then Normal(0.9 * prev(h), 0.4)  observe y ~ Normal(h, 0.5) } }"""


def _numbers(size):
    source = np.random.default_rng(size)
    load = source.standard_normal((size, 1))
    own = np.exp(source.standard_normal(size))
    return {
        INDEPENDENT: {"m": source.standard_normal(size), "s": np.exp(2 * source.standard_normal(size))},
        DENSE: {
            "m": source.standard_normal(size),
            "root": np.linalg.cholesky(np.diag(own) + 4 * load @ load.T),
        },
        NARROW: {"m": source.standard_normal(size), "load": load, "own": own},
        MEMBERS: {"root": np.array([[1.0, 0.0], [1.5, 0.3]]), "at": source.standard_normal(size // 2)},
        GROUPS: {"y": source.normal(1, 1.2, size - 1)},
        CHAIN: {"y": source.normal(0, 1, size)},
    }


def _evidence(text, data):
    """The log probability of what is observed, which is Gaussian too."""
    if "y" not in data:
        return 0.0
    size = len(data["y"])
    if text is GROUPS:
        covariance = np.full((size, size), 4.0) + 1.25 * np.eye(size)
    else:
        step = np.eye(size) - 0.9 * np.eye(size, k=-1)
        inverse = np.linalg.inv(step)
        covariance = inverse @ np.diag([1.0, *[0.16] * (size - 1)]) @ inverse.T + 0.25 * np.eye(size)
    return stats.multivariate_normal(np.zeros(size), covariance).logpdf(data["y"])


HOLDS: dict[str, list[str]] = {
    "mean_field": [INDEPENDENT],
    "full_rank": [INDEPENDENT, DENSE, GROUPS, CHAIN],
    "laplace": [DENSE, GROUPS, CHAIN],
    "low_rank(1)": [INDEPENDENT, NARROW],
    "block(k)": [MEMBERS],
    "structured": [GROUPS, CHAIN],
    "graph_gaussian": [DENSE, GROUPS, CHAIN],
    "markov_gaussian": [CHAIN],
    "iaf": [DENSE, GROUPS],
    "bnaf": [DENSE, GROUPS],
    "coupling": [DENSE, GROUPS],
    "spline": [DENSE, GROUPS],
    "dais": [DENSE, GROUPS],
    "mixture(2)": [DENSE, GROUPS],
    "pathfinder": [DENSE, GROUPS, CHAIN],
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("family", "text"), [(family, text) for family, texts in HOLDS.items() for text in texts])
def test_a_family_that_holds_the_posterior_finds_it(family, text, size):
    data = _numbers(size)[text]
    fit = svilang.compile(f"{text} guide = {family}").bind(data).fit(seed=0, progress="none")
    sample = fit.take(4_000)
    weights = sample.log_p - sample.log_q - _evidence(text, data)
    assert fit.converged
    assert abs(weights.mean()) < 1e-3 + 3 * weights.std() / np.sqrt(len(weights))
    assert weights.std() < 0.1
