"""Evidence lower bounds of every guide family on posteriors with known evidence, and NumPyro's: run it for a table.

The targets are normalised, so that the bound of a family is minus its divergence from the posterior.
"""

from __future__ import annotations

import sys

import jax
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.infer import SVI, Trace_ELBO, autoguide

import svilang

STEPS = 6000

TARGETS = {
    "banana": "x ~ Normal(0, 1)  y ~ Normal(x^2 - 1, 0.3)",
    "funnel": "v ~ Normal(0, 1.5)  plate k { x ~ Normal(0, exp(v / 2)) }",
    "two modes": "x ~ Normal(0, 3)  factor logsumexp([-0.5 * ((x + 1.5) / 0.5)^2 - log(0.5), "
    "-0.5 * ((x - 1.5) / 0.7)^2 - log(0.7)]) - log(2) - 0.9189385332046727 + 0.5 * (x / 3)^2 + log(3) + "
    "0.9189385332046727",
}


def _banana() -> None:
    x = numpyro.sample("x", dist.Normal(0, 1))
    numpyro.sample("y", dist.Normal(x**2 - 1, 0.3))


def _funnel() -> None:
    v = numpyro.sample("v", dist.Normal(0, 1.5))
    with numpyro.plate("k", 3):
        numpyro.sample("x", dist.Normal(0, jax.numpy.exp(v / 2)))


def _two_modes() -> None:
    parts = dist.Mixture(dist.Categorical(probs=np.full(2, 0.5)), [dist.Normal(-1.5, 0.5), dist.Normal(1.5, 0.7)])
    x = numpyro.sample("x", dist.Normal(0, 3))
    numpyro.factor("modes", parts.log_prob(x) - dist.Normal(0, 3).log_prob(x))


PEERS = {"banana": _banana, "funnel": _funnel, "two modes": _two_modes}

OURS = [
    *["mean_field", "full_rank", "low_rank(1)", "structured", "graph_gaussian", "laplace"],
    *["mixture", "mixture(4, mean_field)", "iaf", "bnaf", "coupling", "spline", "dais"],
]

SAME = {
    "mean_field": autoguide.AutoNormal,
    "full_rank": autoguide.AutoMultivariateNormal,
    "low_rank(1)": lambda model: autoguide.AutoLowRankMultivariateNormal(model, rank=1),
    "laplace": autoguide.AutoLaplaceApproximation,
    "iaf": autoguide.AutoIAFNormal,
    "bnaf": autoguide.AutoBNAFNormal,
    "dais": autoguide.AutoDAIS,
}


def ours(target: str, family: str) -> tuple[float, float]:
    """The bound of a family and its standard error, in nats."""
    dims = "data { dim k = 3 } " if target == "funnel" else ""
    text = f"{dims}model {{ {TARGETS[target]} }} guide = {family} fit {{ steps = {STEPS} }}"
    fit = svilang.compile(text).bind().fit(seed=0, progress="none")
    sample = fit.take(4000)
    weights = sample.log_p - sample.log_q
    return float(np.mean(weights)), float(np.std(weights) / np.sqrt(len(weights)))


def peers(target: str, family: str) -> float:
    """The bound of NumPyro's guide of the same family after as many steps of Adam."""
    model = PEERS[target]
    guide = SAME[family](model)
    svi = SVI(model, guide, numpyro.optim.Adam(0.01), Trace_ELBO())
    result = svi.run(jax.random.key(0), STEPS, progress_bar=False)
    return -float(Trace_ELBO(num_particles=4000).loss(jax.random.key(1), result.params, model, guide))


def _beside(target: str, family: str) -> str:
    """Our bound, and NumPyro's in brackets where it has the family, and its loss is a bound."""
    try:
        peer = f"{peers(target, family):.2f}" if family in SAME and family != "laplace" else ""
    except (RuntimeError, ValueError):
        peer = "fails"
    return f"{ours(target, family)[0]:.2f}" + (f" ({peer})" if peer else "")


def table(targets: list[str]) -> list[str]:
    """The rows of the table in Markdown."""
    lines = [f"| family | {' | '.join(targets)} |", "| --- |" + " --- |" * len(targets)]
    for family in OURS:
        cells = [_beside(target, family) for target in targets]
        lines.append(f"| `{family}` | {' | '.join(cells)} |")
        print(lines[-1], file=sys.stderr, flush=True)
    return lines


if __name__ == "__main__":
    print("\n".join(table(sys.argv[1:] or list(TARGETS))))
